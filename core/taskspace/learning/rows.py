"""Rows of arrays that several cells hold: in memory where they are few, else read when needed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import torch
from torch import Tensor

IN_MEMORY = {"cpu": 256 << 20, "cuda": 4 << 30}
"""Bytes up to which the rows of a split are held; beyond them each batch is read from the store,
whose files the system maps and shares between workers."""

LEVELS = 255


@dataclass(frozen=True)
class Part:
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

    def __init__(self, parts: Sequence[Part], length: int, chosen: np.ndarray, device: str) -> None:
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

    def _decoded(self, part: Part, numbers: np.ndarray) -> Tensor:
        values = torch.from_numpy(part.values[numbers]).to(self.device)
        if part.levels is not None:
            return values.float().div_(part.levels)
        return values.to(part.kind)


Rows: TypeAlias = "Tensor | StoredRows"
"""[N, ...] on a device: both are indexed with int64 tensors and have a length."""


def rows_of(parts: Sequence[Part], length: int, chosen: np.ndarray, device: str) -> Rows:
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


def compact(values: Tensor) -> Part:
    """Return values in the narrowest type that keeps them exactly: 8-bit images, small ids."""
    if values.is_floating_point():
        levels = (values * LEVELS).round().nan_to_num(-1).clamp(-1, LEVELS)
        if bool((levels >= 0).all()) and torch.equal(levels.byte().float() / LEVELS, values):
            return Part(levels.byte().numpy(), LEVELS)
        return Part(values.numpy(), None)
    if values.dtype == torch.bool:
        return Part(values.numpy(), None)
    low, high = (int(values.min()), int(values.max())) if values.numel() else (0, 0)
    for kind in (np.int8, np.int16, np.int32):
        if np.iinfo(kind).min <= low and high <= np.iinfo(kind).max:
            return Part(values.numpy().astype(kind), None)
    return Part(values.numpy(), None)


def joined(parts: Sequence[Part]) -> Part:
    """Return parts as one, in a type that keeps all of them."""
    if len({part.levels for part in parts}) == 1:
        return Part(np.concatenate([part.values for part in parts]), parts[0].levels)
    wide = [
        part.values if part.levels is None else part.values.astype(np.float32) / part.levels
        for part in parts
    ]
    return Part(np.concatenate(wide).astype(np.float32), None)
