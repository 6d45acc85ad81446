"""Ways to have a target: one as a record, many as a few arrays."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Self, SupportsFloat, overload

import numpy as np

from taskspace.components import JSON
from taskspace.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

_RECORD = "A transfer is {target, sources, value}, and may have gain, quality and cost."


@dataclass(frozen=True, slots=True)
class Transfer:
    """A way to have a target: from its sources, or ({t}, t) for the supervised network.

    Attributes:
        value: the coefficient of the objective, larger is better.
        gain: win rate against training from scratch, in [0, 1].
        quality: win rate against the supervised network, in [0, 1].
        cost: l_i, what the labels cost that it is trained with; counted in the budget.
    """

    target: str
    sources: tuple[str, ...]
    value: float
    gain: float | None = None
    quality: float | None = None
    cost: float = 0.0

    @property
    def is_supervised(self) -> bool:
        """Return whether this is the supervised network of its target."""
        return self.sources == (self.target,)

    @property
    def name_rank(self) -> tuple[int, tuple[str, ...]]:
        """Return what decides between transfers of one worth: fewer sources, then their names."""
        return len(self.sources), tuple(sorted(self.sources))

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        """Return the transfer of a record {target, sources, value, gain?, quality?, cost?}.

        Raises:
            InputError: if a key is missing, unknown, or of another type than it should be.
        """
        if not isinstance(record, Mapping):
            raise InputError(
                f"A transfer is {record!r}.",
                advice=_RECORD,
            )
        unknown = set(record) - {"target", "sources", "value", "gain", "quality", "cost"}
        missing = {"target", "sources", "value"} - set(record)
        if unknown or missing:
            fault = f"has no {_listed(missing)}" if missing else f"has a key {_listed(unknown)}"
            raise InputError(
                f"The transfer {dict(record)!r} {fault}.",
                advice=_RECORD,
            )
        if isinstance(record["sources"], str):
            raise InputError(
                f"The sources of a transfer into {record['target']!r} are the text "
                f"{record['sources']!r}.",
                advice="Give a list of names, also for one source.",
            )
        return cls(
            str(record["target"]),
            tuple(str(source) for source in record["sources"]),
            _number(record, "value"),
            _share(record, "gain"),
            _share(record, "quality"),
            _number(record, "cost") if record.get("cost") is not None else 0.0,
        )


class Transfers(Sequence[Transfer]):
    """Transfers as columns, which read as a sequence of `Transfer`.

    A row takes some 30 bytes for one source, where a `Transfer` takes 250.

    Attributes:
        names: the tasks, sorted.
        target: position in `names`. [R]
        first: where the sources of a row begin in `member`, and at last its length. [R + 1]
        member: positions of the sources in `names`, row after row.
        value: the coefficient of the objective. [R]
        gain, quality: win rates [R], NaN where unknown; None where no row has one.
        cost: what labels cost [R]; None where none costs anything.
    """

    def __init__(
        self,
        names: Sequence[str],
        target: NDArray[np.int32],
        first: NDArray[np.int64],
        member: NDArray[np.int32],
        value: NDArray[np.float64],
        *,
        gain: NDArray[np.float64] | None = None,
        quality: NDArray[np.float64] | None = None,
        cost: NDArray[np.float64] | None = None,
    ) -> None:
        self.names = tuple(names)
        self.target = target
        self.first = first
        self.member = member
        self.value = value
        self.gain = gain
        self.quality = quality
        self.cost = cost

    @property
    def order(self) -> NDArray[np.int64]:
        """Return the number of sources of each row, [R]."""
        return self.first[1:] - self.first[:-1]

    @property
    def row(self) -> NDArray[np.int64]:
        """Return the row that each entry of `member` belongs to."""
        return np.repeat(np.arange(len(self)), self.order)

    @property
    def supervised(self) -> NDArray[np.bool_]:
        """Return which rows are the supervised network of their target, [R]."""
        alone = self.order == 1
        found: NDArray[np.bool_] = alone.copy()
        found[alone] = self.member[self.first[:-1][alone]] == self.target[alone]
        return found

    def named(self, positions: NDArray[np.int32]) -> set[str]:
        """Return the tasks at positions, each once."""
        used = np.flatnonzero(np.bincount(positions, minlength=len(self.names)))
        return {self.names[k] for k in used}

    def among(self, tasks: Iterable[str]) -> NDArray[np.bool_]:
        """Return which of `names` are among these tasks."""
        listed = frozenset(tasks)
        return np.array([name in listed for name in self.names], dtype=bool)

    def duplicate(self) -> tuple[int, int] | None:
        """Return the first row whose target and set of sources an earlier row has, after that."""
        found = []
        for size in np.unique(self.order):
            rows = np.flatnonzero(self.order == size)
            members = self.member[self.first[rows][:, None] + np.arange(size)]
            keys = np.column_stack([self.target[rows], np.sort(members, axis=1)])
            order = np.lexsort(keys.T[::-1])  # stable: of equal rows the earlier one stands first
            keys = keys[order]
            again = np.flatnonzero((keys[1:] == keys[:-1]).all(axis=1))
            found += [(int(rows[order[k + 1]]), int(rows[order[k]])) for k in again]
        if not found:
            return None
        later, earlier = min(found)
        return earlier, later

    def take(self, rows: NDArray[np.int64]) -> Transfers:
        """Return some rows, in the order given."""
        member, first = members_of(self.first, rows)
        optional = (self.gain, self.quality, self.cost)
        gain, quality, cost = (None if column is None else column[rows] for column in optional)
        return Transfers(
            self.names,
            self.target[rows],
            first,
            self.member[member],
            self.value[rows],
            gain=gain,
            quality=quality,
            cost=cost,
        )

    def as_json(self) -> dict[str, JSON]:
        """Return the columns as plain JSON; null for a win rate that is unknown."""
        columns: dict[str, JSON] = {
            "names": list(self.names),
            "target": self.target.tolist(),
            "first": self.first.tolist(),
            "member": self.member.tolist(),
            "value": self.value.tolist(),
        }
        optional = {"gain": self.gain, "quality": self.quality, "cost": self.cost}
        known = {name: column for name, column in optional.items() if column is not None}
        return columns | {name: [*map(_known, column.tolist())] for name, column in known.items()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Return the transfers that `as_json` wrote."""
        numbers = ("value", "gain", "quality", "cost")
        return cls(
            data["names"],
            np.array(data["target"], dtype=np.int32),
            np.array(data["first"], dtype=np.int64),
            np.array(data["member"], dtype=np.int32),
            # NumPy makes NaN of None.
            **{name: np.array(data[name], dtype=np.float64) for name in numbers if name in data},
        )

    def __len__(self) -> int:
        return len(self.target)

    @overload
    def __getitem__(self, row: int) -> Transfer: ...

    @overload
    def __getitem__(self, row: slice) -> Transfers: ...

    def __getitem__(self, row: int | slice) -> Transfer | Transfers:
        rows = np.arange(len(self))[row]
        if isinstance(row, slice):
            return self.take(rows)
        (found,) = self.take(rows.reshape(1))
        return found

    def __iter__(self) -> Iterator[Transfer]:
        names, members = self.names, self.member.tolist()
        columns = (
            [None] * len(self) if column is None else column.tolist()
            for column in (self.gain, self.quality, self.cost)
        )
        spans = pairwise(self.first.tolist())
        for target, (begin, end), value, gain, quality, cost in zip(
            self.target.tolist(), spans, self.value.tolist(), *columns, strict=True
        ):
            yield Transfer(
                names[target],
                tuple(names[k] for k in members[begin:end]),
                value,
                _known(gain),
                _known(quality),
                cost or 0.0,
            )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Transfers):
            return NotImplemented
        return len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))

    def __repr__(self) -> str:
        return f"transfers_of({list(self)!r})"

    __hash__ = None  # type: ignore[assignment]  # arrays may change


def _known(share: float | None) -> float | None:
    return None if share is None or share != share else share  # noqa: PLR0124  NaN


def members_of(
    first: NDArray[np.int64], rows: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where the members of some rows stand, row after row, and where each row begins.

    Args:
        first: where the members of every row begin, and at last their number. [R + 1]
        rows: [K]

    Returns:
        Positions of members, and the beginnings [K + 1] among them.
    """
    size = first[rows + 1] - first[rows]
    begins = np.concatenate([[0], np.cumsum(size)])
    return np.arange(begins[-1]) + np.repeat(first[rows] - begins[:-1], size), begins


def _number(record: Mapping[str, Any], key: str) -> float:
    value = record[key]
    if isinstance(value, bool) or not isinstance(value, SupportsFloat):
        raise InputError(
            f"The {key} of the transfer {'+'.join(map(str, record['sources']))} -> "
            f"{record['target']} is {value!r}, which is no number."
        )
    return float(value)


def _share(record: Mapping[str, Any], key: str) -> float | None:
    """Return a win rate; None and NaN, which pandas writes for what is absent, are unknown."""
    if record.get(key) is None:
        return None
    number = _number(record, key)
    return None if math.isnan(number) else number


def _listed(names: Iterable[str]) -> str:
    return ", ".join(repr(name) for name in sorted(names))
