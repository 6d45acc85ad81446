"""What `result.json` of a co-training run holds."""

from __future__ import annotations

from typing import Literal, TypeAlias

from pydantic import Field

from taskspace.components import MissingCell, Number, Record, StudyResult
from taskspace.learning.records import IntervalRecord
from taskspace.studies.cotraining.plan.arms import ArmKind

Outcome: TypeAlias = Literal["helps", "hurts", "undecided"]


class CentralRecord(Record):
    """The task that is to be helped."""

    name: str = Field(description="As the job calls it.")
    metric: str = Field(description="What the verdict is about: `accuracy`, `ap`, a loss.")
    further: list[str] = Field(
        [], description="Other metrics over all test images, such as `ap50`."
    )
    rising: bool = Field(description="Whether a higher metric is better.")


class AuxiliaryRecord(Record):
    """A task that may help."""

    name: str = Field(description="As the job calls it.")
    metric: str = Field(description="Its metric.")
    rising: bool = Field(description="Whether a higher metric is better.")
    weight: Number = Field(description="What its loss is multiplied by.")
    batch: int = Field(description="Its images in a step.")
    every: int = Field(description="It learns in the first of so many steps.")


class ArmRecord(Record):
    """What is trained beside the central task."""

    name: str = Field(description="As it is shown.")
    kind: ArmKind = Field(
        description="`baseline`: nothing; `auxiliary`: one task; `together`: several; "
        "`control`: one whose labels are shuffled among images."
    )
    auxiliary: list[str] = Field(description="The tasks that learn along.")


class SharedRecord(Record):
    """What of the encoder all tasks share."""

    stages: int = Field(description="How many stages, from the first.")
    of: int = Field(description="How many stages the encoder has.")


class TaskOfArm(Record):
    """What an arm saw of a task, and what it is worth after it; the central task comes first."""

    name: str = Field(description="As the job calls it.")
    images: int = Field(description="Training images with its label that it learnt from.")
    seen: int = Field(description="Images in all of its batches; repeated ones count again.")
    tested: int = Field(description="Test images with its label.")
    base_rate: Number | None = Field(
        description="Share of the most frequent class among test labels; null without classes."
    )
    loss: Number | None = Field(description="Mean over test images, with their true labels.")
    metric: Number | None = Field(description="Likewise, or over all test images at once.")
    overall: dict[str, Number | None] = Field(
        {}, description="All metrics that are computed over all test images at once."
    )


class LossCurveRecord(Record):
    """A training by step; the lists are equally long, `metric` is empty without tests."""

    step: list[int] = Field(description="Steps made so far.")
    loss: list[list[Number | None]] = Field(
        description="Training loss of each task of the arm, a list a point."
    )
    metric: list[Number | None] = Field(description="Central metric on test images.")


class ArmTrial(Record):
    """One training: an arm with a number of central labels, in one repetition."""

    arm: str = Field(description="The arm's name.")
    labels: int = Field(description="Training images with a central label.")
    seed: int = Field(description="The number of the repetition.")
    tasks: list[TaskOfArm] = Field(description="The central task, then the auxiliary ones.")
    parameters: dict[str, int] = Field(
        description="Trained numbers of the `shared` stages, the `replicated` ones, `readouts`."
    )
    curve: LossCurveRecord = Field(description="How it learnt.")

    @property
    def central(self) -> TaskOfArm:
        """Return the central task."""
        return self.tasks[0]


class ArmSummary(Record):
    """An arm with a number of central labels, over repetitions."""

    arm: str = Field(description="The arm's name.")
    labels: int = Field(description="Training images with a central label.")
    repetitions: int = Field(description="Trainings that have a result.")
    metric: IntervalRecord = Field(description="Of the central metric.")
    further: dict[str, IntervalRecord] = Field({}, description="Of the further central metrics.")
    loss: IntervalRecord = Field(description="Of the central test loss.")
    auxiliary: dict[str, IntervalRecord] = Field(
        description="Of the metric of each auxiliary task that has test labels."
    )


class ArmDifference(Record):
    """An arm minus the baseline, paired by repetition."""

    arm: str = Field(description="The arm's name.")
    labels: int = Field(description="Training images with a central label.")
    metric: str = Field("", description="Of the central task.")
    mean: Number = Field(description="In units of the metric.")
    low: Number | None = Field(
        description="Lower end of the 95 % interval, pointwise; null where there is none."
    )
    high: Number | None = Field(description="Upper end, null like the lower one.")
    repetitions: int = Field(description="Pairs.")
    deviation: Number | None = Field(
        description="Standard deviation of the differences between repetitions."
    )
    p_value: Number | None = Field(
        description="Of the paired t-test, two-sided, corrected for all differences in this metric "
        "by Holm's method; null without an interval."
    )
    outcome: Outcome = Field(description="What is shown at the 5 % level after correction.")
    needed: int | None = Field(
        description="Repetitions with which a paired t-test shows this mean with a probability "
        "of 80 % at this deviation; null where that is not known, or more than a million."
    )


class CotrainingResult(StudyResult):
    """A central task trained alone and with auxiliary tasks, compared."""

    central: CentralRecord = Field(description="The task that is to be helped.")
    auxiliary: list[AuxiliaryRecord] = Field(description="Tasks that may help.")
    shared: SharedRecord = Field(description="What of the encoder all tasks share.")
    interval: str = Field(description="How intervals are made, in words.")
    arms: list[ArmRecord] = Field(description="What is compared; the baseline first.")
    trials: list[ArmTrial] = Field(description="Every training that has a result.")
    summary: list[ArmSummary] = Field(description="Arms over repetitions, by labels.")
    differences: list[ArmDifference] = Field(description="Of every arm from the baseline.")
    further: list[ArmDifference] = Field(
        [], description="Likewise, in the further central metrics; the verdict is not about them."
    )
    words: dict[str, dict[str, list[str]]] = Field(
        {},
        description="Of tasks that are no pictures: `truth` of a few test images, and what each "
        "arm of the first repetition predicts of them.",
    )
    missing: list[MissingCell] = Field(description="Cells that have no result.")

    def kind_of(self, arm: str) -> ArmKind:
        """Return the kind of an arm."""
        return next(each.kind for each in self.arms if each.name == arm)

    def first_of(self, row: ArmSummary) -> ArmTrial:
        """Return the first training of an arm with a number of labels."""
        own = (each for each in self.trials if (each.arm, each.labels) == (row.arm, row.labels))
        return next(own)

    def label_counts(self) -> list[int]:
        """Return the numbers of central labels that something was trained with, few first."""
        return sorted({trial.labels for trial in self.trials})
