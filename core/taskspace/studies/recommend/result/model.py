"""What `result.json` of a recommendation holds."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from taskspace.components import MissingCell, Number, Record, StudyResult

Adaptation = Literal["frozen", "finetune", "table"]
ModelKind = Literal["published", "random", "expert", "table"]
MethodKind = Literal["score", "embedding", "static", "trials", "reference"]


class Span(Record):
    """A number with its 95 % interval."""

    mean: Number = Field(description="The number itself.")
    low: Number | None = Field(description="Lower end; null where there is no interval.")
    high: Number | None = Field(description="Upper end, null like the lower one.")


class TargetRecord(Record):
    """A task that shall be served."""

    name: str = Field(description="What the job calls it.")
    dataset: str = Field(description="Its images.")
    classes: int | None = Field(None, description="How many classes it has.")
    tests: int | None = Field(None, description="Test images with a label.")
    common: Number | None = Field(
        None, description="The share of the most common class among them: what a guess gets right."
    )
    group: str = Field(
        description="Tasks of one group are left out together by `best average (dataset left out)`."
    )


class ModelRecord(Record):
    """A model to start from."""

    name: str = Field(description="What the job calls it.")
    kind: ModelKind = Field(
        description="`published`, `random` (weights that nothing has trained), `expert` (trained "
        "in this run), or read from a `table`."
    )
    component: str | None = Field(None, description="Its encoder.")
    starts_from: str | None = Field(None, description="Where its weights come from.")
    licence: str | None = Field(None, description="Of the weights; null where unknown.")
    parameters: int | None = Field(None, description="Its weights.")
    multiply_adds: int | None = Field(None, description="For one image.")
    seconds: Number | None = Field(
        None, description="For an image in a batch of 16, measured on the machine that ran it."
    )
    code: int | None = Field(None, description="Numbers that a linear head on it reads.")
    beyond: str | None = Field(None, description="Which limit of the job it exceeds.")
    shares: bool = Field(
        False, description="Whether it is an expert that learnt from images of a target's dataset."
    )
    learnt: dict[str, Number] = Field(
        {}, description="Of an expert: loss and metric on the test part of its own dataset."
    )


class RankedModel(Record):
    """A model on a task: how many images it gets wrong, beside the best one."""

    task: str = Field(description="The target.")
    images: int = Field(description="With how many labelled images it was judged; 0 for a table.")
    adapt: Adaptation = Field(description="With a linear head on a frozen model, or trained whole.")
    model: str = Field(description="The model.")
    rank: int = Field(description="1 for the best.")
    error: Span = Field(
        description="Share of test images it gets wrong: the mean over draws, and where that of "
        "another draw and other test images is to be expected."
    )
    draws: list[Number] = Field(description="The error of each draw of labelled images.")
    behind: Number = Field(description="Its error minus that of the best model.")
    p: Number | None = Field(
        description="That it is no worse than the best: paired over test images, Holm."
    )
    tied: bool = Field(description="Whether it is not shown to be worse than the best.")


class ChosenError(Record):
    """What choosing the best of several models on test images hides: they err more on others."""

    task: str = Field(description="The target.")
    images: int = Field(description="With how many labelled images.")
    adapt: Adaptation = Field(description="How models are adapted.")
    error: Number = Field(
        description="Error of the best model where it is picked on one half of the test images and "
        "measured on the other; the mean of both ways."
    )


class EstimateRecord(Record):
    """What a score says of a model on a task."""

    score: str = Field(description="The score.")
    model: str = Field(description="The model.")
    task: str = Field(description="The target.")
    images: int = Field(description="From how many labelled images.")
    values: list[Number | None] = Field(description="One a draw; null where it cannot be had.")


class SelectionRecord(Record):
    """A way to choose a model, judged by what its choices lose."""

    name: str = Field(description="The method.")
    kind: MethodKind = Field(
        description="`score` and `embedding` look at the task; `static` ranks models without it; "
        "`trials` tries some models; `reference` is no method: chance and hindsight."
    )
    images: int = Field(description="With how many labelled images; 0 for a table.")
    adapt: Adaptation = Field(description="How models are adapted.")
    tasks: int = Field(description="On how many tasks it chose.")
    relative: Span | None = Field(
        description="Relative error over the oracle, percent: mean over tasks of 100 (error - best)"
        " / best, without those whose best model makes no error; null where that is all."
    )
    regret: Span = Field(description="Error minus that of the best model, points, mean over tasks.")
    tau: Span | None = Field(
        None, description="Weighted Kendall tau of its ranking with the measured one."
    )
    seconds: Number | None = Field(None, description="That all its estimates took, codes apart.")
    p_chance: Number | None = Field(
        None,
        description="That its choices lose no less than models drawn at random: one-sided, paired "
        "over tasks by relative error, or by regret where no task has one; not corrected. Null for "
        "references.",
    )
    picks: dict[str, list[str]] = Field(description="By task, the model chosen in each draw.")


class GainRecord(Record):
    """A method against the best static ranking, paired by task."""

    name: str = Field(description="The method.")
    gain: Span = Field(
        description="Relative error of the static ranking minus that of the method; positive where "
        "the method is better."
    )
    p: Number | None = Field(description="Corrected for the number of methods (Holm).")


class VerdictRecord(Record):
    """Whether any method is shown to beat ranking models without looking at the task."""

    images: int = Field(description="With how many labelled images; 0 for a table.")
    adapt: Adaptation = Field(description="How models are adapted.")
    static: str = Field(description="The best static ranking that needs no hindsight.")
    gains: list[GainRecord] = Field(description="Every method against it.")
    winners: list[str] = Field(description="Methods that are shown to beat it.")
    text: str = Field(description="The verdict as a sentence.")


class TriedRecord(Record):
    """What is lost when the first k models of a ranking are really tried."""

    name: str = Field(description="The method whose ranking it is.")
    images: int = Field(description="With how many labelled images; 0 for a table.")
    adapt: Adaptation = Field(description="How models are adapted.")
    tried: list[int] = Field(description="k.")
    relative: list[Span] = Field(description="Relative error of the best of them, percent.")


class DistanceRecord(Record):
    """Distances by an embedding, the mean over draws."""

    embedding: str = Field(description="The embedding.")
    images: int = Field(description="From how many images of each task.")
    experts: list[str] = Field(description="Rows of `towards`.")
    targets: list[str] = Field(description="Columns of `towards`; rows and columns of `between`.")
    towards: list[list[Number]] = Field(description="From experts' tasks to targets.")
    between: list[list[Number]] = Field(description="Between targets.")
    difficulty: dict[str, Number | None] = Field(
        {}, description="By task, how hard it seems to the embedding."
    )


class RecommendResult(StudyResult):
    """Which model to start from, and which estimate of that to trust."""

    interval: str = Field(description="What the intervals of methods are.")
    draws: int = Field(description="How often the labelled images were drawn.")
    generic: str | None = Field(None, description="The model that one would take without looking.")
    own: list[str] = Field(description="Tasks on the job's own dataset.")
    targets: list[TargetRecord] = Field(description="All tasks to be served.")
    models: list[ModelRecord] = Field(description="All models of the job.")
    ranking: list[RankedModel] = Field(description="Models on tasks, best first.")
    chosen: list[ChosenError] = Field(
        [], description="The best models without the luck of the images that they were picked on."
    )
    estimates: list[EstimateRecord] = Field(description="What scores say.")
    reasons: dict[str, list[str]] = Field(
        {}, description="By score, why it could not be had for some model and task."
    )
    methods: list[SelectionRecord] = Field(description="Ways to choose a model.")
    verdicts: list[VerdictRecord] = Field(description="Whether one beats static rankings.")
    curves: list[TriedRecord] = Field([], description="What trying more models brings.")
    distances: list[DistanceRecord] = Field([], description="Tasks by embeddings.")
    missing: list[MissingCell] = Field(description="Cells without a result.")

    def ranked(self, task: str, images: int, adapt: Adaptation) -> list[RankedModel]:
        """Return the models on a task, best first."""
        return [
            row
            for row in self.ranking
            if (row.task, row.images, row.adapt) == (task, images, adapt)
        ]

    def of_table(self) -> bool:
        """Return whether errors were measured elsewhere and read from a table."""
        return any(each.kind == "table" for each in self.models)

    def settings(self) -> list[tuple[Adaptation, int]]:
        """Return how models were adapted and with how many images, the most images last."""
        present = {(row.adapt, row.images) for row in self.ranking}
        return sorted(present, key=lambda each: (each[1], each[0] != "frozen"))

    def model(self, name: str) -> ModelRecord:
        """Return a model by name; raises KeyError if there is none."""
        return {each.name: each for each in self.models}[name]
