"""Upper bounds from prices, the best prices by linear programming, and what a bound rules out."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from taskspace.policy.bounds.arrays import OptionArrays

NEGLIGIBLE = 1e-12
"""Labels that cost a smaller share of the dearest ones are free, which a bound may assume."""

LARGEST = 400_000
"""Sources of options up to which the linear program is solved; 240,000 take some five seconds."""

DEAREST = 1e150
"""No price of budget is above this; a label that costs next to nothing would have an infinite one.
"""


class Labels:
    """What the budget leaves to choose: which labels to buy with what the required ones leave.

    Attributes:
        cost: of each task's labels, in the units of the problem. [S]
        left: of the budget, after what is required.
        free: which tasks are neither required nor forbidden. [S]
    """

    def __init__(self, options: OptionArrays, capacity: int) -> None:
        cost = np.array([options.amount(c) for c in options.cost.tolist()])
        self.cost = np.where(cost > NEGLIGIBLE * cost.max(initial=0.0), cost, 0.0)
        self.required = options.required
        self.free = ~(options.required | options.forbidden)
        most = int(options.cost[~options.required].sum())
        spent = int(options.cost[options.required].sum())
        self.left = options.amount(min(capacity - spent, most))

    def best(
        self, score: NDArray[np.float64]
    ) -> tuple[float, NDArray[np.float64], tuple[float, ...]]:
        """Return a bound of the best labels, which ones they are [S], and the prices of budget.

        The bound is that of the fractional knapsack: what its last task has of the budget counts.
        """
        taken = self.required.astype(float)
        useful = np.flatnonzero(self.free & (score > 0))
        with np.errstate(divide="ignore", over="ignore"):
            worth = np.minimum(score[useful] / self.cost[useful], DEAREST)
        ranks = np.argsort(-worth, kind="stable")
        order, worth = useful[ranks], worth[ranks]
        spent = np.cumsum(self.cost[order])
        fits = int(np.searchsorted(spent, self.left, side="right"))
        taken[order[:fits]] = 1.0
        prices: tuple[float, ...] = (0.0,)
        if fits < len(order):
            prices = (float(worth[fits]),)
            last = order[fits - 1] if fits else None
            if last is not None and spent[fits - 1] == self.left and self.cost[last]:
                prices = (*prices, float(worth[fits - 1]))
        return min(self.at_price(score, price) for price in prices), taken, prices

    def at_price(self, score: NDArray[np.float64], price: float) -> float:
        """Return a bound of the best labels when a unit of budget has a price."""
        reduced = np.maximum(score - price * self.cost, 0.0)
        return float(self.left * price + reduced[self.free].sum() + score[self.required].sum())


@dataclass(frozen=True)
class Dual:
    """A bound, and the prices that it follows from.

    Attributes:
        bound: no policy within the budget is worth more.
        level: u, what the best option of each target is worth after paying for its sources. [T]
        over: by how much each option is worth less than that. [R]
        score: c, what each task brings at these prices. [S]
        prices: of a unit of budget; the bound is the same at each of them.
        hint: the larger, the rather a task is supervised. [S]
    """

    bound: float
    level: NDArray[np.float64]
    over: NDArray[np.float64]
    score: NDArray[np.float64]
    prices: tuple[float, ...]
    hint: NDArray[np.float64]


def dual_of(
    options: OptionArrays,
    labels: Labels,
    price: NDArray[np.float64],
    hint: NDArray[np.float64] | None = None,
) -> Dual:
    """Return the bound at any prices of sources.

    It is the Lagrangian relaxation of `strong`, whose rows of sources are priced into the
    objective. With a price lambda_ts >= 0 for the use of source s by target t, and u_t the most
    that an option of t is worth after paying for its sources, no policy is worth more than

        sum_t u_t + max { sum_s c_s y_s : sum_s l_s y_s <= gamma },
        c_s = sum_t lambda_ts, under rule `own` plus (value of the supervised network - u_s).

    Args:
        price: for each entry of `options.member`; entries of one target and task share a price,
            which counts once.
        hint: the scores where it is None.
    """
    worth = options.value - options.sums(price)
    level = options.best_of(worth)
    counts = options.pair_first
    score = np.bincount(options.member[counts], price[counts], minlength=len(options.own)).astype(
        float
    )
    own = np.flatnonzero(options.own >= 0)
    score[own] += options.own_value[options.own[own]] - level[options.own[own]]
    best, _, prices = labels.best(score)
    bound = float(level.sum()) + best
    over = level[options.target] - worth
    return Dual(bound, level, over, score, prices, score if hint is None else hint)


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


@dataclass(frozen=True)
class Ruled:
    """What no policy that is worth at least so much does.

    Attributes:
        out, inside: tasks that are in none, and in every one, of those policies. [S]
        options: those that may serve in one of them. [R]
    """

    out: NDArray[np.bool_]
    inside: NDArray[np.bool_]
    options: NDArray[np.bool_]

    @property
    def decided(self) -> bool:
        """Return whether only one set of tasks is left."""
        return bool((self.out | self.inside).all())


def ruled_out(options: OptionArrays, labels: Labels, dual: Dual, least: float) -> Ruled:
    """Return what a bound rules out for policies that are worth at least `least`.

    To force a task in or out, or an option to be used, lowers the bound at least by the reduced
    costs of what is forced; where it then falls below `least`, no such policy does it.
    """
    inside, out = options.required.copy(), options.forbidden.copy()
    kept = options.row >= 0
    own = np.flatnonzero(options.own >= 0)
    for price in dual.prices:
        bound = float(dual.level.sum()) + labels.at_price(dual.score, price)
        reduced = np.where(labels.free, dual.score - price * labels.cost, 0.0)
        out |= labels.free & (bound + np.minimum(reduced, 0.0) < least)
        inside |= labels.free & (bound - np.maximum(reduced, 0.0) < least)
        lowered = bound - dual.over + options.sums(np.minimum(reduced, 0.0)[options.member])
        supervised = np.zeros(len(dual.level))
        supervised[options.own[own]] = np.maximum(reduced[own], 0.0)
        kept &= lowered - supervised[options.target] >= least
    return Ruled(out, inside & ~out, kept)
