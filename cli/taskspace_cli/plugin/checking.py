"""What `tasks plugin check` is run on, how it gets on, and what it found."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from taskspace.errors import RegistryError
from taskspace.registry import BUILT_IN
from taskspace.registry.names import matching, no_plugin
from taskspace_cli import options
from taskspace_cli.terminal.output import echo

if TYPE_CHECKING:
    from taskspace.testing.attempt import Listener
    from taskspace.testing.plugin import Conformance
    from taskspace.testing.target import Target

_STATUSES = ("passed", "failed", "skipped", "excused")


def target_of(text: str) -> Target:
    """Return the plugin that the user named: a path has a separator; a name goes before a folder.

    Raises:
        InputError: if there is no such plugin, it may not be used, or its tree is no plugin's.
    """
    from taskspace.testing.installed import named_target  # noqa: PLC0415
    from taskspace.testing.source_tree import source_target  # noqa: PLC0415  heavy

    folder = Path(text)
    if os.sep in text or text in (".", ".."):
        return source_target(folder)
    if text == BUILT_IN:
        return named_target(text)
    states = {state.distribution: state for state in options.load_registry().plugins()}
    name = matching(text, states)
    if name is None and folder.is_dir():
        return source_target(folder)
    if name is None:
        raise no_plugin(text, states)
    state = states[name]
    if state.status != "ready":
        remedy = f"What to do: {state.remedy}. " if state.remedy else ""
        raise RegistryError(
            f"It is {state.status}: {state.reason}",
            where=f"plugin {state.title}",
            advice=f"{remedy}Its source tree can be checked all the same: "
            "`tasks plugin check PATH`.",
        )
    return named_target(name)


@contextmanager
def checking(target: Target, *, quiet: bool) -> Iterator[Listener | None]:
    """Give a listener that shows on stderr which check runs, or which component's turn it is."""
    title = f"{target.distribution} {target.version} ({target.origin})"
    if quiet:
        yield None
    elif sys.stderr.isatty():
        yield from _bar(title)
    else:
        echo(f"checking {title}", err=True)
        current = ""

        def say(component: str, check: str, done: int, total: int) -> None:
            nonlocal current
            if component != current:
                current = component
                echo(f"{component}: {done} of {total} checks done", err=True)

        yield say


def _bar(title: str) -> Iterator[Listener]:
    from rich.console import Console  # noqa: PLC0415  for `--help`
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
    )

    columns = (
        BarColumn(20),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}", markup=False),
    )
    console = Console(stderr=True, highlight=False)
    with Progress(*columns, console=console, transient=True) as bar:
        line = bar.add_task(title, total=None)

        def listen(component: str, check: str, done: int, total: int) -> None:
            bar.update(line, description=f"{component} {check}", completed=done, total=total)

        yield listen


def report_lines(report: Conformance) -> Iterator[str]:
    """Yield what people read: a line a component, one for each check that did not pass, totals."""
    if report.failure is not None:
        yield f"{report.target.distribution} cannot be described: {report.failure}"
        return
    for found in report.reports.values():
        yield from str(found).splitlines()
    counts = {status: report.count(status) for status in _STATUSES}
    yield (
        f"{report.target.distribution} {report.target.version} {_verdict(report)}: "
        f"{_counted(len(report.reports), 'component')}, "
        f"{_counted(counts['passed'] + counts['failed'], 'check')} run, "
        f"{counts['skipped']} skipped, {counts['excused']} excused, {counts['failed']} failed."
    )


def _verdict(report: Conformance) -> str:
    """Return whether it conforms; where a component was never called, why not."""
    if not report.ok:
        return "does not conform"
    untried = [
        f"{_counted(len(skipped), 'check')} of {name} {'was' if len(skipped) == 1 else 'were'} "
        f"skipped: {skipped[0].reason.rstrip('.')}"
        for name, found in report.reports.items()
        if (skipped := found.untried)
    ]
    return f"conforms as far as it was tried ({'; '.join(untried)})" if untried else "conforms"


def report_as_json(report: Conformance) -> dict[str, Any]:
    """Return the whole report as plain JSON."""
    return {
        "plugin": report.target.distribution,
        "version": report.target.version,
        "source": report.target.origin,
        "ok": report.ok,
        "failure": report.failure,
        "untried": [name for name, found in report.reports.items() if found.untried],
        "counts": {status: report.count(status) for status in _STATUSES},
        "components": {
            name: [
                {"check": o.check, "status": o.status, "reason": o.reason} for o in found.outcomes
            ]
            for name, found in report.reports.items()
        },
    }


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
