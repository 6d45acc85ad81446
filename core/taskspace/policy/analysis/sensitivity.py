"""What each single decision is worth: the best policy with a task forced in, and left out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from taskspace.components import Status
from taskspace.errors import SolutionRejected
from taskspace.policy.analysis.alternatives import share_lost, weight_of
from taskspace.policy.search import ADVICE, FoundSet, Search
from taskspace.policy.ties import falls_short

if TYPE_CHECKING:
    from pyomo.environ import ConcreteModel


@dataclass(frozen=True)
class Forced:
    """The best policy in which one task is decided beforehand.

    Attributes:
        status: `infeasible` where no policy under the budget has the task so; `feasible` where a
            limit was hit, and a better policy may exist.
        lost: the share of the optimum's objective that is given up; None without a policy, or
            where the optimum is 0.
    """

    status: Status
    objective: float | None = None
    lost: float | None = None


@dataclass(frozen=True)
class TaskSensitivity:
    """A task that may be supervised; one of the two is the optimum, which loses nothing."""

    task: str
    supervised: bool
    forced_in: Forced
    left_out: Forced

    @property
    def other(self) -> Forced:
        """Return the decision that the optimum did not take."""
        return self.left_out if self.supervised else self.forced_in


@dataclass(frozen=True)
class Sensitivity:
    """All tasks that may be supervised, by name, and what was not proven."""

    tasks: tuple[TaskSensitivity, ...] = ()
    message: str = ""


def sensitivity_of(search: Search, optimum: int) -> Sensitivity:
    """Return, for each task, what it costs to decide it against the optimum.

    One solve a task, of one model, in which y_v is held by a row that is taken out again.

    Raises:
        SolutionRejected: if the solver decides a task otherwise than it was told, or finds
            something better than the optimum.
    """
    instance = search.instance
    kept = Forced("optimal", instance.value(weight_of(search, optimum)), 0.0)
    tasks = []
    for position, task in enumerate(instance.sources):
        supervised = bool(optimum >> position & 1)
        other = _decided(search, optimum, position, supervise=not supervised)
        tasks.append(
            TaskSensitivity(task, True, kept, other)
            if supervised
            else TaskSensitivity(task, False, other, kept)
        )
    unproven = sum(task.other.status not in ("optimal", "infeasible") for task in tasks)
    message = (
        f"The time limit was hit: for {unproven} of {len(tasks)} tasks what is lost is not proven."
        if unproven
        else ""
    )
    return Sensitivity(tuple(tasks), message)


def _decided(search: Search, optimum: int, position: int, *, supervise: bool) -> Forced:
    changed = optimum ^ 1 << position
    if supervise and _is_as_good(search, changed, optimum):
        found = FoundSet("optimal", changed)
    else:
        with _held(search.model, position, int(supervise)):
            found = search.best()
    if found.mask is None:
        return Forced(found.status)
    if bool(found.mask >> position & 1) is not supervise:
        raise SolutionRejected(
            f"The solver {search.solver.name} was asked to "
            f"{'supervise' if supervise else 'leave out'} {search.instance.sources[position]!r} "
            "and did not.",
            advice=ADVICE,
        )
    weight = weight_of(search, found.mask)
    falls_short(search, weight, weight_of(search, optimum))
    return Forced(
        found.status, search.instance.value(weight), share_lost(search, optimum, found.mask)
    )


def _is_as_good(search: Search, mask: int, optimum: int) -> bool:
    """Return whether a set is a policy under the budget that loses nothing: no solve is needed."""
    instance = search.instance
    if instance.cost(mask) > search.capacity:
        return False
    return instance.weight(mask, search.capacity) == weight_of(search, optimum)


@contextmanager
def _held(model: ConcreteModel, position: int, value: int) -> Iterator[None]:
    """Hold y at a value by a row: the files that solvers read give a binary no other bounds."""
    model.cuts.add(model.y[position] == float(value))
    try:
        yield
    finally:
        model.cuts.clear()
