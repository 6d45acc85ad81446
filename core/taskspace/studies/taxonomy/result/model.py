"""What `result.json` of a taxonomy run holds; a table of transfers has fewer fields."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from taskspace.components import MissingCell, Number, Record, StudyResult
from taskspace.policy import Policy
from taskspace.studies.taxonomy.result.adapt_model import AdaptRecord
from taskspace.studies.taxonomy.result.policy_model import (
    BudgetPolicy,
    Interval3,
    MeanRate,
    NullRecord,
    Statistic,
)
from taskspace.studies.taxonomy.result.pretrained_model import PretrainedRecord


class LabelCounts(Record):
    """The labels of a task in one split."""

    classes: dict[str, int] = Field({}, description="Labels of each class, where there are any.")
    deviation: list[Number] = Field([], description="Their deviation, in the same units.")
    labels: int = Field(description="Images that have a label.")
    mean: list[Number] = Field([], description="Of a regression's targets, as networks learn them.")


class FloorRecord(Record):
    """What a target gets at no label cost."""

    kind: str = Field(description="`scratch` or `constant`, whichever is better on `select`.")
    loss: Number | None = Field(description="Mean loss on `test`; null before it is tested.")
    metric: Number | None = Field(description="Metric on `test`, in the task's units.")
    gain: Number | None = Field(None, description="Share of test images on which it beats scratch.")
    quality: Number | None = Field(None, description="Share on which it beats full supervision.")

    def by(self, statistic: Statistic) -> float | None:
        """Return its gain or quality."""
        return self.gain if statistic == "gain" else self.quality


class RankRecord(Record):
    """Where a target's own encoder stands among first-order sources."""

    rank: int = Field(description="From 1, the best.")
    of: int = Field(description="How many sources there are.")


class TaxonomyTask(Record):
    """A task with its networks; null is what was not measured."""

    name: str = Field(description="As the job calls it.")
    source: bool = Field(description="Whether it may be supervised.")
    target: bool = Field(True, description="Whether it has to be served.")
    trained: bool = Field(True, description="Whether its network is trained.")
    importance: Number = Field(1.0, description="Its weight in the objective.")
    label_cost: Number = Field(1.0, description="What its labels cost, in units of the budget.")
    metric: str = Field("", description="The name of its metric.")
    labels_itself: bool = Field(False, description="Whether its labels follow from the image.")
    labels: dict[str, LabelCounts] | None = Field(None, description="Its labels, by split.")
    training_loss: list[Number] | None = Field(
        None, description="Mean training loss of each epoch, mean over repetitions."
    )
    constant_training_loss: Number | None = Field(
        None, description="That of the best constant on the same images."
    )
    scalable: bool = Field(False, description="Whether `offset` and `scale` can be set.")
    floor: FloorRecord | None = Field(None, description="What it gets at no label cost.")
    sanity: dict[str, Interval3 | None] | None = Field(
        None, description="Share of test images on which its network beats each baseline."
    )
    losses: dict[str, Number | None] | None = Field(
        None, description="Mean test loss of its network and each baseline."
    )
    metrics: dict[str, Number | None] | None = Field(
        None, description="Test metric of its network and each baseline, in the task's units."
    )
    own_encoder_rank: RankRecord | None = Field(
        None, description="Its own encoder among first-order sources."
    )


class SelectScores(Record):
    """A competitor on the split `select`, which decides."""

    gain: Number | None = Field(description="Share of images on which it beats scratch, 0 to 1.")
    quality: Number | None = Field(description="Share on which it beats the supervised network.")


class HeldBackScores(Record):
    """A competitor on the split `test`; empty before it is tested."""

    gain: Interval3 | None = Field(None, description="Share of images on which it beats scratch.")
    quality: Interval3 | None = Field(
        None, description="Share on which it beats the supervised network."
    )
    loss: Number | None = Field(None, description="Mean loss.")
    metric: Number | None = Field(None, description="Metric, in the target's units.")

    def by(self, statistic: Statistic) -> Interval3 | None:
        """Return its gain or quality."""
        return self.gain if statistic == "gain" else self.quality


class TransferRecord(Record):
    """A competitor for a target: a transfer, or its own network."""

    target: str = Field(description="The task that is predicted.")
    sources: list[str] = Field(description="The tasks whose encoders it reads.")
    order: int = Field(description="How many sources it has.")
    supervised: bool = Field(description="Whether it is the target's own network.")
    affinity: Number = Field(description="Normalised standing; sums to 1 over a target.")
    admitted: bool = Field(True, description="Whether policies may use it.")
    select: SelectScores | None = Field(None, description="On the images that decide.")
    test: HeldBackScores = Field(HeldBackScores(), description="On the images that decide nothing.")


class EvidenceRecord(Record):
    """Whether a competitor is better than scratch and than the best constant, on test images."""

    against: str | None = Field(
        None, description="The harder of the two to beat: `scratch` or `constant`."
    )
    agree: bool = Field(description="Whether it is better than both with every seed.")
    competitor: str = Field(description="Sources joined by `+`, or `(supervised)`.")
    high: Number = Field(description="Upper end of the 95 % interval of `mean`.")
    images: int = Field(description="Test images compared.")
    low: Number = Field(description="Lower end.")
    mean: Number = Field(description="By how much it is better than `against`, in units of `of`.")
    needed: int | None = Field(description="Test images that would decide; null if none would.")
    of: str = Field("loss", description="What is compared: the target's own `metric`.")
    p: Number = Field(description="P value.")
    p_corrected: Number | None = Field(
        None, description="P value, corrected for all claims (Holm)."
    )
    shown: bool = Field(description="Whether it is shown to be better than both.")
    target: str = Field(description="The target.")


class FloorShare(Record):
    """How many transfers lose to the best constant."""

    count: int = Field(description="Transfers compared.")
    share: Interval3 | None = Field(description="Share that loses; null of none.")


class BelowConstant(Record):
    """Transfers that lose to the best constant on test images; empty before it is measured."""

    admitted: FloorShare | None = Field(None, description="Of those that policies may use.")
    all: FloorShare | None = Field(None, description="Of all.")


class OrderRecord(Record):
    """Each target's best transfer of at most one order, without its own encoder."""

    order: int = Field(description="The most sources.")
    transfers: dict[str, list[str]] = Field(description="Sources by target.")
    mean_gain: Number | None = Field(description="Mean over targets, 0 to 1.")
    gain_interval: tuple[Number, Number] | None = Field(
        description="95 % over images, and over seeds where there are several."
    )
    mean_quality: Number | None = Field(description="Mean over targets, 0 to 1.")
    quality_interval: tuple[Number, Number] | None = Field(description="Likewise.")

    def by(self, statistic: Statistic) -> MeanRate:
        """Return its mean gain or quality."""
        if statistic == "gain":
            return MeanRate(self.mean_gain, *(self.gain_interval or (None, None)))
        return MeanRate(self.mean_quality, *(self.quality_interval or (None, None)))


class NovelTarget(Record):
    """A target treated as a new task with few labels."""

    target: str = Field(description="The target.")
    sources: list[str] = Field(description="The sources of its best transfer.")
    wins: dict[str, Interval3 | None] = Field(
        description="Share of test images on which the transfer beats each rival."
    )
    losses: dict[str, Number | None] = Field(description="Mean test losses of it and its rivals.")


class NovelRecord(Record):
    """All targets as new tasks with few labels."""

    targets: list[NovelTarget] = Field(description="Each target.")
    mean_wins: dict[str, Interval3 | None] = Field(description="Wins, mean over targets.")


class NormaliserRecord(Record):
    """What each normaliser would supervise under a budget."""

    budget: Number = Field(description="In units of label cost.")
    supervised: dict[str, list[str]] = Field(description="Tasks by normaliser, the job's first.")


class SimilarityTree(Record):
    """The tree of sources that are good for the same targets."""

    leaves: list[str] = Field(description="The sources.")
    merges: list[tuple[int, int, Number]] = Field(description="Two nodes and their distance.")


class ChainRecord(Record):
    """A transfer through the predictions of another task, beside the direct one."""

    direct_loss: Number = Field(description="Mean test loss of the direct transfer.")
    loss: Number = Field(description="Mean test loss of the chain.")
    source: str = Field(description="Where it starts.")
    target: str = Field(description="What is predicted.")
    through: str = Field(description="The task between.")
    wins: Interval3 | None = Field(description="Share of test images on which the chain wins.")


class TableRecord(Record):
    """The table of transfers that was solved instead of training."""

    transfers: int = Field(description="Transfers used.")
    targets: list[str] = Field(description="Its targets.")
    sources: list[str] = Field(description="Its sources.")
    left_out: dict[str, int] = Field(description="Rows left out, by reason.")


class TaxonomyResult(StudyResult):
    """Which tasks to label, and which to get by transfer."""

    table: TableRecord | None = Field(None, description="Only of a job that solves a table.")
    seeds: list[int] = Field([], description="The numbers of the repetitions.")
    images: dict[str, int] = Field({}, description="Images of each split.")
    tasks: list[TaxonomyTask] = Field([], description="The tasks; none for a table.")
    transfers: list[TransferRecord] = Field([], description="By target, the best affinity first.")
    admit: Literal["better_than_floor", "all"] | None = Field(
        None, description="Which transfers policies may use."
    )
    pretrained: PretrainedRecord | None = Field(
        None, description="Pretrained sources; absent where the job has none."
    )
    adapt: AdaptRecord | None = Field(
        None, description="Fine-tuned transfers beside frozen ones; absent where none was tried."
    )
    policies: list[BudgetPolicy] = Field(description="What to label, by budget.")
    null: list[NullRecord] = Field([], description="Random policies of the same costs.")
    evidence: list[EvidenceRecord] = Field(
        [], description="The claims that were tested: what is better than scratch and a constant."
    )
    below_constant: BelowConstant = Field(
        BelowConstant(), description="Transfers that lose to the best constant."
    )
    orders: list[OrderRecord] = Field([], description="Best transfers of at most each order.")
    novel: NovelRecord | None = Field(None, description="Targets as new tasks with few labels.")
    normalisers: list[NormaliserRecord] = Field([], description="What others would supervise.")
    similarity: SimilarityTree | None = Field(None, description="The tree of sources.")
    words: dict[str, dict[str, list[str]]] = Field(
        {}, description="Of targets that are no pictures: a line an image, by target and predictor."
    )
    transitive: list[ChainRecord] = Field([], description="Chains beside direct transfers.")
    missing: list[MissingCell] = Field([], description="Cells that have no result.")

    @property
    def decided(self) -> list[BudgetPolicy]:
        """Return the policies of the budgets that have one."""
        return [policy for policy in self.policies if policy.transfers]

    @property
    def middle(self) -> BudgetPolicy | None:
        """Return the policy that the report shows first: that of the middle budget."""
        return self.decided[len(self.decided) // 2] if self.decided else None

    def as_json(self) -> dict[str, Any]:
        """Return it as plain JSON; where the solver failed, policies in the order of `Policy`."""
        failed = (*Policy(0.0, "error").as_json(), "measured_on")
        data = super().as_json()
        return data | {
            "policies": [
                {key: policy[key] for key in failed if key in policy}
                if "seconds" in policy
                else policy
                for policy in data["policies"]
            ]
        }
