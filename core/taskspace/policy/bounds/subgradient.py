"""The best prices where every option has one source."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

import numpy as np

from taskspace.policy.bounds.arrays import OptionArrays
from taskspace.policy.bounds.dual import Dual, Labels, dual_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

PATIENCE = 20
"""Steps without a better bound before the step is shortened."""

SHORTER = 0.6
"""What the step is multiplied by then."""

INERTIA = 0.7
"""The share of the last direction in the next: half the gap after 600 steps on 5,000 tasks."""

LEAST_STEP = 1e-3
"""Where the steps end."""

SPARE = 8
"""Options of a target beyond twice those in use that a step looks at."""


class Subgradient:
    """Steps towards the best prices, from where the last budget ended.

    For given u the least prices are lambda_ts = max(0, v_ts - u_t); the bound is then that of the
    linear program once u is best. A step looks at the options near u alone, a few per cent of
    all; the bound that is returned is computed on all of them.
    """

    def __init__(self, options: OptionArrays) -> None:
        self.options = options
        self.level = options.best_of(options.value)
        order = np.lexsort((-options.value, options.target))
        self._order = order[options.row[order] >= 0]
        self._value = options.value[self._order]
        self._target = options.target[self._order]
        self._task = options.member[options.first[self._order]]
        start = np.searchsorted(self._target, np.arange(len(self.level) + 1))
        self._rank = np.arange(len(self._order)) - start[self._target]
        self._start = start

    def improved(
        self,
        labels: Labels,
        lower: float,
        steps: int,
        step: float = 1.0,
        until: float = math.inf,
    ) -> Dual:
        """Return the bound after so many steps towards `lower`.

        The length of a step is Polyak's (1969), its direction that of Camerini, Fratta and
        Maffioli (1975): the subgradient and a share of the direction before.

        Args:
            until: the moment of `time.perf_counter` when the steps end.
        """
        options = self.options
        own = np.flatnonzero(options.own >= 0)
        of, own_value = options.own[own], options.own_value[options.own[own]]
        best_level = level = self.level
        best, since = math.inf, 0
        direction = np.zeros_like(level)
        near, floor = self._near(level)
        for _ in range(steps):
            if (level < floor).any():
                near, floor = self._near(level)
            target, task = self._target[near], self._task[near]
            price = np.maximum(self._value[near] - level[target], 0.0)
            score = np.bincount(task, price, minlength=len(options.own)).astype(float)
            score[own] += own_value - level[of]
            most, taken, _ = labels.best(score)
            bound = float(level.sum()) + most
            if bound < best - 1e-12 * abs(bound):
                best, best_level, since = bound, level, 0
            elif (since := since + 1) >= PATIENCE:
                step, since, level = step * SHORTER, 0, best_level
                direction[:] = 0.0
                continue
            used = taken[task] * (price > 0)
            gradient = 1.0 - np.bincount(target, used, minlength=len(level))
            gradient[of] -= taken[own]
            direction = gradient + INERTIA * direction
            length = float(direction @ direction)
            closed = best - lower <= 1e-12 * abs(lower)
            if not length or step < LEAST_STEP or closed or time.perf_counter() > until:
                break
            level = level - step * (bound - lower) / length * direction
            level = np.maximum(level, options.unserved)
        self.level = best_level
        excess = (options.value - best_level[options.target])[options.option]
        return dual_of(options, labels, np.maximum(excess, 0.0))

    def _near(self, level: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return the options near a level, and the level below which others count. [T]."""
        used = np.bincount(self._target[self._value > level[self._target]], minlength=len(level))
        count = 2 * used + SPARE
        near = np.flatnonzero(self._rank < count[self._target])
        behind = self._start[:-1] + count
        more = behind < self._start[1:]
        floor = np.full(len(level), -np.inf)
        floor[more] = self._value[behind[more]]
        return near, floor
