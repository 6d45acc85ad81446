"""Which compositions there are, which are seen, and which images learn or test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from taskspace.components import JSON, Call, Dataset, Lexicon, Result, Stored
from taskspace.components.exchanged.class_fields import class_field, class_names
from taskspace.errors import CellError, DataError
from taskspace.learning.samples import growing_order
from taskspace.learning.splits import split_of
from taskspace.studies.zeroshot.cells.published import (
    PARTS,
    listed_ids,
    published_candidates,
    published_parts,
)
from taskspace.studies.zeroshot.maths.compositions import alike, drawn_unseen, listed_unseen

UNUSED = -1
BLOCK = 4096
"""Samples whose labels are read at once."""


@dataclass(frozen=True)
class CompositionTable:
    """The compositions of a repetition.

    Attributes:
        names: the words of each pair, P.
        words: the same as class ids [P, W].
        seen: which pairs have images that are learnt from [P].
        candidates: by part that tests, which pairs may be predicted [P].
        pair: of each sample of the dataset [n]; -1 where a word is missing.
        part: of each sample, an index of `PARTS` or `UNUSED` [n].
    """

    names: Sequence[tuple[str, ...]]
    words: NDArray[np.int64]
    seen: NDArray[np.bool_]
    candidates: Mapping[str, NDArray[np.bool_]]
    pair: NDArray[np.int64]
    part: NDArray[np.int64]

    @classmethod
    def of(cls, stored: Stored) -> CompositionTable:
        """Return what the cell `find_compositions` has stored."""
        record = stored.record
        return cls(
            [tuple(words) for words in record["pairs"]],
            np.array(stored.array("words")),
            np.array(record["seen"]),
            {part: np.array(may) for part, may in record["candidates"].items()},
            np.array(stored.array("pair")),
            np.array(stored.array("part"), dtype=np.int64),
        )

    def samples(self, part: str) -> NDArray[np.int64]:
        """Return the numbers of the samples of a part, ascending."""
        return np.flatnonzero(self.part == PARTS.index(part))

    @cached_property
    def phases(self) -> list[str]:
        """Return the parts that test, `test` last."""
        return [part for part in PARTS[1:] if part in self.candidates]


def find_compositions(call: Call) -> Result:
    """Return the compositions of a dataset, and which samples learn: see `CompositionTable`.

    The record also says how many compositions were to be seen and are not, because groups or
    published parts hold all of their images: `untaught`.

    Raises:
        DataError: if no image has all its words, or so many compositions cannot be unseen.
        CellError: if no image tests an unseen composition, or none is left to learn from.
    """
    dataset = call.component("dataset", Dataset)
    fields: list[str] = call.parameters["fields"]
    declared = dataset.fields()
    labels = _labels(dataset, [class_field(declared, name) for name in fields])
    there = (labels >= 0).all(axis=1)
    if not there.any():
        raise DataError(
            f"No image has a label in each of the fields {', '.join(fields)}.",
            where="dataset",
            advice="Label images in all of them, or name other fields in `fields`.",
        )
    classes = [class_names(declared, name) or () for name in fields]
    published = dataset.compositions()
    words = np.unique(labels[there], axis=0)
    listed = {} if published is None else listed_ids(published, classes)
    words = np.unique(np.concatenate([words, *listed.values()]), axis=0)
    names = [
        tuple(own[word] for own, word in zip(classes, row, strict=True)) for row in words.tolist()
    ]
    pair = np.full(len(labels), -1, dtype=np.int64)
    pair[there] = _positions(words, labels[there])
    if published is None:
        seed = call.parameters["seed"]
        wanted = call.parameters["unseen"]
        unseen = (
            listed_unseen(names, wanted)
            if isinstance(wanted, list)
            else drawn_unseen(words, wanted, seed)
        )
        part = _divided(dataset, pair, unseen, call.parameters["share"], seed)
        candidates = {"test": np.ones(len(names), dtype=bool)}
    else:
        part = published_parts(dataset)
        part[~there] = UNUSED
        places = {name: _positions(words, ids) for name, ids in listed.items()}
        candidates = published_candidates(places, pair, part, len(names))
        unseen = ~np.isin(np.arange(len(names)), places["train"])
    seen = np.zeros(len(names), dtype=bool)
    seen[pair[part == 0]] = True
    found = CompositionTable(names, words, seen, candidates, pair, part)
    _check(found, call.name, published is not None)
    record: dict[str, JSON] = {
        "pairs": [list(own) for own in names],
        "seen": seen.tolist(),
        "candidates": {phase: may.tolist() for phase, may in candidates.items()},
        "untaught": int((~unseen & ~seen).sum()),
        "images": {name: int((part == i).sum()) for i, name in enumerate(PARTS)},
    }
    return Result(record, {"words": words, "pair": pair, "part": part.astype(np.int8)})


def describe_words(call: Call) -> Result:
    """Return the vectors of the words of each composition: the array `vectors` [P, W, d].

    The record lists in `alike` the classes of a field that have one vector.

    Raises:
        InputError: listing all words without a vector.
    """
    pairs = CompositionTable.of(call.inputs["compositions"])
    sentences = call.component("dataset", Dataset).sentences()
    words = sorted({word for names in pairs.names for word in names})
    vectors = call.component("lexicon", Lexicon).vectors([spoken(w) for w in words], sentences)
    place = {word: number for number, word in enumerate(words)}
    rows = np.array([[place[word] for word in names] for names in pairs.names])
    same = [
        [words[number] for number in group]
        for column in rows.T
        for group in alike(vectors, np.unique(column))
    ]
    return Result({"alike": same}, {"vectors": vectors[rows]})


def spoken(name: str) -> str:
    """Return the name of a class as words: `dining_room` is a dining room."""
    return " ".join(name.lower().replace("_", " ").split())


def _labels(dataset: Dataset, fields: Sequence[str]) -> NDArray[np.int64]:
    """Return the class ids of all samples, [n, W]."""
    size = dataset.length()
    blocks = [
        dataset.read(np.arange(start, min(start + BLOCK, size)), set(fields))
        for start in range(0, size, BLOCK)
    ]
    return np.stack(
        [np.concatenate([block[field].numpy() for block in blocks]) for field in fields], axis=1
    ).astype(np.int64)


def _divided(
    dataset: Dataset,
    pair: NDArray[np.int64],
    unseen: NDArray[np.bool_],
    share: float,
    seed: int,
) -> NDArray[np.int64]:
    """Return the part of each sample [n].

    Unseen compositions never train. Where samples are alone, each of theirs tests, and of the
    others a share does, composition by composition, that leaves each an image to learn from;
    groups and published parts stay whole.
    """
    hidden = (pair < 0) | unseen[pair]
    tests = np.zeros(len(pair), dtype=bool)
    if dataset.groups() is None and dataset.parts() is None:
        shown = np.flatnonzero(~hidden)
        order = growing_order(pair[shown], seed)
        tests[shown[order[: round(share * len(shown))]]] = True
        _, last = np.unique(pair[shown][order[::-1]], return_index=True)
        tests[shown[order[::-1][last]]] = False
        tests[hidden] = True
    else:
        tests[split_of(dataset, share, seed).test] = True
    part = np.where(tests, PARTS.index("test"), np.where(hidden, UNUSED, PARTS.index("train")))
    part[pair < 0] = UNUSED
    return part


def _positions(table: NDArray[np.int64], rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return where each row [n, W] stands in a table [P, W] that holds it, as sorted by numpy."""
    both = np.concatenate([table, rows])
    _, place = np.unique(both, axis=0, return_inverse=True)
    order = np.argsort(place[: len(table)])
    found: NDArray[np.int64] = order[place[len(table) :]]
    return found


def _check(pairs: CompositionTable, name: str, published: bool) -> None:
    if not (pairs.part == 0).any():
        raise CellError(
            "No image is left to learn from.",
            where=name,
            advice="Label images of the part `train` with all words."
            if published
            else "Set a smaller share in `test` or `unseen`.",
        )
    tests = pairs.samples("test")
    if pairs.seen[pairs.pair[tests]].all():
        raise CellError(
            "No image tests an unseen composition.",
            where=name,
            advice="Put images of compositions that `train` lacks into the part `test`."
            if published
            else "Set a larger share in `test`, or list other compositions in `unseen`.",
        )
