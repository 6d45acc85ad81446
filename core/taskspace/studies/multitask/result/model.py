"""What `result.json` of a multitask run holds."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from taskspace.components import Choice, MissingCell, Number, Record, StudyResult
from taskspace.learning.records import IntervalRecord

ScoreKey = Literal["mean", "delta_m"]


class SampleCounts(Record):
    """Samples of each part; null where labels were not counted."""

    train: int | None = Field(description="Samples that may train.")
    test: int | None = Field(description="Samples that test.")


class TaskRecord(Record):
    """A task and its labels; counts are null where labels were not counted."""

    name: str = Field(description="As the job calls it.")
    metric: str = Field(description="Its metric: `accuracy`, a loss, an error.")
    train: int | None = Field(description="Training samples that have a label.")
    test: int | None = Field(description="Test samples that have a label.")
    base_rate: Number | None = Field(
        description="Share of the most frequent class among test labels, 0 to 1; null where there "
        "are no classes."
    )


class SchemeRecord(Record):
    """A scheme of sharing."""

    name: str = Field(description="As the job calls it.")
    gating: str = Field(description="The component of kind `gating`.")
    chooses: bool = Field(
        False, description="Whether it learns which experts to read; old results do not say it."
    )
    parameters: dict[str, Any] = Field({}, description="All parameters of the component.")


class RuleRecord(Record):
    """One training tested by one rule of which experts a task keeps."""

    metric: list[Number | None] = Field(description="Of each task, on its test samples.")
    loss: list[Number | None] = Field(description="Of each task, the mean over test samples.")
    mean: Number | None = Field(
        description="Mean metric over tasks with test labels; null where metrics differ."
    )
    delta_m: Number | None = Field(
        description="Mean relative gain over tasks against separate networks, as a fraction."
    )
    kept: list[list[int]] = Field(description="Experts that each task keeps, a list a layer.")
    multiply_adds: Number = Field(
        description="Multiply-adds of experts for a test sample, forward, all tasks."
    )

    def by(self, score: ScoreKey | None) -> float | None:
        """Return its score; None where there is none to compare by."""
        return {"mean": self.mean, "delta_m": self.delta_m, None: None}[score]


class CurveRecord(Record):
    """A training by step; the lists are equally long, `metric` is empty without tests."""

    loss: list[list[Number | None]] = Field(
        description="Training loss of each task, a list a point."
    )
    metric: list[list[Number | None]] = Field(
        description="Test metric of each task, a list a point."
    )
    step: list[int] = Field(description="Steps made so far.")


class TrialRecord(Record):
    """One training: a scheme on a number of samples, in one repetition."""

    scheme: str = Field(description="The scheme's name.")
    size: int = Field(description="Training samples.")
    seed: int = Field(description="The number of the repetition.")
    rule: Choice = Field(description="The rule that is reported throughout.")
    rules: dict[Choice, RuleRecord] = Field(description="What it is worth, by rule.")
    expected: list[list[Number]] = Field(
        description="Experts that each task is expected to read by its gate probabilities, a list "
        "a layer."
    )
    experts: list[int] = Field(description="Experts of each layer.")
    multiply_adds: Number = Field(
        description="Multiply-adds of experts for a training sample, forward, all tasks."
    )
    deployed: list[int] = Field(
        description="Multiply-adds for a sample of each task's network alone, with its head."
    )
    parameters: int = Field(description="Trained numbers of the whole network.")
    curve: CurveRecord = Field(description="How it learned.")

    @property
    def reported(self) -> RuleRecord:
        """Return what it is worth by the rule that is reported."""
        return self.rules[self.rule]


class RuleSummary(Record):
    """A scheme by one rule, over repetitions."""

    mean: IntervalRecord | None = Field(description="Of the mean metric over tasks.")
    delta_m: IntervalRecord | None = Field(
        description="Of the relative gain against separate networks, as a fraction."
    )
    metric: list[IntervalRecord | None] = Field(description="Of each task's metric.")
    kept: IntervalRecord | None = Field(
        description="Of the experts a task keeps, over all layers, mean over tasks."
    )
    multiply_adds: IntervalRecord = Field(description="Of those of experts for a test sample.")

    def by(self, score: ScoreKey | None) -> IntervalRecord | None:
        """Return the interval of its score; None where there is none to compare by."""
        return {"mean": self.mean, "delta_m": self.delta_m, None: None}[score]


class SchemeSummary(Record):
    """A scheme on a number of samples, over repetitions."""

    scheme: str = Field(description="The scheme's name.")
    size: int = Field(description="Training samples.")
    repetitions: int = Field(description="Trainings that have a result.")
    rule: Choice = Field(description="The rule that is reported throughout.")
    experts: list[int] = Field(description="Experts of each layer.")
    parameters: int = Field(description="Trained numbers of the whole network.")
    expected: IntervalRecord | None = Field(
        description="Experts a task is expected to read, over all layers, mean over tasks."
    )
    multiply_adds: IntervalRecord = Field(
        description="Multiply-adds of experts for a training sample."
    )
    deployed: IntervalRecord | None = Field(
        description="Multiply-adds for a sample of one task's network alone, mean over tasks."
    )
    rules: dict[Choice, RuleSummary] = Field(description="What it is worth, by rule.")

    @property
    def reported(self) -> RuleSummary:
        """Return what it is worth by the rule that is reported."""
        return self.rules[self.rule]


class DifferenceRecord(Record):
    """The score of `first` minus that of `second`, paired by repetition, with its 95 % interval."""

    size: int = Field(description="Training samples.")
    first: str = Field(description="A scheme.")
    second: str = Field(description="Another.")
    mean: Number = Field(description="In units of the score, delta_m as a fraction.")
    low: Number | None = Field(description="Lower end, pointwise; null where there is none.")
    high: Number | None = Field(description="Upper end, pointwise; null where there is none.")
    repetitions: int = Field(description="Pairs.")


class FrontierRecord(Record):
    """What a scheme costs and achieves on the most samples."""

    scheme: str = Field(description="The scheme's name.")
    multiply_adds: Number = Field(description="Of experts for a test sample, mean.")
    score: Number = Field(description="Its mean, delta_m as a fraction.")
    dominated_by: str | None = Field(
        description="A scheme nowhere worse and somewhere better, by the means."
    )


class SimilarityRecord(Record):
    """How alike tasks are by their gates."""

    scheme: str = Field(description="The scheme's name.")
    size: int = Field(description="Training samples.")
    matrix: list[list[Number | None]] = Field(
        description="Correlation of tasks by gate probabilities, -1 to 1, mean over repetitions; "
        "null where a task's are all alike."
    )


class MultitaskResult(StudyResult):
    """The same tasks under several schemes of sharing, compared."""

    metric: str | None = Field(description="The metric of all tasks; null where they differ.")
    score: ScoreKey | None = Field(
        description="Schemes are compared by the mean metric, or delta_m where metrics differ."
    )
    rising: bool = Field(description="Whether a higher score is better.")
    interval: str = Field(description="How intervals are made, in words.")
    samples: SampleCounts = Field(description="Samples of each part.")
    tasks: list[TaskRecord] = Field(description="In the order of all lists by task.")
    schemes: list[SchemeRecord] = Field(description="In the order of the job.")
    rules: list[Choice] = Field(description="How a task's experts are chosen; the first reports.")
    trials: list[TrialRecord] = Field(description="Every training that has a result.")
    summary: list[SchemeSummary] = Field(description="Schemes over repetitions, by samples.")
    differences: list[DifferenceRecord] = Field(description="Of every two schemes, by samples.")
    frontier: list[FrontierRecord] = Field(description="Cost and score on the most samples.")
    similarity: list[SimilarityRecord] = Field(description="Of schemes whose gates differ.")
    missing: list[MissingCell] = Field(description="Cells that have no result.")
