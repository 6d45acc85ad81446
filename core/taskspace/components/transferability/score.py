"""Scores: how well a model's features seem to serve a task, without training the model on it."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from taskspace.components.base import Component

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Evidence = Literal["features", "probabilities"]
"""What a score reads of a model: its codes, or its probabilities of the classes it was trained on.
"""


@dataclass(frozen=True)
class LabelledFeatures:
    """What a model makes of labelled images.

    Attributes:
        features: codes [N, D], finite, float32 or float64.
        labels: class of each image [N], int64 in [0, classes); every class occurs.
        classes: C, at least 2.
        probabilities: of the model's own classes [N, Z], rows that sum to 1; None for a model
            without a classifier.
        seed: from which a score that divides or draws takes its randomness.
    """

    features: NDArray[np.floating]
    labels: NDArray[np.int64]
    classes: int
    probabilities: NDArray[np.floating] | None = None
    seed: int = 0


class Score(Component):
    """An estimate, from features and labels, of how well a model serves a task; more is better."""

    kind: ClassVar[str] = "score"
    reads: ClassVar[Evidence] = "features"
    """A score that reads probabilities is not computed for a model without a classifier."""

    @abstractmethod
    def score(self, data: LabelledFeatures) -> float:
        """Return the estimate, a finite number that grows with the expected accuracy.

        It depends neither on the order of the images nor on the numbers that stand for classes,
        and scores of models with different D can be compared.

        Raises:
            InputError: if it cannot be had from these images: fewer than it needs of some class,
                features that are all equal.
        """
