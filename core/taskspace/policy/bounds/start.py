"""Good sets of supervised tasks without a proof, for a solver to start from."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from taskspace.policy.bounds.arrays import OptionArrays, State
from taskspace.policy.model.transfers import members_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

KICKS = 40
"""How often a third of the best set is drawn anew."""

MOST_WORK = 20_000_000
"""Sources of options that are looked at before the search ends with what it has."""

A_LOOK = 30_000
"""Sources in whose time a look at any set is made, however few it has."""

CANDIDATES = 8
"""Swaps that are tried before the search believes that none helps."""

DENSE = 4_000_000
"""Up to so many pairs of tasks, a sum for each pair is kept in one array."""


@dataclass(frozen=True)
class Set:
    """A set of supervised tasks [S] and what it is worth."""

    inside: NDArray[np.bool_]
    state: State

    @property
    def worth(self) -> float:
        """Return the objective."""
        return self.state.worth


@dataclass(frozen=True)
class _Drops:
    """For each target and source it depends on: what is left without that source."""

    target: NDArray[np.int64]
    source: NDArray[np.int64]
    without: NDArray[np.float64]
    most: NDArray[np.float64]


class Starts:
    """Additions and interchanges on the options of a problem, all tasks looked at at once.

    An option whose sources lack one task of the set is what that task would bring; a target whose
    option reads a task falls to its next one without it. Swaps are ranked by both and by what
    they have in common, as Resende and Werneck (2004) do for the p-median problem, which this is
    where all transfers are of first order. What is found depends on the problem and the budget
    alone, not on time.
    """

    def __init__(self, options: OptionArrays) -> None:
        self.options = options
        self._bound = options.required | options.forbidden
        self._left = MOST_WORK

    def best(
        self, capacity: int, hints: Iterable[NDArray[np.bool_]] = (), *, kicks: int = KICKS
    ) -> Set | None:
        """Return a set within the capacity that serves every target, or None where none was found.

        Args:
            capacity: in the options' units of cost.
            hints: sets [S] within the capacity to climb from, instead of what is required.
        """
        options = self.options
        if self._cost(options.required) > capacity:
            return None
        self._left = MOST_WORK
        draw = random.Random(0)
        begins = [*hints] or [options.required]
        best = max((self._climbed(begin, capacity) for begin in begins), key=lambda s: s.worth)
        for _ in range(kicks):
            movable = np.flatnonzero(best.inside & ~self._bound).tolist()
            if not movable or self._left <= 0:
                break
            other = self._climbed(self._kicked(best.inside, movable, capacity, draw), capacity)
            best = max(best, other, key=lambda s: s.worth)
        return best if best.state.now.min() > options.unserved / 2 else None

    def filled(self, scores: NDArray[np.float64], capacity: int) -> NDArray[np.bool_]:
        """Return what is required and then the tasks of the highest scores that fit."""
        inside = self.options.required.copy()
        left = capacity - self._cost(inside)
        order = np.argsort(-scores, kind="stable")
        for k in order[(scores[order] > 0) & ~self._bound[order]].tolist():
            if self.options.cost[k] <= left:
                left -= int(self.options.cost[k])
                inside[k] = True
        return inside

    def _cost(self, inside: NDArray[np.bool_]) -> int:
        return int(self.options.cost[inside].sum())

    def _kicked(
        self, inside: NDArray[np.bool_], movable: list[int], capacity: int, draw: random.Random
    ) -> NDArray[np.bool_]:
        kicked = inside.copy()
        kicked[draw.sample(movable, -(-len(movable) // 3))] = False
        for k in draw.sample(range(len(inside)), min(2, len(movable))):
            if not self._bound[k] and self._cost(kicked) + self.options.cost[k] <= capacity:
                kicked[k] = True
        return kicked

    def _set(self, inside: NDArray[np.bool_]) -> Set:
        self._left -= len(self.options.member) + A_LOOK
        return Set(inside, self.options.state(inside))

    def _climbed(self, inside: NDArray[np.bool_], capacity: int) -> Set:
        now = self._set(inside)
        while self._left > 0:
            further = self._grown(now, capacity) or self._swapped(now, capacity)
            if further is None:
                break
            now = further
        return now

    def _grown(self, now: Set, capacity: int) -> Set | None:
        """Return the set with the best task added, where one that fits raises the objective."""
        gains = self.gains(now)
        fits = ~now.inside & ~self._bound
        fits &= (self.options.cost <= capacity - self._cost(now.inside)).astype(bool)
        if not (fits & (gains > 1e-12 * abs(now.worth))).any():
            return None
        inside = now.inside.copy()
        inside[np.argmax(np.where(fits, gains, -np.inf))] = True
        grown = self._set(inside)
        return grown if grown.worth > now.worth else None

    def _swapped(self, now: Set, capacity: int) -> Set | None:
        """Return the set after the first of the most promising swaps that raises the objective."""
        left = capacity - self._cost(now.inside)
        least = 1e-9 * max(1.0, abs(now.worth))
        for into, out in self._swaps(now, left):
            inside = now.inside.copy()
            inside[into], inside[out] = True, False
            swapped = self._set(inside)
            if swapped.worth > now.worth + least:
                return swapped
        return None

    def _swaps(self, now: Set, left: int) -> list[tuple[int, int]]:
        """Return the most promising pairs of a task to add and one to drop, best first."""
        count = len(now.inside)
        cost, bound = self.options.cost, self._bound
        drops = self._drops(now)
        losses = np.bincount(drops.source, drops.most - drops.without, minlength=count)
        gains = self.gains(now)
        code, extra = self._shared(now, drops)
        into, out = np.divmod(code, count)
        # Beside those that share a target, the best two that share none.
        free_in = np.flatnonzero(~now.inside & ~bound)
        free_out = np.flatnonzero(now.inside & ~bound)
        if not len(free_in) or not len(free_out):
            return []
        top_in = free_in[np.argsort(-gains[free_in], kind="stable")[:CANDIDATES]]
        top_out = free_out[np.argsort(losses[free_out], kind="stable")[:CANDIDATES]]
        into = np.concatenate([into, np.repeat(top_in, len(top_out))])
        out = np.concatenate([out, np.tile(top_out, len(top_in))])
        extra = np.concatenate([extra, np.zeros(len(top_in) * len(top_out))])
        profit = gains[into] - losses[out] + extra
        fits = (cost[into] - cost[out] <= left).astype(bool) & ~bound[into] & ~bound[out]
        fits &= profit > 0
        into, out, profit = into[fits], out[fits], profit[fits]
        order = np.argsort(-profit, kind="stable")[:CANDIDATES]
        return list(zip(into[order].tolist(), out[order].tolist(), strict=True))

    def gains(self, now: Set) -> NDArray[np.float64]:
        """Return by how much each further task would raise the objective, [S]."""
        options, state, count = self.options, now.state, len(now.inside)
        entry = self._one_short(now)
        target = options.target[options.option[entry]]
        rise = options.value[options.option[entry]] - state.now[target]
        useful = (rise > 0) & ~state.settled[target]
        entry, target, rise = entry[useful], target[useful], rise[useful]
        task = options.member[entry]
        best = _first_by(target * count + task, rise)
        target, task, rise = target[best], task[best], rise[best]
        gains = np.bincount(task, rise, minlength=count).astype(float)
        own = np.flatnonzero((options.own >= 0) & ~now.inside)
        of = options.own[own]
        brought = np.bincount(task, np.where(options.own[task] == target, rise, 0.0), count)
        gains[own] += options.own_value[of] - state.now[of] - brought[own]
        return gains

    def _one_short(self, now: Set) -> NDArray[np.int64]:
        """Return the entries of `member` that are all that their option lacks."""
        options = self.options
        short = (now.state.lacking == 1)[options.option]
        short &= ~now.inside[options.member]
        return np.flatnonzero(short)

    def _drops(self, now: Set) -> _Drops:
        options, state = self.options, now.state
        admissible = np.flatnonzero(state.lacking == 0)
        target = options.target[admissible]
        start = np.searchsorted(target, np.arange(len(state.now)))
        entry, begin = members_of(options.first, admissible)
        row = np.repeat(np.arange(len(admissible)), np.diff(begin))
        member = options.member[entry]
        free = np.flatnonzero(~state.settled)
        chosen = state.best[free]
        found = []
        for k in range(int(options.size[chosen].max(initial=0))):
            reads = options.size[chosen] > k
            source = np.full(len(state.now), -1, dtype=np.int64)
            source[free[reads]] = options.member[options.first[:-1][chosen[reads]] + k]
            without = np.ones(len(admissible), dtype=bool)
            without[row[member == source[target[row]]]] = False
            value = np.where(without, options.value[admissible], -np.inf)
            left = np.maximum.reduceat(value, start)
            of = free[reads]
            found.append((of, source[of], left[of], state.now[of]))
        own = np.flatnonzero(now.inside & (options.own >= 0))
        of = options.own[own]
        found.append((of, own, options.value[state.best[of]], options.own_value[of]))
        return _Drops(*(np.concatenate(part) for part in zip(*found, strict=True)))

    def _shared(self, now: Set, drops: _Drops) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return codes of pairs (task to add, task to drop), and by how much gain and loss overlap.

        A target that loses its source does not fall to what is left but to what the added task
        brings, and what that was counted to gain beyond is counted once.
        """
        options, state, count = self.options, now.state, len(now.inside)
        entry = self._one_short(now)
        option = options.option[entry]
        task, target, value = options.member[entry], options.target[option], options.value[option]
        codes, sums = [], []
        # A target has as many drops as its option has sources: one round for each of them.
        order = np.argsort(drops.target, kind="stable")
        rank = np.empty(len(order), dtype=np.int64)
        ordered = drops.target[order]
        rank[order] = np.arange(len(order)) - np.searchsorted(ordered, ordered)
        for k in range(int(rank.max(initial=-1)) + 1):
            at = np.full(len(state.now), -1, dtype=np.int64)
            at[drops.target[rank == k]] = np.flatnonzero(rank == k)
            drop = at[target]
            known = drop >= 0
            drop, into, worth = drop[known], task[known], value[known]
            settled = state.settled[target[known]]
            overlap = np.where(settled, worth, np.minimum(worth, drops.most[drop]))
            overlap -= drops.without[drop]
            some = overlap > 0
            drop, into, overlap = drop[some], into[some], overlap[some]
            best = _first_by(drops.target[drop] * count + into, overlap)
            codes.append(into[best] * count + drops.source[drop[best]])
            sums.append(overlap[best])
        if not codes:
            return np.zeros(0, dtype=np.int64), np.zeros(0)
        code, extra = np.concatenate(codes), np.concatenate(sums)
        if count * count <= DENSE:
            total = np.bincount(code, extra, minlength=count * count)
            used = np.flatnonzero(total)
            return used, total[used].astype(np.float64)
        used, where = np.unique(code, return_inverse=True)
        return used, np.bincount(where, extra, minlength=len(used)).astype(np.float64)


def _first_by(code: NDArray[np.int64], value: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return, for each different code, the position of its largest value."""
    if not len(code):
        return np.zeros(0, dtype=np.int64)
    order = np.lexsort((-value, code))
    sorted_code = code[order]
    return order[np.flatnonzero(np.r_[True, sorted_code[1:] != sorted_code[:-1]])]
