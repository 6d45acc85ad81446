"""Which cells of labels.csv have no value, and which words were taken for that."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from taskspace.components import Finding
from taskspace.errors import DataError
from taskspace.tables import NoNumber, Numbers, is_missing
from taskspace_plugins.datasets.folders._name_column import written_field

_YAML_WORDS = frozenset({"null", "true", "false", "yes", "off"})

Missing = Collection[str] | Mapping[str, Collection[str]] | None
"""What a cell without a value says, beside nothing: in all columns, or in those that are named."""


class MissingCells:
    """Which cells of a column have no value, by the words of the job or else the usual ones.

    Args:
        words: of the column, in any case, and numbers in any form; None for the usual words.
        numbers: how numbers are written in the file.
        text: whether the column holds words even where they look like numbers.
    """

    def __init__(self, words: Collection[str] | None, numbers: Numbers, *, text: bool) -> None:
        self._decimal_comma = numbers.decimal_comma
        self._words = None if words is None else {word.strip().casefold() for word in words} | {""}
        # pandas writes -99 as -99.0 in a column with a gap.
        coded = () if text else words or ()
        self._numbers = {self._number(word) for word in coded} - {None}

    def __call__(self, cell: str) -> bool:
        """Return whether a cell has no value."""
        if self._words is None:
            return is_missing(cell)
        if cell.casefold() in self._words:
            return True
        return bool(self._numbers) and self._number(cell) in self._numbers

    def _number(self, cell: str) -> float | None:
        try:
            return Numbers(decimal_comma=self._decimal_comma).parse(cell)
        except NoNumber:
            return None


def words_of(
    missing: Missing, columns: Collection[str], path: Path
) -> dict[str, Collection[str] | None]:
    """Return what a cell without a value says in each column; None for the usual words.

    Raises:
        DataError: if `missing` names a column that is not there.
    """
    if not isinstance(missing, Mapping):
        return dict.fromkeys(columns, missing)
    words: dict[str, Collection[str] | None] = dict.fromkeys(columns)
    for given, own in missing.items():
        name = written_field(words, given)
        if name not in words:
            raise DataError(
                f"There is no column {name!r}, for which `missing` says what no value is.",
                where=str(path),
                advice=f"Columns: {', '.join(map(repr, columns)) or 'none'}.",
            )
        words[name] = own
    return words


def empty_column(path: Path, name: str, cells: Iterable[str]) -> DataError:
    """Return the error of a column in which no cell has a value."""
    words = sorted({cell for cell in cells if cell})
    said = f": its cells say {', '.join(map(repr, words[:5]))}, which are missing labels"
    way = f" Where these words are classes, set `{kept_words([name])}` in the dataset."
    return DataError(
        f"The column {name!r} has no value for any image{said if words else ''}.",
        where=str(path),
        advice=f"Fill it or remove it.{way if words else ''}",
    )


def missing_findings(file: str, gone: Mapping[str, Counter[str]]) -> Iterator[Finding]:
    """Yield one finding on the words that are no classes although they stand among classes.

    Args:
        file: of labels.
        gone: column to how often each of these words stands there.
    """
    told = {name: words for name, words in gone.items() if words}
    if not told:
        return
    lines = [
        f"{name!r}: {sum(words.values()):,} cell{'s' if sum(words.values()) > 1 else ''}, "
        + ", ".join(f"{word} ({count:,})" for word, count in sorted(words.items())[:5])
        for name, words in told.items()
    ]
    text = (
        f"Words in columns of classes of {file} that usually stand for a missing label were read "
        f"as missing: {'; '.join(lines[:3])}{'; ...' if len(lines) > 3 else ''}. Set "
        f"`{kept_words(list(told))}` in the dataset to keep them as classes."
    )
    yield Finding("labels-missing-words", "warning", text, tuple(lines[3:]))


def kept_words(columns: Sequence[str]) -> str:
    """Return how a job keeps all words of some columns, and those of no other."""
    return f"missing: {{{', '.join(f'{_yaml(name)}: []' for name in columns)}}}"


def _yaml(name: str) -> str:
    plain = re.fullmatch(r"[^\W\d_]\w{2,}", name) and name.lower() not in _YAML_WORDS
    return name if plain else json.dumps(name, ensure_ascii=False)
