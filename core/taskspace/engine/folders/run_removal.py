"""Removing a run: its folder, and nothing that a run did not write."""

from __future__ import annotations

import os
import re
import uuid
from pathlib import Path

from taskspace.engine.folders.run_files import FILES
from taskspace.engine.folders.rundir import RunFolder
from taskspace.engine.folders.runs_folder import is_run
from taskspace.engine.refusal import run_explained
from taskspace.errors import InputError

DRAFT = re.compile(rf"\.({'|'.join(map(re.escape, FILES))})-[0-9a-f]{{32}}")
"""What a kill leaves of a file that was being written."""
REMOVED = ".removed-"


def remove_run(runs: Path, folder: RunFolder) -> Path:
    """Remove a run's folder; its results stay in the store until they are collected.

    Raises:
        InputError: if the folder is no run directly below `runs`, or holds what no run writes.
        RunLocked: if it is being executed.
        RunError: if the system refuses; says what is left.
    """
    _refuse_others(runs, folder)
    away = folder.path.with_name(f"{REMOVED}{folder.name}-{uuid.uuid4().hex}")
    with folder.locked():
        _refuse_strangers(folder)
        with run_explained("The run's folder", folder.path, "removed"):
            folder.path.rename(away)
    with run_explained("The run's folder", away, "removed"):
        _delete(away)
    _finish_earlier(folder)
    return folder.path


def _refuse_others(runs: Path, folder: RunFolder) -> None:
    with run_explained("The run's folder", folder.path, "removed"):
        is_below = folder.path.resolve().parent == runs.resolve()
    if not is_below:
        raise InputError(
            f"It is not in the folder of runs, {runs}, and is left as it is.",
            where=str(folder.path),
            advice=f"Say which folder of runs is meant: --runs {folder.path.parent}.",
        )
    if not is_run(folder.path):
        raise InputError(
            "It is no run, and is left as it is.",
            where=str(folder.path),
            advice="`tasks runs` lists the runs.",
        )


def _refuse_strangers(folder: RunFolder) -> None:
    with run_explained("The run's folder", folder.path, "removed"):
        strangers = sorted(
            entry.name
            for entry in os.scandir(folder.path)
            if entry.is_dir(follow_symlinks=False) or not _is_ours(entry.name)
        )
    if strangers:
        names = ", ".join(strangers[:5]) + (", ..." if len(strangers) > 5 else "")
        raise InputError(
            f"The run's folder holds what no run writes: {names}. Nothing was removed.",
            where=str(folder.path),
            advice="Move it elsewhere, then remove the run again.",
        )


def _is_ours(name: str) -> bool:
    return name in FILES or DRAFT.fullmatch(name) is not None


def _delete(away: Path) -> None:
    """Delete what a run writes, then the folder; raises OSError if something else came into it."""
    for entry in list(os.scandir(away)):
        if _is_ours(entry.name):
            Path(entry.path).unlink()
    away.rmdir()


def _finish_earlier(folder: RunFolder) -> None:
    """Remove what interrupted removals of this run left."""
    left = re.compile(re.escape(f"{REMOVED}{folder.name}-") + "[0-9a-f]{32}")
    with run_explained("What is left of the run", folder.path, "removed"):
        for entry in list(os.scandir(folder.path.parent)):
            if left.fullmatch(entry.name) and entry.is_dir(follow_symlinks=False):
                _delete(Path(entry.path))
