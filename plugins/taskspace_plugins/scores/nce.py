"""NCE: what is left unsaid of a task's classes once the source class is known."""

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


class Nce(Score):
    """NCE: the negative conditional entropy of labels given source classes (Tran et al. 2019).

    It needs a model with a classifier.
    """

    name: ClassVar[str] = "nce"
    reads: ClassVar[Evidence] = "probabilities"

    def score(self, data: LabelledFeatures) -> float:
        """Return `nce` of the probabilities."""
        return nce(present_probabilities(data, self.name), present_labels(data, self.name))


def nce(probabilities: ArrayLike, labels: ArrayLike) -> float:
    """Return -H(Y | Z) of labels Y and the most probable source classes Z, in nats; at most 0.

    Tran et al. 2019, "Transferability and Hardness of Supervised Classification Tasks", ICCV.
    There both labels are given; here the source label of an image is the class that
    the model finds most probable, as Nguyen et al. 2020 have it.

    Args:
        probabilities: of the source classes [N, Z].
        labels: class of each image [N], integers.

    Cost: N Z. Invariant to the order of the source classes, but for images with two of them.

    Raises:
        InputError: see `classed_probabilities`.
    """
    given = classed_probabilities(probabilities, labels, "nce")
    source = given.rows.argmax(axis=1)
    pairs, counts = np.unique(np.stack([given.labels, source]), axis=1, return_counts=True)
    conditional = counts / np.bincount(source)[pairs[1]]
    return float((counts * np.log(conditional)).sum() / len(source))
