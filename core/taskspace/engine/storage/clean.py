"""Freeing space: results that no run needs, and what a kill left half written."""

from __future__ import annotations

from dataclasses import dataclass

from taskspace.engine.storage.store import Store, erase
from taskspace.engine.storage.stored import StoredResult
from taskspace.engine.storage.storelock import alone, needed_keys
from taskspace.errors import InputError, StoreError


@dataclass(frozen=True)
class Cleaned:
    """What was removed, or would be: results and bytes."""

    results: int
    bytes: int


def collect(store: Store, *, dry_run: bool = False) -> Cleaned:
    """Remove every result that no existing run asked for, and nothing that a store did not write.

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
    with alone(store):
        keep = needed_keys(store, forget=not dry_run)
        count = freed = 0
        for key in list(store.keys()):
            if key in keep or not store.holds_only_results(key):
                continue
            count += 1
            freed += _bytes(store.get(key)) if store.has(key) else 0
            if not dry_run:
                store.discard(key)
        if not dry_run:
            for draft in store.drafts():
                erase(draft)
    return Cleaned(count, freed)


def _bytes(result: StoredResult) -> int:
    try:
        return result.bytes
    except StoreError:
        return 0
