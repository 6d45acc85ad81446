"""Lexicons: words as vectors, which describe what nobody has labelled."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from taskspace.components.base import Component

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Lexicon(Component):
    """Vectors of words that are near each other where words mean alike."""

    kind: ClassVar[str] = "lexicon"

    @abstractmethod
    def vectors(self, names: Sequence[str], sentences: Sequence[str]) -> NDArray[np.float32]:
        """Return a vector for each name, [names, size].

        A name of several words (`fake leather`) has the mean of theirs.

        Args:
            names: of classes, lower-case words parted by spaces.
            sentences: in which the dataset uses the words, for lexicons that learn from them.

        Raises:
            InputError: listing all words that have no vector.
        """
