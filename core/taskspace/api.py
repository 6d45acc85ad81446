"""taskspace from Python: run a job, look at what it found."""

from __future__ import annotations

import html
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from taskspace.components import Finding
from taskspace.components.page import Table
from taskspace.engine.run import Place, RunOutcome, execute
from taskspace.jobs import load_job, read_reference
from taskspace.registry import Registry
from taskspace.registry.cautions import cautions
from taskspace.registry.oldapi import Notice
from taskspace.report import write_run_report

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Run:
    """A run that ended; shows as tables in a notebook.

    Attributes:
        result: the whole result, as `tasks show RUN --json` prints it.
        folder: with manifest, result, journal and report.
    """

    result: Mapping[str, Any]
    tables: tuple[Table, ...]
    findings: tuple[Finding, ...]
    folder: Path
    report: Path

    def frame(self, name: str) -> pd.DataFrame:
        """Return a part of the result that is a list of records (`policies`, `transfers`).

        Raises:
            ModuleNotFoundError: if pandas is not installed.
            KeyError: if the result has no such part.
        """
        import pandas as pd  # noqa: PLC0415  optional

        return pd.DataFrame.from_records(self.result[name])

    def _repr_html_(self) -> str:
        """Return the findings and the tables, for notebooks."""
        parts = [_finding(found) for found in self.findings]
        for table in self.tables:
            head = "".join(f"<th>{html.escape(column)}</th>" for column in table.columns)
            rows = "".join(
                "<tr>" + "".join(f"<td>{html.escape(_text(v, table))}</td>" for v in row) + "</tr>"
                for row in table.rows
            )
            parts.append(f"<table><tr>{head}</tr>{rows}</table>")
        return "".join(parts)


def run(
    job: Path | str | Mapping[str, Any],
    *,
    overrides: Sequence[str] = (),
    until: str | None = None,
    executor: str | Mapping[str, Any] = "local",
    workers: int | None = None,
    device: str = "cpu",
    store: Path | str = ".taskspace/store",
    runs: Path | str = "runs",
    plugins: bool = True,
    frozen: bool = False,
    blocked: Sequence[str] = (),
) -> Run:
    """Run a job file, or a job as a mapping, as `tasks run` does.

    The environment variables of the command do not count here.

    Args:
        job: the path of a job file, or a mapping.
        overrides: as of `--set`.
        until: the last stage; None for all.
        executor: who computes: a name, or `{"use": NAME, parameter: value}`.
        workers: how many at once; None for as many as is sensible.
        device: as torch names it.
        store: where results of cells are kept.
        runs: where runs have their folders.
        plugins: False for what is built in alone.
        frozen: True to refuse plugins that are not pinned, as `--frozen` does.
        blocked: plugins that must not be imported, by name or by its short form.

    Warns:
        UserWarning: of a plugin that registry.toml wants used and that cannot be.
        FutureWarning: at the line of a plugin in use that the next api ends.

    Raises:
        JobInvalid: with every mistake in the job, or in `executor`.
        RunError: if the run fails as a whole; a failed cell is in `result["missing"]`.
    """
    registry = Registry.load(plugins=plugins, frozen=frozen, blocked=blocked)
    source = Path(job) if isinstance(job, str) else job
    loaded = load_job(source, overrides=overrides, catalogue=registry)
    place = Place(
        store=Path(store),
        runs=Path(runs),
        executor=read_reference(executor, "executor", "executor", registry),
        workers=workers,
        device=device,
    )
    _warn(cautions(registry, [*loaded.components.values(), place.executor], loaded.job.study))
    return _run(execute(loaded, place, registry, until=until), registry)


def _warn(notices: Sequence[Notice]) -> None:
    for notice in notices:
        if notice.file is None:
            warnings.warn(notice.text, UserWarning, stacklevel=3)
        else:
            # At the plugin's own line, which is where something has to change.
            warnings.warn_explicit(notice.text, FutureWarning, notice.file, notice.line)


def _run(outcome: RunOutcome, registry: Registry) -> Run:
    report = write_run_report(outcome.folder, registry)
    answer = outcome.answer
    return Run(outcome.result, answer.tables, answer.findings, outcome.folder.path, report)


def _finding(found: Finding) -> str:
    details = "".join(f"<li>{html.escape(line)}</li>" for line in found.details)
    text = html.escape(found.line())
    return f"<p>{text}</p>" + (f"<ul>{details}</ul>" if details else "")


def _text(value: object, table: Table) -> str:
    return f"{value:.{table.digits}f}" if isinstance(value, float) else str(value)
