"""Tables and progress in the terminal; plain lines where there is none."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

from taskspace_cli.terminal.output import echo
from taskspace_cli.terminal.streams import visible

if TYPE_CHECKING:
    from rich.console import Console

    from taskspace.components import Finding
    from taskspace.components.page import Scalar, Table
    from taskspace.engine.events import Event

PLAIN_EVERY = 5.0
"""Seconds between two plain lines where there is no terminal."""
WIDTH_WITHOUT_TERMINAL = 120
WIDEST_CELL = 30
GAP = 2
"""After a column: a space of its padding, and one of the table's frame."""


def print_tables(tables: Sequence[Table], findings: Sequence[Finding]) -> None:
    """Print tables, and below them what a reader must know."""
    from rich.console import Console  # noqa: PLC0415  for `--help`

    console = Console(highlight=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = WIDTH_WITHOUT_TERMINAL
    for table in tables:
        if not table.rows:
            console.print(visible(table.caption), markup=False)
            continue
        for part in _parts(table, console.width):
            console.print(_rich_table(table, part))
        if table.caption:
            console.print(visible(table.caption), style="table.caption", markup=False)
    print_findings(console, findings)


def print_findings(console: Console, findings: Sequence[Finding]) -> None:
    """Print what a reader must know, each with its details below it."""
    for found in findings:
        style = "yellow" if found.tone == "warning" else ""
        console.print(visible(found.line()), style=style, markup=False)
        for line in found.details:
            console.print(f"  {visible(line)}", style=style, markup=False)


def _parts(table: Table, width: int) -> Iterator[Sequence[int]]:
    """Yield columns that fit beside each other, all of them in turn, the keys in each part."""
    needed = [_least_width(table, index) + GAP for index in range(len(table.columns))]
    keys, others = range(table.keys), range(table.keys, len(table.columns))
    room = width - 1 - sum(needed[index] for index in keys)
    part: list[int] = []
    for index in others:
        if part and sum(needed[i] for i in (*part, index)) > room:
            yield [*keys, *part]
            part = []
        part.append(index)
    yield [*keys, *part]


def _least_width(table: Table, index: int) -> int:
    """Return the width of a column that holds names and numbers.

    Of one that holds lists or sentences it is that of the longest word: they break between words.
    """
    cells = [_shown(row[index], table.digits) for row in table.rows]
    cells.append(visible(table.columns[index]))
    whole = max(map(len, cells))
    if whole <= WIDEST_CELL:
        return whole
    return min(max(len(word) for cell in cells for word in cell.split()), WIDEST_CELL)


def _rich_table(table: Table, columns: Sequence[int]) -> object:
    from rich import box  # noqa: PLC0415
    from rich.table import Table as RichTable  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    drawn = RichTable(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    for index in columns:
        numeric = all(isinstance(row[index], int | float | None) for row in table.rows)
        side: Literal["left", "right"] = "right" if numeric else "left"
        least = _least_width(table, index)
        title = Text(visible(table.columns[index]))
        drawn.add_column(title, justify=side, min_width=least, overflow="fold")
    for row in table.rows:
        drawn.add_row(*(Text(_shown(row[index], table.digits)) for index in columns))
    return drawn


def _shown(value: Scalar, digits: int) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.{digits}f}" if value != int(value) else f"{value:.0f}"
    return visible(str(value))


@contextmanager
def progress(*, quiet: bool = False) -> Iterator[Callable[[Event], None]]:
    """Give a listener that shows what is done, how fast, and what is left, on stderr."""
    if quiet:
        yield lambda event: None
    elif sys.stderr.isatty():
        yield from _bar()
    else:
        yield _PlainLines()


def _bar() -> Iterator[Callable[[Event], None]]:
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        MofNCompleteColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    console = Console(stderr=True, highlight=False)
    columns = (
        SpinnerColumn("dots" if console.encoding.startswith("utf") else "line"),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=False) as bar:
        stage = None
        troubles = _Troubles()

        def listen(event: Event) -> None:
            nonlocal stage
            match event.kind:
                case "stage":
                    stage = bar.add_task(visible(event.subject), total=event.count)
                case "stored" if stage is not None:
                    bar.update(stage, completed=event.count)
                case "done" | "failed" | "blocked" if stage is not None:
                    bar.advance(stage)
            if (line := troubles.line(event)) is not None:
                console.print(visible(line), style="yellow", markup=False)

        yield listen


class _PlainLines:
    """A line at each stage, every few seconds, and for each trouble."""

    def __init__(self) -> None:
        self._last = time.monotonic()
        self._stage = ""
        self._troubles = _Troubles()
        self._total = self._done = 0

    def __call__(self, event: Event) -> None:
        match event.kind:
            case "stage":
                self._stage, self._total, self._done = event.subject, event.count, 0
            case "stored":
                self._done = event.count
                self._say(f"{self._total} cells, {event.count} stored already")
            case "done" | "failed" | "blocked":
                self._done += 1
                if time.monotonic() - self._last >= PLAIN_EVERY:
                    self._say(f"{self._done} of {self._total}")
        if (line := self._troubles.line(event)) is not None:
            self._say(line)

    def _say(self, text: str) -> None:
        self._last = time.monotonic()
        echo(f"{self._stage}: {text}" if self._stage else text, err=True)


class _Troubles:
    """Lines for what went wrong; a reason that stops several cells is told with the first."""

    def __init__(self) -> None:
        self._reasons: set[str] = set()

    def line(self, event: Event) -> str | None:
        """Return what to print of an event; None where nothing went wrong, or it was told."""
        if event.kind != "failed":
            return _trouble(event)
        if event.message in self._reasons:
            return None
        self._reasons.add(event.message)
        return f"failed: {event.message}"


def _trouble(event: Event) -> str | None:
    match event.kind:
        case "finding":
            return event.message
        case "damaged":
            return f"damaged, computed again: {event.subject} ({event.message})"
        case "unsaved":
            return (
                f"no checkpoint could be written, so a kill would have lost the training: "
                f"{event.subject} ({event.message})"
            )
        case "lost":
            return f"tried again: {event.subject} ({event.message})"
    return None
