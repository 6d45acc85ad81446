"""Each classifier of compositions against its formula, and what it learns."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from taskspace.components import Classifier
from taskspace_plugins.classifiers.label_embedding import TEMPERATURE, LabelEmbedding
from taskspace_plugins.classifiers.nearest_prototype import NearestPrototype
from taskspace_plugins.classifiers.redwine import Redwine

CLASSIFIERS = (NearestPrototype, LabelEmbedding, Redwine)
IMAGES, FEATURES, DESCRIPTIONS, WORDS, SIZE = 5, 6, 4, 2, 3


def normal(*shape: int, seed: int) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


class Case:
    """A small network of a classifier, with features, descriptions and their truth."""

    def __init__(self, classifier: Classifier) -> None:
        torch.manual_seed(0)
        self.classifier = classifier
        self.network = classifier.build(WORDS, SIZE, FEATURES)
        self.features = normal(IMAGES, FEATURES, seed=1)
        self.descriptions = normal(DESCRIPTIONS, WORDS, SIZE, seed=2)
        self.truth = torch.tensor([0, 3, 1, 1, 2])

    @torch.no_grad()
    def scores(self) -> np.ndarray:
        return self.network(self.features, self.descriptions).numpy()

    @torch.no_grad()
    def losses(self) -> np.ndarray:
        given = self.features, self.descriptions, self.truth
        return self.classifier.loss(self.network, *given).numpy()

    def layered(self, x: np.ndarray) -> np.ndarray:
        """Return what two layers make of a vector."""
        weights = [p.detach().double().numpy() for p in self.network.parameters() if p.ndim]
        first, shift, second, bias = weights
        return second @ np.maximum(first @ x + shift, 0) + bias

    def pairs(self):
        """Yield where a score stands, with the image's features and the words of a description."""
        for i, z in enumerate(self.features.double().numpy()):
            for j, words in enumerate(self.descriptions.double().numpy()):
                yield (i, j), z, np.concatenate(list(words))


def test_nearest_prototype_is_minus_the_mean_squared_difference():
    case = Case(NearestPrototype(hidden=8))
    scores = case.scores()
    for place, z, words in case.pairs():
        wanted = -np.mean((z - case.layered(words)) ** 2)
        assert scores[place] == pytest.approx(wanted, rel=1e-5)
    own = [-scores[i, j] for i, j in enumerate(case.truth.tolist())]
    np.testing.assert_allclose(case.losses(), own, rtol=1e-6)


def test_label_embedding_is_a_cosine_times_the_temperature():
    case = Case(LabelEmbedding(hidden=8))
    scores = case.scores()
    for place, z, words in case.pairs():
        at = case.layered(z)
        cosine = at @ words / np.linalg.norm(at) / np.linalg.norm(words)
        assert scores[place] == pytest.approx(TEMPERATURE * cosine, rel=1e-4, abs=1e-5)
    logs = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    own = [-logs[i, j] for i, j in enumerate(case.truth.tolist())]
    np.testing.assert_allclose(case.losses(), own, rtol=1e-5)


def test_redwine_composes_weights_and_a_bias():
    case = Case(Redwine(hidden=8))
    scores = case.scores()
    for place, z, words in case.pairs():
        *weights, bias = case.layered(words)
        assert scores[place] == pytest.approx(weights @ z + bias, rel=1e-4, abs=1e-5)


def test_redwine_learns_by_binary_cross_entropy_that_weighs_both_sides_alike():
    case = Case(Redwine(hidden=8))
    probabilities = 1 / (1 + np.exp(-case.scores().astype(np.float64)))
    for i, (loss, own) in enumerate(zip(case.losses(), case.truth.tolist(), strict=True)):
        others = np.delete(probabilities[i], own)
        wanted = -np.log(probabilities[i, own]) - np.log(1 - others).mean()
        assert loss == pytest.approx(wanted, rel=1e-5)


def test_redwine_learns_from_a_single_composition():
    case = Case(Redwine(hidden=8))
    case.descriptions, case.truth = case.descriptions[:1], torch.zeros(IMAGES, dtype=torch.int64)
    probabilities = 1 / (1 + np.exp(-case.scores()[:, 0]))
    np.testing.assert_allclose(case.losses(), -np.log(probabilities), rtol=1e-5)


@pytest.mark.parametrize("cls", CLASSIFIERS, ids=lambda cls: cls.name)
@pytest.mark.parametrize("layers", [1, 2, 4])
def test_layers_are_as_many_as_asked(cls, layers):
    network = cls(hidden=8, layers=layers).build(WORDS, SIZE, FEATURES)
    linear = [m for m in network.modules() if isinstance(m, torch.nn.Linear)]
    assert len(linear) == layers
    assert {m.out_features for m in linear[:-1]} <= {8}


@pytest.mark.parametrize("cls", CLASSIFIERS, ids=lambda cls: cls.name)
def test_a_composition_without_images_is_recognised_by_its_words(cls):
    """Features are a sum of a part for each word: 3 x 3 compositions, one without images."""
    torch.manual_seed(0)
    parts, vectors = normal(2, 3, 16, seed=1), normal(2, 3, 8, seed=2)
    pairs = [(a, o) for a in range(3) for o in range(3)]
    descriptions = torch.stack([torch.stack([vectors[0, a], vectors[1, o]]) for a, o in pairs])
    centres = torch.stack([parts[0, a] + parts[1, o] for a, o in pairs])
    classifier = cls(hidden=64)
    network = classifier.build(2, 8, 16)
    adam = torch.optim.Adam(network.parameters(), lr=3e-3)
    draws = torch.Generator().manual_seed(3)
    for _ in range(400):
        truth = torch.randint(8, (32,), generator=draws)
        features = centres[truth] + 0.1 * torch.randn(32, 16, generator=draws)
        adam.zero_grad()
        classifier.loss(network, features, descriptions[:8], truth).mean().backward()
        adam.step()
    with torch.no_grad():
        predictions = network(centres, descriptions).argmax(dim=1)
    assert predictions.tolist()[:8] == list(range(8))
    assert predictions[8] == 8


SNIPPET = """
import torch
from taskspace_plugins.classifiers.{name} import {cls}

network = {cls}(hidden=64).build(words=2, size=20, features=30)
scores = network(torch.randn(8, 30), torch.randn(5, 2, 20))
"""


@pytest.mark.parametrize("cls", CLASSIFIERS, ids=lambda cls: cls.name)
def test_a_classifier_is_used_without_a_job(cls):
    names: dict[str, object] = {}
    exec(SNIPPET.format(name=cls.name, cls=cls.__name__), names)
    assert names["scores"].shape == (8, 5)
