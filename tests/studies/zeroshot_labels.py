"""Datasets of labels alone, and the cells of the zero-shot study that read labels alone."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import torch
from hypothesis import strategies as st
from multitask_cells import FakeCall, Kept

from taskspace.components import Compositions, Dataset, Field, Lexicon
from taskspace.studies.zeroshot.cells.compositions import (
    CompositionTable,
    describe_words,
    find_compositions,
)

COLOURS = ("red", "green", "old")
THINGS = ("apple", "fire truck", "full_grain.hat", "dog")
Row = tuple[str | None, ...]


class Labelled(Dataset):
    """Samples of given words; nothing but labels."""

    name = "labelled"
    names: tuple[str, ...] = ("colour", "thing")
    classes: tuple[tuple[str, ...], ...] = (COLOURS, THINGS)
    rows: tuple[Row, ...]
    group: tuple[str, ...] | None = None
    part: tuple[str, ...] | None = None
    published: dict[str, tuple[tuple[str, ...], ...]] | None = None

    def fingerprint(self) -> str:
        return "labelled"

    def length(self) -> int:
        return len(self.rows)

    def fields(self) -> dict[str, Field]:
        words = zip(self.names, self.classes, strict=True)
        return {"image": Field((1, 1, 1))} | {name: Field((), own) for name, own in words}

    def groups(self) -> Sequence[str] | None:
        return self.group

    def parts(self) -> Sequence[str] | None:
        return self.part

    def compositions(self) -> Compositions | None:
        return None if self.published is None else Compositions(self.names, self.published)

    def read(self, indices: Any, fields: Collection[str] | None = None) -> dict[str, torch.Tensor]:
        own = [self.rows[int(index)] for index in indices]
        return {
            name: torch.tensor(
                [-1 if row[k] is None else self.classes[k].index(row[k]) for row in own]
            )
            for k, name in enumerate(self.names)
        }


class Spelled(Lexicon):
    """The vector of a name is made of its letters, so that a test knows it."""

    name = "spelled"

    def vectors(self, names: Sequence[str], sentences: Sequence[str]) -> np.ndarray:
        return np.array([[len(name), ord(name[0]), name.count(" ")] for name in names], np.float32)


def all_rows(each: int, classes: Sequence[Sequence[str]] = (COLOURS, THINGS)) -> tuple[Row, ...]:
    grid = np.array(np.meshgrid(*classes, indexing="ij")).reshape(len(classes), -1).T
    return tuple(tuple(str(word) for word in words) for words in grid for _ in range(each))


def found_in(
    dataset: Labelled, unseen: Any = 0.3, *, share: float = 0.5, seed: int = 0
) -> CompositionTable:
    return CompositionTable.of(stored(dataset, unseen, share=share, seed=seed))


def stored(dataset: Labelled, unseen: Any = 0.3, *, share: float = 0.5, seed: int = 0) -> Kept:
    parameters = {"fields": list(dataset.names), "unseen": unseen, "share": share, "seed": seed}
    return Kept(find_compositions(FakeCall("compositions/0", parameters, {"dataset": dataset})))


def described(dataset: Labelled, lexicon: Lexicon | None = None) -> Kept:
    components = {"dataset": dataset, "lexicon": lexicon or Spelled()}
    call = FakeCall("words/0", {}, components, {"compositions": stored(dataset)})
    return Kept(describe_words(call))


def unseen_names(table: CompositionTable) -> set[tuple[str, ...]]:
    return {name for name, seen in zip(table.names, table.seen, strict=True) if not seen}


@st.composite
def grids(draw: st.DrawFn) -> np.ndarray:
    """Pairs or triplets of words [P, W], each once."""
    sizes = draw(st.lists(st.integers(2, 6), min_size=2, max_size=3))
    words = st.tuples(*(st.integers(0, size - 1) for size in sizes))
    return np.array(sorted(draw(st.sets(words, min_size=2, max_size=60))), dtype=np.int64)
