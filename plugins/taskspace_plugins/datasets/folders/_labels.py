"""`labels.csv`: one row an image, one column a field."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from taskspace.components import Finding
from taskspace.errors import DataError
from taskspace.tables import NoNumber, Numbers, is_missing
from taskspace_plugins.datasets.columns._cells import LabelCell, column_of
from taskspace_plugins.datasets.columns._column import LabelColumn, classes_of
from taskspace_plugins.datasets.folders._label_rows import read_rows
from taskspace_plugins.datasets.folders._row_images import LabelRow

NAME = "labels.csv"


@dataclass(frozen=True)
class LabelTable:
    """The fields of labels.csv, in the order of its columns, and what a reader must know of it."""

    columns: Mapping[str, LabelColumn]
    findings: tuple[Finding, ...] = ()


def written_field(names: Iterable[str], wanted: str) -> str:
    """Return the one of the names that is meant: as it is written, else in another case."""
    listed = list(names)
    alike = [name for name in listed if name.casefold() == wanted.casefold()]
    return alike[0] if wanted not in listed and len(alike) == 1 else wanted


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
    missing: Collection[str] | None = None,
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
            any form; what `taskspace.tables` lists where this is None.
        left_out: those of the images whose rows count for nothing.
        others: names of files beside the images that are not read: their rows are left out.
        skip_unknown: whether rows about files that are not there are left out.

    Raises:
        DataError: if it is unreadable, has no header, an unusable column name, rows of the wrong
            length, rows for unknown images that are not left out, two rows for one image, or an
            empty column.
    """
    rows = read_rows(path, images, tuple(words), others, skip_unknown=skip_unknown)
    says_nothing = _MissingCells(missing, rows.numbers)
    texts = {written_field(rows.fields, name) for name in words}
    none = set(left_out)
    by_image = [rows.by_image.get(image) for image in images if image not in none]
    columns: dict[str, LabelColumn] = {}
    gone: dict[str, Counter[str]] = {}
    mixed: dict[str, str] = {}
    for name, place in rows.fields.items():
        cells = [
            None
            if row is None or says_nothing(row.cells[place], text=name in texts)
            else LabelCell(row.cells[place], row.line)
            for row in by_image
        ]
        if not any(cells):
            raise _empty(path, name, [row.cells[place] for row in by_image if row and row.cells])
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
    return LabelTable(columns, (*rows.findings, *_missing(gone), *_mixed(mixed)))


class _MissingCells:
    """Which cells have no value, by the words of the job or else the usual ones."""

    def __init__(self, words: Collection[str] | None, numbers: Numbers) -> None:
        self._decimal_comma = numbers.decimal_comma
        self._words = None if words is None else {word.strip().casefold() for word in words} | {""}
        # pandas writes -99 as -99.0 in a column with a gap.
        self._numbers = {self._number(word) for word in words or ()} - {None}

    def __call__(self, cell: str, *, text: bool) -> bool:
        if self._words is None:
            return is_missing(cell)
        if cell.casefold() in self._words:
            return True
        return not text and bool(self._numbers) and self._number(cell) in self._numbers

    def _number(self, cell: str) -> float | None:
        try:
            return Numbers(decimal_comma=self._decimal_comma).parse(cell)
        except NoNumber:
            return None


def _missing_words(
    rows: Sequence[LabelRow | None], cells: Sequence[LabelCell | None], place: int
) -> Counter[str]:
    return Counter(
        row.cells[place]
        for row, cell in zip(rows, cells, strict=True)
        if row is not None and cell is None and row.cells[place]
    )


def _empty(path: Path, name: str, cells: Sequence[str]) -> DataError:
    words = sorted({cell for cell in cells if cell})
    said = f": its cells say {', '.join(map(repr, words[:5]))}, which are missing labels"
    return DataError(
        f"The column {name!r} has no value for any image{said if words else ''}.",
        where=str(path),
        advice="Fill it or remove it."
        + (" Where these words are classes, set `missing: []` in the dataset." if words else ""),
    )


def _missing(gone: Mapping[str, Counter[str]]) -> tuple[Finding, ...]:
    """Return one finding on the words that are no classes although they stand among classes."""
    lines = [
        f"{name!r}: {sum(words.values()):,} cells, "
        + ", ".join(f"{word} ({count:,})" for word, count in sorted(words.items())[:5])
        for name, words in gone.items()
        if words
    ]
    if not lines:
        return ()
    text = (
        f"Words in columns of classes of {NAME} that usually stand for a missing label were read "
        f"as missing: {'; '.join(lines[:3])}{'; ...' if len(lines) > 3 else ''}. Set `missing: []` "
        "in the dataset to keep them as classes."
    )
    return (Finding("labels-missing-words", "warning", text, tuple(lines[3:])),)


def _mixed(mixed: Mapping[str, str]) -> tuple[Finding, ...]:
    return tuple(
        Finding(
            "labels-mixed-column",
            "warning",
            f"The column {name!r} of {NAME} was read as classes, although {odd}.",
        )
        for name, odd in mixed.items()
    )
