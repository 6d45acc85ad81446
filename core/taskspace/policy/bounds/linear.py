"""The best prices by linear programming."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

import numpy as np

from taskspace.policy.bounds.arrays import OptionArrays
from taskspace.policy.bounds.dual import Dual, Labels, dual_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

LARGEST = 400_000
"""Sources of options up to which the linear program is solved; 240,000 take some five seconds."""


class LinearProgram:
    """The relaxation of `strong`, whose rows of sources have the best prices as duals.

    Whatever the duals are, the bound that they give is computed from them alone: it holds even
    where the linear program was not solved to the end.
    """

    def __init__(self, options: OptionArrays) -> None:
        self.options = options

    def improved(self, labels: Labels, until: float = math.inf) -> Dual | None:
        """Return the bound, or None where there is no solution in time.

        Args:
            until: the moment of `time.perf_counter` when to end.
        """
        from scipy.optimize import linprog  # noqa: PLC0415  heavy
        from scipy.sparse import csr_array, vstack  # noqa: PLC0415  heavy

        options = self.options
        left = until - time.perf_counter()
        if len(options.member) > LARGEST or left <= 0:
            return None
        tasks, pairs = len(options.own), len(options.pair_first)
        real = np.flatnonzero(options.row >= 0)
        column = np.full(len(options.row), -1)
        column[real] = tasks + np.arange(len(real))
        of_pair = options.member[options.pair_first]
        entries = np.ones(len(options.member))
        rows = csr_array(
            (
                np.concatenate([entries, -np.ones(pairs)]),
                (
                    np.concatenate([options.pair, np.arange(pairs)]),
                    np.concatenate([column[options.option], of_pair]),
                ),
            ),
            shape=(pairs, tasks + len(real)),
        )
        budget = csr_array(
            (labels.cost, (np.zeros(tasks, dtype=np.int64), np.arange(tasks))),
            shape=(1, tasks + len(real)),
        )
        own = np.flatnonzero(options.own >= 0)
        serve = csr_array(
            (
                np.ones(len(real) + len(own)),
                (
                    np.concatenate([options.target[real], options.own[own]]),
                    np.concatenate([column[real], own]),
                ),
            ),
            shape=(len(options.start) - 1, tasks + len(real)),
        )
        gain = np.zeros(tasks + len(real))
        gain[own] = options.own_value[options.own[own]]
        gain[tasks:] = options.value[real]
        upper = np.ones(tasks + len(real))
        lower = np.zeros(tasks + len(real))
        upper[:tasks][options.forbidden] = 0.0
        lower[:tasks][options.required] = 1.0
        spent = float(labels.cost[options.required].sum())
        found = linprog(
            -gain,
            A_ub=vstack([rows, budget]),
            b_ub=np.concatenate([np.zeros(pairs), [labels.left + spent]]),
            A_eq=serve,
            b_eq=np.ones(len(options.start) - 1),
            bounds=np.column_stack([lower, upper]),
            method="highs-ds",
            options={"time_limit": min(left, 1e6)},
        )
        if found.status != 0:
            return None
        price: NDArray[np.float64] = np.maximum(-found.ineqlin.marginals[:pairs], 0.0)
        return dual_of(options, labels, price[options.pair], found.x[:tasks])
