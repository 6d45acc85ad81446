"""The scheduler: which cells run next, in which company, and what happens when one fails."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cached_property
from math import ceil
from typing import Self

from taskspace.components import (
    Assignment,
    Cell,
    ComponentSpec,
    Crew,
    Failure,
    Report,
    Stored,
)
from taskspace.engine.events import Event, Listener
from taskspace.engine.storage.store import Store
from taskspace.engine.storage.stored import StoredResult
from taskspace.errors import ArtifactDamaged, RunError, StoreError

LARGEST_BATCH = 64
"""Cells in one assignment at most, so that a lost worker or Ctrl-C costs little."""
ATTEMPTS = 2
"""How often a cell whose worker died is tried; the executors' own retries are off."""
REPAIRS = 3
"""How often a damaged result is computed again before the disk is not trusted any more."""
DISTURBANCES = 10
"""How often a cell is repeated because inputs changed as it read them."""


class Scheduler:
    """Runs the cells of a run, stage after stage, on one crew that starts when it is needed."""

    def __init__(self, store: Store, open_crew: Callable[[], Crew], listener: Listener) -> None:
        self._store = store
        self._open_crew = open_crew
        self._tell = listener
        self._cells: dict[str, Cell] = {}
        self._failures: dict[str, Failure] = {}
        self._stored: dict[str, StoredResult] = {}
        self._read: dict[str, StoredResult] = {}
        self._outdated: list[StoredResult] = []
        self._computed: set[str] = set()
        self._attempts: Counter[str] = Counter()
        self._repairs: Counter[str] = Counter()
        self._disturbances: Counter[str] = Counter()
        self._under_way: dict[int, set[str]] = {}
        self._assignments = 0
        self._has_unsaved = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if "_crew" in self.__dict__:
            self._crew.close(now=error is not None)

    @cached_property
    def _crew(self) -> Crew:
        return self._open_crew()

    def outcomes(self) -> dict[str, Stored | Failure]:
        """Return what became of every cell so far."""
        return {
            key: self._failures[key] if key in self._failures else self._readable(key)
            for key in self._cells
        }

    def _readable(self, key: str) -> StoredResult:
        if key not in self._read:
            self._read[key] = StoredResult(key, self._store.folder(key))
        return self._read[key]

    def conclude(self) -> None:
        """Look for stored files that changed since the run saw them, and remove what is damaged.

        A worker looks after each cell whether an input changed meanwhile, and stores nothing then.
        What remains is the answer, which the study has computed from what `outcomes` gave it.

        Raises:
            StoreError: if the answer rests on such a file.
        """
        read = [*self._outdated, *self._read.values()]
        damages = [damage for damage in (result.changed() for result in read) if damage]
        for key, result in list(self._stored.items()):
            if result.changed() and self._damage(key):
                self._remove(
                    key, "changed after it was read; a run that needs it computes it again"
                )
        if damages:
            raise StoreError(
                f"The stored result {damages[0].key[:12]} changed while the run read it.",
                where=damages[0].where,
                advice="Nothing was concluded from it. Run again, and let nothing but runs write "
                "to the store: what is damaged is computed anew.",
            )

    def run(self, name: str, cells: Sequence[Cell]) -> None:
        """Compute the cells of a stage that are not stored, in an order that suits their inputs.

        Raises:
            RunError: if the place refuses: a full disk, an absent device, other plugins; what was
                computed stays.
        """
        self._cells |= {cell.key: cell for cell in cells}
        keys = list(dict.fromkeys(cell.key for cell in cells))
        self._tell(Event("stage", name, count=len(keys)))
        waiting = {key: self._cells[key] for key in keys if not self._is_sound(key)}
        self._tell(Event("stored", name, count=len(keys) - len(waiting)))
        while waiting or self._under_way:
            self._block(waiting)
            self._assign(waiting)
            if not self._under_way:
                if waiting:
                    raise StoreError(
                        "These cells wait for each other or for inputs that no stage gave: "
                        + ", ".join(sorted(cell.name for cell in waiting.values())[:5])
                    )
                break
            for report in self._crew.reports(timeout=0.25):
                self._take(report, waiting)

    def _is_sound(self, key: str) -> bool:
        """Return whether a result is stored and undamaged; a damaged one is removed and named."""
        if not self._store.has(key):
            return False
        damage = self._damage(key)
        if damage is not None:
            self._remove(key, damage.what)
        return damage is None

    def _damage(self, key: str) -> ArtifactDamaged | None:
        """Return what is wrong with a stored result; a sound one is watched from now on."""
        result = StoredResult(key, self._store.folder(key))
        try:
            result.verify()
        except ArtifactDamaged as damage:
            return damage
        self._stored[key] = result
        return None

    def _remove(self, key: str, message: str) -> None:
        cell = self._cells.get(key)
        self._tell(Event("damaged", cell.name if cell else key[:12], key, message))
        self._stored.pop(key, None)
        if key in self._read:
            self._outdated.append(self._read.pop(key))
        self._store.discard(key)

    def _keep(self, key: str) -> None:
        """Count a result that a worker has just written as stored, and watch its files."""
        result = StoredResult(key, self._store.folder(key))
        with suppress(ArtifactDamaged):  # whoever reads it says so
            result.watch()
        self._stored[key] = result
        self._computed.add(key)

    def _block(self, waiting: dict[str, Cell]) -> None:
        """Give up the cells whose inputs have failed, and those that wait for them."""
        blocked = True
        while blocked:
            blocked = False
            for key, cell in list(waiting.items()):
                cause = next((k for k in cell.inputs.values() if k in self._failures), None)
                if cause is not None:
                    root = self._failures[cause]
                    culprit = root.blocked_by or root.cell.name
                    self._fail(waiting.pop(key), f"needs {culprit}, which failed", culprit)
                    blocked = True

    def _fail(self, cell: Cell, message: str, blocked_by: str | None = None) -> None:
        self._failures[cell.key] = Failure(cell, message, blocked_by)
        self._tell(Event("blocked" if blocked_by else "failed", cell.name, cell.key, message))

    def _assign(self, waiting: dict[str, Cell]) -> None:
        while ready := [cell for cell in waiting.values() if self._is_ready(cell)]:
            if len(self._under_way) >= self._crew.size:
                return
            company = self._company(ready)
            self._assignments += 1
            for cell in company:
                del waiting[cell.key]
                self._attempts[cell.key] += 1
                self._tell(Event("started", cell.name, cell.key))
            self._under_way[self._assignments] = {cell.key for cell in company}
            self._crew.submit(Assignment(self._assignments, tuple(company)))

    def _is_ready(self, cell: Cell) -> bool:
        return all(key in self._stored for key in cell.inputs.values())

    def _company(self, ready: Sequence[Cell]) -> list[Cell]:
        """Return the first ready cell and those that may share its worker.

        A cell whose worker died before runs alone: if it is what kills workers, it takes no
        other with it. A batch is split so that every worker of the crew gets a part.
        """
        first = ready[0]
        if first.batch is None or self._attempts[first.key]:
            return [first]
        like = [
            cell
            for cell in ready
            if cell.batch == first.batch
            and cell.function == first.function
            and not self._attempts[cell.key]
        ]
        return like[: min(LARGEST_BATCH, ceil(len(like) / self._crew.size))]

    def _take(self, report: Report, waiting: dict[str, Cell]) -> None:
        cell = self._cells[report.key]
        open_keys = self._under_way[report.assignment]
        open_keys.discard(report.key)
        if not open_keys:
            del self._under_way[report.assignment]
        match report.event:
            case "done":
                self._keep(cell.key)
                self._tell(Event("done", cell.name, cell.key, seconds=report.seconds))
                if report.message and not self._has_unsaved:
                    self._has_unsaved = True
                    self._tell(Event("unsaved", cell.name, cell.key, report.message))
            case "failed":
                self._fail(cell, report.message)
            case "damaged":
                self._recompute(report.message, cell, waiting)
                self._attempts[cell.key] -= 1
                waiting[cell.key] = cell
            case "lost" if self._attempts[cell.key] < ATTEMPTS:
                self._tell(Event("lost", cell.name, cell.key, report.message))
                waiting[cell.key] = cell
            case "lost":
                self._fail(cell, f"{cell.name}: {report.message} It was tried {ATTEMPTS} times.")
            case "refused":
                raise RunError(report.message)

    def _recompute(self, key: str, reader: Cell, waiting: dict[str, Cell]) -> None:
        """Have an input computed again that `reader` found damaged, or changed as it was read."""
        if key not in self._cells:
            raise StoreError(f"The stored result {key[:12]} is damaged and no cell gives it.")
        self._disturbances[reader.key] += 1
        if self._disturbances[reader.key] > DISTURBANCES:
            raise self._untrusted(key, f"changed {DISTURBANCES} times while {reader.name} read it")
        for each in dict.fromkeys((key, *reader.inputs.values())):
            # Another cell of the batch may have reported it already.
            if each in self._stored and (each == key or self._stored[each].changed()):
                damage = self._damage(each)
                if damage is not None:
                    self._repair(each, damage.what, waiting)

    def _repair(self, key: str, message: str, waiting: dict[str, Cell]) -> None:
        self._repairs[key] += 1
        if self._repairs[key] > REPAIRS:
            raise self._untrusted(key, f"was found damaged {REPAIRS} times")
        self._remove(key, message)
        waiting[key] = self._cells[key]

    def _untrusted(self, key: str, what: str) -> StoreError:
        return StoreError(
            f"The result of {self._cells[key].name} {what}.",
            where=str(self._store.folder(key)),
            advice="The disk loses what is written to it, or another program writes there: choose "
            "another --store.",
        )

    def retract(self, components: Sequence[ComponentSpec]) -> int:
        """Remove what this run has computed with these components, and all that rests on it.

        Returns:
            How many results were removed.
        """
        specs = [spec.as_json() for spec in components]
        computed = {key: self._cells[key] for key in self._computed}
        tainted = {
            key
            for key, cell in computed.items()
            if any(spec.as_json() in specs for spec in cell.components.values())
        }
        while more := {
            key
            for key, cell in computed.items()
            if key not in tainted and not tainted.isdisjoint(cell.inputs.values())
        }:
            tainted |= more
        for key in tainted:
            self._store.discard(key)
        return len(tainted)
