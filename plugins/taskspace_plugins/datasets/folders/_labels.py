"""`labels.csv`: one row an image, one column a field."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from taskspace.components import Finding
from taskspace.errors import DataError
from taskspace_plugins.datasets.columns._cells import LabelCell, column_of
from taskspace_plugins.datasets.columns._column import LabelColumn, classes_of
from taskspace_plugins.datasets.folders._label_rows import read_rows
from taskspace_plugins.datasets.folders._missing_cells import (
    Missing,
    MissingCells,
    empty_column,
    missing_findings,
    words_of,
)
from taskspace_plugins.datasets.folders._name_column import written_field
from taskspace_plugins.datasets.folders._row_images import LabelRow

NAME = "labels.csv"


@dataclass(frozen=True)
class LabelTable:
    """The fields of labels.csv, in the order of its columns, and what a reader must know of it."""

    columns: Mapping[str, LabelColumn]
    findings: tuple[Finding, ...] = ()


def check_words(words: Sequence[str], labels: Mapping[str, LabelColumn]) -> None:
    """Check that each of these is a field of classes.

    Raises:
        DataError: if one is not.
    """
    classes = [name for name, column in labels.items() if column.classes is not None]
    for name in words:
        if name not in classes:
            raise DataError(
                f"There is no field of words {name!r}; there are "
                f"{', '.join(map(repr, classes)) or 'none'}.",
                where="dataset image_folder: words",
                advice=f"Name columns of {NAME}, or `class` where there are subfolders.",
            )


def read_labels(
    path: Path,
    images: Sequence[str],
    words: Collection[str] = (),
    missing: Missing = None,
    left_out: Collection[str] = (),
    others: Collection[str] = (),
    *,
    skip_unknown: bool = False,
) -> LabelTable:
    """Return the fields of a labels file.

    One column names the images. Another one holds numbers where all its cells are numbers, else
    words, which are classes. Blank cells, cells that say that there is no value (`NA`, `?`) and
    images without a row are missing labels.

    Args:
        path: of the file.
        images: names of images relative to its folder, with `/` between folders.
        words: columns that hold words even where they look like numbers, in any case.
        missing: what a cell without a value says, beside nothing, in any case, and numbers in
            any form; for all columns, or by column. What `taskspace.tables` lists for the others.
        left_out: those of the images whose rows count for nothing.
        others: names of files beside the images that are not read: their rows are left out.
        skip_unknown: whether rows about files that are not there are left out.

    Raises:
        DataError: if it is unreadable, has no header, an unusable column name, rows of the wrong
            length, rows for unknown images that are not left out, two rows for one image, an
            empty column, or none that `missing` names.
    """
    rows = read_rows(path, images, tuple(words), others, skip_unknown=skip_unknown)
    texts = {written_field(rows.fields, name) for name in words}
    missing_words = words_of(missing, rows.fields, path)
    none = set(left_out)
    by_image = [rows.by_image.get(image) for image in images if image not in none]
    columns: dict[str, LabelColumn] = {}
    gone: dict[str, Counter[str]] = {}
    mixed: dict[str, str] = {}
    for name, place in rows.fields.items():
        says_nothing = MissingCells(missing_words[name], rows.numbers, text=name in texts)
        cells = [
            None
            if row is None or says_nothing(row.cells[place])
            else LabelCell(row.cells[place], row.line)
            for row in by_image
        ]
        if not any(cells):
            raise empty_column(path, name, [row.cells[place] for row in by_image if row])
        if name in texts:
            columns[name] = classes_of(
                [None if cell is None else cell.text for cell in cells],
                "the dataset's parameters say that it holds words",
            )
        else:
            columns[name], odd = column_of(cells, lambda n: f"{NAME}:{n}", rows.numbers)
            mixed |= {name: odd} if odd else {}
        if columns[name].classes is not None:
            gone[name] = _missing_words(by_image, cells, place)
    return LabelTable(columns, (*rows.findings, *missing_findings(NAME, gone), *_mixed(mixed)))


def _missing_words(
    rows: Sequence[LabelRow | None], cells: Sequence[LabelCell | None], place: int
) -> Counter[str]:
    return Counter(
        row.cells[place]
        for row, cell in zip(rows, cells, strict=True)
        if row is not None and cell is None and row.cells[place]
    )


def _mixed(mixed: Mapping[str, str]) -> tuple[Finding, ...]:
    return tuple(
        Finding(
            "labels-mixed-column",
            "warning",
            f"The column {name!r} of {NAME} was read as classes, although {odd}.",
        )
        for name, odd in mixed.items()
    )
