"""What a job that trains has asked for and knows, at any point of its stages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from taskspace.components import Cell, Failure, Outcomes, Stored
from taskspace.studies.taxonomy.competitors import SUPERVISED, Sources, label
from taskspace.studies.taxonomy.facts import TaskEntry
from taskspace.studies.taxonomy.job import TaxonomyJob
from taskspace.studies.taxonomy.policy import PolicyProblem


class Knowledge:
    """Cells by their part in the study, and what became of them.

    Attributes:
        networks: (kind, task) to network; kinds: supervised, scratch, probe, constant.
        selected: (kind, target) to the network's losses on `select`.
        transfers: target to sources to readout.
        tested: target to competitor to its losses on `test`.
        ordered: how the best transfers of each order fare; `novel` how each target as a new task.
        renormalised: normaliser to the policies under it.
    """

    def __init__(self, job: TaxonomyJob, entries: Sequence[TaskEntry]) -> None:
        self.job = job
        self.entries = {entry.name: entry for entry in entries}
        self.names = list(self.entries)
        self.sources = [entry.name for entry in entries if entry.is_source]
        self.targets = [entry.name for entry in entries if entry.is_target]
        self.outcomes: Outcomes = {}
        self.networks: dict[tuple[str, str], Cell] = {}
        self.selected: dict[tuple[str, str], Cell] = {}
        self.transfers: dict[str, dict[Sources, Cell]] = {t: {} for t in self.targets}
        self.tournaments: dict[str, Cell] = {}
        self.problem: PolicyProblem | None = None
        self.budgets: list[float] = []
        self.solved: Cell | None = None
        self.around: Cell | None = None
        self.tested: dict[str, dict[str, Cell]] = {}
        self.assessed: dict[str, Cell] = {}
        self.previews: dict[str, Cell] = {}
        self.evaluated: Cell | None = None
        self.null: Cell | None = None
        self.ordered: Cell | None = None
        self.novel: Cell | None = None
        self.renormalised: dict[str, Cell] = {}
        self.compared_chains: Cell | None = None

    def get(self, cell: Cell | None) -> Stored | None:
        """Return a cell's result, or None where there is none (yet)."""
        outcome = self.outcomes.get(cell.key) if cell else None
        return None if isinstance(outcome, Failure) else outcome

    def has(self, cell: Cell | None) -> bool:
        """Return whether the cell has a result."""
        return self.get(cell) is not None

    def record(self, cell: Cell | None) -> Mapping[str, Any]:
        """Return a cell's record, empty where there is no result."""
        stored = self.get(cell)
        return stored.record if stored else {}

    def is_source(self, name: str) -> bool:
        """Return whether the task may be supervised."""
        return self.entries[name].is_source

    def stored_transfers(self, target: str) -> dict[Sources, Stored]:
        """Return the trained readouts into a target, in the order they were asked for."""
        found = {sources: self.get(cell) for sources, cell in self.transfers[target].items()}
        return {sources: stored for sources, stored in found.items() if stored is not None}

    def competitors(self, target: str) -> list[str]:
        """Return the competitors in the target's tournament."""
        names: list[str] = self.record(self.tournaments.get(target)).get("competitors", [])
        return names

    def sources_of(self, target: str, competitor: str) -> Sources:
        """Return what a competitor reads; `(target,)` for the supervised network."""
        if competitor == SUPERVISED:
            return (target,)
        return next(s for s in self.transfers[target] if label(s) == competitor)

    def served_targets(self) -> list[str]:
        """Return the targets with a tournament: those that a policy can serve."""
        return [t for t in self.targets if self.has(self.tournaments.get(t))]

    def policies(self) -> list[dict[str, str]]:
        """Return each policy found as {target: competitor}."""
        return [
            {
                target: SUPERVISED if sources == [target] else label(sources)
                for target, sources in policy["transfers"].items()
            }
            for policy in self.record(self.solved).get("policies", [])
            if policy["transfers"]
        ]

    def failures(self) -> list[Failure]:
        """Return every cell that has no result, first failures before what they blocked."""
        failed = [o for o in self.outcomes.values() if isinstance(o, Failure)]
        return sorted(failed, key=lambda failure: failure.blocked_by is not None)
