"""Many transfers as a few arrays."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, pairwise
from typing import TYPE_CHECKING, Any, Self, SupportsFloat, TypeVar, overload

from taskspace.errors import InputError
from taskspace.studies.taxonomy.policy.transfer import Transfer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_COLUMNS = "The columns are target, sources and value, and may be gain, quality and cost."

TransfersT = TypeVar("TransfersT", bound="Transfers")

ABSENT = {"gain": math.nan, "quality": math.nan, "cost": 0.0}
"""What stands in an optional column where nothing is known."""

_SLICE = 100_000
"""Cells of a column that are Python objects at once."""


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

    @classmethod
    def of(cls, transfers: Iterable[Transfer | Mapping[str, Any]]) -> Self:
        """Return the columns of transfers or records.

        Raises:
            InputError: for a record that is no transfer.
        """
        listed = [t if isinstance(t, Transfer) else Transfer.from_json(t) for t in transfers]
        return cls._of(
            [t.target for t in listed],
            [t.sources for t in listed],
            [t.value for t in listed],
            gain=[t.gain for t in listed],
            quality=[t.quality for t in listed],
            cost=[t.cost for t in listed],
        )

    @classmethod
    def from_columns(cls, columns: Mapping[str, Any]) -> Self:
        """Return the transfers of a table: a mapping of columns, such as a pandas frame.

        Args:
            columns: `target`: names [R]; `sources`: names joined by '+', or sequences of names
                [R]; `value` [R]; `gain`, `quality` and `cost` [R], where known.

        Raises:
            InputError: if a column is absent, unknown, of another length, or holds something else.
        """
        have = set(columns)
        unknown = have - {"target", "sources", "value", "gain", "quality", "cost"}
        missing = {"target", "sources", "value"} - have
        if unknown or missing:
            fault = f"has no column {_listed(missing)}" if missing else "has " + _listed(unknown)
            raise InputError(f"The table of transfers {fault}.", advice=_COLUMNS)
        lengths = {name: len(columns[name]) for name in columns}
        if len(set(lengths.values())) > 1:
            raise InputError(
                "The columns have different lengths: "
                + ", ".join(f"{name} {length}" for name, length in lengths.items())
                + "."
            )
        return cls._of(
            columns["target"],
            columns["sources"],
            columns["value"],
            **{name: columns[name] for name in ("gain", "quality", "cost") if name in columns},
        )

    @classmethod
    def _of(
        cls, targets: Sequence[Any], sources: Sequence[Any], values: Sequence[Any], **others: Any
    ) -> Self:
        import numpy as np  # noqa: PLC0415  what lists policies does without

        names = _Names()
        target = np.fromiter(map(names.task, _cells(targets)), np.int32, count=len(targets))
        sets = np.fromiter(map(names.sources, _cells(sources)), np.int64, count=len(sources))
        return names.transfers(
            cls,
            target,
            sets,
            _numbers("value", values, targets, sources),
            **{
                what: _numbers(what, cells, targets, sources, absent=ABSENT[what])
                for what, cells in others.items()
                if not _says_nothing(cells, ABSENT[what])
            },
        )

    @property
    def order(self) -> NDArray[np.int64]:
        """Return the number of sources of each row, [R]."""
        return self.first[1:] - self.first[:-1]

    @property
    def row(self) -> NDArray[np.int64]:
        """Return the row that each entry of `member` belongs to."""
        import numpy as np  # noqa: PLC0415  as above

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
        import numpy as np  # noqa: PLC0415  as above

        used = np.flatnonzero(np.bincount(positions, minlength=len(self.names)))
        return {self.names[k] for k in used}

    def among(self, tasks: Iterable[str]) -> NDArray[np.bool_]:
        """Return which of `names` are among these tasks."""
        import numpy as np  # noqa: PLC0415  as above

        listed = frozenset(tasks)
        return np.array([name in listed for name in self.names], dtype=bool)

    def duplicate(self) -> tuple[int, int] | None:
        """Return the first row whose target and set of sources an earlier row has, after that."""
        import numpy as np  # noqa: PLC0415  as above

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
        import numpy as np  # noqa: PLC0415  as above

        size = self.order[rows]
        first = np.concatenate([[0], np.cumsum(size)])
        inside = np.arange(first[-1]) - np.repeat(first[:-1], size)
        optional = (self.gain, self.quality, self.cost)
        gain, quality, cost = (None if column is None else column[rows] for column in optional)
        return Transfers(
            self.names,
            self.target[rows],
            first,
            self.member[np.repeat(self.first[rows], size) + inside],
            self.value[rows],
            gain=gain,
            quality=quality,
            cost=cost,
        )

    def __len__(self) -> int:
        return len(self.target)

    @overload
    def __getitem__(self, row: int) -> Transfer: ...

    @overload
    def __getitem__(self, row: slice) -> Transfers: ...

    def __getitem__(self, row: int | slice) -> Transfer | Transfers:
        import numpy as np  # noqa: PLC0415  as above

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
        return f"Transfers.of({list(self)!r})"

    __hash__ = None  # type: ignore[assignment]  # arrays may change


class GrowingTransfers:
    """Transfers that are read one by one."""

    def __init__(self) -> None:
        self._names = _Names()
        self._target = array("i")
        self._sets = array("q")
        self._numbers = {name: array("d") for name in ("value", *ABSENT)}

    def append(self, transfer: Transfer) -> None:
        """Add a transfer."""
        self._target.append(self._names.task(transfer.target))
        self._sets.append(self._names.sources(transfer.sources))
        for name, column in self._numbers.items():
            number = getattr(transfer, name)
            column.append(ABSENT[name] if number is None else number)

    def transfers(self) -> Transfers:
        """Return all that were added, in their order."""
        import numpy as np  # noqa: PLC0415  as above

        columns = {name: np.array(column) for name, column in self._numbers.items()}
        value = columns.pop("value")
        known = {
            name: column
            for name, column in columns.items()
            if not np.array_equal(column, np.full(len(column), ABSENT[name]), equal_nan=True)
        }
        target = np.array(self._target, dtype=np.int32)
        return self._names.transfers(Transfers, target, np.array(self._sets), value, **known)


class _Names:
    """Tasks and sets of sources by number, in the order in which they turn up."""

    def __init__(self) -> None:
        self._code: dict[str, int] = {}
        # Few different sets stand in many rows, above all where there is one source.
        self._sets: dict[tuple[str, ...], int] = {}

    def task(self, cell: Any) -> int:
        return self._code.setdefault(_name(cell, "target"), len(self._code))

    def sources(self, cell: Any) -> int:
        return self._sets.setdefault(_split(cell), len(self._sets))

    def transfers(
        self,
        kind: type[TransfersT],
        target: NDArray[np.int32],
        sets: NDArray[np.int64],
        value: NDArray[np.float64],
        **others: NDArray[np.float64],
    ) -> TransfersT:
        import numpy as np  # noqa: PLC0415  as above

        code = self._code
        members = [[code.setdefault(name, len(code)) for name in found] for found in self._sets]
        names = sorted(code)
        position = np.empty(len(code), dtype=np.int32)
        position[[code[name] for name in names]] = np.arange(len(code), dtype=np.int32)
        size = np.array([len(found) for found in members], dtype=np.int64)
        begin = np.cumsum(size) - size
        flat = position[np.fromiter(chain.from_iterable(members), dtype=np.int64)]
        first = np.concatenate([[0], np.cumsum(size[sets])])
        inside = np.arange(first[-1]) - np.repeat(first[:-1], size[sets])
        member = flat[np.repeat(begin[sets], size[sets]) + inside]
        return kind(names, position[target], first, member, value, **others)


def _cells(column: Sequence[Any]) -> Iterator[Any]:
    """Yield the cells of a column as Python's own objects."""
    for begin in range(0, len(column), _SLICE):
        part = column[begin : begin + _SLICE]
        yield from part.tolist() if hasattr(part, "tolist") else part


def _name(cell: Any, what: str) -> str:
    if not isinstance(cell, str) or not cell:
        raise InputError(f"A {what} in the table of transfers is {cell!r}, which is no name.")
    return cell


def _split(cell: Any) -> tuple[str, ...]:
    if isinstance(cell, str):
        return tuple(_name(name.strip(), "source") for name in cell.split("+"))
    if not isinstance(cell, list | tuple):
        raise InputError(
            f"The sources in the table of transfers are {cell!r}.",
            advice="Give names joined by '+', or sequences of names.",
        )
    return tuple(_name(name, "source") for name in cell)


def _numbers(
    what: str,
    column: Sequence[Any],
    targets: Sequence[Any],
    sources: Sequence[Any],
    absent: float | None = None,
) -> NDArray[np.float64]:
    import numpy as np  # noqa: PLC0415  as above

    if getattr(getattr(column, "dtype", None), "kind", "O") in "fiu":
        return np.asarray(column, dtype=np.float64)
    numbers = np.empty(len(column))
    for row, cell in enumerate(_cells(column)):
        if cell is None and absent is not None:
            numbers[row] = absent
        elif isinstance(cell, bool) or not isinstance(cell, SupportsFloat):
            read = sources[row] if isinstance(sources[row], str) else "+".join(sources[row])
            raise InputError(
                f"The {what} of the transfer {read} -> {targets[row]} is {cell!r}, "
                "which is no number."
            )
        else:
            numbers[row] = float(cell)
    return numbers


def _says_nothing(column: Sequence[Any], absent: float) -> bool:
    unknown = math.isnan(absent)
    return all(
        cell is None or cell == absent or (unknown and cell != cell)  # noqa: PLR0124  NaN
        for cell in _cells(column)
    )


def _known(share: float | None) -> float | None:
    return None if share is None or share != share else share  # noqa: PLR0124  NaN


def _listed(names: Iterable[str]) -> str:
    return ", ".join(repr(name) for name in sorted(names))
