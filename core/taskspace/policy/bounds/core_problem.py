"""The part of a problem that a proof of optimality still has to look at."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np

from taskspace.policy.bounds.arrays import OptionArrays
from taskspace.policy.bounds.dual import Dual, Labels, LinearProgram, Ruled, ruled_out
from taskspace.policy.bounds.start import KICKS, Set, Starts
from taskspace.policy.bounds.subgradient import Subgradient
from taskspace.policy.model.problem import UncheckedProblem

SAFE = 2e-8
"""What is ruled out is worse than the start by more than this share of it: no tie, no rounding."""

FIRST_STEPS = 60
"""Subgradient steps before the first start."""

STEPS = 600
"""Subgradient steps towards the value of a start."""

CLOSED = 1e-9
"""The relative gap at which a start is optimal."""

WORTHWHILE = 0.5
"""A core with more than this share of the options is not worth a model of its own."""


@dataclass(frozen=True)
class Core:
    """What is left to prove under one budget.

    Attributes:
        start: the bits of a set of tasks, and its objective in floating point.
        bound: what no policy is worth more than; None where none was computed.
        problem: with the same targets and tasks to supervise, without the transfers that serve in
            no policy as good as the start, and with tasks required and forbidden that are in
            every and in no such policy; None where too little was ruled out.
        settled: whether the start alone is left, and proven optimal.
    """

    start: int
    worth: float
    bound: float | None
    problem: UncheckedProblem | None
    settled: bool = False


class Reduction:
    """Starts and bounds of one problem, budget after budget.

    Every policy that is worth at least as much as the start is a policy of the core, and the
    other way round; so the optima are the same ones, and so are those equally good.
    """

    def __init__(self, problem: UncheckedProblem, *, linear: bool = False) -> None:
        """Prepare the arrays.

        Args:
            linear: whether the bound comes from a linear program even where subgradient steps
                come close to it: exact, and slow with many options.
        """
        self.problem = problem
        self.options = OptionArrays(problem)
        self._starts = Starts(self.options)
        self._kicks = 0 if linear else KICKS
        self._worthwhile = 1.0 if linear else WORTHWHILE
        self._bounds = (
            LinearProgram(self.options)
            if linear or self.options.joint
            else Subgradient(self.options)
        )

    def started(self, capacity: int, known: int | None) -> Core | None:
        """Return a start without ruling anything out, or None where none was found."""
        hints = [] if known is None else [self.options.inside(known)]
        start = self._starts.best(capacity, hints)
        if start is None:
            return None
        return Core(self.options.mask(start.inside), start.worth, None, None)

    def core(self, capacity: int, known: int | None, until: float) -> Core | None:
        """Return the core under a budget, or None where no start was found.

        Args:
            capacity: in the units of `OptionArrays.cost`.
            known: the bits of a set within the capacity that serves every target, if there is one.
            until: the moment of `time.perf_counter` when the bound is left as it is.
        """
        labels = Labels(self.options, capacity)
        if labels.left < 0:
            return None
        start, dual = self._start_and_bound(labels, capacity, known, until)
        if start is None:
            return None
        worth, mask = start.worth, self.options.mask(start.inside)
        if dual is None:
            return Core(mask, worth, None, None)
        least = worth - SAFE * max(abs(worth), float(np.abs(start.state.now).max()))
        ruled = ruled_out(self.options, labels, dual, least)
        few = ruled.options.sum() <= self._worthwhile * (len(self.options.row) - len(dual.level))
        problem = self._without(ruled) if few else None
        settled = ruled.decided and _closed(start, dual)
        core = Core(mask, worth, max(dual.bound, worth), problem, settled)
        if problem is None or settled or isinstance(self._bounds, LinearProgram):
            return core
        finer = Reduction(problem, linear=True).core(capacity, mask, until) or core
        return finer if finer.problem is not None else replace(finer, problem=problem)

    def _start_and_bound(
        self, labels: Labels, capacity: int, known: int | None, until: float
    ) -> tuple[Set | None, Dual | None]:
        hints = [] if known is None else [self.options.inside(known)]
        dual: Dual | None
        if isinstance(self._bounds, LinearProgram):
            dual = self._bounds.improved(labels, until)
            filled = [] if dual is None else [self._starts.filled(dual.hint, capacity)]
            start = self._starts.best(capacity, [*hints, *filled], kicks=0)
            if start is None or dual is None or not _closed(start, dual):
                known_sets = [*hints, *filled] if start is None else [start.inside]
                start = self._starts.best(capacity, known_sets, kicks=self._kicks)
            return start, dual
        steps = self._bounds
        if known is None:
            dual = steps.improved(labels, 0.9 * float(steps.level.sum()), FIRST_STEPS, 0.5, until)
            hints = [self._starts.filled(dual.hint, capacity)]
        start = self._starts.best(capacity, hints, kicks=0)
        while start is not None:
            dual = steps.improved(labels, start.worth, STEPS, until=until)
            if _closed(start, dual) or time.perf_counter() > until:
                break
            hints = [start.inside, self._starts.filled(dual.hint, capacity)]
            other = self._starts.best(capacity, hints)
            if other is None or other.worth <= start.worth:
                break
            start = other
        return start, dual

    def _without(self, ruled: Ruled) -> UncheckedProblem:
        columns, sources = self.problem.columns, self.problem.sources
        own = np.flatnonzero(columns.supervised)
        rows = np.union1d(self.options.row[ruled.options], own)
        inside, out = (
            frozenset(sources[k] for k in np.flatnonzero(flags))
            for flags in (ruled.inside, ruled.out)
        )
        return replace(
            self.problem,
            transfers=columns.take(rows),
            required=self.problem.required | inside,
            forbidden=self.problem.forbidden | out,
        )


def _closed(start: Set, dual: Dual) -> bool:
    return dual.bound - start.worth <= CLOSED * abs(start.worth)
