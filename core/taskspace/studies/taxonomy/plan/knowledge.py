"""What a job that trains has asked for and knows, at any point of its stages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from taskspace.components import Cell, Failure, Outcomes, Stored
from taskspace.policy import PolicyProblem
from taskspace.studies.taxonomy.job import TaxonomyJob
from taskspace.studies.taxonomy.maths.floor import FLOOR, decoded
from taskspace.studies.taxonomy.plan.cells import TaxonomyPlan
from taskspace.studies.taxonomy.plan.competitors import SUPERVISED, Sources, label
from taskspace.studies.taxonomy.plan.facts import TaskEntry


@dataclass
class Repetition:
    """The cells of one seed by their part in the study.

    Attributes:
        networks: (kind, task) to network; kinds: supervised, scratch, probe, constant.
        selected: (kind, target) to the network's losses on `select`.
        transfers: target to sources to readout.
        tournaments: target to the affinities of its competitors.
        tested: target to competitor to its losses on `test`.
        solved: its own policies, where there are several repetitions.
    """

    plan: TaxonomyPlan
    networks: dict[tuple[str, str], Cell] = field(default_factory=dict)
    selected: dict[tuple[str, str], Cell] = field(default_factory=dict)
    transfers: dict[str, dict[Sources, Cell]] = field(default_factory=dict)
    tournaments: dict[str, Cell] = field(default_factory=dict)
    tested: dict[str, dict[str, Cell]] = field(default_factory=dict)
    solved: Cell | None = None

    @property
    def number(self) -> int:
        """Return which repetition it is."""
        return self.plan.repetition


class Knowledge:
    """The repetitions, the cells that look at all of them, and what became of every cell.

    Attributes:
        assessed: target to gain, quality and loss of its competitors on `test`.
        ordered: how the best transfers of each order fare; `novel` how each target as a new task.
        renormalised: normaliser to the policies under it.
        below_constant: the share of transfers that are worse than the best constant.
        evidence: whether what serves a target is better than its floor.
    """

    def __init__(
        self, job: TaxonomyJob, entries: Sequence[TaskEntry], plans: Sequence[TaxonomyPlan]
    ) -> None:
        self.job = job
        self.entries = {entry.name: entry for entry in entries}
        self.names = list(self.entries)
        self.sources = [entry.name for entry in entries if entry.is_source]
        self.targets = [entry.name for entry in entries if entry.is_target]
        self.repetitions = [Repetition(p, transfers={t: {} for t in self.targets}) for p in plans]
        self.outcomes: Outcomes = {}
        self.counts: Cell | None = None
        self.problem: PolicyProblem | None = None
        self.budgets: list[float] = []
        self.solved: Cell | None = None
        self.around: Cell | None = None
        self.assessed: dict[str, Cell] = {}
        self.previews: dict[str, Cell] = {}
        self.evaluated: Cell | None = None
        self.null: Cell | None = None
        self.below_constant: Cell | None = None
        self.evidence: Cell | None = None
        self.ordered: Cell | None = None
        self.novel: Cell | None = None
        self.renormalised: dict[str, Cell] = {}
        self.compared_chains: Cell | None = None

    @property
    def first(self) -> Repetition:
        """Return the first repetition, whose predictions are shown."""
        return self.repetitions[0]

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

    def network_cells(self, kind: str, task: str) -> list[Cell]:
        """Return a network of every repetition, or nothing where one has no result."""
        cells = [repetition.networks.get((kind, task)) for repetition in self.repetitions]
        found = [cell for cell in cells if cell is not None and self.has(cell)]
        return found if len(found) == len(cells) else []

    def stored_transfers(self, target: str) -> dict[Sources, list[Stored]]:
        """Return the readouts into a target that every repetition has, one each.

        In the order in which they were asked for.
        """
        found: dict[Sources, list[Stored]] = {}
        for sources in self.first.transfers[target]:
            cells = [each.transfers[target].get(sources) for each in self.repetitions]
            stored = [outcome for cell in cells if (outcome := self.get(cell)) is not None]
            if len(stored) == len(cells):
                found[sources] = stored
        return found

    def tournament(self, target: str) -> list[Mapping[str, Any]]:
        """Return the target's tournament in every repetition; empty where one has none."""
        records = [self.record(each.tournaments.get(target)) for each in self.repetitions]
        return records if all(records) else []

    def competitors(self, target: str) -> list[str]:
        """Return the competitors in the target's tournament."""
        records = self.tournament(target)
        return list(records[0]["competitors"]) if records else []

    def sources_of(self, target: str, competitor: str) -> Sources:
        """Return what a competitor reads; `(target,)` for the supervised network."""
        if competitor == SUPERVISED:
            return (target,)
        return next(s for s in self.first.transfers[target] if label(s) == competitor)

    def served_targets(self) -> list[str]:
        """Return the targets with a tournament: those that a policy can serve."""
        return [target for target in self.targets if self.tournament(target)]

    def solved_policies(self) -> list[dict[str, Any]]:
        """Return the policies in the names of the job, one a budget."""
        return [decoded(policy) for policy in self.record(self.solved).get("policies", [])]

    def policies(self) -> list[dict[str, str]]:
        """Return each policy found as {target: competitor}."""
        return [
            {
                target: competitor_name(target, sources)
                for target, sources in policy["transfers"].items()
            }
            for policy in self.solved_policies()
            if policy["transfers"]
        ]

    def failures(self) -> list[Failure]:
        """Return every cell that has no result, first failures before what they blocked."""
        failed = [o for o in self.outcomes.values() if isinstance(o, Failure)]
        return sorted(failed, key=lambda failure: failure.blocked_by is not None)


def competitor_name(target: str, sources: Sequence[str]) -> str:
    """Return the competitor that serves a target in a policy's transfers."""
    if not sources:
        return FLOOR
    return SUPERVISED if list(sources) == [target] else label(sources)
