"""What scores discovered tasks in `discovery.py`: new networks that learn them, on other images."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from taskspace.components import Encoder, VectorHead
from taskspace.learning.fitting.fit import fit
from taskspace.learning.fitting.progress import Learner, shuffles
from taskspace.learning.networks import TaskNetwork, seeded
from taskspace.learning.training import Training
from taskspace.studies.discovery.cells.class_ids import ClassIds
from taskspace.studies.discovery.maths.agreement import agreement_score
from taskspace.studies.discovery.maths.similarity import similarity_matrix
from taskspace_plugins.datasets.digits import Digits
from taskspace_plugins.readouts.linear import Linear

TASKS, IMAGES, SHAPE = 4, 400, (1, 8, 8)
JUDGES, TRAINING = 3, Training(epochs=30)
SIMILAR, LEAST = 0.6, 0.3


@dataclass(frozen=True)
class Data:
    """Images and digits to search on and to score on."""

    images: Tensor
    digits: Tensor
    new_images: Tensor
    new_digits: Tensor


@dataclass(frozen=True)
class Score:
    """What new networks make of a set of tasks.

    Attributes:
        agreement: mean over tasks.
        similarity: of the two most similar.
        balance: share of the rarest class of all tasks.
    """

    agreement: float
    similarity: float
    balance: float

    @property
    def counts(self) -> bool:
        """Return whether the tasks are dissimilar and balanced."""
        return self.similarity <= SIMILAR and self.balance >= LEAST

    def __str__(self) -> str:
        return (
            f"agreement {self.agreement:.4f}, similarity {self.similarity:.3f}, "
            f"rarest {self.balance:.3f}{'' if self.counts else ', does not count'}"
        )


def digits(seed: int) -> Data:
    """Return images of digits in an order of this seed."""
    dataset = Digits()
    sample = dataset.read(np.arange(dataset.length()))
    order = torch.randperm(dataset.length(), generator=torch.Generator().manual_seed(1000 + seed))
    learnt, new = order[:IMAGES], order[IMAGES:]
    images, classes = sample["image"], sample["digit"]
    return Data(images[learnt], classes[learnt], images[new], classes[new])


def maker(encoder: Encoder) -> Callable[[], nn.Module]:
    """Return what makes a network images -> logits [B, 2], from torch's own generator."""

    def make() -> nn.Module:
        head = Linear().build(encoder.code_shape(SHAPE), VectorHead(2), SHAPE)
        return TaskNetwork(encoder.build(SHAPE), head)

    return make


def judged(encoder: Encoder, data: Data, labels: Tensor, new_labels: Tensor, seed: int) -> Score:
    """Return what three networks a task make of labels [N, T] and [M, T]."""
    make, learners = maker(encoder), []
    for task, column in enumerate(labels.T):
        for judge in range(JUDGES):
            with seeded(seed, "judge", judge):
                network = make()
            order = shuffles(JUDGES * seed + judge)
            own = column.contiguous()
            learners.append(
                Learner(f"{task}", network, data.images, own, ClassIds(classes=2), order)
            )
    fit(learners, TRAINING)
    with torch.inference_mode():
        predictions = [each.network.eval()(data.new_images).argmax(1) for each in learners]
    classes = torch.stack(predictions).reshape(labels.shape[1], JUDGES, -1).numpy()
    columns = [column.numpy() for column in new_labels.T]
    scores = [agreement_score(own, truth, 2) for own, truth in zip(classes, columns, strict=True)]
    apart = similarity_matrix(columns)[np.triu_indices(len(columns), 1)]
    return Score(
        float(np.mean([score.mean for score in scores])),
        float(apart.max()),
        min(score.balance for score in scores),
    )


def humans(encoder: Encoder, data: Data, seed: int) -> Score:
    """Return the score of parity and of three random halves of the digits."""
    draw = np.random.default_rng(seed)
    halves = [np.arange(1, 10, 2), *(draw.permutation(10)[:5] for _ in range(TASKS - 1))]
    tables = [torch.from_numpy(np.isin(np.arange(10), half).astype(np.int64)) for half in halves]
    table = torch.stack(tables, 1)
    return judged(encoder, data, table[data.digits], table[data.new_digits], seed)
