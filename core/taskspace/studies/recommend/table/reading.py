"""Tables of errors from files: wide, tasks by models, or long, a row for each pair."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from taskspace.errors import InputError, TableError
from taskspace.learning.table_cells import cell_number, csv_lines, located, readable_table
from taskspace.studies.recommend.maths.errors import ErrorTable, Floats
from taskspace.studies.recommend.table.cells import ErrorCells
from taskspace.studies.recommend.table.description import ErrorFile

ADVICE = (
    "Give the path of a CSV file with a row for each task and a column for each model, or with the "
    "columns task, model and error."
)


@dataclass(frozen=True)
class MeasuredModels:
    """A table of errors and what else the file says.

    Attributes:
        table: errors in percent.
        parameters: of each model [M], NaN where not given.
        scores: name to scores [T, M], NaN where not given; more is better.
    """

    table: ErrorTable
    parameters: Floats
    scores: Mapping[str, Floats] = field(default_factory=dict)


def read_errors(description: ErrorFile) -> MeasuredModels:
    """Return the errors of a file.

    A model is taken to be trained on the task of its name, if there is one.

    Raises:
        TableError: with line and column, if the file is absent or a cell cannot be used.
    """
    with readable_table(description.table, ADVICE):
        lines = csv_lines(description.table)
        _, header = next(lines)
        cells = ErrorCells(description)
        layout = _long if description.columns.model in header else _wide
        layout(cells, header, lines)
    where = str(description.table)
    if absent := sorted(set(description.exclude) - cells.left_out):
        raise TableError(f"There is no model {absent[0]!r} to leave out.", where=where)
    if not cells.places:
        raise TableError("No error is left in this table.", where=where, advice=ADVICE)
    return _measured(cells, where)


def _wide(cells: ErrorCells, header: Sequence[str], lines: Iterator[tuple[int, list[str]]]) -> None:
    columns, file = cells.file.columns, cells.file.table
    _once(header, cells.file)
    if len(header) < 2:
        raise _narrow(header, file)
    named = header.index(columns.task) if columns.task in header else 0
    group = header.index(columns.group) if columns.group in header else None
    cells.left_out.update(set(cells.file.exclude) & set(header))
    skipped = {named, group, *(header.index(name) for name in cells.left_out)}
    models = [(place, name) for place, name in enumerate(header) if place not in skipped]
    for line, row in _filled(lines):
        task = row[named].strip()
        if task in cells.tasks:
            raise TableError(
                f"The task {task!r} has a row before.",
                where=located(file, line),
                advice="Keep one of the two.",
            )
        if group is not None:
            cells.put_constant("group", task, row[group].strip(), located(file, line))
        for place, model in models:
            where = f"{located(file, line)}, column {model!r}"
            cells.add(task, model, where)
            cells.put("error", task, model, _error(cells.file, row[place], task, model, where))


def _long(cells: ErrorCells, header: Sequence[str], lines: Iterator[tuple[int, list[str]]]) -> None:
    columns, file = cells.file.columns, cells.file.table
    _once(header, cells.file)
    places = {name: place for place, name in enumerate(header)}
    for name in (columns.task, columns.model, columns.value, *columns.scores):
        if name not in places:
            raise TableError(
                f"There is no column {name!r}; the columns are "
                f"{', '.join(repr(column) for column in header[:20])}.",
                where=f"{file}:1",
                advice="Say in `columns` how task, model, value and scores are called.",
            )
    for line, row in _filled(lines):
        where = located(file, line)
        task, model = (row[places[name]].strip() for name in (columns.task, columns.model))
        if model in cells.file.exclude:
            cells.left_out.add(model)
            continue
        cells.add(task, model, where)
        value = _error(
            cells.file,
            row[places[columns.value]],
            task,
            model,
            f"{where}, column {columns.value!r}",
        )
        cells.put("error", task, model, value)
        for score in columns.scores:
            place = f"{where}, column {score!r}"
            number = cell_number(row[places[score]], f"{score} of {model!r} on {task!r}", place)
            cells.put(f"score {score}", task, model, number)
        for what, column, name in (
            ("group", columns.group, task),
            ("parameters", columns.parameters, model),
        ):
            if column in places:
                cells.put_constant(what, name, row[places[column]].strip(), where)


def _filled(lines: Iterator[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
    """Yield rows with text; spreadsheets end their tables with rows of separators alone."""
    return ((line, row) for line, row in lines if any(cell.strip() for cell in row))


def _narrow(header: Sequence[str], file: Path) -> TableError:
    """Return the error of a header with too few columns."""
    other = next((mark for mark in (";", "\t", "|") if mark in "".join(header)), None)
    if other is not None:
        return TableError(
            f"The header has no comma, and cells seem to be separated by {other!r}.",
            where=f"{file}:1",
            advice="Save the table as CSV with commas, and with points in decimal numbers.",
        )
    return TableError(
        f"The header has {len(header)} column{'s' * (len(header) != 1)}; a column of tasks and one "
        "for each model are needed.",
        where=f"{file}:1",
        advice=ADVICE,
    )


def _once(header: Sequence[str], file: ErrorFile) -> None:
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise TableError(
            f"The header names the column {twice[0]!r} twice.",
            where=f"{file.table}:1",
            advice="Give each model a name of its own.",
        )


def _error(file: ErrorFile, cell: str, task: str, model: str, where: str) -> float | None:
    """Return an error in percent, or None where nothing was measured."""
    value = cell_number(cell, f"{file.measure} of {model!r} on {task!r}", where)
    if value is None:
        return None
    full = 100.0 if file.unit == "percent" else 1.0
    # An error may be a loss without an upper bound; a share that is beyond 1 is a wrong unit.
    most = np.inf if (file.measure, file.unit) == ("error", "percent") else full
    if not 0 <= value <= most:
        allowed = "at least 0" if most == np.inf else f"from 0 to {full:g}"
        raise TableError(
            f"The {file.measure} of {model!r} on {task!r} is {value:g}.",
            where=where,
            advice=f"With `measure: {file.measure}` and `unit: {file.unit}` it is {allowed}; "
            "correct the number, or change them.",
        )
    return (value if file.measure == "error" else full - value) * 100.0 / full


def _count(cell: str | None, model: str, where: str) -> float | None:
    """Return a number of parameters; None where it is not given."""
    number = cell_number(cell, f"number of parameters of {model!r}", where)
    if number is not None and (number < 0 or number != int(number)):
        raise TableError(
            f"The number of parameters of {model!r} is {number:g}.",
            where=where,
            advice="Give a whole number, such as 25600000 for 25.6 million.",
        )
    return number


def _measured(cells: ErrorCells, where: str) -> MeasuredModels:
    words = [cells.constants.get(("group", task), f"task {task}") for task in cells.tasks]
    numbers = {word: place for place, word in enumerate(dict.fromkeys(words))}
    parameters = [
        _count(cells.constants.get(("parameters", model)), model, where) for model in cells.models
    ]
    errors = cells.matrix("error")
    bare = [task for task, row in cells.tasks.items() if np.isnan(errors[row]).all()]
    if bare:
        raise TableError(
            f"Nothing was measured on the task {bare[0]!r}.", where=where, advice="Leave it out."
        )
    try:
        table = ErrorTable.of(
            list(cells.tasks),
            list(cells.models),
            errors,
            groups=np.array([numbers[word] for word in words], dtype=np.int64),
        )
        table.candidates()
    except InputError as error:
        raise TableError(error.what, where=where, advice=error.advice) from error
    return MeasuredModels(
        table,
        np.array([np.nan if one is None else one for one in parameters]),
        {name: cells.matrix(f"score {name}") for name in cells.file.columns.scores},
    )
