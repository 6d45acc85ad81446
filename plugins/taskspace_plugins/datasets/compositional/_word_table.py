"""Samples as words: what each shows, in which part it was published, and which pairs there are."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from taskspace.components import Compositions
from taskspace.errors import DataError
from taskspace_plugins.datasets._refusals import LISTED

Names = tuple[str, ...]
"""A composition as it was published: the names of an attribute and an object."""

_JOINTS = re.compile(r"[-._\s]+")


@dataclass(frozen=True)
class WordTable:
    """What all samples show.

    Attributes:
        fields: of words, in the order of the ids.
        classes: the words of each field, sorted.
        ids: which of them each sample shows, int64 [N, fields].
        parts: of each sample.
        compositions: that may be predicted in each part, in words.
    """

    fields: tuple[str, ...]
    classes: tuple[tuple[str, ...], ...]
    ids: NDArray[np.int64]
    parts: tuple[str, ...]
    compositions: Mapping[str, tuple[Names, ...]]

    def published(self) -> Compositions:
        """Return which compositions belong to which part."""
        return Compositions(self.fields, self.compositions)

    def captions(self, part: str) -> list[str]:
        """Return the words of each sample of a part, as a sentence."""
        rows = [row for row, own in zip(self.ids.tolist(), self.parts, strict=True) if own == part]
        return [
            " ".join(words[number] for words, number in zip(self.classes, row, strict=True))
            for row in rows
        ]


def plain_words(name: str) -> str:
    """Return a published name as lower-case words: `Boots.Mid-Calf` is `boots mid calf`."""
    return " ".join(part for part in _JOINTS.split(name.lower()) if part)


def word_table(
    fields: Sequence[str],
    shown: Sequence[Names],
    parts: Sequence[str],
    compositions: Mapping[str, Sequence[Names]],
    words: Mapping[str, str],
    where: str,
) -> WordTable:
    """Return the table of samples that are known by published names.

    Args:
        fields: what the names of a composition are names of.
        shown: the composition of each sample; every one is among `compositions`.
        parts: of each sample.
        compositions: that may be predicted in each part.
        words: of published names; those that are not in it are read by `plain_words`.
        where: the names come from, for the error.

    Raises:
        DataError: if two names of a field are the same words.
    """
    spoken = [
        _spoken({names[place] for part in compositions.values() for names in part}, words, where)
        for place in range(len(fields))
    ]
    classes = tuple(tuple(sorted(one.values())) for one in spoken)
    numbers = [
        {name: classes[place].index(word) for name, word in one.items()}
        for place, one in enumerate(spoken)
    ]
    ids = [[number[name] for number, name in zip(numbers, row, strict=True)] for row in shown]
    return WordTable(
        tuple(fields),
        classes,
        np.array(ids, dtype=np.int64).reshape(len(shown), len(fields)),
        tuple(parts),
        {
            part: tuple(
                tuple(one[name] for one, name in zip(spoken, row, strict=True)) for row in listed
            )
            for part, listed in compositions.items()
        },
    )


def _spoken(names: set[str], words: Mapping[str, str], where: str) -> dict[str, str]:
    found = {name: words.get(name) or plain_words(name) for name in sorted(names)}
    homes: dict[str, list[str]] = {}
    for name, word in found.items():
        homes.setdefault(word, []).append(name)
    alike = [listed for listed in homes.values() if len(listed) > 1]
    if alike:
        listed = "; ".join(" and ".join(map(repr, names)) for names in alike[:LISTED])
        raise DataError(
            f"These names are the same words, so they would have one vector: {listed}.",
            where=where,
            advice="Rename one of each in all files of the dataset.",
        )
    return found
