"""Which compositions are seen: drawn so that each word is learnt somewhere."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from taskspace.errors import DataError


def drawn_unseen(pairs: NDArray[np.int64], share: float, seed: int) -> NDArray[np.bool_]:
    """Return which pairs are unseen [P]: a share at random, while each word keeps a seen pair.

    Args:
        pairs: the words of each pair [P, W], as class ids of W fields.

    Raises:
        DataError: if so many cannot be unseen.
    """
    wanted = max(1, round(share * len(pairs)))
    left = [np.bincount(column, minlength=column.max(initial=0) + 1) for column in pairs.T]
    unseen = np.zeros(len(pairs), dtype=bool)
    for pair in np.random.default_rng(seed).permutation(len(pairs)):
        own = pairs[pair]
        if all(counts[word] > 1 for counts, word in zip(left, own, strict=True)):
            unseen[pair] = True
            for counts, word in zip(left, own, strict=True):
                counts[word] -= 1
            if unseen.sum() == wanted:
                return unseen
    raise DataError(
        f"Of {len(pairs)} compositions {int(unseen.sum())} can be unseen while each word stays in "
        f"one that is seen; {wanted} are asked for.",
        where="unseen",
        advice="Ask for a smaller share, or list the compositions.",
    )


def listed_unseen(
    names: Sequence[tuple[str, ...]], listed: Sequence[Sequence[str]]
) -> NDArray[np.bool_]:
    """Return which pairs are unseen [P] by a list of their words.

    Raises:
        DataError: if one of the list has no image, or none would be seen.
    """
    wanted = [tuple(words) for words in listed]
    unknown = [words for words in wanted if words not in set(names)]
    if unknown:
        raise DataError(
            f"{len(unknown)} of the unseen compositions have no image to test with, for example "
            f"{' '.join(unknown[0])!r}.",
            where="unseen",
            advice=f"Name the words in the order of the fields, like {' '.join(names[0])!r}.",
        )
    unseen = np.array([pair in set(wanted) for pair in names])
    if unseen.all():
        raise DataError(
            "All compositions are unseen, so that there is nothing to learn from.",
            where="unseen",
            advice="List fewer of them.",
        )
    return unseen


def shuffled_vectors(
    vectors: NDArray[np.float32], words: NDArray[np.int64], seed: int
) -> NDArray[np.float32]:
    """Return the vectors of pairs [P, W, d] with those of words exchanged, field by field.

    Every word has the vector of one word of its field, wherever it stands.

    Args:
        words: of each pair [P, W], as class ids.
    """
    draw = np.random.default_rng(seed)
    result = np.empty_like(vectors)
    for field in range(words.shape[1]):
        own, first, place = np.unique(words[:, field], return_index=True, return_inverse=True)
        result[:, field] = vectors[first[draw.permutation(len(own))][place], field]
    return result


def exchanged_vectors(
    vectors: NDArray[np.float32], unseen: NDArray[np.bool_], seed: int
) -> NDArray[np.float32]:
    """Return the vectors of pairs [P, W, d] with each unseen pair described as one of them."""
    result = vectors.copy()
    own = np.flatnonzero(unseen)
    result[own] = vectors[np.random.default_rng(seed).permutation(own)]
    return result
