"""Freeing space: results that no run needs, and what a kill left half written."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from taskspace.engine.rundir import RunFolder
from taskspace.engine.store import Store, StoredResult
from taskspace.engine.storelock import alone, needed_keys
from taskspace.errors import ArtifactDamaged


@dataclass(frozen=True)
class Cleaned:
    """What was removed, or would be: results and bytes."""

    results: int
    bytes: int


def collect(store: Store, *, dry_run: bool = False) -> Cleaned:
    """Remove every result that no existing run asked for.

    Raises:
        RunLocked: if a run uses the store.
    """
    store.prepare()
    with alone(store):
        keep = needed_keys(store)
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
                shutil.rmtree(draft, ignore_errors=True)
    return Cleaned(count, freed)


def remove_run(folder: RunFolder) -> Path:
    """Remove a run's folder; its results stay in the store until they are collected.

    Raises:
        RunLocked: if it is being executed.
    """
    with folder.locked():
        away = folder.path.with_name(f".removed-{folder.name}")
        folder.path.rename(away)
    shutil.rmtree(away)
    return folder.path


def _bytes(result: StoredResult) -> int:
    try:
        return result.bytes
    except ArtifactDamaged:
        return 0
