"""The zero-shot job: a dataset of compositions, what describes and what generates them."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from taskspace.components import JSON, Classifier, Dataset, Encoder, Generator, Job, Lexicon
from taskspace.jobs import Code, NamedUse, Use, problem, raise_problems, uniquely_named
from taskspace.learning.training import Training

Generators = Annotated[list[NamedUse[Generator]], uniquely_named("generators")]
Classifiers = Annotated[list[NamedUse[Classifier]], uniquely_named("classifiers")]
Words = Annotated[list[str], Field(min_length=1)]
OTHER_NAMES = frozenset({"oracle", "chance"})
"""What rows of the result are called that the job does not name."""


class GeneratorTraining(Training):
    """How generator, critic and classifier learn together, with Adam (eq. 5.6)."""

    default_epochs: ClassVar[int] = 40

    epochs: int | None = Field(
        None, ge=1, le=100_000, description="Passes over the samples; 40 where `steps` is absent."
    )
    batch: int = Field(128, ge=1, le=1_000_000_000, description="Samples a step.")
    learning_rate: float = Field(1e-4, gt=0, le=10, description="Of Adam, at the start.")
    schedule: Literal["cosine", "constant", "dropped"] = Field(
        "dropped",
        description="The rate falls to 0 on a cosine, stays as it is, or is a tenth in the last "
        "quarter.",
    )
    word_rate: float = Field(
        1e-5, ge=0, le=10, description="The learning rate of the network of words."
    )
    critic_steps: int = Field(
        5, ge=1, le=100, description="Steps of the critic for each step of the generator."
    )
    penalty: float = Field(
        10.0, ge=0, description="Weight of the critic's gradient penalty (lambda_gp)."
    )
    classification: float = Field(
        0.01, ge=0, description="Weight of the classification of generated features (lambda)."
    )
    clustering: float = Field(
        10.0,
        ge=0,
        description="Weight of the mean squared distance to real features of the same pair (mu).",
    )
    classified: Literal["all", "unseen"] = Field(
        "all", description="The compositions whose generated features are classified."
    )

    def parameters(self) -> dict[str, JSON]:
        """Return what a cell's key holds of it: all of it, with the length that is meant."""
        parameters = self.model_dump()
        return parameters if self.steps is not None else parameters | {"epochs": self._epochs}

    def total(self, samples: int) -> int:
        """Return how many steps the generator makes on so many samples."""
        return self.steps or self._epochs * self.steps_of_epoch(samples)

    @property
    def _epochs(self) -> int:
        return self.epochs or self.default_epochs


class NetworkSizes(BaseModel):
    """Sizes of what is trained beside a generator; the defaults are the paper's."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    words: int = Field(1024, ge=1, le=16384, description="Numbers that describe each word (phi).")
    critic: int = Field(1024, ge=1, le=16384, description="Width of the critic.")
    critic_layers: int = Field(3, ge=2, le=16, description="Fully connected layers of the critic.")


class ZeroshotJob(Job):
    """Generate features of compositions that nobody labelled, and recognise them by these."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"dataset": "compositions", "encoder": "small_conv", "generators": ["tds"]}
            ]
        }
    )

    study: Literal["zeroshot"] = Field(description="The kind of job.")
    dataset: Use[Dataset] = Field(description="Images whose labels are words: wooden, table.")
    fields: Words | None = Field(
        None,
        description="The fields whose classes together are a composition; those that the dataset "
        "names, where absent.",
    )
    unseen: Annotated[float, Field(gt=0, lt=1)] | Annotated[list[Words], Field(min_length=1)] = (
        Field(
            0.4,
            description="The compositions that nothing learns from: a share, drawn anew in each "
            "repetition so that each word stays in a composition that is seen, or a list of them. "
            "A dataset that was published with its own has those.",
        )
    )
    lexicon: Use[Lexicon] = Field(
        Use[Lexicon](use="cooccurrence"), description="The vectors of words."
    )
    encoder: Use[Encoder] = Field(
        description="What makes features of images. It stays as it is where its weights were "
        "published; one that starts at random learns the words of seen compositions first."
    )
    generators: Generators = Field([], description="Generators that are compared.")
    classifiers: Classifiers = Field(
        [], description="Classifiers without a generator: what generators have to beat."
    )
    controls: list[str] | None = Field(
        None,
        description="Generators and classifiers that are trained twice more: with the unseen "
        "compositions described as each other, and with vectors exchanged among words. The first "
        "generator, or else classifier, where absent.",
    )
    train: GeneratorTraining = Field(
        GeneratorTraining(), description="How generators learn, with critic and classifier."
    )
    networks: NetworkSizes = Field(
        NetworkSizes(), description="Sizes of what learns beside a generator."
    )
    baseline: Training = Field(
        Training(),
        description="How classifiers without a generator, the oracle and an encoder learn.",
    )
    test: float = Field(
        0.5,
        gt=0,
        lt=1,
        description="The share of images of seen compositions that test, where the dataset has no "
        "test part.",
    )
    seeds: int = Field(1, ge=1, le=1000, description="How many repetitions.")
    maps: list[Literal["tsne", "umap"]] = Field(
        ["tsne"],
        description="Pictures of real and generated features in the first repetition; `umap` "
        "needs the package umap-learn.",
    )

    @model_validator(mode="after")
    def _names(self) -> Self:
        names = self._method_names()
        problems = []
        if not names:
            message = "Name at least one generator or classifier."
            problems.append(problem(Code.BAD_VALUE, message, "generators"))
        count = len(self.generators)
        for place, name in enumerate(names):
            if name in OTHER_NAMES or name in names[: min(place, count)]:
                message = f"{name!r} is the name of something else: give another by `as`."
                at = ("generators", place) if place < count else ("classifiers", place - count)
                problems.append(problem(Code.DUPLICATE_NAME, message, *at))
        for index, name in enumerate(self.controls or ()):
            if name not in names:
                message = f"{name!r} is no generator or classifier of this job."
                problems.append(problem(Code.BAD_VALUE, message, "controls", index))
        raise_problems(problems)
        return self

    def controlled(self) -> list[str]:
        """Return which generators and classifiers the controls are made with."""
        if self.controls is not None:
            return list(self.controls)
        return self._method_names()[:1]

    def _method_names(self) -> list[str]:
        return [use.name for use in self.generators] + [use.name for use in self.classifiers]
