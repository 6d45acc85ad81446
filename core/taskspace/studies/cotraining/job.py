"""The co-training job: a central task, auxiliary tasks, and what of the network they share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from taskspace.components import JSON, Dataset, Encoder, Job, Readout, Task
from taskspace.jobs import Code, NamedUse, Use, nearest, problem, raise_problems
from taskspace.jobs.mistakes import Mistake
from taskspace.learning.training import Training

BASELINE = "baseline"
TOGETHER = "together"
"""Names of arms, which no auxiliary task may have."""

INPUT, TRUTH = "input", "truth"
"""Rows of the pictures of a report that are no arms; no auxiliary task may be called so either."""

Count = Annotated[int, Field(ge=1, le=1_000_000_000)]
Seed = Annotated[int, Field(ge=0, lt=2**32)]


class CentralTraining(Training):
    """How long and how fast networks learn, with Adam; the same in every arm."""

    default_steps: ClassVar[int] = 2000

    epochs: int | None = Field(
        None,
        ge=1,
        le=100_000,
        description="Passes over the images with a central label, instead of `steps`.",
    )
    steps: int | None = Field(
        None,
        ge=1,
        le=100_000_000,
        description="Steps, whatever the number of labels; 2,000 where `epochs` is absent.",
    )
    batch: int = Field(
        64, ge=1, le=1_000_000_000, description="Images of the central task in a step."
    )
    learning_rate: float = Field(1e-3, gt=0, le=10, description="Of Adam, at the start.")
    eval_every: int | None = Field(
        None, ge=1, description="Steps between tests while it learns; only at the end where absent."
    )

    def parameters(self) -> dict[str, JSON]:
        """Return what a cell's key holds of it."""
        length: dict[str, JSON] = {"epochs": self.epochs}
        if self.epochs is None:
            length = {"steps": self.steps or self.default_steps}
        return {**self.model_dump(mode="json", exclude={"epochs", "steps"}), **length}

    def total(self, samples: int) -> int:
        """Return how many steps a network makes on so many images with a central label."""
        if self.epochs is None:
            return self.steps or self.default_steps
        return super().total(samples)


class AuxiliarySettings(BaseModel):
    """A task that learns along, and how much of a step it gets."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    task: NamedUse[Task] = Field(description="What is predicted beside the central task.")
    weight: float = Field(
        0.3,
        ge=0,
        le=1e6,
        description="What its loss is multiplied by; that of the central task counts once. With "
        "0 it is not run at all.",
    )
    batch: int = Field(64, ge=1, le=1_000_000_000, description="Its images in a step.")
    every: int = Field(
        1, ge=1, le=1_000_000, description="It learns in the first of so many steps."
    )
    images: Count | None = Field(
        None, description="Training images that it learns from; all with its label where absent."
    )
    readout: Use[Readout] | None = Field(
        None, description="From its code to its prediction; the job's `readout` where absent."
    )

    @property
    def name(self) -> str:
        """Return what the job calls the task."""
        return self.task.name


class CotrainingJob(Job):
    """Train a task alone and with auxiliary tasks, and compare."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"dataset": "digits", "central": "identity", "auxiliary": [{"task": "rotation"}]}
            ]
        }
    )

    study: Literal["cotraining"] = Field(description="The kind of job.")
    dataset: Use[Dataset] = Field(description="Images, some of them with a central label.")
    central: NamedUse[Task] = Field(description="The task that is to be helped.")
    auxiliary: Annotated[list[AuxiliarySettings], Field(min_length=1)] = Field(
        description="Tasks that may help, alone and all together."
    )
    encoder: Use[Encoder] = Field(
        Use[Encoder](use="conv_pool"), description="The network from an image to a code."
    )
    share: int | None = Field(
        None,
        ge=1,
        le=1000,
        description="How many of its stages, from the first, all tasks share; each task has its "
        "own copy of the others. All where absent.",
    )
    readout: Use[Readout] = Field(
        Use[Readout](use="linear"), description="From a code to a prediction, one for each task."
    )
    labels: Annotated[list[Count], Field(min_length=1)] | None = Field(
        None,
        description="Numbers of training images with a central label; a larger set holds a "
        "smaller. All where absent. Auxiliary tasks learn from all images.",
    )
    train: CentralTraining = Field(CentralTraining(), description="How networks learn.")
    seeds: Annotated[int, Field(ge=1, le=1000)] | Annotated[list[Seed], Field(min_length=1)] = (
        Field(3, description="How many repetitions, or their numbers: labels, weights, draws.")
    )
    test: float = Field(
        0.2, gt=0, lt=1, description="The share that tests, where the dataset has no test part."
    )
    together: bool | list[Annotated[list[str], Field(min_length=2)]] = Field(
        True,
        description="Whether all auxiliary tasks are also trained at once, if several; or lists of "
        "those that are.",
    )
    shuffled: list[str] | None = Field(
        None,
        description="Auxiliary tasks that are also trained with their labels shuffled among "
        "images: the control, which must not help. The first where absent.",
    )

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        raise_problems([*self._names(), *self._twice(), *self._unknown()])
        return self

    def _names(self) -> Iterator[Mistake]:
        used = {BASELINE, TOGETHER, INPUT, TRUTH, self.central.name}
        used |= {" + ".join(group) for group in self.groups() if len(group) > 1}
        for index, each in enumerate(self.auxiliary):
            if each.name in used:
                message = (
                    f"The task is called '{each.name}', as an arm, a row of pictures or another "
                    "task is: call it otherwise with `as`."
                )
                yield problem(Code.DUPLICATE_NAME, message, "auxiliary", index, "task")
            used.add(each.name)

    def _twice(self) -> Iterator[Mistake]:
        lists: dict[str, Sequence[int | str]] = {
            "labels": self.labels or [],
            "seeds": self.seeds if isinstance(self.seeds, list) else [],
            "shuffled": self.shuffled or [],
            "together": [" + ".join(sorted(group)) for group in self.groups()],
        }
        for key, values in lists.items():
            for index, value in enumerate(values):
                if value in values[:index]:
                    yield problem(Code.BAD_VALUE, f"{value!r} is in the list twice.", key, index)

    def _unknown(self) -> Iterator[Mistake]:
        names = [each.name for each in self.auxiliary]
        groups = [] if isinstance(self.together, bool) else self.together
        named: list[tuple[str, tuple[str | int, ...]]] = [
            *((name, ("shuffled", place)) for place, name in enumerate(self.shuffled or [])),
            *(
                (name, ("together", row, place))
                for row, group in enumerate(groups)
                for place, name in enumerate(group)
            ),
        ]
        for name, where in named:
            if name not in names:
                message = f"No auxiliary task is called '{name}'."
                yield problem(Code.UNKNOWN_NAME, message, *where, suggestion=nearest(name, names))
        for row, group in enumerate(groups):
            if len(set(group)) < len(group):
                message = "A task is in the list twice."
                yield problem(Code.BAD_VALUE, message, "together", row)

    def repetitions(self) -> list[int]:
        """Return the numbers of the repetitions."""
        return list(range(self.seeds)) if isinstance(self.seeds, int) else list(self.seeds)

    def groups(self) -> list[tuple[str, ...]]:
        """Return the auxiliary tasks that are also trained at once, each set in the job's order."""
        names = [each.name for each in self.auxiliary]
        if isinstance(self.together, bool):
            return [tuple(names)] if self.together and len(names) > 1 else []
        return [tuple(name for name in names if name in group) for group in self.together]

    def controls(self) -> list[str]:
        """Return the auxiliary tasks that are also trained with shuffled labels."""
        return [self.auxiliary[0].name] if self.shuffled is None else list(self.shuffled)
