"""What a worker does with an assignment, in whatever process an executor gave it."""

from __future__ import annotations

import errno
import json
import os
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from taskspace.components import (
    Assignment,
    Cell,
    Component,
    ComponentSpec,
    Report,
    Result,
    Stored,
    Workplace,
)
from taskspace.components.exchanged.cell import ComponentT
from taskspace.components.exchanged.device import require_device
from taskspace.engine.keys import component_digest
from taskspace.engine.refusal import reason
from taskspace.engine.storage.checkpoints import StoredCheckpoint, remove_checkpoint
from taskspace.engine.storage.store import Store
from taskspace.engine.storage.stored import StoredResult
from taskspace.errors import ArtifactDamaged, CellError, DataError, StoreError, TaskspaceError
from taskspace.registry import AllowedPlugins, Registry
from taskspace.registry.activation import imported_function

PERFORM = f"{__name__}:perform"


def perform(assignment: Assignment, workplace: Workplace) -> Iterator[Report]:
    """Compute the cells of an assignment, store each under its key, and report on each once."""
    number = assignment.number
    open_cells = list(assignment.cells)
    try:
        registry = _registry(workplace)
        if registry.digest != workplace.registry:
            raise StoreError(
                "The plugins here are not those the run was planned with.",
                where=f"registry {registry.digest[:12]}, run {workplace.registry[:12]}",
                advice="Install the same plugins on every machine, or do not change them while "
                "a run is under way.",
            )
        require_device(workplace.device)
        store = Store(workplace.store)
        for cell, result, seconds, unsaved in _results(
            assignment.cells, store, registry, workplace.device
        ):
            outcome: Result | BaseException = result
            if isinstance(outcome, Result):
                cost = {"seconds": seconds, "function": cell.function.target}
                try:
                    store.put(cell.key, outcome, cost)
                except StoreError:
                    raise
                except Exception as error:  # noqa: BLE001  a result that cannot be written is its cell's fault
                    outcome = error
            if isinstance(outcome, (Result, CellError, ArtifactDamaged)):
                # What fails by itself fails again, and a changed input may have been learned from.
                remove_checkpoint(store, cell.key)
            report = _report(number, cell, outcome, seconds, unsaved)
            open_cells.remove(cell)
            yield report
    except TaskspaceError as error:
        for cell in open_cells:
            yield Report("refused", number, cell.key, str(error))


def _report(
    number: int, cell: Cell, outcome: Result | BaseException, seconds: float, unsaved: str
) -> Report:
    """Return what to say of a cell that was computed.

    Raises:
        StoreError: if the store or the disk is at fault, which ends the run.
    """
    if isinstance(outcome, Result):
        return Report("done", number, cell.key, unsaved, seconds)
    if isinstance(outcome, ArtifactDamaged):
        # What is kept of it here was verified before it changed.
        _stored.cache_clear()
        return Report("damaged", number, cell.key, outcome.key)
    if isinstance(outcome, StoreError):
        raise outcome
    if isinstance(outcome, OSError) and outcome.errno in (errno.ENOSPC, errno.EDQUOT):
        raise StoreError(
            f"{cell.name}: {reason(outcome)}.",
            where=None if outcome.filename is None else os.fsdecode(outcome.filename),
            advice="Free space there and run again; everything computed so far is kept.",
        ) from outcome
    return Report("failed", number, cell.key, _explain(cell, outcome))


@lru_cache(maxsize=1)
def _registry(workplace: Workplace) -> Registry:
    allowed = AllowedPlugins(workplace.plugins, workplace.frozen, workplace.blocked)
    return Registry.under(allowed, workplace.directory)


# A dataset lists its folder once and a worker's cells use it in turn; components are frozen.
@lru_cache(maxsize=64)
def _component(
    registry: Registry, kind: str, name: str, parameters: str, identity: str
) -> Component:
    component = registry.component(ComponentSpec(kind, name, json.loads(parameters)))
    if component_digest(component, registry) != identity:
        raise DataError(
            f"The {kind} {name!r} is not what it was when the run was planned: its data or its "
            "source has changed.",
            advice="Run again, and change nothing while a run is under way.",
        )
    return component


# A worker's cells read the same images one after another, and each file is verified when it is
# first read; what is written anew has another stamp.
@lru_cache(maxsize=1024)
def _stored(store: Store, key: str, stamp: int) -> StoredResult:
    return store.get(key)


def _results(
    cells: Sequence[Cell], store: Store, registry: Registry, device: str
) -> Iterator[tuple[Cell, Result | BaseException, float, str]]:
    """Yield (cell, result or error, seconds, why it has no checkpoint) for each cell."""
    calls: list[CellCall] = []
    for cell in cells:
        try:
            calls.append(CellCall(cell, store, registry, device))
        except ArtifactDamaged as error:
            yield cell, error, 0.0, ""
        except KeyError as error:
            yield cell, ArtifactDamaged(str(error.args[0]), str(store.root)), 0.0, ""
    if calls:
        function = calls[0].cell.function
        code = imported_function(function.target)
        for call, result, seconds in (_together if function.batched else _in_turn)(code, calls):
            # Also where it failed: what it stumbled over may be what was changed.
            yield call.cell, call.changed() or result, seconds, call.checkpoint.refusal


def _in_turn(
    code: Callable[[CellCall], Result], calls: Sequence[CellCall]
) -> Iterator[tuple[CellCall, Result | BaseException, float]]:
    for call in calls:
        started = time.perf_counter()
        result: Result | BaseException
        try:
            result = code(call)
        except (Exception, SystemExit) as error:  # noqa: BLE001  a cell's fault, whatever it is, is its own
            result = error
        yield call, result, time.perf_counter() - started


def _together(
    code: Callable[[Sequence[CellCall]], Iterator[tuple[int, Result | BaseException]]],
    calls: Sequence[CellCall],
) -> Iterator[tuple[CellCall, Result | BaseException, float]]:
    pending = dict(enumerate(calls))
    started = time.perf_counter()
    try:
        for index, result in code(calls):
            now = time.perf_counter()
            yield pending.pop(index), result, now - started
            started = now
    except (Exception, SystemExit) as error:  # noqa: BLE001  it is the fault of those that are left
        for call in pending.values():
            yield call, error, 0.0


def _explain(cell: Cell, error: BaseException) -> str:
    """Return one paragraph; the place in the code only where the error is not one of ours."""
    if isinstance(error, TaskspaceError):
        return str(error) if error.where else f"{cell.name}: {error}"
    frame = traceback.extract_tb(error.__traceback__)[-1:]
    place = f" ({Path(frame[0].filename).name}:{frame[0].lineno})" if frame else ""
    return f"{cell.name}: {type(error).__name__}: {error}{place}"


class CellCall:
    """One cell as its function sees it."""

    def __init__(self, cell: Cell, store: Store, registry: Registry, device: str) -> None:
        self.cell = cell
        self.name = cell.name
        self.parameters: Mapping[str, Any] = cell.parameters
        self._inputs = {
            slot: _stored(store, key, store.stamp(key)) for slot, key in cell.inputs.items()
        }
        self.inputs: Mapping[str, Stored] = self._inputs
        self.device = device
        self.cpus = cell.resources.cpus
        self.checkpoint = StoredCheckpoint(
            store, cell.key, device, self.cpus, lambda: self.changed() is None
        )
        # At once, so that what has changed ends the run before anything is computed from it.
        self._components = {slot: self._made(slot, registry) for slot in cell.components}

    def _made(self, slot: str, registry: Registry) -> Component:
        spec = self.cell.components[slot]
        parameters = json.dumps(dict(spec.parameters), sort_keys=True)
        identity = self.cell.identities[slot]
        return _component(registry, spec.kind, spec.name, parameters, identity)

    def changed(self) -> ArtifactDamaged | None:
        """Return which input changed after it was verified: what was computed from it may be wrong.

        An array is mapped into memory, so that a cell reads it long after that.
        """
        return next(filter(None, (stored.changed() for stored in self._inputs.values())), None)

    def identity(self, slot: str) -> str:
        """Return the digest of what the component in `slot` is."""
        return self.cell.identities[slot]

    def component(self, slot: str, kind: type[ComponentT]) -> ComponentT:
        """Return the component in `slot`; raises TypeError if it is of another kind."""
        component = self._components[slot]
        if not isinstance(component, kind):
            raise TypeError(f"{self.name}: {slot} is not a {kind.__name__}.")
        return component
