"""Which compositions are seen: drawn so that each word is learnt somewhere."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from taskspace.errors import DataError

DRAWS = 50
"""Orders in which unseen pairs are looked for: the first may leave too few that can be taken."""


def drawn_unseen(pairs: NDArray[np.int64], share: float, seed: int) -> NDArray[np.bool_]:
    """Return which pairs are unseen [P]: a share at random, while each word keeps a seen pair.

    Args:
        pairs: the words of each pair [P, W], as class ids of W fields.

    Raises:
        DataError: if so many were unseen in none of `DRAWS` draws.
    """
    wanted = max(1, round(share * len(pairs)))
    draw = np.random.default_rng(seed)
    most = 0
    for _ in range(DRAWS):
        unseen = _taken(pairs, draw.permutation(len(pairs)), wanted)
        if unseen.sum() == wanted:
            return unseen
        most = max(most, int(unseen.sum()))
    raise DataError(
        f"Of {len(pairs)} compositions {most or 'none'} can be unseen while each word stays in one "
        f"that is seen; {wanted} {'is' if wanted == 1 else 'are'} asked for.",
        where="unseen",
        advice="Ask for a smaller share, or list the compositions."
        if most
        else "List the compositions, or add images of more combinations of the words.",
    )


def _taken(pairs: NDArray[np.int64], order: NDArray[np.int64], wanted: int) -> NDArray[np.bool_]:
    """Return which pairs [P] are taken in this order, up to so many, while each word keeps one."""
    left = [np.bincount(column, minlength=column.max(initial=0) + 1) for column in pairs.T]
    taken = np.zeros(len(pairs), dtype=bool)
    for pair in order:
        own = pairs[pair]
        if all(counts[word] > 1 for counts, word in zip(left, own, strict=True)):
            taken[pair] = True
            wanted -= 1
            for counts, word in zip(left, own, strict=True):
                counts[word] -= 1
            if not wanted:
                break
    return taken


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
            f"No image shows {len(unknown)} of the {len(wanted)} compositions that are listed as "
            f"unseen, for example {' '.join(unknown[0])!r}.",
            where="unseen",
            advice="Unseen compositions need images to be tested with: leave out those without.",
        )
    unseen = np.array([pair in set(wanted) for pair in names])
    if unseen.all():
        raise DataError(
            "All compositions are unseen, so that there is nothing to learn from.",
            where="unseen",
            advice="List fewer of them.",
        )
    return unseen


def alike(vectors: NDArray[np.float32], rows: NDArray[np.int64]) -> list[list[int]]:
    """Return the groups of those rows of vectors [n, d] that are equal, where two or more are."""
    _, group = np.unique(vectors[rows], axis=0, return_inverse=True)
    members = [rows[group == number].tolist() for number in range(group.max(initial=-1) + 1)]
    return [own for own in members if len(own) > 1]


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
