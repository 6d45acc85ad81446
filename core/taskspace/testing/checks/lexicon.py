"""What holds for a lexicon."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from taskspace.components import Lexicon
from taskspace.errors import InputError
from taskspace.testing.checks.randomness import global_seeds
from taskspace.testing.checks.words import ATTRIBUTES, OBJECTS, sentences
from taskspace.testing.subject import NotApplicable, Subject, require, returned

STRANGE = ("qzxvword", "vvkqword")
"""Words of which no lexicon has a vector."""


@dataclass(frozen=True)
class LexiconTrial:
    """A lexicon, and those of the words above that it has."""

    lexicon: Lexicon
    words: tuple[str, ...]

    def vectors(self, names: Sequence[str]) -> NDArray[np.float32]:
        """Return the vectors of names, [names, size]."""
        vectors = self.lexicon.vectors(names, sentences())
        return returned("vectors()", vectors, np.ndarray, "a numpy array [names, size]")


def trial_of(subject: Subject) -> LexiconTrial:
    """Return the lexicon with the words that it has, which are two at least."""
    lexicon = subject.made(Lexicon)
    words = []
    for word in (*ATTRIBUTES, *OBJECTS):
        with suppress(InputError):
            lexicon.vectors([word], sentences())
            words.append(word)
    tried = ", ".join((*ATTRIBUTES, *OBJECTS))
    require(len(words) > 1, f"It is tried with these words and has fewer than two: {tried}.")
    return LexiconTrial(lexicon, tuple(words))


def vectors_fit_the_names(subject: Subject) -> None:
    """Each name has a finite vector of 32-bit numbers, all of one size."""
    trial = trial_of(subject)
    for names in (trial.words, trial.words[:1]):
        vectors = trial.vectors(names)
        shape = vectors.shape
        fits = len(shape) == 2 and shape[0] == len(names) and shape[1] > 0
        require(fits, f"The vectors of {len(names)} name(s) have the shape {shape}.")
        require(vectors.dtype == np.float32, f"The vectors are {vectors.dtype}, not float32.")
        require(bool(np.isfinite(vectors).all()), "The vectors are not finite.")


def vectors_are_the_same_twice(subject: Subject) -> None:
    """Two calls give equal vectors, whatever the state of random numbers."""
    trial = trial_of(subject)
    with global_seeds(torch_seed=1, others=1):
        first = trial.vectors(trial.words)
    with global_seeds(torch_seed=2, others=2):
        second = trial.vectors(trial.words)
    require(np.array_equal(first, second), "Asked twice, the vectors differ.")


def vectors_follow_the_order_of_names(subject: Subject) -> None:
    """A name has its vector wherever it stands among others, and as often as it is asked."""
    trial = trial_of(subject)
    straight = trial.vectors(trial.words)
    turned = trial.vectors(trial.words[::-1])
    _require_close(turned[::-1], straight, "In another order, the names have other vectors.")
    twice = trial.vectors([*trial.words, *trial.words])
    _require_close(twice, np.tile(straight, (2, 1)), "A name that is there twice has two vectors.")


def several_words_have_their_mean(subject: Subject) -> None:
    """A name of several words has the mean of their vectors."""
    trial = trial_of(subject)
    first, *_, last = trial.words
    for words in ((first, last), (first, last, last)):
        name = " ".join(words)
        whole, *single = trial.vectors([name, *words])
        _require_close(
            whole, np.mean(single, axis=0), f"The vector of '{name}' is not the mean of its words'."
        )


def unknown_words_are_all_listed(subject: Subject) -> None:
    """Words without a vector are an error that names them all, never a vector of zeros."""
    trial = trial_of(subject)
    names = [STRANGE[0], trial.words[0], f"{trial.words[1]} {STRANGE[1]}"]
    try:
        vectors = trial.vectors(names)
    except InputError as error:
        missing = [word for word in STRANGE if word not in str(error)]
        require(not missing, f"The error does not name {' and '.join(missing)}: {error}")
        return
    for name, vector in zip(names, vectors, strict=True):
        require(bool(vector.any()), f"The vector of '{name}' is 0; an error must list the words.")
    alike = np.array_equal(*trial.vectors(STRANGE))
    require(not alike, f"{' and '.join(STRANGE)} have one vector; an error must list them.")
    raise NotApplicable("It has a vector of its own for every word.")


def _require_close(found: NDArray[np.float32], wanted: NDArray[np.float32], otherwise: str) -> None:
    close = found.shape == wanted.shape and np.allclose(found, wanted, rtol=1e-4, atol=1e-5)
    require(close, otherwise)
