"""The golden files: numbers of each job, and the name and seed of every cell."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from golden_numbers import golden_numbers, laid_out
from golden_run import GoldenRun

HERE = Path(__file__).parent
CELLS = HERE / "cells.txt"
UNSEEDED = "-"


def stored_numbers(job: str) -> Any:
    """Return the golden numbers of a job."""
    return json.loads(_results(job).read_text(encoding="utf-8"))


def stored_cells(job: str) -> list[str]:
    """Return the lines of a job's cells."""
    return _sections().get(job, [])


def cell_lines(run: GoldenRun) -> list[str]:
    """Return a line for each cell: its name and its seed."""
    return [f"{name} {UNSEEDED if seed is None else seed}" for name, seed in run.seeds]


def write(job: str, run: GoldenRun) -> None:
    """Store the numbers of a run and its cells."""
    _results(job).parent.mkdir(exist_ok=True)
    _results(job).write_text(laid_out(golden_numbers(run)) + "\n", encoding="utf-8")
    sections = _sections() | {job: cell_lines(run)}
    lines = [line for name in sorted(sections) for line in (f"[{name}]", *sections[name], "")]
    CELLS.write_text("\n".join(lines), encoding="utf-8")


def forget_others(jobs: list[str]) -> None:
    """Remove what is stored of jobs that are no more."""
    for path in (HERE / "results").glob("*.json"):
        if path.stem not in jobs:
            path.unlink()


def _results(job: str) -> Path:
    return HERE / "results" / f"{job}.json"


def _sections() -> dict[str, list[str]]:
    sections: dict[str, list[str]] = {}
    for line in CELLS.read_text(encoding="utf-8").splitlines() if CELLS.exists() else []:
        if line.startswith("["):
            lines = sections[line.strip("[]")] = []
        elif line:
            lines.append(line)
    return sections
