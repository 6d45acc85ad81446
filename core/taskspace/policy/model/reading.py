"""From records and tables to columns."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, SupportsFloat

import numpy as np

from taskspace.errors import InputError
from taskspace.policy.model.transfers import Transfer, Transfers, members_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

_COLUMNS = "The columns are target, sources and value, and may be gain, quality and cost."

ABSENT = {"gain": math.nan, "quality": math.nan, "cost": 0.0}
"""What stands in an optional column where nothing is known."""

_SLICE = 100_000
"""Cells of a column that are Python objects at once."""


def transfers_of(transfers: Iterable[Transfer | Mapping[str, Any]]) -> Transfers:
    """Return the columns of transfers or records.

    Raises:
        InputError: for a record that is no transfer.
    """
    found = GrowingTransfers()
    for transfer in transfers:
        found.append(transfer if isinstance(transfer, Transfer) else Transfer.from_json(transfer))
    return found.transfers()


def transfers_from_columns(columns: Mapping[str, Any]) -> Transfers:
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
    targets, sources = columns["target"], columns["sources"]
    names = _Names()
    target = np.fromiter(map(names.task, _cells(targets)), np.int32, count=len(targets))
    sets = np.fromiter(map(names.sources, _cells(sources)), np.int64, count=len(sources))
    return names.transfers(
        target,
        sets,
        _numbers("value", columns["value"], targets, sources),
        **{
            what: _numbers(what, columns[what], targets, sources, absent)
            for what, absent in ABSENT.items()
            if what in columns and not _says_nothing(columns[what], absent)
        },
    )


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
        columns = {name: np.array(column) for name, column in self._numbers.items()}
        value = columns.pop("value")
        known = {
            name: column
            for name, column in columns.items()
            if not np.array_equal(column, np.full(len(column), ABSENT[name]), equal_nan=True)
        }
        target = np.array(self._target, dtype=np.int32)
        return self._names.transfers(target, np.array(self._sets), value, **known)


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
        target: NDArray[np.int32],
        sets: NDArray[np.int64],
        value: NDArray[np.float64],
        **others: NDArray[np.float64],
    ) -> Transfers:
        code = self._code
        members = [[code.setdefault(name, len(code)) for name in found] for found in self._sets]
        names = sorted(code)
        position = np.empty(len(code), dtype=np.int32)
        position[[code[name] for name in names]] = np.arange(len(code), dtype=np.int32)
        begin = np.cumsum([0, *map(len, members)])
        flat = position[np.fromiter(chain.from_iterable(members), dtype=np.int64)]
        member, first = members_of(begin, sets)
        return Transfers(names, position[target], first, flat[member], value, **others)


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


def _listed(names: Iterable[str]) -> str:
    return ", ".join(repr(name) for name in sorted(names))
