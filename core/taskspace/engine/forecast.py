"""`--dry-run`: which cells a job would compute, which are stored, and what it will cost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median

from taskspace.components import Cell, Failure, Finding, Stage, Stored
from taskspace.engine.planner import KeyedPlanner
from taskspace.engine.run import Place, study_of
from taskspace.engine.storage.store import Store
from taskspace.engine.storage.stored import StoredResult
from taskspace.errors import ArtifactDamaged, StoreError
from taskspace.jobs import LoadedJob, check_components
from taskspace.registry import Registry

EXAMPLES = 25
"""Stored results of one cell function that are looked at for its time and size."""


@dataclass(frozen=True)
class Forecast:
    """What a run would do.

    Attributes:
        cells: each cell of the stages that are known, and whether it is stored.
        upcoming: how many cells of which sort follow, where they depend on what is measured.
        seconds: of one worker for what is missing and known; None where nothing like it was run.
        bytes: likewise, on disk.
        findings: what the datasets say of themselves.
    """

    cells: tuple[tuple[str, Cell, bool], ...]
    upcoming: Mapping[str, int]
    seconds: float | None
    bytes: int | None
    findings: tuple[Finding, ...] = ()

    @property
    def missing(self) -> int:
        """Return how many of the known cells must be computed."""
        return sum(not stored for _, _, stored in self.cells)


def forecast(
    loaded: LoadedJob, place: Place, registry: Registry, *, until: str | None = None
) -> Forecast:
    """Return what executing the job would do; computes and writes nothing.

    Raises:
        JobInvalid: if a component refuses its parameters, as executing the job would.
    """
    check_components(loaded, registry)
    store = Store(place.store.resolve())
    cells: list[tuple[str, Cell, bool]] = []
    planner = KeyedPlanner(registry)
    stages = study_of(loaded, registry, until).stages(loaded.job, planner, until)
    upcoming: Mapping[str, int] = {}
    known: dict[str, Stored | Failure] = {}
    try:
        stage: Stage = next(stages)
        while True:
            results = {cell.key: _sound(store, cell.key) for cell in stage.cells}
            cells += [(stage.name, cell, results[cell.key] is not None) for cell in stage.cells]
            known |= {key: result for key, result in results.items() if result is not None}
            upcoming = stage.upcoming
            if not all(stored for _, _, stored in cells):
                break
            upcoming = {}
            stage = stages.send(dict(known))
    except StopIteration:
        pass
    stages.close()
    seconds, size = _cost(cells, store)
    return Forecast(tuple(cells), upcoming, seconds, size, planner.findings())


def _sound(store: Store, key: str) -> StoredResult | None:
    """Return the result if it is stored and undamaged, as a run would find it."""
    try:
        result = store.get(key)
        result.verify()
    except (KeyError, ArtifactDamaged):
        return None
    return result


def _cost(cells: list[tuple[str, Cell, bool]], store: Store) -> tuple[float | None, int | None]:
    """Return seconds and bytes of what is missing, by the median of stored cells like it."""
    seen: dict[str, list[tuple[float, int]]] = defaultdict(list)
    wanted = {cell.function.target for _, cell, stored in cells if not stored}
    for key in store.keys():  # noqa: SIM118  a method of the store, not a mapping
        if wanted and all(len(seen[target]) >= EXAMPLES for target in wanted):
            break
        try:
            result = store.get(key)
            cost = result.seal["cost"]
            if len(seen[cost["function"]]) < EXAMPLES:
                seen[cost["function"]].append((float(cost["seconds"]), result.bytes))
        except (StoreError, KeyError, TypeError, ValueError):
            continue
    if not all(seen[target] for target in wanted):
        return None, None
    missing = [cell.function.target for _, cell, stored in cells if not stored]
    seconds = sum(median(second for second, _ in seen[target]) for target in missing)
    size = sum(median(byte for _, byte in seen[target]) for target in missing)
    return float(seconds), int(size)
