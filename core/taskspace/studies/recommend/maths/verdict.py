"""Whether any recommendation beats the rankings that look at nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from taskspace.errors import InputError
from taskspace.learning.statistics import holm
from taskspace.studies.recommend.maths.errors import Floats
from taskspace.studies.recommend.maths.resampling import TaskMean, lower_p_value, task_mean

SIGNIFICANT = 0.05
"""Below this p, after Holm's correction, a method counts as better."""

FEWEST_TASKS = 5
"""With fewer tasks no sign test can be below SIGNIFICANT: at best 1/2^T."""


@dataclass(frozen=True)
class AgainstStatic:
    """A method against the best static ranking.

    Attributes:
        difference: of the losses, below 0 where the method is better.
        p: one-sided, that there is no such difference; corrected for the number of methods (Holm).
    """

    difference: TaskMean
    p: float

    @property
    def better(self) -> bool:
        """Return whether the method is shown to be better."""
        return self.p < SIGNIFICANT


@dataclass(frozen=True)
class Verdict:
    """What a comparison of recommendations shows.

    Attributes:
        static: the static ranking with the lowest mean loss, and its mean.
        methods: each method against it.
        tasks: how many have a loss of every method.
    """

    static: str
    static_mean: TaskMean
    methods: Mapping[str, AgainstStatic]
    tasks: int

    @property
    def better(self) -> tuple[str, ...]:
        """Return the methods shown to be better, the best first."""
        found = [name for name, one in self.methods.items() if one.better]
        return tuple(sorted(found, key=lambda name: self.methods[name].difference.mean))

    def __str__(self) -> str:
        if not self.better:
            few = f"; {FEWEST_TASKS} tasks are the fewest that could show it"
            return (
                "No evidence that any score beats the static ranking "
                f"({self.static}, {self.tasks} tasks{few if self.tasks < FEWEST_TASKS else ''})."
            )
        best = self.methods[self.better[0]]
        also = f"; also better: {', '.join(self.better[1:])}" if self.better[1:] else ""
        return (
            f"{self.better[0]} beats the best static ranking, {self.static}, by "
            f"{-best.difference.mean:.2f} ({-best.difference.high:.2f} to "
            f"{-best.difference.low:.2f}; {self.tasks} tasks, p = {best.p:.2g}){also}."
        )


def verdict(methods: Mapping[str, Floats], static: Mapping[str, Floats], seed: int = 0) -> Verdict:
    """Return which methods beat the best static ranking, by paired comparisons over tasks.

    The best static ranking is the one that turned out best on these very tasks, which favours it.
    Each method is compared with it alone; p values are corrected by Holm's method.

    Args:
        methods: losses [T] of each method's picks, relative errors or regrets; NaN for a task
            without one, which is then left out for all.
        static: the same of rankings that do not look at the new task, such as chance and the best
            average expert left out. What knows the answer, as hindsight does, is none of them.
        seed: of the bootstrap over tasks.

    Raises:
        InputError: if there is no method or no static ranking, or no task with all losses.
    """
    if not methods or not static:
        raise InputError("A verdict needs at least one method and one static ranking.")
    both = sorted(methods.keys() & static.keys())
    if both:
        raise InputError(f"{both[0]!r} is both a method and a static ranking.")
    table = np.stack([*methods.values(), *static.values()])
    complete = ~np.isnan(table).any(axis=0)
    if not complete.any():
        raise InputError("No task has a loss of every method and every static ranking.")
    best = min(static, key=lambda name: float(static[name][complete].mean()))
    paired = {name: (loss - static[best])[complete] for name, loss in methods.items()}
    p_values = holm({name: lower_p_value(values, seed) for name, values in paired.items()})
    return Verdict(
        best,
        task_mean(static[best][complete], seed),
        {
            name: AgainstStatic(task_mean(values, seed), p_values[name])
            for name, values in paired.items()
        },
        int(complete.sum()),
    )
