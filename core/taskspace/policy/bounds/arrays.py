"""A problem as arrays of options, for what looks at all of them at once."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from taskspace.policy.model.instance import exact, integers
from taskspace.policy.model.transfers import members_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from taskspace.policy.model.problem import UncheckedProblem


@dataclass(frozen=True)
class State:
    """What a set of supervised tasks is worth, target by target.

    Attributes:
        lacking: how many sources of each option are not in the set. [R]
        best: the option that serves each target, were it not supervised; -1 without one. [T]
        now: what each target is worth. [T]
        settled: which targets use their own network because the rule obliges them. [T]
    """

    lacking: NDArray[np.int64]
    best: NDArray[np.int64]
    now: NDArray[np.float64]
    settled: NDArray[np.bool_]

    @property
    def worth(self) -> float:
        """Return the objective; far below all others where a target is not served."""
        return float(self.now.sum())


class OptionArrays:
    """Options of a problem without transfer costs, target after target.

    A set of supervised tasks is a boolean for each of the problem's `sources`. Every target has
    a last option without sources that stands for not being served.

    Attributes:
        row: the row of the problem's transfers that an option is; -1 for not being served. [R]
        target, value: position in the problem's `targets`, and r_t p_i. [R]
        start: where the options of a target begin; at last their number. [T + 1]
        first: where the sources of an option begin in `member`; at last their number. [R + 1]
        member: positions in the problem's `sources`.
        pair: which pair of a target and a task an entry of `member` belongs to; `pair_first` is
            an entry of each pair.
        joint: whether some option has several sources.
        own, own_value: under rule `own` the target that a task is, and what that one is worth with
            its supervised network; -1 where a task is no target. [S], [T]
        cost: of each task's labels, in units of 1 / `cost_scale`. [S]
        required, forbidden: [S]
    """

    def __init__(self, problem: UncheckedProblem) -> None:
        columns = problem.columns
        self.problem = problem
        self.required = np.isin(np.arange(len(problem.sources)), self._at(problem.required))
        self.forbidden = np.isin(np.arange(len(problem.sources)), self._at(problem.forbidden))
        source = _positions(columns.names, problem.sources)
        target = _positions(columns.names, problem.targets)[columns.target]
        importance = np.array([problem.importance.get(name, 1.0) for name in problem.targets])
        value = columns.value * importance[target]
        supervised = columns.supervised
        costs = [exact(problem.label_cost.get(name, 1.0)) for name in problem.sources]
        usable = np.bincount(
            columns.row, self.forbidden[source[columns.member]], minlength=len(columns)
        ).astype(bool)
        np.logical_not(usable, out=usable)
        self.own = np.full(len(problem.sources), -1, dtype=np.int64)
        self.own_value = np.full(len(problem.targets), -np.inf)
        if problem.rule == "own":
            rows = np.flatnonzero(supervised)
            self.own[source[columns.member[columns.first[:-1][rows]]]] = target[rows]
            self.own_value[target[rows]] = value[rows]
            if columns.cost is not None:
                for row in rows:
                    costs[int(source[columns.member[columns.first[row]]])] += exact(
                        columns.cost[row]
                    )
            reads_own = columns.member == columns.target[columns.row]
            usable[columns.row[reads_own]] = False
        whole, self.cost_scale = integers(costs)
        self.cost = np.array(whole, dtype=np.int64 if sum(whole) < 2**62 else object)
        self._lay_out(problem, np.flatnonzero(usable), target, value, source)

    def _lay_out(
        self,
        problem: UncheckedProblem,
        rows: NDArray[np.int64],
        target: NDArray[np.int64],
        value: NDArray[np.float64],
        source: NDArray[np.int64],
    ) -> None:
        count = len(problem.targets)
        largest = max(1.0, float(np.abs(value).max()))
        self.unserved = -4.0 * largest * (1 + count)
        targets = np.concatenate([target[rows], np.arange(count)])
        order = np.argsort(targets, kind="stable")
        self.target = targets[order]
        self.row = np.concatenate([rows, np.full(count, -1)])[order]
        self.value = np.concatenate([value[rows], np.full(count, self.unserved)])[order]
        self.start = np.searchsorted(self.target, np.arange(count + 1))
        columns = problem.columns
        real = self.row >= 0
        size = np.where(real, columns.order[self.row], 0)
        self.first = np.concatenate([[0], np.cumsum(size)])
        self.member = source[columns.member[members_of(columns.first, self.row[real])[0]]]
        self.option = np.repeat(np.arange(len(size)), size)
        self.size = size
        self.joint = bool((size > 1).any())
        self.pair = self.pair_first = np.arange(len(self.member))
        if self.joint:
            code = self.target[self.option] * len(self.own) + self.member
            _, self.pair_first, self.pair = np.unique(code, return_index=True, return_inverse=True)

    def _at(self, names: frozenset[str]) -> NDArray[np.int64]:
        position = {name: k for k, name in enumerate(self.problem.sources)}
        return np.array([position[name] for name in names], dtype=np.int64)

    @property
    def coupled(self) -> bool:
        """Return whether some transfer costs something that its task's labels do not cover."""
        cost = self.problem.columns.cost
        if cost is None:
            return False
        used = self.row[self.row >= 0]
        return bool(cost[used].any())

    def amount(self, cost: int) -> float:
        """Return a cost in the units of the problem, rounded once."""
        return float(Fraction(cost, self.cost_scale))

    def sums(self, of_members: NDArray[np.float64] | NDArray[np.bool_]) -> NDArray[np.float64]:
        """Return for each option the sum of what its sources have, [R]."""
        total = np.concatenate([np.zeros(1), np.cumsum(of_members, dtype=np.float64)])
        found: NDArray[np.float64] = total[self.first[1:]] - total[self.first[:-1]]
        return found

    def best_of(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the largest value of each target's options, [T]."""
        found: NDArray[np.float64] = np.maximum.reduceat(values, self.start[:-1])
        return found

    def state(self, inside: NDArray[np.bool_]) -> State:
        """Return what a set [S] is worth."""
        lacking = self.sums(~inside[self.member]).astype(np.int64)
        values = np.where(lacking == 0, self.value, -np.inf)
        now = self.best_of(values)
        best = np.full(len(now), -1, dtype=np.int64)
        at_best = np.flatnonzero(values == now[self.target])[::-1]
        best[self.target[at_best]] = at_best
        settled = np.zeros(len(now), dtype=bool)
        settled[self.own[inside & (self.own >= 0)]] = True
        return State(lacking, best, np.where(settled, self.own_value, now), settled)

    def mask(self, inside: NDArray[np.bool_]) -> int:
        """Return a set as bits, as `Instance` has it."""
        return int.from_bytes(np.packbits(inside, bitorder="little").tobytes(), "little")

    def inside(self, mask: int) -> NDArray[np.bool_]:
        """Return the set of bits."""
        count = len(self.own)
        raw = np.frombuffer(mask.to_bytes(-(-count // 8), "little"), dtype=np.uint8)
        return np.unpackbits(raw, count=count, bitorder="little").astype(bool)


def _positions(names: tuple[str, ...], among: tuple[str, ...]) -> NDArray[np.int64]:
    """Return where each name stands in a list; -1 where it is not in it."""
    position = {name: k for k, name in enumerate(among)}
    return np.array([position.get(name, -1) for name in names], dtype=np.int64)
