"""Freeing space: results and checkpoints that no run needs, and what a kill left half written."""

from __future__ import annotations

from dataclasses import dataclass

from taskspace.engine.storage.checkpoints import (
    checkpoint_file,
    checkpoint_keys,
    remove_checkpoint,
)
from taskspace.engine.storage.store import Store, erase
from taskspace.engine.storage.stored import StoredResult
from taskspace.engine.storage.storelock import locked, needed_keys
from taskspace.errors import InputError, StoreError


@dataclass(frozen=True)
class Cleaned:
    """What was removed, or would be: results, checkpoints and the bytes of both."""

    results: int
    checkpoints: int
    bytes: int


def collect(store: Store, *, dry_run: bool = False) -> Cleaned:
    """Remove every result that no existing run asked for, and nothing that a store did not write.

    Of the checkpoints those stay whose cell an existing run asked for and that has no result yet.

    Raises:
        InputError: if there is no store.
        RunLocked: if a run uses the store.
        RunError: if what a run needs cannot be seen.
    """
    if not store.is_marked():
        raise InputError(
            "There is no store.",
            where=str(store.root),
            advice="Say where it is with --store DIR or TASKS_STORE; `tasks run JOB` makes one, "
            "and marks one that an earlier version made.",
        )
    store.prepare()
    with locked(store):
        keep = needed_keys(store, forget=not dry_run)
        count = checkpoints = freed = 0
        for key in list(store.keys()):
            if key in keep or not store.holds_only_results(key):
                continue
            count += 1
            freed += _bytes(store.get(key)) if store.has(key) else 0
            if not dry_run:
                store.discard(key)
        for key in checkpoint_keys(store):
            if key in keep and not store.has(key):
                continue
            checkpoints += 1
            freed += checkpoint_file(store, key).lstat().st_size
            if not dry_run:
                remove_checkpoint(store, key)
        if not dry_run:
            for draft in store.drafts():
                erase(draft)
    return Cleaned(count, checkpoints, freed)


def _bytes(result: StoredResult) -> int:
    try:
        return result.bytes
    except StoreError:
        return 0
