"""Tables of errors from files: wide, tasks by models, or long, a row for each pair."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from taskspace.errors import InputError, TableError
from taskspace.studies.recommend.maths.errors import ErrorTable, Floats
from taskspace.studies.recommend.table.cells import ErrorCells
from taskspace.studies.recommend.table.description import ErrorFile
from taskspace.tables import DelimitedText, Header, Numbers, located, open_delimited

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
    columns = description.columns
    expected = (columns.task, columns.model, columns.value, columns.group, *columns.scores)
    with open_delimited(description.table, ADVICE, expected) as table:
        cells = ErrorCells(description, table.numbers)
        _once(table.header)
        layout = _wide if table.header.find(columns.model) is None else _long
        layout(cells, table)
    where = str(description.table)
    if absent := sorted(set(description.exclude) - cells.left_out):
        raise TableError(f"There is no model {absent[0]!r} to leave out.", where=where)
    if not cells.places:
        raise TableError("No error is left in this table.", where=where, advice=ADVICE)
    _in_percent(cells, where)
    return _measured(cells, where)


def _wide(cells: ErrorCells, table: DelimitedText) -> None:
    header, columns, file = table.header, cells.file.columns, cells.file.table
    if len(header) < 2:
        raise _narrow(header)
    named = header.find(columns.task) or 0
    group = header.find(columns.group)
    cells.left_out.update(set(cells.file.exclude) & set(header.names))
    skipped = {named, group, *(header.names.index(name) for name in cells.left_out)}
    models = [(place, name) for place, name in enumerate(header.names) if place not in skipped]
    for line, row in table.rows:
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
            cells.put("error", task, model, _error(cells, row[place], task, model, where))


def _long(cells: ErrorCells, table: DelimitedText) -> None:
    header, columns, file = table.header, cells.file.columns, cells.file.table
    places = {
        name: header.needed(name, "Say in `columns` how task, model, value and scores are called.")
        for name in (columns.task, columns.model, columns.value, *columns.scores)
    }
    constants = {"group": header.find(columns.group), "parameters": header.find(columns.parameters)}
    for line, row in table.rows:
        where = located(file, line)
        task, model = (row[places[name]].strip() for name in (columns.task, columns.model))
        if model in cells.file.exclude:
            cells.left_out.add(model)
            continue
        cells.add(task, model, where)
        value = _error(
            cells,
            row[places[columns.value]],
            task,
            model,
            f"{where}, column {columns.value!r}",
        )
        cells.put("error", task, model, value)
        for score in columns.scores:
            place = f"{where}, column {score!r}"
            number = cells.numbers.cell(
                row[places[score]], f"{score} of {model!r} on {task!r}", place
            )
            cells.put(f"score {score}", task, model, number)
        for what, name in (("group", task), ("parameters", model)):
            if (column := constants[what]) is not None:
                cells.put_constant(what, name, row[column].strip(), where)


def _in_percent(cells: ErrorCells, where: str) -> None:
    """Check that numbers are percent where nobody said so.

    Raises:
        TableError: if all are at most 1, as fractions are.
    """
    if "unit" not in cells.file.model_fields_set and 0 <= cells.largest <= 1:
        raise TableError(
            f"No number in this table is beyond 1 (the largest is {cells.largest:g}), and "
            f"`errors` does not say whether these are fractions: {cells.file.measure} is read in "
            "percent by default.",
            where=where,
            advice="Set `unit: fraction` where 1 is all images, or `unit: percent` where 1 is one "
            "in a hundred; with `measure: accuracy` where more is better.",
        )


def _narrow(header: Header) -> TableError:
    """Return the error of a header with too few columns."""
    return TableError(
        f"The header has {len(header)} column{'s' * (len(header) != 1)}; a column of tasks and one "
        "for each model are needed.",
        where=header.where,
        advice=ADVICE,
    )


def _once(header: Header) -> None:
    if (name := header.repeated()) is not None:
        raise TableError(
            f"The header names the column {name!r} twice.",
            where=header.where,
            advice="Give each model a name of its own.",
        )


def _error(cells: ErrorCells, cell: str, task: str, model: str, where: str) -> float | None:
    """Return an error in percent, or None where nothing was measured."""
    file = cells.file
    value = cells.numbers.cell(cell, f"{file.measure} of {model!r} on {task!r}", where)
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
    cells.largest = max(cells.largest, value)
    return (value if file.measure == "error" else full - value) * 100.0 / full


def _count(cell: str | None, model: str, where: str, numbers: Numbers) -> float | None:
    """Return a number of parameters; None where it is not given."""
    number = numbers.cell(cell, f"number of parameters of {model!r}", where)
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
        _count(cells.constants.get(("parameters", model)), model, where, cells.numbers)
        for model in cells.models
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
