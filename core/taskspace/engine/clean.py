"""Freeing space: results that no run needs, and what a kill left half written."""

from __future__ import annotations

import shutil
import uuid
from dataclasses import dataclass
from pathlib import Path

from taskspace.engine.rundir import RunFolder
from taskspace.engine.store import Store, StoredResult, erase
from taskspace.engine.storelock import alone, needed_keys
from taskspace.errors import ArtifactDamaged, InputError, RunError


@dataclass(frozen=True)
class Cleaned:
    """What was removed, or would be: results and bytes."""

    results: int
    bytes: int


def collect(store: Store, *, dry_run: bool = False) -> Cleaned:
    """Remove every result that no existing run asked for.

    Raises:
        InputError: if there is no store.
        RunLocked: if a run uses the store.
        RunError: if what a run needs cannot be seen.
    """
    if not (store.root / "objects").is_dir():
        raise InputError(
            "There is no store.",
            where=str(store.root),
            advice="Say where it is with --store DIR or TASKS_STORE; `tasks run JOB` makes one.",
        )
    store.prepare()
    with alone(store):
        keep = needed_keys(store, forget=not dry_run)
        count = freed = 0
        for key in list(store.keys()):
            if key in keep:
                continue
            count += 1
            freed += _bytes(store.get(key)) if store.has(key) else 0
            if not dry_run:
                store.discard(key)
        if not dry_run:
            for draft in (store.root / "writing").iterdir():
                erase(draft)
    return Cleaned(count, freed)


def remove_run(folder: RunFolder) -> Path:
    """Remove a run's folder; its results stay in the store until they are collected.

    Raises:
        RunLocked: if it is being executed.
        RunError: if the system refuses; says what is left.
    """
    away = folder.path.with_name(f".removed-{folder.name}-{uuid.uuid4().hex}")
    try:
        with folder.locked():
            folder.path.rename(away)
        shutil.rmtree(away)
    except OSError as error:
        left = away if away.exists() else folder.path
        raise RunError(
            f"The run's folder cannot be removed: {error.strerror or error}.",
            where=str(left),
            advice=f"Make it writable and delete {left}.",
        ) from error
    # Those that an interrupted removal left.
    for rest in folder.path.parent.glob(f".removed-{folder.name}-*"):
        erase(rest)
    return folder.path


def _bytes(result: StoredResult) -> int:
    try:
        return result.bytes
    except ArtifactDamaged:
        return 0
