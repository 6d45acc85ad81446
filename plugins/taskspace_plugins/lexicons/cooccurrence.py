"""Word vectors from the sentences in which a dataset uses the words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
import pydantic
from numpy.typing import NDArray

from taskspace.components import Lexicon
from taskspace_plugins.lexicons._words import vectors_of_names

_ROUNDING = 1e-9
"""Eigenvalues are computed to about this share of the largest one."""


class Cooccurrence(Lexicon):
    """Vectors learnt from which words stand in one sentence: no file, but little knowledge.

    Source: Levy & Goldberg 2014, "Neural Word Embedding as Implicit Matrix Factorization": the
    positive pointwise mutual information of two words in one sentence, factorised by a singular
    value decomposition, with the symmetric vectors U sqrt(S) of Sec. 5.2. They are not normalised:
    a word that says more of its company has a longer vector.
    """

    name: ClassVar[str] = "cooccurrence"

    size: int = pydantic.Field(
        50,
        ge=1,
        le=4096,
        description="Numbers of a vector, at most: there are never more than different words.",
    )

    def vectors(self, names: Sequence[str], sentences: Sequence[str]) -> NDArray[np.float32]:
        """Return the mean of the vectors of the words of each name [names, size].

        Args:
            names: of classes.
            sentences: from which vectors are learnt; words are parted by spaces.

        Raises:
            InputError: listing all words that stand in no sentence, or never beside another word
                more often than by chance.
        """
        words, counts = cooccurrences(sentences)
        learnt = factors(positive_information(counts), self.size).astype(np.float32)
        longest = float(np.linalg.norm(learnt, axis=1).max(initial=0.0))
        told = {
            word: vector
            for word, vector in zip(words, learnt, strict=True)
            if np.linalg.norm(vector) > longest * 1e-6
        }
        return vectors_of_names(
            names,
            told,
            where="lexicon cooccurrence",
            lack="of these names cannot be learnt from the sentences of the dataset, in which they "
            "stand nowhere or beside no word more often than by chance",
            advice="Use the lexicon `glove` with a file of word vectors, or a dataset whose "
            "sentences use the words.",
        )


def cooccurrences(sentences: Sequence[str]) -> tuple[list[str], NDArray[np.float64]]:
    """Return the words of sentences, sorted, and how often two stand in one sentence [W, W].

    A word that stands twice in a sentence counts twice, and is in its own company then.
    """
    split = [sentence.lower().split() for sentence in sentences]
    words = sorted({word for sentence in split for word in sentence})
    number = {word: index for index, word in enumerate(words)}
    counts = np.zeros((len(words), len(words)))
    for sentence in split:
        rows = np.array([number[word] for word in sentence], dtype=np.int64)
        first, second = np.nonzero(~np.eye(len(rows), dtype=bool))
        np.add.at(counts, (rows[first], rows[second]), 1.0)
    return words, counts


def positive_information(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return max(0, log p(i, j) / (p(i) p(j))) for counts of pairs [W, W], in nats.

    Source: Levy & Goldberg 2014, Sec. 3.2 and 5.1. Pairs that never occur have 0.
    """
    totals = counts.sum(axis=1)
    expected = np.outer(totals, totals) / max(counts.sum(), 1.0)
    ratio = np.divide(counts, expected, out=np.ones_like(counts), where=counts > 0)
    information: NDArray[np.float64] = np.maximum(np.log(ratio), 0.0)
    return information


def factors(information: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    """Return U sqrt(S) of the largest singular values of a symmetric matrix [W, min(size, W)].

    Signs and order are fixed, so that the result is one: the largest entry of each column is
    positive, and of singular values that are equal, the one of the positive eigenvalue is first.
    """
    # Of words that fall into two kinds, eigenvalues come in pairs +v and -v: their singular vectors
    # are any rotation of each other, where their eigenvectors are not.
    values, columns = np.linalg.eigh(information)
    sizes = np.abs(values)
    steps = np.round(sizes / max(sizes.max(initial=0.0), 1e-300) / _ROUNDING)
    order = np.lexsort((values < 0, -steps))[:size]
    columns = columns[:, order]
    largest = np.abs(columns).round(9).argmax(axis=0) if columns.size else np.zeros(0, np.int64)
    signs = np.sign(columns[largest, np.arange(columns.shape[1])])
    scaled: NDArray[np.float64] = columns * signs * np.sqrt(sizes[order])
    return scaled
