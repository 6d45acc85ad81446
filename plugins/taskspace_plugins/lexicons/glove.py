"""Word vectors from a file of GloVe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import pydantic

from taskspace.components import JobPath, Lexicon
from taskspace_plugins.lexicons._glove_text import checksum, read_vectors
from taskspace_plugins.lexicons._words import candidates, vectors_of_names

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Glove(Lexicon):
    """Published vectors of words, from a text file: what a language says of them.

    Source: Pennington et al. 2014; https://nlp.stanford.edu/projects/glove has `glove.6B.zip`, from
    which `glove.6B.300d.txt` is the usual choice. Any file with a word and its numbers a line
    serves. Nothing is downloaded. A name of several words has the mean of theirs, and a word that
    the file lacks is read again as what hyphens, dots and underscores join (`mid-calf`); one that
    is still unknown is an error, never a vector of zeros.

    ```yaml
    lexicon: {use: glove, file: glove.6B.300d.txt, synonyms: {nubuck: suede}}
    ```
    """

    name: ClassVar[str] = "glove"

    file: JobPath = pydantic.Field(description="The text file: a word and its numbers a line.")
    synonyms: dict[str, str] = pydantic.Field(
        default_factory=dict,
        description="What to read in place of a word, for words that the file lacks: {nubuck: "
        "suede}; several words have the mean of theirs.",
    )

    def identity(self) -> dict[str, Any]:
        """Return the synonyms and the checksum of the file.

        Raises:
            InputError: if the file cannot be read.
        """
        return {**super().identity(), "sha256": checksum(self.file)}

    def vectors(self, names: Sequence[str], sentences: Sequence[str]) -> NDArray[np.float32]:
        """Return the mean of the file's vectors of the words of each name [names, size].

        Args:
            names: of classes.
            sentences: not used.

        Raises:
            InputError: listing all words without a vector, or if the file or a line of it cannot be
                used.
        """
        changed = {word.lower(): other.lower() for word, other in self.synonyms.items()}
        found = read_vectors(self.file, candidates([*names, *changed.values()]))
        if changed:
            # A synonym of several words is one word here, so that it weighs as one in a name.
            means = self._means(list(changed.values()), found)
            found |= dict(zip(changed, means, strict=True))
        return self._means(names, found)

    def _means(
        self, names: Sequence[str], vectors: Mapping[str, NDArray[np.float32]]
    ) -> NDArray[np.float32]:
        return vectors_of_names(
            names,
            vectors,
            where=str(self.file),
            lack="of these names are not in the file of word vectors",
            advice="Use a file with more words, or say with `synonyms` what to read in their place "
            "(`synonyms: {nubuck: suede}`).",
        )
