"""From vectors of words to vectors of names, which may be of several words."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from taskspace.errors import InputError

_JOINTS = re.compile(r"[-._]+")


def parts_of(word: str) -> list[str]:
    """Return the words that hyphens, dots and underscores join: `mid-calf` is `mid` and `calf`."""
    return [part for part in _JOINTS.split(word) if part]


def candidates(names: Sequence[str]) -> set[str]:
    """Return every word whose vector could serve one of the names."""
    words = {word for name in names for word in name.lower().split()}
    return words | {part for word in words for part in parts_of(word)}


def words_of(name: str, known: Collection[str]) -> list[str]:
    """Return the words that a name is read as.

    A word that is known as it is written stays whole (`co-founder`); any other falls into what
    hyphens, dots and underscores join.
    """
    found: list[str] = []
    for word in name.lower().split():
        found += [word] if word in known else parts_of(word) or [word]
    return found


def vectors_of_names(
    names: Sequence[str],
    vectors: Mapping[str, NDArray[np.float32]],
    *,
    where: str,
    lack: str,
    advice: str,
) -> NDArray[np.float32]:
    """Return the mean vector of the words of each name [names, size].

    Args:
        names: of classes.
        vectors: of words, each [size].
        where: the vectors come from.
        lack: what is wrong with a word that has no vector, for the error.
        advice: for the error.

    Raises:
        InputError: listing all words without a vector, and the names that they are in.
    """
    read = {name: words_of(name, vectors) for name in names}
    absent: dict[str, str] = {}
    for name, words in read.items():
        for word in words or [name]:
            if word not in vectors:
                absent.setdefault(word, name)
    if absent:
        listed = ", ".join(
            repr(word) if word == name else f"{word!r} (of {name!r})"
            for word, name in sorted(absent.items())
        )
        plural = "words" if len(absent) > 1 else "word"
        raise InputError(f"{len(absent)} {plural} {lack}: {listed}.", where=where, advice=advice)
    return np.stack([np.mean([vectors[word] for word in read[name]], axis=0) for name in names])
