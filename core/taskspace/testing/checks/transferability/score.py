"""What holds for a score."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from taskspace.components import Evidence, LabelledFeatures, Score
from taskspace.errors import InputError
from taskspace.testing.checks.randomness import global_seeds
from taskspace.testing.subject import RuleBroken, Subject, require, returned

Sizes = tuple[int, int, int]
SIZES: tuple[Sizes, ...] = ((60, 8, 3), (30, 48, 5))
"""Images, features and classes: more images than features, and fewer."""
APART = (0.0, 0.5, 2.0)
"""Distances of the means of classes, in standard deviations of each feature."""
SEEDS = 8


def planted(sizes: Sizes, apart: float = 0.7, seed: int = 0) -> LabelledFeatures:
    """Return features around the means of classes, and probabilities that follow from them."""
    images, size, classes = sizes
    draw = np.random.default_rng(seed)
    labels = draw.permutation(np.arange(images) % classes)
    means = draw.normal(size=(classes, size))
    features = apart * means[labels] + draw.normal(size=(images, size))
    # A column that says nothing is what a unit that never fires gives.
    features[:, 0] = 0.0
    features = features.astype(np.float32)
    logits = features @ draw.normal(size=(size, 2 * classes)).astype(np.float32) / math.sqrt(size)
    return LabelledFeatures(features, labels.astype(np.int64), classes, _softmax(2 * logits))


def trials(subject: Subject) -> Iterator[tuple[Score, LabelledFeatures]]:
    """Yield the score with each set of images."""
    for sizes in SIZES:
        yield subject.made(Score), planted(sizes)


def what_it_reads_is_declared(subject: Subject) -> None:
    """It reads features or probabilities, as `reads` says, and not the other."""
    reads = subject.made(Score).reads
    evidence = get_args(Evidence)
    require(reads in evidence, f"`reads` is {reads!r}; it must be one of {', '.join(evidence)}.")
    for score, data in trials(subject):
        wanted = _value(score, data)
        other = planted(_sizes(data), seed=1)
        if reads == "features":
            changed = replace(data, probabilities=None)
        else:
            changed = replace(data, features=other.features)
        same = _value(score, changed) == wanted
        require(same, f"It declares to read {reads} and follows the other as well.")


def score_is_a_finite_number(subject: Subject) -> None:
    """It is a finite number, with a feature that is constant and with more features than images."""
    for score, data in trials(subject):
        _value(score, data)
        wide = replace(data, features=data.features.astype(np.float64))
        _value(score, wide)


def score_follows_the_seed_alone(subject: Subject) -> None:
    """Two calls give equal numbers, whatever the state of random numbers."""
    for score, data in trials(subject):
        with global_seeds(torch_seed=1, others=1):
            first = _value(score, data)
        with global_seeds(torch_seed=2, others=2):
            second = _value(score, data)
        require(first == second, f"Asked twice, the score is {first} and {second}.")


def score_keeps_its_arguments(subject: Subject) -> None:
    """Features, labels and probabilities are left as they were."""
    for score, data in trials(subject):
        again = planted(_sizes(data))
        _value(score, data)
        for name in ("features", "labels", "probabilities"):
            kept = np.array_equal(getattr(data, name), getattr(again, name))
            require(kept, f"The {name} are changed.")


def order_of_images_does_not_count(subject: Subject) -> None:
    """In another order the same images have the same score."""
    for score, data in trials(subject):
        order = np.random.default_rng(3).permutation(len(data.labels))
        assert data.probabilities is not None
        turned = replace(
            data,
            features=data.features[order],
            labels=data.labels[order],
            probabilities=data.probabilities[order],
        )
        _require_close(score, data, turned, "In another order of the images")


def numbers_of_classes_do_not_count(subject: Subject) -> None:
    """With other numbers for the same classes the score is the same."""
    for score, data in trials(subject):
        renamed = np.roll(np.arange(data.classes), 1)[data.labels]
        _require_close(score, data, replace(data, labels=renamed), "With the classes renumbered")


def score_grows_with_separation(subject: Subject) -> None:
    """The further classes are apart, the larger is the score: mean of several draws."""
    score = subject.made(Score)
    for sizes in SIZES:
        means = [
            np.mean([_value(score, planted(sizes, apart, seed)) for seed in range(SEEDS)])
            for apart in APART
        ]
        rises = means[0] < means[1] <= means[2]
        found = ", ".join(f"{mean:.4g}" for mean in means)
        require(
            rises,
            f"{sizes[0]} images of {sizes[1]} features: with class means {APART} standard "
            f"deviations apart the score is {found}; it must grow.",
        )


def what_cannot_be_scored_is_said(subject: Subject) -> None:
    """Rows that are all equal, and a class of one image, are an InputError or have a number."""
    for score, data in trials(subject):
        assert data.probabilities is not None
        equal = replace(
            data,
            features=np.ones_like(data.features),
            probabilities=np.full_like(data.probabilities, 1 / data.probabilities.shape[1]),
        )
        lonely = np.where(data.labels == 0, 1, data.labels)
        lonely[0] = 0
        for case, images in (
            ("rows that are all equal", equal),
            ("a class of one image", replace(data, labels=lonely)),
        ):
            _require_number_or_error(score, images, case)


def _require_number_or_error(score: Score, data: LabelledFeatures, case: str) -> None:
    try:
        _value(score, data)
    except (InputError, RuleBroken) as answer:
        if isinstance(answer, RuleBroken):
            raise RuleBroken(f"Of {case}: {answer}") from answer
    except Exception as error:
        name = type(error).__name__
        raise RuleBroken(f"Of {case} it raises {name}; it must raise InputError.") from error


def _value(score: Score, data: LabelledFeatures) -> float:
    value = returned("score()", score.score(data), float, "a float")
    require(math.isfinite(value), f"The score is {value}.")
    return value


def _require_close(
    score: Score, data: LabelledFeatures, other: LabelledFeatures, otherwise: str
) -> None:
    first, second = _value(score, data), _value(score, other)
    close = math.isclose(first, second, rel_tol=1e-4, abs_tol=1e-6)
    require(close, f"{otherwise} the score is {second}, before it was {first}.")


def _sizes(data: LabelledFeatures) -> Sizes:
    return len(data.features), data.features.shape[1], data.classes


def _softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: NDArray[np.float32] = powers / powers.sum(axis=1, keepdims=True)
    return shares
