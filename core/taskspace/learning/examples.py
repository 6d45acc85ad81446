"""Rows of stored examples: in memory where they are few, else read when they are needed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np
import torch
from torch import Tensor

from taskspace.components import Call, Dataset, Head, Shape, Stored, Task
from taskspace.learning.frozen.joined import JoinedRows

IN_MEMORY = {"cpu": 256 << 20, "cuda": 4 << 30}
"""Bytes up to which the rows of a split are held; beyond them each batch is read from the store,
whose files the system maps and shares between workers."""


@dataclass(frozen=True)
class StoredPart:
    """Consecutive rows of an array as `compact` has written them; `levels` where it says so."""

    values: np.ndarray
    levels: int | None

    @property
    def kind(self) -> torch.dtype:
        """Return the type of the rows once they are decoded."""
        if self.levels is not None:
            return torch.float32
        stored = torch.from_numpy(np.empty(0, self.values.dtype))
        return stored.dtype if stored.is_floating_point() else torch.int64


class StoredRows:
    """Chosen rows of an array that lies in parts, decoded as they are asked for.

    Args:
        parts: the array, `length` rows in each but the last.
        chosen: which rows, in which order.
    """

    def __init__(
        self, parts: Sequence[StoredPart], length: int, chosen: np.ndarray, device: str
    ) -> None:
        self._parts = parts
        self._length = length
        self._chosen = chosen
        self.device = torch.device(device)

    def __len__(self) -> int:
        return len(self._chosen)

    @property
    def shape(self) -> tuple[int, ...]:
        """Return (rows, ...)."""
        return len(self), *self._parts[0].values.shape[1:]

    def __getitem__(self, rows: Tensor) -> Tensor:
        """Return these of the chosen rows, on the device."""
        numbers = self._chosen[rows.cpu().numpy()]
        where = numbers // self._length
        if len(self._parts) == 1:
            return self._decoded(self._parts[0], numbers)
        result = torch.empty(
            (len(numbers), *self.shape[1:]), dtype=self._parts[0].kind, device=self.device
        )
        for i in np.unique(where):
            places = np.flatnonzero(where == i)
            values = self._decoded(self._parts[i], numbers[places] - i * self._length)
            result[torch.from_numpy(places).to(self.device)] = values
        return result

    def _decoded(self, part: StoredPart, numbers: np.ndarray) -> Tensor:
        values = torch.from_numpy(part.values[numbers]).to(self.device)
        if part.levels is not None:
            return values.float().div_(part.levels)
        return values.to(part.kind)


Rows: TypeAlias = "Tensor | StoredRows | JoinedRows"
"""[N, ...] on a device: all are indexed with int64 tensors and have a length."""


def rows_of(parts: Sequence[StoredPart], length: int, chosen: np.ndarray, device: str) -> Rows:
    """Return chosen rows of an array in parts, held in memory if they are few."""
    stored = StoredRows(parts, length, chosen, device)
    size = parts[0].kind.itemsize * int(np.prod(stored.shape))
    if size > IN_MEMORY.get(stored.device.type, IN_MEMORY["cpu"]):
        return stored
    return stored[torch.arange(len(stored))]


def blocks(rows: Rows, size: int) -> Iterator[Tensor]:
    """Yield all rows in order, `size` at a time."""
    for start in range(0, len(rows), size):
        yield rows[torch.arange(start, min(start + size, len(rows)))]


class Examples(NamedTuple):
    """Inputs [N, C, H, W] (with views [N, V, C, H, W]) and targets [N, ...] of some samples."""

    inputs: Rows
    targets: Rows


def examples_of(call: Call, chosen: np.ndarray) -> Examples:
    """Return chosen examples of the call's task, on the call's device.

    Args:
        chosen: numbers of samples [n], int64.
    """
    return Examples(inputs_of(call, chosen), targets_of(call, chosen))


def inputs_of(call: Call, chosen: np.ndarray) -> Rows:
    """Return what networks of the call see: the task's inputs, or the images [n, C, H, W]."""
    array = "input" if "input0" in call.inputs else "image"
    return stored_rows(call, array, array, chosen)


def targets_of(call: Call, chosen: np.ndarray) -> Rows:
    """Return the targets of the call's task [n, ...]."""
    return stored_rows(call, "target", "target", chosen)


def labelled(call: Call, slot: str = "target") -> np.ndarray:
    """Return which samples of the dataset have the label of a task, bool [samples]."""
    return np.concatenate([part.values for part in stored_parts(call, slot, "valid")])


def stored_parts(call: Call, slot: str, array: str) -> list[StoredPart]:
    """Return an array of the inputs `<slot>0`, `<slot>1`, ... as it is stored, part by part."""
    return [
        StoredPart(cell.array(array), cell.record["levels"][array])
        for cell in stored_cells(call, slot)
    ]


def stored_rows(call: Call, slot: str, array: str, chosen: np.ndarray) -> Rows:
    """Return chosen rows of an array of the inputs `<slot>0`, `<slot>1`, ... on the call's device.

    Args:
        chosen: numbers of samples [n], int64.
    """
    parts = stored_parts(call, slot, array)
    return rows_of(parts, len(parts[0].values), chosen, call.device)


def stored_cells(call: Call, slot: str) -> list[Stored]:
    """Return the inputs `<slot>0`, `<slot>1`, ... of a call."""
    cells: list[Stored] = []
    while (cell := call.inputs.get(f"{slot}{len(cells)}")) is not None:
        cells.append(cell)
    return cells


def head_of(call: Call) -> Head:
    """Return the head of the call's task on its dataset."""
    return call.component("task", Task).head(call.component("dataset", Dataset).fields())


def image_shape(call: Call) -> Shape:
    """Return the shape (C, H, W) of the dataset's images."""
    channels, height, width = call.component("dataset", Dataset).fields()["image"].shape
    return channels, height, width
