"""The multitask job: tasks on a dataset, schemes of sharing, and how long they learn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from taskspace.components import (
    JSON,
    Choice,
    Dataset,
    Encoder,
    Gating,
    Job,
    Readout,
    Task,
    Weighting,
)
from taskspace.jobs import (
    Code,
    NamedUse,
    Use,
    problem,
    raise_problems,
    uniquely_named,
)
from taskspace.learning.training import Training

NamedTasks = Annotated[
    list[NamedUse[Task]], Field(min_length=1), uniquely_named("tasks", by_field=True)
]
Schemes = Annotated[list[NamedUse[Gating]], Field(min_length=1), uniquely_named("schemes")]
Size = Annotated[int, Field(ge=1, le=1_000_000_000)]
Seed = Annotated[int, Field(ge=0, lt=2**32)]


class MultitaskTraining(Training):
    """How long and how fast a network learns, with Adam."""

    default_epochs: ClassVar[int] = 20

    epochs: int | None = Field(
        None, ge=1, le=100_000, description="Passes over the samples; 20 where `steps` is absent."
    )
    learning_rate: float = Field(1e-3, gt=0, le=10, description="Of Adam, at the start.")
    schedule: Literal["cosine", "constant"] = Field(
        "constant", description="The rate stays as it is, or falls to 0 on a cosine."
    )
    eval_every: int | None = Field(
        None, ge=1, description="Steps between tests while it learns; only at the end where absent."
    )

    def parameters(self) -> dict[str, JSON]:
        """Return what a cell's key holds of it: all as the job says it, so that keys stay."""
        return self.model_dump(exclude={"schedule"}) | (
            {} if self.schedule == "constant" else {"schedule": self.schedule}
        )


class MultitaskJob(Job):
    """Train the same tasks under several schemes of sharing experts, and compare them."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"dataset": "toy_bits", "encoder": "mlp", "schemes": ["shared"]}]
        }
    )

    study: Literal["multitask"] = Field(description="The kind of job.")
    dataset: Use[Dataset] = Field(description="Images with labels, for one task each or several.")
    tasks: NamedTasks | None = Field(
        None, description="What is predicted; the tasks that the dataset names, where absent."
    )
    schemes: Schemes = Field(
        description="Ways of sharing experts that are compared.", examples=[["shared"]]
    )
    encoder: Use[Encoder] = Field(
        Use[Encoder](use="conv_pool"), description="What an expert is; a scheme makes copies of it."
    )
    readout: Use[Readout] = Field(
        Use[Readout](use="linear"),
        description="From the mixed codes to a prediction: a task's head.",
    )
    weighting: Use[Weighting] = Field(
        Use[Weighting](use="equal"), description="By how much the loss of each task counts."
    )
    train: MultitaskTraining = Field(MultitaskTraining(), description="How networks learn.")
    sizes: Annotated[list[Size], Field(min_length=1)] | None = Field(
        None,
        description="Numbers of training samples; a larger set holds a smaller. All where absent.",
    )
    seeds: Annotated[int, Field(ge=1, le=1000)] | Annotated[list[Seed], Field(min_length=1)] = (
        Field(1, description="How many repetitions, or their numbers: samples, weights and draws.")
    )
    test: float = Field(
        0.2, gt=0, lt=1, description="The share that tests, where the dataset has no test part."
    )
    rules: Annotated[list[Choice], Field(min_length=1)] = Field(
        ["task", "mean", "rounded", "all"],
        description="How many experts a task keeps when it is tested; the first is reported "
        "throughout, the others beside it.",
    )

    @model_validator(mode="after")
    def _nothing_twice(self) -> Self:
        seeds = self.seeds if isinstance(self.seeds, list) else []
        lists: dict[str, Sequence[int | str]] = {
            "sizes": self.sizes or [],
            "seeds": seeds,
            "rules": self.rules,
        }
        raise_problems(
            [
                problem(Code.BAD_VALUE, f"{value!r} is in the list twice.", key, index)
                for key, values in lists.items()
                for index, value in enumerate(values)
                if value in values[:index]
            ]
        )
        return self

    def repetitions(self) -> list[int]:
        """Return the numbers of the repetitions."""
        return list(range(self.seeds)) if isinstance(self.seeds, int) else list(self.seeds)
