"""Compositions as a dataset was published with them: which may be predicted in each part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from taskspace.components import Compositions, Dataset
from taskspace.errors import DataError

PARTS = ("train", "val", "test")


def published_parts(dataset: Dataset) -> NDArray[np.int64]:
    """Return the part of each sample, an index of `PARTS` [n].

    Raises:
        DataError: if there is a part of another name.
    """
    parts = dataset.parts() or ()
    others = sorted(set(parts) - set(PARTS))
    if others:
        raise DataError(
            f"The dataset {dataset.name!r} has the parts {', '.join(sorted(set(parts)))}.",
            where="dataset",
            advice="Call the parts train, val and test.",
        )
    return np.array([PARTS.index(own) for own in parts], dtype=np.int64)


def listed_ids(
    published: Compositions, classes: Sequence[Sequence[str]]
) -> dict[str, NDArray[np.int64]]:
    """Return the words of the pairs of each part as class ids [n, W]."""
    places = [{name: number for number, name in enumerate(own)} for own in classes]
    return {
        part: np.array(
            [[place[w] for place, w in zip(places, words, strict=True)] for words in pairs],
            dtype=np.int64,
        ).reshape(-1, len(classes))
        for part, pairs in published.parts.items()
    }


def published_candidates(
    listed: Mapping[str, NDArray[np.int64]],
    pair: NDArray[np.int64],
    part: NDArray[np.int64],
    size: int,
) -> dict[str, NDArray[np.bool_]]:
    """Return, by part that tests, which pairs may be predicted [P]: its own and those of `train`.

    A part without an image of an unseen pair tests nothing and is absent.

    Args:
        listed: the numbers of the pairs of each part.
        pair: of each sample [n]; -1 where a word is missing.
        part: of each sample, an index of `PARTS` [n].
        size: P.

    Raises:
        DataError: if an image shows a pair that may not be predicted in its part.
    """
    may = {name: np.isin(np.arange(size), listed.get(name, ())) for name in PARTS}
    found = {}
    for number, name in enumerate(PARTS):
        own = may["train"] | may[name]
        shown = pair[(part == number) & (pair >= 0)]
        strange = np.flatnonzero(~own[shown])
        if len(strange):
            raise DataError(
                f"{len(strange)} images of the part {name!r} show compositions that were not "
                "published for it.",
                where="dataset",
                advice="List these compositions for the part, or move the images to another one.",
            )
        if number and not may["train"][shown].all():
            found[name] = own
    return found
