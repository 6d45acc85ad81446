"""The discovery job: images without labels, a network, and how tasks are looked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal, Self, TypeAlias, get_args

from pydantic import ConfigDict, Field, model_validator

from taskspace.components import JSON, Dataset, Encoder, Job, Readout, Task
from taskspace.jobs import Code, NamedUse, Use, problem, raise_problems, uniquely_named
from taskspace.jobs.mistakes import Mistake
from taskspace.jobs.text.places import Steps
from taskspace.learning.training import Training
from taskspace.studies.discovery.frozen_search import DiscoveryPart, FrozenSearch, Name
from taskspace.studies.discovery.job_checks import repeated_names, taken_names, unknown_tasks
from taskspace.studies.discovery.maths.options import Hypergradient, Options

LEAST_FRESH = 2
"""Inner steps of `xas`: agreement is that on a batch after the first."""
Tasks = Annotated[list[NamedUse[Task]], uniquely_named("tasks", by_field=True)]

Control: TypeAlias = Literal[
    "human",
    "random_linear",
    "random_network",
    "random_labels",
    "start",
    "without_agreement",
    "uniformity_only",
    "agreement_only",
]
CONTROLS: tuple[Control, ...] = get_args(Control)
OF_SEARCH: frozenset[Control] = frozenset(
    {"start", "without_agreement", "uniformity_only", "agreement_only"}
)
"""Controls that are a search without one of its parts."""
SPLIT_RULES = ("random", "highest_loss")
"""Splits that no set of tasks makes."""


class JudgeTraining(Training):
    """How networks learn the labels that they are judged by, with Adam."""

    default_epochs: ClassVar[int] = 60

    epochs: int | None = Field(
        None, ge=1, le=100_000, description="Passes over the images; 60 where `steps` is absent."
    )
    learning_rate: float = Field(1e-3, gt=0, le=10, description="Of Adam, at the start.")
    schedule: Literal["cosine", "constant", "dropped"] = Field(
        "constant",
        description="The rate falls to 0 on a cosine, stays as it is, or is a tenth in the last "
        "quarter.",
    )


class TaskSetSettings(DiscoveryPart):
    """A set of tasks that a search finds."""

    as_: Name = Field("discovered", alias="as", description="What this job calls the set.")
    tasks: int = Field(4, ge=1, le=1024, description="How many tasks.")
    classes: int = Field(2, ge=2, le=100, description="Classes of each task.")


class SearchSettings(TaskSetSettings):
    """How a search moves its labels until two networks that learn them agree on other images."""

    hypergradient: Hypergradient = Field(
        Options.hypergradient,
        description="How agreement tells labels where to go. `direct`: at every step of the "
        "networks, labels are drawn to what both predict before they learn them; `online`: by what "
        "the step does to agreement on the next images; `full`: once every `inner_steps`, by the "
        "exact derivative through all of them; `first`: the same without curvature; `xas`: exact, "
        "of agreement on each batch before it is learnt (Atanov et al. 2022).",
    )
    steps: int = Field(
        Options.steps,
        ge=1,
        le=10_000_000,
        description="Times that two networks start anew and learn a task.",
    )
    batch: int = Field(
        Options.batch, ge=2, le=1_000_000, description="Images of a step of the networks."
    )
    inner_steps: int = Field(
        Options.inner_steps,
        ge=1,
        le=100_000,
        description="Steps of the networks until the next two start.",
    )
    inner_rate: float = Field(
        Options.inner_rate,
        gt=0,
        le=1000,
        description="Learning rate of their gradient descent; where it is too small they do not "
        "learn, and the run says so.",
    )
    learning_rate: float = Field(
        Options.learning_rate, gt=0, le=10, description="Of Adam, for the labels."
    )
    warm_up: int = Field(
        Options.warm_up,
        ge=0,
        description="Of `steps`, those before agreement counts: a network that has learnt nothing "
        "sees all images as one, and from there agreement leads to one class.",
    )
    agreement: float = Field(
        Options.agreement, ge=0, description="The weight of agreement; 0 leaves it out."
    )
    entropy: float = Field(
        Options.entropy,
        ge=0,
        description="The weight of the classes' balance, without which one takes all.",
    )
    frozen_pair: bool = Field(
        False,
        description="Whether networks start from one pair of weights every time, and not from "
        "fresh ones.",
    )

    def parameters(self) -> dict[str, JSON]:
        """Return what a cell's key holds of the search."""
        own = set(SearchSettings.model_fields) - set(TaskSetSettings.model_fields)
        return {"uniformity": 0.0, **self.model_dump(mode="json", include=own | {"uniformity"})}

    def others_move(self) -> bool:
        """Return whether anything but agreement moves the labels."""
        return self.entropy > 0

    def at_odds(self) -> Iterator[tuple[str, str]]:
        """Yield settings that exclude each other: the key of one, and what is wrong."""
        if self.agreement and self.steps <= self.warm_up:
            yield (
                "steps",
                (f"Agreement never counts: {self.warm_up} of {self.steps} steps are the warm-up."),
            )
        elif not self.others_move() and not self.agreement:
            yield "agreement", "Nothing moves the labels: the weights of all losses are 0."
        elif not self.others_move() and self.warm_up:
            yield (
                "warm_up",
                (
                    "Nothing moves the labels in the warm-up: the weights of all losses but "
                    "agreement are 0. Set `warm_up` to 0."
                ),
            )
        if self.hypergradient == "xas" and self.inner_steps < LEAST_FRESH:
            yield "inner_steps", f"`xas` takes {LEAST_FRESH} inner steps or more."

    def least_images(self) -> int:
        """Return how many images the search needs: a batch to learn, another to agree on."""
        return 2 * self.batch


class SphereSearch(SearchSettings):
    """A set of tasks: images become points of a sphere, each task divides it, all are spread."""

    dimensions: int | None = Field(
        None,
        ge=1,
        le=4096,
        description="Of the space of the sphere; tasks times (classes - 1) where absent, and no "
        "fewer.",
    )
    uniformity: float = Field(
        Options.uniformity,
        ge=0,
        description="The weight of uniformity, which keeps tasks apart and classes balanced.",
    )
    network: Use[Encoder] | None = Field(
        None, description="From an image to the sphere, before a linear layer; the job's if absent."
    )
    sees: Use[Encoder] | None = Field(
        None,
        description="A pretrained encoder, kept as it is, whose codes stand for the images here: "
        "only what it tells apart can become a task.",
    )
    keep: list[str] = Field(
        [],
        description="Tasks of the job that must stay readable from the sphere: a linear head for "
        "each learns along.",
    )
    keep_weight: float = Field(1.0, gt=0, description="The weight of their cross-entropy.")

    def size(self) -> int:
        """Return the dimensions of the sphere's space."""
        return self.dimensions or self.tasks * (self.classes - 1)

    def others_move(self) -> bool:
        """Return whether anything but agreement moves the labels."""
        return self.entropy > 0 or self.uniformity > 0 or bool(self.keep)

    def at_odds(self) -> Iterator[tuple[str, str]]:
        """Yield settings that exclude each other: the key of one, and what is wrong."""
        yield from super().at_odds()
        least = self.tasks * (self.classes - 1)
        if self.size() < least:
            yield (
                "dimensions",
                (
                    f"{self.tasks} tasks of {self.classes} classes need {least} dimensions, and "
                    f"there are {self.dimensions}."
                ),
            )


class FreeSearch(SearchSettings):
    """Tasks without any form: a label for each image of the search, which no network gives."""

    as_: Name = Field("free", alias="as", description="What this job calls it.")
    tasks: int = Field(1, ge=1, le=1024, description="How many, each found alone.")
    learning_rate: float = Field(0.1, gt=0, le=10, description="Of Adam, for the labels.")


class HalvingSettings(DiscoveryPart):
    """Halves of a task's images by which a network may be fooled, and those by chance."""

    targets: list[str] = Field(
        min_length=1, description="Tasks of the job that networks learn on one half."
    )
    share: float = Field(0.5, gt=0, lt=1, description="Of each class, the share that is learnt.")
    train: JudgeTraining = Field(JudgeTraining(), description="How networks learn a half.")


class DiscoveryJob(Job):
    """Find the tasks that a network generalises on, and the splits that fool it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"dataset": "digits"}]})

    study: Literal["discovery"] = Field(description="The kind of job.")
    dataset: Use[Dataset] = Field(description="Images; labels are read of `tasks` alone.")
    network: Use[Encoder] = Field(
        Use[Encoder](use="small_conv"), description="The network that tasks are found for."
    )
    readout: Use[Readout] = Field(
        Use[Readout](use="linear"), description="From its code to the classes of a task."
    )
    tasks: Tasks = Field(
        [], description="Tasks with labels: what discovered ones are compared with."
    )
    discover: list[SphereSearch] = Field(
        [SphereSearch()], description="Searches for sets of tasks that differ from each other."
    )
    free: list[FreeSearch] = Field([], description="Searches for labels without any form.")
    frozen: list[FrozenSearch] = Field([], description="Searches on frozen codes: the fast way.")
    controls: list[Control] = Field(
        list(CONTROLS), description="What discovered tasks are compared with."
    )
    train: JudgeTraining = Field(JudgeTraining(), description="How networks that judge learn.")
    judges: int = Field(
        3, ge=2, le=100, description="Networks that learn each task, to see whether they agree."
    )
    seeds: int = Field(1, ge=1, le=1000, description="How many repetitions of every search.")
    images: int | None = Field(
        None, ge=4, description="Images that tasks are found on and learnt from; all where absent."
    )
    test: float = Field(
        0.3,
        gt=0,
        lt=1,
        description="The share on which networks have to agree, where the dataset has no test "
        "part.",
    )
    splits: HalvingSettings | None = Field(None, description="Which splits to try, if any.")
    shown: int = Field(8, ge=0, le=64, description="Images of each class of a task on the page.")

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        lists = list(self._task_lists())
        names = [use.name for use in self.tasks]
        raise_problems(
            [
                *taken_names(self._searches(), {*CONTROLS, *SPLIT_RULES}),
                *unknown_tasks(lists, names),
                *self._at_odds(),
                *repeated_names([*lists, (("controls",), self.controls)]),
            ]
        )
        return self

    def _searches(self) -> Iterator[tuple[Steps, str]]:
        for key in ("discover", "free", "frozen"):
            for index, search in enumerate(getattr(self, key)):
                yield (key, index), search.as_

    def _task_lists(self) -> Iterator[tuple[Steps, list[str]]]:
        for index, search in enumerate(self.discover):
            yield ("discover", index, "keep"), search.keep
        for index, frozen in enumerate(self.frozen):
            yield ("frozen", index, "against"), frozen.against
        if self.splits is not None:
            yield ("splits", "targets"), self.splits.targets

    def _at_odds(self) -> Iterator[Mistake]:
        for key in ("discover", "free", "frozen"):
            for index, search in enumerate(getattr(self, key)):
                for own, message in search.at_odds():
                    yield problem(Code.BAD_VALUE, message, key, index, own)
