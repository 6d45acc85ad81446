"""Names in a matrix that tell that it is not what it is read as: sources down, targets across."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from taskspace.components import Finding
from taskspace.errors import TableError
from taskspace.studies.taxonomy.result.model import TableRecord
from taskspace.studies.taxonomy.table.description import AffinityTable
from taskspace.tables import Header, NoNumber, Numbers

_TOTALS = frozenset(
    {
        *("sum", "total", "totals", "subtotal", "grand_total", "summe", "gesamt", "somme"),
        *("mean", "average", "avg", "mittelwert", "durchschnitt", "moyenne"),
        *("median", "std", "stdev"),
    }
)
"""What spreadsheets call rows and columns that are computed from others."""

_MOST = 10


def check_names(description: AffinityTable, header: Header, lines: Mapping[str, int]) -> None:
    """Check that rows and columns are named after tasks, and after the same ones.

    Args:
        description: the job's; tasks that it excludes are not looked at.
        header: the first row.
        lines: the name of each row to its line.

    Raises:
        TableError: if the targets are down, a row has a number for a name, a row or column is
            called like a total, or two names differ in case, spaces or hyphens alone.
    """
    if _plain(header.names[0]) in ("target", "targets"):
        raise TableError(
            f"The first cell is {header.names[0]!r}, and a matrix has sources down and targets "
            "across.",
            where=header.where,
            advice="Where the targets are down, swap rows and columns (a spreadsheet pastes them "
            "transposed); where they are across, write source into the first cell.",
        )
    targets = header.names[1:]
    stated = {*description.exclude, *(description.source_only or ())}
    for name, line in lines.items():
        where = f"{description.table}:{line}"
        if name not in stated and name not in targets and is_number(name):
            raise TableError(
                f"The row begins with the number {name!r}, where the name of its source is "
                "expected.",
                where=where,
                advice="Write the name of the source into the first cell of each row, and leave "
                "the first cell of the header empty.",
            )
        if name not in stated and _plain(name) in _TOTALS:
            raise _total("row", name, where)
    for name in targets:
        if name not in stated and _plain(name) in _TOTALS:
            raise _total("column", name, header.where)
    _check_spelling({name: header.where for name in targets if name not in description.exclude})
    places = {name: f"{description.table}:{line}" for name, line in lines.items()}
    columns = {_plain(name): name for name in targets if name not in description.exclude}
    for name, where in places.items():
        column = columns.get(_plain(name), name)
        if column != name and name not in stated:
            raise _respelt(name, column, where)
    _check_spelling({name: where for name, where in places.items() if name not in stated})


def name_findings(
    description: AffinityTable, record: TableRecord, rows: Collection[str]
) -> Iterator[Finding]:
    """Yield which tasks of a matrix have a row and no column, or a column and no row.

    Args:
        description: the job's; what it names in `source_only` is meant to have no column.
        record: the tasks that are in the answer.
        rows: the names of the rows.
    """
    stated = description.source_only or ()
    if alone := [name for name in record.sources if name not in {*record.targets, *stated}]:
        yield Finding(
            "matrix-rows-without-column",
            "warning",
            f"{_counted(len(alone), 'row')} of the matrix {_has(alone)} no column of the same "
            f"name, so {_they(alone)} only ever {_serves(alone)} others: {_listed(alone)}. Where "
            "that is meant, name them in `affinities.source_only`; a misspelt name or a row of "
            "totals looks the same (`affinities.exclude` leaves it out).",
        )
    if unserved := [name for name in record.targets if name not in rows]:
        yield Finding(
            "matrix-columns-without-row",
            "warning" if alone else "note",
            f"{_counted(len(unserved), 'column')} of the matrix {_has(unserved)} no row of the "
            f"same name, so {_they(unserved)} can only be served by others: {_listed(unserved)}. A "
            "misspelt name or a column of totals looks the same (`affinities.exclude` leaves it "
            "out).",
        )


def is_number(cell: str) -> bool:
    """Return whether a cell holds a number, or what stands for a missing one."""
    try:
        Numbers(decimal_comma=True).parse(cell)
    except NoNumber:
        return False
    return True


def _check_spelling(places: Mapping[str, str]) -> None:
    """Check that names of one side differ in more than their spelling."""
    plain: dict[str, str] = {}
    for name, where in places.items():
        if (other := plain.setdefault(_plain(name), name)) != name:
            raise _respelt(name, other, where)


def _respelt(name: str, other: str, where: str) -> TableError:
    return TableError(
        f"{name!r} and {other!r} differ in case, spaces or hyphens alone, and would be two tasks.",
        where=where,
        advice="Write the name of a task the same way in its row and in its column; `exclude` "
        "leaves one of them out.",
    )


def _total(what: str, name: str, where: str) -> TableError:
    return TableError(
        f"The {what} {name!r} is called like one that is computed from others, and would be a "
        "task.",
        where=where,
        advice=f"Remove it, or leave it out with `affinities.exclude: [{name}]`; rename it if it "
        "is a task.",
    )


def _plain(name: str) -> str:
    """Return a name without what a spreadsheet or a hand changes in it."""
    return re.sub(r"[\s_-]+", "_", name.strip().strip(":").casefold())


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'s' * (count > 1)}"


def _has(names: Collection[str]) -> str:
    return "have" if len(names) > 1 else "has"


def _they(names: Collection[str]) -> str:
    return "they" if len(names) > 1 else "it"


def _serves(names: Collection[str]) -> str:
    return "serve" if len(names) > 1 else "serves"


def _listed(names: Iterable[str]) -> str:
    every = list(names)
    more = f" and {len(every) - _MOST} more" if len(every) > _MOST else ""
    return ", ".join(every[:_MOST]) + more
