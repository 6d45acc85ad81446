"""The folder of runs: which folders in it are runs, and which one a name means."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from taskspace.engine.folders.run_files import LOCK, MANIFEST, NAME
from taskspace.engine.folders.rundir import RunFolder
from taskspace.engine.own_files import is_own_file, is_own_folder, read_own
from taskspace.engine.refusal import run_explained
from taskspace.errors import NotFound, RunError


def is_run(path: Path) -> bool:
    """Return whether a folder is a run of ours, whatever is damaged in it.

    It is one by its name with a lock that we wrote, or by a sound manifest. Links and hidden
    folders are none. One that may not be looked into counts by its name alone.
    """
    if path.name.startswith("."):
        return False
    try:
        if not is_own_folder(path):
            return False
        if NAME.fullmatch(path.name) and is_own_file(path / LOCK):
            pid = read_own(path / LOCK)
            if not pid.strip() or pid.isdigit():
                return True
        RunFolder(path).read_json(MANIFEST)
    except NotFound:
        return False
    except (OSError, RunError):
        return NAME.fullmatch(path.name) is not None
    return True


def run_folders(runs: Path) -> list[RunFolder]:
    """Return the runs in a folder, the latest first.

    Raises:
        RunError: if the folder may not be read.
    """
    with run_explained("The folder of runs", runs, "read"):
        try:
            names = os.listdir(runs)  # noqa: PTH208  `iterdir` says nothing until it is asked
        except (FileNotFoundError, NotADirectoryError):
            return []
    dated = []
    for name in names:
        if is_run(runs / name):
            with suppress(FileNotFoundError):  # removed since it was listed
                dated.append((_written(runs / name), runs / name))
    return [RunFolder(path) for _, path in sorted(dated, reverse=True)]


def _written(folder: Path) -> float:
    try:
        return (folder / MANIFEST).lstat().st_mtime
    except (FileNotFoundError, PermissionError):
        return folder.lstat().st_mtime


def runs_named(runs: Path, name: str) -> list[RunFolder]:
    """Return what a name means, the latest first: a run, its folder, or all runs of one job.

    The name of a job may be cut short. Where its whole name was given, jobs with longer names are
    not meant.

    Raises:
        NotFound: if there is none, or there are runs of several jobs or the cut is in the part
            that tells runs of one job apart; names them.
    """
    folders = run_folders(runs)
    found = [folder for folder in folders if folder.name == name]
    if not found and name and os.path.isdir(name):  # noqa: PTH112  no error for names that are no paths
        path = Path(name).resolve()
        found = [f for f in folders if f.path.resolve() == path]
        if not found and is_run(path):
            found = [RunFolder(path)]
    if not found and name:
        begun = [folder for folder in folders if folder.name.startswith(name)]
        found = [folder for folder in begun if _job_name(folder) == name] or begun
    jobs = {_job_name(folder) for folder in found}
    if len(found) == 1 or (len(jobs) == 1 and next(iter(jobs)).startswith(name)):
        return found
    if found:
        raise _ambiguous(runs, name, found)
    names = ", ".join(folder.name for folder in folders[:8])
    advice = f"There are: {names}." if folders else "There are none; `tasks run JOB` makes one."
    raise NotFound(f"There is no run {name!r}.", where=str(runs), advice=advice)


def find_run(runs: Path, name: str) -> RunFolder:
    """Return the one run that a name means, see `runs_named`.

    Raises:
        NotFound: if there is none, or more than one; names them.
    """
    found = runs_named(runs, name)
    if len(found) > 1:
        raise _ambiguous(runs, name, found)
    return found[0]


def _job_name(folder: RunFolder) -> str:
    return folder.name.rpartition("-")[0]


def _ambiguous(runs: Path, name: str, found: list[RunFolder]) -> NotFound:
    names = ", ".join(folder.name for folder in found[:8])
    return NotFound(
        f"{name!r} names {len(found)} runs: {names}.", where=str(runs), advice="Name one of them."
    )
