"""LEEP: how well the source classes of a model predict the classes of a task."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from taskspace.components import Evidence, LabelledFeatures, Score
from taskspace_plugins.scores._checked import (
    classed_probabilities,
    present_labels,
    present_probabilities,
)


class Leep(Score):
    """LEEP: the mean log likelihood of labels, predicted from source classes (Nguyen et al. 2020).

    It needs a model with a classifier.
    """

    name: ClassVar[str] = "leep"
    reads: ClassVar[Evidence] = "probabilities"

    def score(self, data: LabelledFeatures) -> float:
        """Return `leep` of the probabilities."""
        return leep(present_probabilities(data, self.name), present_labels(data, self.name))


def leep(probabilities: ArrayLike, labels: ArrayLike) -> float:
    """Return the mean log of sum_z P(y_i | z) theta_iz, in nats; at most 0.

    P(y, z) is the mean over images of theta_iz where y_i = y (Nguyen et al. 2020, "LEEP: A New
    Measure to Evaluate Transferability of Learned Representations", ICML, eq. 1 and 2).

    Args:
        probabilities: theta, of the source classes [N, Z].
        labels: class of each image [N], integers.

    Cost: N Z. Invariant to the order of the source classes.

    Raises:
        InputError: see `classed_probabilities`.
    """
    given = classed_probabilities(probabilities, labels, "leep")
    joint = given.class_sums(given.rows)
    totals = joint.sum(axis=0)
    conditional = np.divide(joint, totals, out=np.zeros_like(joint), where=totals > 0)
    likelihoods = (
        np.log(given.rows[own] @ by_source)
        for own, by_source in zip(given.members(), conditional, strict=True)
    )
    return float(sum(part.sum() for part in likelihoods) / len(given.rows))
