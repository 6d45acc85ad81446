"""The arms of a comparison: which auxiliary tasks are trained beside the central one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple, TypeAlias

from taskspace.studies.cotraining.job import BASELINE, TOGETHER, CotrainingJob

ArmKind: TypeAlias = Literal["baseline", "auxiliary", "together", "control"]


class Arm(NamedTuple):
    """Auxiliary tasks that are trained beside the central one; none in the baseline.

    Attributes:
        name: as it is shown.
        auxiliary: names of the tasks, in the order of the job.
        shuffled: whether their labels are shuffled among images.
    """

    name: str
    kind: ArmKind
    auxiliary: tuple[str, ...]

    @property
    def shuffled(self) -> bool:
        """Return whether the labels of its auxiliary tasks are shuffled among images."""
        return self.kind == "control"

    @property
    def path(self) -> str:
        """Return what stands for it in the names of cells."""
        if self.shuffled:
            return f"shuffled/{self.auxiliary[0]}"
        return self.name.replace(" + ", "+")


class ArmTraining(NamedTuple):
    """One training: an arm with so many central labels (all where None), in one repetition."""

    arm: str
    labels: int | None
    seed: int


def arms_of(job: CotrainingJob) -> list[Arm]:
    """Return the arms of a job: the baseline, each task alone, several at once, the controls."""
    names = [each.name for each in job.auxiliary]
    arms = [Arm(BASELINE, "baseline", ()), *(Arm(n, "auxiliary", (n,)) for n in names)]
    for group in job.groups():
        name = TOGETHER if len(group) == len(names) else " + ".join(group)
        arms.append(Arm(name, "together", group))
    return [*arms, *controls(job.controls())]


def controls(names: Sequence[str]) -> list[Arm]:
    """Return the arms in which the labels of these tasks are shuffled."""
    return [Arm(f"{name} (shuffled)", "control", (name,)) for name in names]
