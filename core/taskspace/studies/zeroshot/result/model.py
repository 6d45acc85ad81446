"""What `result.json` of a zero-shot run holds."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from taskspace.components import MissingCell, Number, Record, StudyResult
from taskspace.learning.records import IntervalRecord

VectorsKey = Literal["own", "exchanged", "shuffled"]
MethodKind = Literal["generator", "classifier", "oracle"]


class CompositionCounts(Record):
    """The compositions and images of one repetition."""

    repetition: int = Field(description="Counted from 0.")
    seen: int = Field(description="Compositions with images that are learnt from.")
    unseen: int = Field(description="Compositions that may be predicted and are not learnt from.")
    untaught: int = Field(
        description="Of the unseen ones those that were to be seen, but groups or published parts "
        "hold all of their images."
    )
    unseen_words: list[str] = Field(
        [], description="Words that stand in no composition that is seen."
    )
    telling: list[str] = Field(
        [], description="Fields each of which alone tells all unseen compositions apart."
    )
    images: dict[str, int] = Field(description="Images that train, validate and test.")
    chance: dict[str, Number] = Field(
        description="By part that tests: one over the unseen compositions that may be predicted."
    )


class BiasCurve(Record):
    """Accuracy on seen and unseen images over the bias of unseen compositions; equally long."""

    bias: list[Number] = Field(description="Added to the scores of unseen compositions.")
    seen: list[Number] = Field(description="Top-1 accuracy on images of seen compositions.")
    unseen: list[Number] = Field(description="Top-1 accuracy on images of unseen compositions.")


class PhaseRecord(Record):
    """What a method is worth on the images of one part."""

    images: dict[str, int] = Field(description="Test images of seen and of unseen compositions.")
    unseen: list[Number] = Field(
        description="Top-1, top-2 and top-3 accuracy on images of unseen compositions, where only "
        "these may be predicted (closed world)."
    )
    unseen_by_pair: Number = Field(description="The top-1 accuracy averaged over compositions.")
    words: list[Number] = Field(
        description="How often each word of the composition is right in the closed world."
    )
    auc: list[Number | None] = Field(
        description="Area under the curve of seen over unseen accuracy, top-1, top-2 and top-3; "
        "null where no image of a seen composition tests."
    )
    best_seen: Number | None = Field(None, description="Best accuracy on seen, at any bias.")
    best_unseen: Number | None = Field(None, description="Best accuracy on unseen, at any bias.")
    harmonic_mean: Number | None = Field(None, description="Best harmonic mean of both.")
    geometric_mean: Number | None = Field(
        None, description="Best geometric mean of both, which published code calls harmonic."
    )
    curve: BiasCurve | None = Field(None, description="The top-1 curve.")


class QualityRecord(Record):
    """How near generated features of unseen compositions are to real ones."""

    compositions: int = Field(description="Unseen compositions with test images.")
    own_centroid: Number = Field(
        description="Share of generated features whose nearest centroid of real ones is that of "
        "their own composition."
    )
    real_spread: Number | None = Field(
        description="Variance of real features within compositions over that between them."
    )
    generated_spread: Number | None = Field(description="The same of generated features.")


class LossCurve(Record):
    """Means over windows of steps, equally long."""

    step: list[int] = Field(description="The last step of each window.")
    critic: list[Number] = Field(description="The critic's loss, with its penalty.")
    slope: list[Number] = Field(description="The critic's slope between real and generated.")
    adversarial: list[Number] = Field(description="Minus the critic's score of generated features.")
    classification: list[Number] = Field(description="Cross-entropy of generated features.")
    clustering: list[Number] = Field(description="Mean squared distance to real features.")


class ZeroshotTrial(Record):
    """One training, tested."""

    method: str = Field(description="As the job calls it, or `oracle`.")
    vectors: VectorsKey = Field(
        description="Whose vectors describe a composition: its own; `exchanged`: unseen ones have "
        "each other's; `shuffled`: words have each other's."
    )
    repetition: int = Field(description="Counted from 0.")
    evaluation: dict[str, PhaseRecord] = Field(description="By part: `test`, and `val` if any.")
    quality: QualityRecord | None = Field(None, description="Of a generator's features.")
    slope: Number | None = Field(
        None, description="The critic's mean slope between real and generated features at the end."
    )
    losses: LossCurve | None = Field(None, description="How a generator learned.")
    parameters: int | None = Field(None, description="Trained numbers of all its networks.")


class MethodRecord(Record):
    """A generator, a classifier without one, or the oracle."""

    name: str = Field(description="As the job calls it, or `oracle`.")
    kind: MethodKind = Field(description="What it is.")
    component: str | None = Field(description="The component's name; null for the oracle.")
    parameters: dict[str, Any] = Field({}, description="All parameters of the component.")


class SummaryRecord(Record):
    """A method over repetitions."""

    method: str = Field(description="Its name.")
    vectors: VectorsKey = Field(description="Whose vectors describe a composition.")
    part: str = Field(description="`test` or `val`.")
    measures: dict[str, IntervalRecord] = Field(
        description="`unseen`, `auc_1` to `auc_3`, `best_seen`, `best_unseen`, `harmonic_mean`, "
        "`geometric_mean`, and `word:<field>` for each word."
    )


class MethodDifference(Record):
    """A measure of `first` minus that of `second` on test images, paired by repetition."""

    measure: str = Field(description="`unseen` or `auc_1`.")
    first: str = Field(description="A method.")
    second: str = Field(description="Another.")
    over: IntervalRecord = Field(description="The paired difference with its 95 % interval.")
    p: Number | None = Field(
        description="Two-sided paired t-test, corrected for all pairs of generators of the measure "
        "(Holm); of other pairs as it is; null without an interval."
    )


class EncoderRecord(Record):
    """What made the features."""

    name: str = Field(description="The component.")
    starts_from: str | None = Field(
        description="Where its weights come from; null where it has none that were published."
    )
    learns: bool = Field(
        description="Whether it learnt the words of seen compositions first, in each repetition."
    )


class ZeroshotResult(StudyResult):
    """What a zero-shot run has found."""

    fields: list[str] = Field(description="The fields whose classes are the words.")
    dataset: str = Field(description="The component.")
    split: str | None = Field(
        description="The published split that the dataset names; null where the job drew one."
    )
    encoder: EncoderRecord = Field(description="What made the features.")
    lexicon: str = Field(description="The component that describes words.")
    interval: str = Field(description="What intervals are over.")
    compositions: list[CompositionCounts] = Field(description="Of each repetition.")
    pairs: list[list[str]] = Field(description="The words of each composition.")
    alike: list[list[str]] = Field(
        description="Classes of one field that the lexicon describes alike, group by group."
    )
    methods: list[MethodRecord] = Field(description="As the job lists them, the oracle last.")
    trials: list[ZeroshotTrial] = Field(description="All trainings that have a result.")
    summary: list[SummaryRecord] = Field(description="Methods over repetitions.")
    differences: list[MethodDifference] = Field(description="Paired comparisons.")
    missing: list[MissingCell] = Field(description="Cells that have no result.")

    def kind(self, method: str) -> MethodKind:
        """Return what a method is."""
        return next(each.kind for each in self.methods if each.name == method)

    def measure(
        self, method: str, measure: str, vectors: VectorsKey = "own", part: str = "test"
    ) -> IntervalRecord | None:
        """Return a measure of a method over repetitions; None where there is none."""
        wanted = (method, vectors, part)
        for row in self.summary:
            if (row.method, row.vectors, row.part) == wanted:
                return row.measures.get(measure)
        return None

    def chance(self, part: str = "test") -> float | None:
        """Return how often guessing names an unseen composition, the mean over repetitions."""
        shares = [row.chance[part] for row in self.compositions if part in row.chance]
        return sum(shares) / len(shares) if shares else None
