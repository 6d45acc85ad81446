"""How far something is that counts: a bar in a terminal, a line every few seconds elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from taskspace_cli.terminal.display import PLAIN_EVERY
from taskspace_cli.terminal.output import echo


@contextmanager
def counting(title: str, what: str, *, quiet: bool) -> Iterator[Callable[[int, int], None] | None]:
    """Give a listener that shows on stderr how far something is."""
    if quiet:
        yield None
    elif sys.stderr.isatty():
        from rich.console import Console  # noqa: PLC0415  for `--help`
        from rich.progress import Progress  # noqa: PLC0415

        with Progress(console=Console(stderr=True), transient=True) as bar:
            line = bar.add_task(title, total=None)
            yield lambda done, total: bar.update(line, completed=done, total=total)
    else:
        last = time.monotonic()

        def say(done: int, total: int) -> None:
            nonlocal last
            if time.monotonic() - last >= PLAIN_EVERY:
                last = time.monotonic()
                echo(f"{title}: {done} of {total} {what}", err=True)

        yield say
