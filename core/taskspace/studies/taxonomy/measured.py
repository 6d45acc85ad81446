"""The stages of a job that trains: networks, transfers, policies, and their test."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from functools import partial
from math import comb

import numpy as np

from taskspace.components import Answer, Cell, Dataset, Outcomes, Planner, Stage
from taskspace.studies.taxonomy.job import TaxonomyJob
from taskspace.studies.taxonomy.plan.cells import TaxonomyPlan
from taskspace.studies.taxonomy.plan.chains import Chain, chain_cells, chains_of, compared_cells
from taskspace.studies.taxonomy.plan.competitor_cells import tested_cells, tournament_cell
from taskspace.studies.taxonomy.plan.competitors import (
    SUPERVISED,
    Sources,
    all_subsets,
    best_sources,
    extended,
    label,
    ranked,
)
from taskspace.studies.taxonomy.plan.evaluation import (
    below_constant_cell,
    evidence_cell,
    novel_cell,
    orders_cell,
    policies_cell,
    renormalised_cells,
)
from taskspace.studies.taxonomy.plan.facts import check_images, entries_of
from taskspace.studies.taxonomy.plan.knowledge import Knowledge, Repetition
from taskspace.studies.taxonomy.plan.policies import budgets_of, null_parameters, policy_problem
from taskspace.studies.taxonomy.plan.policy_cells import around_cell, null_cell, solve_cell
from taskspace.studies.taxonomy.plan.standings import standing_in, standings_of
from taskspace.studies.taxonomy.result.answer import measured_answer

Stages = Generator[Stage, Outcomes, Answer]

RIVALS = ("supervised", "scratch", "constant")
"""What is measured on `select` beside the transfers."""


class MeasuredTaxonomy:
    """A job that trains, as a sequence of stages."""

    def __init__(self, job: TaxonomyJob, planner: Planner) -> None:
        if job.dataset is None:
            raise TypeError("A job without a dataset has nothing to measure.")
        dataset = planner.component(job.dataset.spec(), Dataset)
        check_images(job, dataset)
        entries = entries_of(job, dataset, planner)
        plans = [
            TaxonomyPlan(job, planner, dataset, entries, number) for number in job.repetitions()
        ]
        self.job = job
        self.planner = planner
        self.known = Knowledge(job, entries, plans)
        self.chains: list[Chain] = []

    def stages(self, until: str | None) -> Stages:
        """Yield the stages up to `until`; return the answer."""
        known = self.known
        steps: list[tuple[str, Callable[[], list[Cell]]]] = [
            ("train", self._training),
            ("transfer", self._first_order),
            ("transfer", self._subsets),
            *(("transfer", partial(self._extended, order)) for order in self._searched()),
            ("transfer", self._chains),
            ("transfer", self._tournaments),
            ("solve", self._policies),
            ("test", self._test),
            ("test", self._evaluation),
        ]
        last = max(i for i, (name, _) in enumerate(steps) if until in (None, name))
        for name, cells in steps[: last + 1]:
            wanted = cells()
            if wanted:
                known.outcomes = yield Stage(name, wanted, self._upcoming(name))
        return measured_answer(known)

    def _training(self) -> list[Cell]:
        known = self.known
        cells: list[Cell] = list(known.first.plan.data())
        known.counts = known.first.plan.counts()
        for repetition in known.repetitions:
            plan, networks = repetition.plan, repetition.networks
            for name in known.names:
                networks["supervised", name] = plan.supervised(name)
            for name in known.targets:
                networks["constant", name] = plan.constant(name)
                networks["probe", name] = plan.probe(name)
            cells += networks.values()
        return [*cells, known.counts]

    def _first_order(self) -> list[Cell]:
        known = self.known
        cells: list[Cell] = []
        for repetition in known.repetitions:
            plan, networks = repetition.plan, repetition.networks
            for target in known.targets:
                networks["scratch", target] = scratch = plan.scratch(target)
                cells += [scratch]
                for source in known.sources:
                    cells += [plan.codes(source, target, ("transfer", "select"))]
                    cells += [_transfer(repetition, (source,), target)]
                for kind in RIVALS:
                    network = networks[kind, target]
                    selected = plan.measured(kind, network, target, "select")
                    repetition.selected[kind, target] = selected
                    cells += [selected]
        return cells

    def _subsets(self) -> list[Cell]:
        """Combine the best first-order sources of each target; its own encoder is not one.

        Every repetition trains the same: which are best follows from all of them together.
        """
        transfer = self.job.transfer
        most = min(transfer.max_order, transfer.subsets, transfer.beam)
        return self._trained(
            (subset, target)
            for target in self.known.targets
            for subset in all_subsets(self._best(target)[: transfer.beam], most)
        )

    def _searched(self) -> range:
        """Return the orders beyond those whose subsets are all combined."""
        transfer = self.job.transfer
        first = min(transfer.subsets, transfer.beam) + 1
        return range(first, min(transfer.max_order, len(self.known.sources)) + 1)

    def _extended(self, order: int) -> list[Cell]:
        """Extend each target's best sets of the order before by one source more."""
        width = self.job.transfer.width
        return self._trained(
            (sources, target)
            for target in self.known.targets
            for sources in extended(
                ranked(self._losses(target, order - 1), self.job.normaliser)[:width],
                self._best(target),
                width,
            )
        )

    def _trained(self, transfers: Iterable[tuple[Sources, str]]) -> list[Cell]:
        """Return the readouts of these transfers in every repetition."""
        wanted = list(transfers)
        return [
            _transfer(repetition, sources, target)
            for repetition in self.known.repetitions
            for sources, target in wanted
        ]

    def _chains(self) -> list[Cell]:
        self.chains = chains_of(self.known) if self.job.transfer.transitive else []
        return chain_cells(self.known, self.chains)

    def _best(self, target: str) -> list[str]:
        """Return all first-order sources of a target but its own encoder, best first."""
        losses = {source: loss for (source,), loss in self._losses(target, 1).items()}
        return best_sources(losses, len(losses), self.job.normaliser)

    def _losses(self, target: str, order: int) -> dict[Sources, list[np.ndarray]]:
        """Return the losses on `select` of the trained transfers of an order from other tasks."""
        return {
            sources: [one.array("loss") for one in stored]
            for sources, stored in self.known.stored_transfers(target).items()
            if len(sources) == order and target not in sources
        }

    def _tournaments(self) -> list[Cell]:
        """Let everything that every repetition has for a target compete, in each of them."""
        known = self.known
        cells: list[Cell] = []
        for target in known.targets:
            transfers = list(known.stored_transfers(target))
            rivals = [
                kind
                for kind in RIVALS
                if all(known.has(each.selected[kind, target]) for each in known.repetitions)
            ]
            for repetition in known.repetitions:
                measured = {kind: repetition.selected[kind, target] for kind in rivals}
                competitors = {
                    label(sources): repetition.transfers[target][sources] for sources in transfers
                }
                if known.is_source(target) and "supervised" in rivals:
                    competitors[SUPERVISED] = measured["supervised"]
                if competitors and "scratch" in rivals:
                    cell = tournament_cell(repetition.plan, target, competitors, measured)
                    repetition.tournaments[target] = cell
                    cells.append(cell)
        return cells

    def _policies(self) -> list[Cell]:
        known = self.known
        problem = policy_problem(known, standings_of(known))
        if problem is None:
            return []
        budgets = budgets_of(self.job.solve, problem)
        known.problem, known.budgets = problem, budgets
        known.solved = solve_cell(self.job, self.planner, problem, budgets)
        known.renormalised = renormalised_cells(known, self.planner)
        known.around = around_cell(self.job, self.planner, problem, known.solved)
        return [
            cell
            for cell in (
                known.solved,
                *known.renormalised.values(),
                known.around,
                *self._own_policies(),
            )
            if cell
        ]

    def _own_policies(self) -> Iterator[Cell]:
        """Yield what each of several repetitions would decide by itself."""
        known = self.known
        if len(known.repetitions) == 1:
            return
        for position, repetition in enumerate(known.repetitions):
            alone = {t: standing_in(known, t, position) for t in known.served_targets()}
            problem = policy_problem(known, alone)
            if problem is not None:
                name = f"solve/policies/seed-{repetition.number}"
                repetition.solved = solve_cell(self.job, self.planner, problem, known.budgets, name)
                yield repetition.solved

    def _test(self) -> list[Cell]:
        """Measure on the test images what has been decided; nothing is decided after this."""
        known = self.known
        cells: list[Cell] = []
        for target in known.served_targets():
            cells += tested_cells(known, target)
        compared = compared_cells(known, self.chains)
        known.compared_chains = compared[-1] if compared else None
        return [*cells, *compared]

    def _evaluation(self) -> list[Cell]:
        known = self.known
        known.ordered, known.novel = (
            orders_cell(known, self.planner),
            novel_cell(known, self.planner),
        )
        known.evaluated = policies_cell(known, self.planner)
        known.below_constant = below_constant_cell(known, self.planner)
        known.evidence = evidence_cell(known, self.planner)
        if known.evaluated and self.job.solve.random_policies:
            known.null = null_cell(self.job, self.planner, null_parameters(known))
        cells = (
            known.ordered,
            known.novel,
            known.evaluated,
            known.null,
            known.below_constant,
            known.evidence,
        )
        return [cell for cell in cells if cell]

    def _upcoming(self, stage: str) -> dict[str, int]:
        """Return how many cells follow whose choice depends on what this stage measures."""
        targets, sources = len(self.known.targets), len(self.known.sources)
        seeds, transfer = len(self.known.repetitions), self.job.transfer
        best, most = min(transfer.beam, sources), min(transfer.max_order, transfer.subsets)
        higher = sum(comb(best, k) for k in range(2, most + 1))
        higher += len(self._searched()) * transfer.width**2
        first = {"first-order transfers": seeds * targets * sources}
        later = {"higher-order transfers": seeds * targets * higher} if higher else {}
        after = {"tournaments": seeds * targets, "policies": 1, "assessments": targets}
        return {"train": first | later | after, "transfer": later | after}.get(stage, {})


def _transfer(repetition: Repetition, sources: Sources, target: str) -> Cell:
    cell = repetition.plan.transfer(sources, target)
    repetition.transfers[target][sources] = cell
    return cell
