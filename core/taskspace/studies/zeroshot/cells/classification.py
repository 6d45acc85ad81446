"""Classifiers without a generator, and the oracle: what generators have to beat, or to reach."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from taskspace.components import Call, Classifier, Loss, Result
from taskspace.learning.fitting.fit import fit
from taskspace.learning.fitting.progress import Learner, shuffles
from taskspace.learning.networks import seeded, settled
from taskspace.learning.training import Training
from taskspace.studies.zeroshot.cells.compositions import CompositionTable
from taskspace.studies.zeroshot.cells.evaluation import evaluated
from taskspace.studies.zeroshot.cells.features import WordsTask, features_of, scale_of
from taskspace.studies.zeroshot.cells.vectors import vectors_of

FOLDS = 5


@dataclass(kw_only=True)
class ClassifierLearner(Learner):
    """A classifier with real features of seen pairs.

    Attributes:
        classifier: whose loss it is.
        descriptions: of the seen pairs [S, W, d]; targets are places among them.
    """

    classifier: Classifier
    descriptions: Tensor

    def losses(self, rows: Tensor) -> Loss:
        """Return the classifier's loss of each of these rows."""
        rows = rows.to(self.inputs.device)
        value = self.classifier.loss(
            self.network, self.inputs[rows], self.descriptions, self.targets[rows]
        )
        return Loss(value, torch.ones_like(value, dtype=torch.bool))


def train_classifier(call: Call) -> Result:
    """Train a classifier on real features of seen compositions, and test it on all."""
    with settled(call.cpus):
        pairs = CompositionTable.of(call.inputs["compositions"])
        rows = pairs.samples("train")
        found = features_of(call, rows)
        scale = scale_of(found)
        vectors = vectors_of(call, pairs)
        _, words, size = vectors.shape
        classifier = call.component("classifier", Classifier)
        with seeded(call.parameters["seed"], "classifier"):
            network = classifier.build(words, size, found.shape[1]).to(call.device)
        place = np.cumsum(pairs.seen) - 1
        learner = ClassifierLearner(
            call.name,
            network,
            (found / scale).to(call.device),
            torch.from_numpy(place[pairs.pair[rows]]).to(call.device),
            WordsTask(sizes=[len(pairs.names)]),
            shuffles(call.parameters["seed"]),
            checkpoint=call.checkpoint,
            classifier=classifier,
            descriptions=vectors[torch.from_numpy(pairs.seen).to(call.device)],
        )
        _fit(learner, call)

        def score(_: np.ndarray, features: Tensor) -> Tensor:
            scores: Tensor = network(features / scale, vectors)
            return scores

        tested = evaluated(call, pairs, score)
        return Result({"evaluation": tested.record}, tested.arrays, network.state_dict())


def train_oracle(call: Call) -> Result:
    """Train a softmax classifier on real features of all compositions, and test it.

    It knows what the study is about to do without: real images of unseen compositions. They are
    dealt to folds, and each is scored by the classifier that did not see its fold.
    """
    with settled(call.cpus):
        pairs = CompositionTable.of(call.inputs["compositions"])
        seen = pairs.samples("train")
        hidden = np.flatnonzero((pairs.pair >= 0) & ~pairs.seen[pairs.pair])
        deal = np.random.default_rng(call.parameters["seed"]).permutation(len(hidden)) % FOLDS
        fold = np.full(len(pairs.pair), -1)
        fold[hidden] = deal
        scale = scale_of(features_of(call, seen))
        networks = [
            _oracle(call, pairs, np.concatenate([seen, hidden[deal != own]]), scale, own)
            for own in range(FOLDS)
        ]

        def score(rows: np.ndarray, features: Tensor) -> Tensor:
            every = torch.stack([network(features / scale) for network in networks])
            # Images of seen pairs are in no fold: any of the classifiers may judge them.
            return every[np.maximum(fold[rows], 0), np.arange(len(rows))]

        tested = evaluated(call, pairs, score)
        return Result({"evaluation": tested.record}, tested.arrays)


def _oracle(
    call: Call, pairs: CompositionTable, rows: np.ndarray, scale: float, fold: int
) -> nn.Module:
    features = (features_of(call, rows) / scale).to(call.device)
    with seeded(call.parameters["seed"], "oracle", fold):
        network = nn.Linear(features.shape[1], len(pairs.names)).to(call.device)
    targets = torch.from_numpy(pairs.pair[rows]).to(call.device)[:, None]
    task = WordsTask(sizes=[len(pairs.names)])
    order = shuffles(call.parameters["seed"])
    _fit(Learner(call.name, network, features, targets, task, order), call)
    return network


def _fit(learner: Learner, call: Call) -> None:
    fit([learner], Training(**call.parameters["train"]))
    if learner.error:
        raise learner.error
