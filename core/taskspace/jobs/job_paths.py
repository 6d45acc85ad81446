"""The files and folders that a job names: where it names them, and which are not there."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from taskspace.jobs.codes import Code
from taskspace.jobs.findings import Findings
from taskspace.jobs.load import LoadedJob
from taskspace.jobs.schemas.checker import SchemaChecker
from taskspace.jobs.schemas.component_schema import study_schema
from taskspace.jobs.schemas.survey import survey
from taskspace.jobs.text.places import Steps
from taskspace.registry import Registry


class JobPaths(NamedTuple):
    """What a job names of the disk.

    Attributes:
        paths: every path, absolute, by the steps to where the job names it.
        runs: steps to what names a run, by its name or by a path.
    """

    paths: dict[Steps, Path]
    runs: list[Steps]


def job_paths(loaded: LoadedJob, catalogue: Registry) -> JobPaths:
    """Return the paths of a job, and what else of it lies on the disk."""
    schema = study_schema(type(loaded.job).model_json_schema(), loaded.job.study)
    found = survey(loaded.root, schema, SchemaChecker(catalogue))
    return JobPaths({steps: Path(path) for steps, path in found.paths.items()}, found.runs)


def check_paths(loaded: LoadedJob, paths: Mapping[Steps, Path]) -> None:
    """Check that what a job names by its paths is there; nothing is opened.

    Raises:
        JobInvalid: with every path that leads nowhere, at its place in the job.
    """
    findings = Findings()
    for steps, path in paths.items():
        if not path.exists():
            message = f"There is no file or folder {path}.{_unexpanded(path)}"
            findings.add(Code.NO_SUCH_FILE, message, loaded.locate(steps), steps)
    if findings:
        raise findings.error()


def _unexpanded(path: Path) -> str:
    """Return what is not done to a path that seems to expect it."""
    text = str(path)
    if "$" in text or text.count("%") > 1:
        return " Variables such as $HOME are not expanded in jobs: write the folder itself."
    if "~" in text:
        return " A `~` stands for a home where a path begins with it, and is a name elsewhere."
    if "\\" in text and os.sep == "/":
        return " A backslash is part of a name on this system: write `/` between folders."
    wild = any(sign in text for sign in "*?[")
    return " Patterns such as *.jpg are not expanded: name the folder." if wild else ""
