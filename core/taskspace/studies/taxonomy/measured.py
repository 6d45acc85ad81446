"""The stages of a job that trains: networks, transfers, policies, and their test."""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import partial
from math import comb

import numpy as np

from taskspace.components import Answer, Cell, Dataset, Outcomes, Planner, Stage
from taskspace.studies.taxonomy.answer import measured_answer
from taskspace.studies.taxonomy.chains import Chain, chain_cells, chains_of, compared_cells
from taskspace.studies.taxonomy.competitor_cells import assessment_cell, tournament_cell
from taskspace.studies.taxonomy.competitors import (
    SUPERVISED,
    Sources,
    all_subsets,
    best_sources,
    extended,
    label,
    ranked,
)
from taskspace.studies.taxonomy.evaluation_plan import (
    novel_cell,
    orders_cell,
    policies_cell,
    renormalised_cells,
)
from taskspace.studies.taxonomy.facts import check_images, entries_of
from taskspace.studies.taxonomy.job import TaxonomyJob
from taskspace.studies.taxonomy.knowledge import Knowledge
from taskspace.studies.taxonomy.plan import TaxonomyPlan
from taskspace.studies.taxonomy.policies import budgets_of, null_parameters, policy_problem
from taskspace.studies.taxonomy.policy_cells import around_cell, null_cell, solve_cell

Stages = Generator[Stage, Outcomes, Answer]


class MeasuredTaxonomy:
    """A job that trains, as a sequence of stages."""

    def __init__(self, job: TaxonomyJob, planner: Planner) -> None:
        if job.dataset is None:
            raise TypeError("A job without a dataset has nothing to measure.")
        dataset = planner.component(job.dataset.spec(), Dataset)
        check_images(job, dataset)
        entries = entries_of(job, dataset, planner)
        self.job = job
        self.plan = TaxonomyPlan(job, planner, dataset, entries)
        self.known = Knowledge(job, entries)
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
        plan, known = self.plan, self.known
        for name in known.names:
            known.networks["supervised", name] = plan.supervised(name)
        for name in known.targets:
            known.networks["constant", name] = plan.constant(name)
            known.networks["probe", name] = plan.probe(name)
        return [*plan.data(), *known.networks.values()]

    def _first_order(self) -> list[Cell]:
        plan, known = self.plan, self.known
        cells: list[Cell] = []
        for target in known.targets:
            known.networks["scratch", target] = scratch = plan.scratch(target)
            cells += [scratch]
            for source in known.sources:
                cells += [plan.codes(source, target, ("transfer", "select"))]
                cells += [self._transfer((source,), target)]
            for kind in ("supervised", "scratch"):
                network = known.networks[kind, target]
                known.selected[kind, target] = plan.measured(kind, network, target, "select")
                cells += [known.selected[kind, target]]
        return cells

    def _subsets(self) -> list[Cell]:
        """Combine the best first-order sources of each target; its own encoder is not one."""
        transfer = self.job.transfer
        most = min(transfer.max_order, transfer.subsets, transfer.beam)
        return [
            self._transfer(subset, target)
            for target in self.known.targets
            for subset in all_subsets(self._best(target)[: transfer.beam], most)
        ]

    def _searched(self) -> range:
        """Return the orders beyond those whose subsets are all combined."""
        transfer = self.job.transfer
        first = min(transfer.subsets, transfer.beam) + 1
        return range(first, min(transfer.max_order, len(self.known.sources)) + 1)

    def _extended(self, order: int) -> list[Cell]:
        """Extend each target's best sets of the order before by one source more."""
        width = self.job.transfer.width
        return [
            self._transfer(sources, target)
            for target in self.known.targets
            for sources in extended(
                ranked(self._losses(target, order - 1), self.job.normaliser)[:width],
                self._best(target),
                width,
            )
        ]

    def _chains(self) -> list[Cell]:
        self.chains = chains_of(self.known) if self.job.transfer.transitive else []
        return chain_cells(self.plan, self.chains)

    def _best(self, target: str) -> list[str]:
        """Return all first-order sources of a target but its own encoder, best first."""
        losses = {source: loss for (source,), loss in self._losses(target, 1).items()}
        return best_sources(losses, len(losses), self.job.normaliser)

    def _losses(self, target: str, order: int) -> dict[Sources, np.ndarray]:
        """Return the losses on `select` of the trained transfers of an order from other tasks."""
        return {
            sources: stored.array("loss")
            for sources, stored in self.known.stored_transfers(target).items()
            if len(sources) == order and target not in sources
        }

    def _transfer(self, sources: Sources, target: str) -> Cell:
        cell = self.known.transfers[target][sources] = self.plan.transfer(sources, target)
        return cell

    def _tournaments(self) -> list[Cell]:
        known = self.known
        for target in known.targets:
            rivals = {
                kind: known.selected[kind, target]
                for kind in ("scratch", "supervised")
                if known.has(known.selected[kind, target])
            }
            competitors = {
                label(sources): cell
                for sources, cell in known.transfers[target].items()
                if known.has(cell)
            }
            if known.is_source(target) and "supervised" in rivals:
                competitors[SUPERVISED] = rivals["supervised"]
            if competitors and "scratch" in rivals:
                known.tournaments[target] = tournament_cell(self.plan, target, competitors, rivals)
        return list(known.tournaments.values())

    def _policies(self) -> list[Cell]:
        problem = policy_problem(self.known)
        if problem is None:
            return []
        budgets = budgets_of(self.job.solve, problem)
        self.known.problem, self.known.budgets = problem, budgets
        self.known.solved = solve_cell(self.job, self.plan.planner, problem, budgets)
        self.known.renormalised = renormalised_cells(self.plan, self.known)
        self.known.around = around_cell(self.job, self.plan.planner, problem, self.known.solved)
        cells = (self.known.solved, *self.known.renormalised.values(), self.known.around)
        return [cell for cell in cells if cell]

    def _test(self) -> list[Cell]:
        """Measure on the test images what has been decided; nothing is decided after this."""
        plan, known = self.plan, self.known
        cells: list[Cell] = []
        for target in known.served_targets():
            rivals = {
                kind: plan.measured(kind, known.networks[kind, target], target, "test")
                for kind in ("supervised", "scratch", "constant", "probe")
                if known.has(known.networks[kind, target])
            }
            competitors: dict[str, Cell] = {}
            for sources in known.stored_transfers(target):
                for source in sources:
                    cells += [plan.codes(source, target, ("test",))]
                competitors[label(sources)] = plan.tested_transfer(sources, target)
            if SUPERVISED in known.competitors(target):
                competitors[SUPERVISED] = rivals["supervised"]
            known.previews[target] = plan.preview(target)
            known.tested[target] = competitors
            known.assessed[target] = assessment_cell(plan, target, competitors, rivals)
            cells += [*rivals.values(), *competitors.values()]
            cells += [known.previews[target], known.assessed[target]]
        compared = compared_cells(plan, known, self.chains)
        known.compared_chains = compared[-1] if compared else None
        return [*cells, *compared]

    def _evaluation(self) -> list[Cell]:
        known = self.known
        known.ordered, known.novel = orders_cell(self.plan, known), novel_cell(self.plan, known)
        known.evaluated = policies_cell(self.plan, known)
        if known.evaluated and self.job.solve.random_policies:
            known.null = null_cell(self.job, self.plan.planner, null_parameters(known))
        cells = (known.ordered, known.novel, known.evaluated, known.null)
        return [cell for cell in cells if cell]

    def _upcoming(self, stage: str) -> dict[str, int]:
        """Return how many cells follow whose choice depends on what this stage measures."""
        targets, sources = len(self.known.targets), len(self.known.sources)
        transfer = self.job.transfer
        best, most = min(transfer.beam, sources), min(transfer.max_order, transfer.subsets)
        higher = sum(comb(best, k) for k in range(2, most + 1))
        higher += len(self._searched()) * transfer.width**2
        first = {"first-order transfers": targets * sources}
        later = {"higher-order transfers": targets * higher} if higher else {}
        after = {"tournaments": targets, "policies": 1, "assessments": targets}
        return {"train": first | later | after, "transfer": later | after}.get(stage, {})
