"""Batches without end, of one size, from a generator of their own."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor


class Batches:
    """Rows by the batch: each pass over them in another order, no batch cut short.

    A batch that reaches over the end of a pass goes on in the next one, so that every step has as
    many rows; one larger than all rows has each of them once.

    Args:
        rows: how many there are, at least one.
        size: of a batch.
        draws: what orders are drawn from; nothing else may draw from it.
    """

    def __init__(self, rows: int, size: int, draws: torch.Generator) -> None:
        self._rows = rows
        self._size = min(size, rows)
        self._draws = draws
        self._place = 0
        self._shuffle()

    def next(self) -> Tensor:
        """Return the rows of the next batch, int64 [size], on the CPU."""
        batch = self._order[self._place : self._place + self._size]
        self._place += len(batch)
        if len(batch) < self._size:
            self._shuffle()
            self._place = self._size - len(batch)
            batch = torch.cat([batch, self._order[: self._place]])
        return batch

    def saved(self) -> dict[str, Tensor]:
        """Return what `restore` needs to go on here."""
        return {"start": self._start, "place": torch.tensor(self._place)}

    def restore(self, saved: Mapping[str, Tensor]) -> None:
        """Go on where `saved` was called."""
        self._draws.set_state(saved["start"])
        self._shuffle()
        self._place = int(saved["place"])

    def _shuffle(self) -> None:
        self._start = self._draws.get_state()
        self._order = torch.randperm(self._rows, generator=self._draws)
        self._place = 0
