"""What a job that trains has asked for, and what became of it, after any of its stages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias

from taskspace.components import JSON, Cell, CellFunction, Planner, Stored, stable_seed
from taskspace.learning.study_state import StudyState
from taskspace.policy import PolicyProblem
from taskspace.studies.taxonomy.job import TaxonomyJob
from taskspace.studies.taxonomy.maths.floor import decoded
from taskspace.studies.taxonomy.plan.cells import Sources, TaxonomyPlan, label
from taskspace.studies.taxonomy.plan.competitors import SUPERVISED, Chain, competitor_name
from taskspace.studies.taxonomy.plan.facts import TaxonomyEntry
from taskspace.studies.taxonomy.plan.pretrained import PretrainedSource

Cells: TypeAlias = tuple[Cell, ...]
"""The same cell of every repetition."""


@dataclass(frozen=True)
class TaxonomyState(StudyState):
    """The cells of all stages so far by their part in the study, and their outcomes.

    Attributes:
        plans: one a repetition.
        networks: (kind, task) to networks; kinds: supervised, scratch, probe, constant.
        counts: images and labels of each split.
        selected: (kind, target) to the networks' losses on `select`.
        transfers: target to sources to readouts.
        finetuned: source and target to transfers whose encoder learns on, beside the frozen ones.
        timed: the same pairs to the seconds in which the frozen ones train.
        chains: transitive transfers to readouts.
        tournaments: target to the affinities of its competitors.
        problem: the program, None where there is nothing to decide; `solved` its policies.
        renormalised: normaliser to the policies under it.
        without_pretrained: the policies where no pretrained source may be used;
            `without_labels` those where no label may be bought.
        around: alternatives to the policies, and what each decision is worth.
        own_policies: what each of several repetitions would decide by itself.
        tested: target to competitor to its losses on `test`.
        assessed: target to gain, quality and loss of its competitors on `test`.
        previews: target to a sample of its test images.
        compared_chains: chains beside direct transfers.
        compared_adapt: fine-tuned transfers beside frozen ones.
        ordered: how the best transfers of each order fare; `novel` how each target as a new task.
        compared_sources: pretrained sources beside the best labelled ones.
        compared_policies: policies with and without pretrained sources.
        evaluated: gain and quality of the policies; `null` those of random ones.
        below_constant: the share of transfers that are worse than the best constant.
        evidence: whether what serves a target is better than its floor.
    """

    plans: Sequence[TaxonomyPlan]
    networks: Mapping[tuple[str, str], Cells]
    counts: Cell
    selected: Mapping[tuple[str, str], Cells] = field(default_factory=dict)
    transfers: Mapping[str, Mapping[Sources, Cells]] = field(default_factory=dict)
    finetuned: Mapping[tuple[str, str], Cells] = field(default_factory=dict)
    timed: Mapping[tuple[str, str], Cells] = field(default_factory=dict)
    chains: Mapping[Chain, Cells] = field(default_factory=dict)
    tournaments: Mapping[str, Cells] = field(default_factory=dict)
    problem: PolicyProblem | None = None
    budgets: Sequence[float] = ()
    solved: Cell | None = None
    renormalised: Mapping[str, Cell] = field(default_factory=dict)
    without_pretrained: Cell | None = None
    without_labels: Cell | None = None
    around: Cell | None = None
    own_policies: Cells = ()
    tested: Mapping[str, Mapping[str, Cells]] = field(default_factory=dict)
    assessed: Mapping[str, Cell] = field(default_factory=dict)
    previews: Mapping[str, Cell] = field(default_factory=dict)
    compared_chains: Cell | None = None
    compared_adapt: Cell | None = None
    compared_sources: Cell | None = None
    compared_policies: Cell | None = None
    ordered: Cell | None = None
    novel: Cell | None = None
    evaluated: Cell | None = None
    null: Cell | None = None
    below_constant: Cell | None = None
    evidence: Cell | None = None

    @property
    def job(self) -> TaxonomyJob:
        """Return the job."""
        return self.plans[0].job

    @property
    def planner(self) -> Planner:
        """Return what makes cells that look at all repetitions."""
        return self.plans[0].planner

    @property
    def entries(self) -> Mapping[str, TaxonomyEntry]:
        """Return the tasks of the job by name."""
        return self.plans[0].entries

    @property
    def pretrained(self) -> Mapping[str, PretrainedSource]:
        """Return the pretrained sources by name, as the first repetition has them."""
        return self.plans[0].pretrained

    @cached_property
    def labelled_sources(self) -> list[str]:
        """Return the tasks that may be supervised."""
        return [name for name, entry in self.entries.items() if entry.is_source]

    @cached_property
    def sources(self) -> list[str]:
        """Return what transfers may start from: those tasks, then the pretrained sources."""
        return [*self.labelled_sources, *self.pretrained]

    def cost_of(self, source: str) -> float:
        """Return what a source costs, in units of the budget."""
        if source in self.pretrained:
            return self.pretrained[source].label_cost
        return self.entries[source].label_cost

    @cached_property
    def targets(self) -> list[str]:
        """Return the tasks that are to be served."""
        return [name for name, entry in self.entries.items() if entry.is_target]

    def cell(
        self,
        name: str,
        function: CellFunction,
        parameters: Mapping[str, JSON],
        inputs: Mapping[str, Cell],
    ) -> Cell:
        """Return a cell that looks at all repetitions; its seed follows from its name."""
        seeded = {**parameters, "seed": stable_seed(self.job.seed, name)}
        return self.planner.cell(name, function, parameters=seeded, inputs=inputs)

    def network_cells(self, kind: str, task: str) -> Cells:
        """Return a network of every repetition, or nothing where one has no result."""
        return self.stored_cells(self.networks.get((kind, task), ()))

    def stored_cells(self, cells: Cells) -> Cells:
        """Return the cells, or nothing where one has no result."""
        return cells if all(map(self.has, cells)) else ()

    def losses_of(self, kind: str, task: str, split: str) -> Cells:
        """Return the losses of a network on a split."""
        return tuple(
            plan.measured(kind, network, task, split)
            for plan, network in zip(self.plans, self.networks[kind, task], strict=True)
        )

    def stored_transfers(self, target: str) -> dict[Sources, list[Stored]]:
        """Return the readouts into a target that every repetition has, one each.

        In the order in which they were asked for.
        """
        return {
            sources: stored
            for sources, cells in self.transfers.get(target, {}).items()
            if (stored := self.every(cells))
        }

    def tournament(self, target: str) -> list[Mapping[str, Any]]:
        """Return the target's tournament in every repetition; empty where one has none."""
        return [stored.record for stored in self.every(self.tournaments.get(target, ()))]

    def competitors(self, target: str) -> list[str]:
        """Return the competitors in the target's tournament."""
        records = self.tournament(target)
        return list(records[0]["competitors"]) if records else []

    def sources_of(self, target: str, competitor: str) -> Sources:
        """Return what a competitor reads; `(target,)` for the supervised network."""
        if competitor == SUPERVISED:
            return (target,)
        return next(s for s in self.transfers[target] if label(s) == competitor)

    def served_targets(self) -> list[str]:
        """Return the targets with a tournament: those that a policy can serve."""
        return [target for target in self.targets if self.tournament(target)]

    def solved_policies(self) -> list[dict[str, Any]]:
        """Return the policies in the names of the job, one a budget."""
        return self.named_policies(self.solved)

    def named_policies(self, solved: Cell | None) -> list[dict[str, Any]]:
        """Return the policies of a cell that solves, in the names of the job.

        Where the job has pretrained sources, `pretrained` names those that a policy uses; they are
        not among the supervised tasks.
        """
        return [
            decoded(policy, self.pretrained) for policy in self.record(solved).get("policies", [])
        ]

    def policies(self) -> list[dict[str, str]]:
        """Return each policy found as {target: competitor}."""
        solved = self.solved_policies()
        return [competitors_of(policy) for policy in solved if policy["transfers"]]


def competitors_of(policy: Mapping[str, Any]) -> dict[str, str]:
    """Return which competitor serves each target of a policy in the names of the job."""
    return {
        target: competitor_name(target, sources) for target, sources in policy["transfers"].items()
    }


def by_repetition(rows: Iterable[Cells]) -> list[Cell]:
    """Return all cells of the first repetition, then of the second, ..."""
    return [cell for repetition in zip(*rows, strict=True) for cell in repetition]
