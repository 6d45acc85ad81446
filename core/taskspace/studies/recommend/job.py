"""The recommendation job: labelled images, and models to start from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from taskspace.components import Dataset, Embedding, Encoder, Job, Readout, Score
from taskspace.jobs import Code, NamedUse, TaskUses, Use, nearest, problem, raise_problems
from taskspace.jobs import uniquely_named as unique
from taskspace.jobs.mistakes import Mistake
from taskspace.learning.training import Training
from taskspace.studies.recommend.table.description import ErrorFile

Named = tuple[str, tuple[str | int, ...]]
"""A name and where it stands."""

Counts = Annotated[list[Annotated[int, Field(ge=2)]], Field(min_length=1)]
Models = Annotated[list[NamedUse[Encoder]], unique("models")]
Scores = Annotated[list[NamedUse[Score]], unique("scores")]
Embeddings = Annotated[list[NamedUse[Embedding]], unique("embeddings")]


class RecommendPart(BaseModel):
    """A part of the job."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class LabelledTasks(RecommendPart):
    """Tasks on a dataset of their own."""

    dataset: Use[Dataset] = Field(description="Images with labels.")
    tasks: TaskUses = Field(description="What is predicted.")


class TargetGroup(LabelledTasks):
    """Further tasks to be served, whose targets are classes."""

    images: Counts | None = Field(
        None, description="Numbers of labelled images for these tasks; the job's where absent."
    )


class ExpertTraining(Training):
    """How experts learn, with Adam."""

    default_epochs: ClassVar[int] = 20

    epochs: int | None = Field(
        None, ge=1, le=100_000, description="Passes over the samples; 20 where `steps` is absent."
    )


class ExpertGroup(LabelledTasks):
    """Models that are trained here, one for each of these tasks, to start from."""

    encoder: Use[Encoder] = Field(
        Use[Encoder](use="small_resnet"), description="The network of each expert."
    )
    decoder: Use[Readout] = Field(
        Use[Readout](use="linear"), description="From its code to its prediction."
    )
    train: ExpertTraining = Field(ExpertTraining(), description="How they learn.")
    test: float = Field(
        0.1,
        gt=0,
        lt=1,
        description="The share of images on which experts are tested, where the dataset has no "
        "test part.",
    )


class CostLimits(RecommendPart):
    """What a model may cost; one beyond a limit is left out, and the report names it."""

    parameters: int | None = Field(None, ge=1, description="The most weights.")
    multiply_adds: int | None = Field(None, ge=1, description="The most, for one image.")
    seconds: float | None = Field(
        None, gt=0, description="The most, measured here for one image in a batch."
    )


class FineTuning(Training):
    """How whole models learn on, with Adam, and which."""

    default_epochs: ClassVar[int] = 20

    models: list[str] = Field(
        ["experts"],
        min_length=1,
        description="Models that are fine-tuned too, by name; `experts` stands for all of them.",
    )
    images: list[int] | None = Field(
        None, description="Numbers of training images; the smallest of the job where absent."
    )
    epochs: int | None = Field(
        None, ge=1, le=100_000, description="Passes over the images; 20 where `steps` is absent."
    )
    batch: int = Field(32, ge=1, le=1_000_000_000, description="Images a step.")
    learning_rate: float = Field(1e-3, gt=0, le=10, description="Of Adam, at the start.")


class RecommendJob(Job):
    """Which model to start from: measured, estimated by scores and embeddings, and compared."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "dataset": "digits",
                    "tasks": ["identity"],
                    "models": ["small_conv", "small_resnet"],
                }
            ]
        }
    )

    study: Literal["recommend"] = Field(description="The kind of job.")
    dataset: Use[Dataset] | None = Field(None, description="Your images with labels.")
    tasks: TaskUses | None = Field(
        None, description="What shall be predicted: tasks whose targets are classes."
    )
    others: list[TargetGroup] = Field(
        [],
        description="Further tasks, on other datasets: the more there are, the better it is known "
        "which method to trust.",
    )
    models: Models = Field([], description="Encoders to start from.")
    experts: list[ExpertGroup] = Field(
        [], description="Tasks whose networks are trained here and are models to start from."
    )
    generic: str | None = Field(
        None,
        description="The model that one would take without looking; the first with published "
        "weights where absent.",
    )
    scores: Scores = Field([], description="Estimates that are compared with what was measured.")
    embeddings: Embeddings = Field(
        [], description="Maps from tasks to vectors, by which the nearest expert is chosen."
    )
    probe: Use[Encoder] | None = Field(
        None, description="The network of embeddings; the first of `models` where absent."
    )
    embedded: int = Field(
        500, ge=2, description="Images at most that an embedding reads; of more, so many are drawn."
    )
    images: Counts = Field(
        [100], description="Numbers of labelled images that a model is judged with."
    )
    test: float = Field(
        0.5,
        gt=0,
        lt=1,
        description="The share of images on which errors are measured, where the dataset has no "
        "test part.",
    )
    finetune: FineTuning | None = Field(
        None, description="Train some models whole too, beside linear heads on frozen ones."
    )
    limits: CostLimits = Field(CostLimits(), description="What a model may cost.")
    seeds: int = Field(1, ge=1, le=1000, description="How many draws of the labelled images.")
    errors: ErrorFile | None = Field(
        None, description="A table of errors that were measured elsewhere, instead of a dataset."
    )

    @model_validator(mode="after")
    def _measured_or_read(self) -> Self:
        trains = {"dataset", "tasks", "others", "models", "experts", "scores", "embeddings"}
        trains |= {"probe", "embedded", "images", "test", "finetune", "limits", "seeds"}
        if self.errors is not None:
            raise_problems(
                [
                    problem(
                        Code.EXCLUSIVE_KEYS,
                        f"`{key}` has no use beside `errors`, which needs no training.",
                        key,
                        on_key=True,
                    )
                    for key in sorted(trains & self.model_fields_set)
                ]
            )
            return self
        raise_problems(
            [
                problem(Code.MISSING_KEY, f"`{key}` is missing (or give `errors`).", key)
                for key in ("dataset", "tasks")
                if getattr(self, key) is None
            ]
        )
        if not self.models and not self.experts:
            message = "Name at least one model, or one expert."
            raise_problems([problem(Code.MISSING_KEY, message, "models")])
        return self

    @model_validator(mode="after")
    def _names_are_different(self) -> Self:
        if self.errors is not None:
            return self
        places: list[Named] = [
            *((use.name, ("models", i)) for i, use in enumerate(self.models)),
            *(
                (use.name, ("experts", i, "tasks", j))
                for i, group in enumerate(self.experts)
                for j, use in enumerate(group.tasks)
            ),
        ]
        problems = _doubles(places, "models")
        targets: list[Named] = [
            *((use.name, ("tasks", i)) for i, use in enumerate(self.tasks or ())),
            *(
                (use.name, ("others", i, "tasks", j))
                for i, group in enumerate(self.others)
                for j, use in enumerate(group.tasks)
            ),
        ]
        problems += _doubles(targets, "tasks")
        methods: list[Named] = [
            *((use.name, ("scores", i)) for i, use in enumerate(self.scores)),
            *((use.name, ("embeddings", i)) for i, use in enumerate(self.embeddings)),
        ]
        problems += _doubles(methods, "methods")
        names = self.model_names()
        wanted: list[Named] = [] if self.generic is None else [(self.generic, ("generic",))]
        if self.finetune is not None:
            wanted += [
                (name, ("finetune", "models", i))
                for i, name in enumerate(self.finetune.models)
                if name != "experts"
            ]
        problems += [
            problem(
                Code.UNKNOWN_NAME,
                f"No model of the job is called '{name}'.",
                *at,
                suggestion=nearest(name, names),
            )
            for name, at in wanted
            if name not in names
        ]
        if self.embeddings and self.probe is None and not self.models:
            message = "Embeddings need a network: name it by `probe`."
            problems.append(problem(Code.MISSING_KEY, message, "probe"))
        raise_problems(problems)
        return self

    def model_names(self) -> list[str]:
        """Return the models and experts by name."""
        experts = [use.name for group in self.experts for use in group.tasks]
        return [*(use.name for use in self.models), *experts]

    def sizes(self) -> tuple[int, ...]:
        """Return all numbers of labelled images, in order."""
        groups = (group.images or [] for group in self.others)
        return tuple(sorted({*self.images, *(images for own in groups for images in own)}))

    def finetuned(self) -> list[str]:
        """Return the models that are trained whole, too."""
        if self.finetune is None:
            return []
        wanted = self.finetune.models
        own = {use.name for use in self.models}
        return [
            name
            for name in self.model_names()
            if name in wanted or ("experts" in wanted and name not in own)
        ]

    def finetune_images(self) -> list[int]:
        """Return the numbers of images on which models are trained whole."""
        if self.finetune is None:
            return []
        return sorted(set(self.finetune.images or [min(self.images)]))


def _doubles(places: Iterable[Named], what: str) -> list[Mistake]:
    """Return the mistakes of names that stand twice."""
    seen: set[str] = set()
    problems = []
    for name, at in places:
        if name in seen:
            message = f"Two {what} are called '{name}': call one otherwise with `as`."
            problems.append(problem(Code.DUPLICATE_NAME, message, *at))
        seen.add(name)
    return problems
