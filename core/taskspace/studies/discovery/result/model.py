"""What `result.json` of a discovery holds."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from taskspace.components import MissingCell, Number, Record, StudyResult
from taskspace.learning.records import IntervalRecord

Kind = Literal["discovered", "control", "frozen"]


class ImageCounts(Record):
    """Images of each part."""

    learnt: int = Field(description="Images on which tasks are found and from which judges learn.")
    test: int = Field(description="Images on which networks have to agree.")


class SearchRecord(Record):
    """A search, and what its tasks label images with."""

    name: str = Field(description="As the job calls it.")
    image: list[int] = Field(description="Channels, height and width of the images.")
    network: dict[str, Any] | None = Field(
        description="The encoder before the sphere, as a job writes it; null for codes."
    )
    sees: dict[str, Any] | None = Field(
        description="The encoder whose codes stand for images; null where they stand themselves."
    )


class TaskMatch(Record):
    """A known task, and how alike its labels are."""

    task: str = Field(description="As the job calls it.")
    similarity: Number = Field(description="Share of equal labels under the best naming.")


class JudgedTask(Record):
    """One task of a set, judged by networks that have learnt it."""

    number: int = Field(description="Counted from 1.")
    name: str = Field(description="What it is; its number where nobody named it.")
    agreement: Number = Field(description="Agreement score, 0 to 1, on test images.")
    low: Number | None = Field(
        description="Lower end of its 95 % interval over networks and images; null with two."
    )
    high: Number | None = Field(description="Upper end.")
    kappa: Number | None = Field(
        description="Cohen's: agreement beyond that of the predicted shares; null where networks "
        "predict one class."
    )
    balance: Number = Field(description="Share of the rarest class, all used images.")
    accuracy: Number | None = Field(
        description="Of the judges on test images; null where their labels say nothing."
    )
    fitted: Number = Field(description="Of the judges on the images that they have learnt.")
    matches: list[TaskMatch] = Field(
        description="The job's tasks of as many classes, most alike first."
    )


class SetRecord(Record):
    """A set of tasks, found or made in one repetition."""

    name: str = Field(description="As the job calls it.")
    seed: int = Field(description="The number of the repetition.")
    tasks: list[JudgedTask] = Field(description="Those that every judge has learnt.")
    similarity: list[list[Number]] = Field(
        description="Of each pair of tasks: the share of equal labels under the best naming."
    )
    learnt: Number | None = Field(
        description="How much of their task the networks of the search got right before its end; "
        "null where there was none."
    )


class RungRecord(Record):
    """All sets of a name: a rung of the ladder."""

    name: str = Field(description="As the job calls it.")
    kind: Kind = Field(description="Whether it was searched for.")
    tasks: int = Field(description="Tasks of a set.")
    classes: int = Field(description="Classes of a task.")
    agreement: IntervalRecord = Field(description="Mean agreement score of a set.")
    kappa: IntervalRecord | None = Field(description="Mean kappa of a set.")
    balance: Number = Field(description="The least share of a class in any task of any set.")
    similarity: IntervalRecord | None = Field(
        description="Mean over pairs of tasks of a set; null with one task."
    )
    most_similar: Number | None = Field(description="The most alike pair of any set.")


class AgreementGain(Record):
    """The agreement of a search minus that of a control, paired by repetition."""

    search: str = Field(description="The search.")
    control: str = Field(description="What it is compared with.")
    difference: IntervalRecord = Field(description="Of mean agreement scores.")
    p: Number | None = Field(
        description="Two-sided paired t-test, corrected by Holm; null with one repetition."
    )


class SplitRecord(Record):
    """What networks make of one half of a target's images when they have learnt the other."""

    target: str = Field(description="The task, as the job calls it.")
    rule: str = Field(description="How images were divided.")
    splits: int = Field(description="Splits of a repetition.")
    accuracy: IntervalRecord = Field(description="On the other half, mean of a repetition's.")
    least: IntervalRecord = Field(description="On the other half, the least of a repetition's.")
    learnt: IntervalRecord = Field(description="On the half that was learnt.")


class NamedMatch(Record):
    """Classes found on frozen codes beside a known task."""

    task: str = Field(description="As the job calls it.")
    accuracy: Number = Field(description="Share of equal labels under the best naming.")
    kmeans: Number = Field(description="The same of k-means on the same codes.")


class FrozenRecord(Record):
    """Classes found on frozen codes in one repetition."""

    name: str = Field(description="As the job calls it.")
    seed: int = Field(description="The number of the repetition.")
    classes: int = Field(description="How many were looked for.")
    used: int = Field(description="How many have any image.")
    loss: Number = Field(description="Of the heads, at the end.")
    matches: list[NamedMatch] = Field(description="Of the tasks that it was compared with.")

    @property
    def is_partial(self) -> bool:
        """Whether a class has no image."""
        return self.used < self.classes


class AbsentClasses(Record):
    """Classes of a known task of which a part has no image."""

    task: str = Field(description="As the job calls it.")
    part: Literal["learnt", "test"] = Field(description="Of which images.")
    classes: list[str] = Field(description="Which they are.")


class DiscoveryResult(StudyResult):
    """Which tasks a network agrees with itself on, and which splits fool it."""

    judges: int = Field(description="Networks that learnt each task.")
    images: ImageCounts | None = Field(description="Null where they were not read.")
    searches: list[SearchRecord] = Field(description="Those whose tasks label any image.")
    rungs: list[RungRecord] = Field(description="The ladder, highest agreement first.")
    gains: list[AgreementGain] = Field(description="Every search beside every control.")
    sets: list[SetRecord] = Field(description="Every set of every repetition.")
    splits: list[SplitRecord] = Field(description="By target, lowest accuracy first.")
    frozen: list[FrozenRecord] = Field(description="Searches on frozen codes.")
    interval: str = Field(description="What intervals are.")
    absent: list[AbsentClasses] = Field([], description="Classes that a part has no image of.")
    missing: list[MissingCell] = Field(description="Cells without a result.")
