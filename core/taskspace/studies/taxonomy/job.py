"""The taxonomy job: tasks on a dataset, or a table of transfers, and what to decide."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from taskspace.components import Dataset, Encoder, Job, Readout, Solver
from taskspace.jobs import (
    Code,
    TaskUse,
    TaskUses,
    Use,
    nearest,
    problem,
    raise_problems,
)
from taskspace.learning.training import HeldOutTraining
from taskspace.policy import Formulation
from taskspace.studies.taxonomy.job_sources import SourceUses, source_problems
from taskspace.studies.taxonomy.job_transfer import TransferTraining
from taskspace.studies.taxonomy.maths.tournament import Normaliser
from taskspace.studies.taxonomy.table.description import AffinityTable

Seed = Annotated[int, Field(ge=0, lt=2**32)]


class Part(BaseModel):
    """A part of the job."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Splits(Part):
    """Shares of the dataset; disjoint, by group where the dataset has groups."""

    train: float = Field(0.5, gt=0, lt=1, description="Task networks learn from it.")
    transfer: float = Field(0.15, gt=0, lt=1, description="Readouts and scratch learn from it.")
    select: float = Field(
        0.15, gt=0, lt=1, description="Affinities, best sources and policies come from it."
    )
    test: float = Field(
        0.2, gt=0, lt=1, description="Gain, quality and sanity; read once, decides nothing."
    )

    @model_validator(mode="after")
    def _whole(self) -> Self:
        total = sum(getattr(self, name) for name in type(self).model_fields)
        if abs(total - 1) > 1e-6:
            message = f"The shares add up to {total:g}; they must add up to 1."
            raise_problems([problem(Code.BAD_VALUE, message)])
        return self


SPLITS = tuple(Splits.model_fields)
"""Their names, in the order in which they are dealt."""


class Solve(Part):
    """Budgets, what a transfer is worth, and who solves."""

    budgets: list[float] | None = Field(
        None,
        min_length=1,
        description="Label budgets; 1, 2, 3, 4, 6, 8, ... below the number of tasks where absent.",
    )
    solver: Use[Solver] = Field(Use[Solver](use="auto"), description="Who solves the program.")
    coefficient: Literal["affinity", "sqrt_affinity", "gain", "quality"] = Field(
        "sqrt_affinity", description="What a transfer is worth; all measured on `select`."
    )
    rule: Literal["own", "best"] = Field(
        "own", description="A supervised target uses its own network, or the best transfer."
    )
    required: list[str] = Field([], description="Tasks that every policy supervises.")
    forbidden: list[str] = Field(
        [], description="Tasks that no policy supervises, and pretrained sources that none uses."
    )
    admit: Literal["better_than_floor", "all"] = Field(
        "better_than_floor",
        description="Which transfers and networks may serve a target: those with a lower mean loss "
        "on `select` than the better of scratch and the best constant, or all.",
    )
    formulation: Formulation = Field(
        "strong",
        description="How the program says that a transfer needs its sources: one row a target and "
        "source, one a transfer and source, or one a transfer (the paper's). The answer is the "
        "same; `strong` is by far the fastest.",
    )
    seconds: float = Field(60.0, gt=0, description="Time limit of one solve.")
    random_policies: int = Field(
        500, ge=0, le=100_000, description="Random policies a budget, the null; 0 for none."
    )
    compare_normalisers: bool = Field(
        False, description="Solve under the other normalisers too, to see where policies differ."
    )
    alternatives: int = Field(
        0,
        ge=0,
        le=100,
        description="The next best sets of supervised tasks, this many a budget; one solve each, "
        "and one more to show that none is missing.",
    )
    sensitivity: bool = Field(
        False,
        description="What forcing each task in, or leaving it out, costs; one solve a task and "
        "budget.",
    )

    @model_validator(mode="after")
    def _budgets_are_not_negative(self) -> Self:
        wrong = [
            problem(Code.BAD_VALUE, f"A budget of {budget:g} is negative.", "budgets", index)
            for index, budget in enumerate(self.budgets or ())
            if budget < 0
        ]
        raise_problems(wrong)
        return self

    @model_validator(mode="after")
    def _decisions_agree(self) -> Self:
        raise_problems(
            [
                problem(Code.BAD_VALUE, f"`{name}` is `required`, too.", "forbidden", index)
                for index, name in enumerate(self.forbidden)
                if name in self.required
            ]
        )
        return self


class TaxonomyJob(Job):
    """Train, transfer, normalise, solve (Zamir et al. 2018); or solve a published table."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"dataset": "digits", "tasks": ["identity", "edges_2d"]}]}
    )

    study: Literal["taxonomy"] = Field(description="The kind of job.")
    dataset: Use[Dataset] | None = Field(None, description="Images with labels.")
    tasks: TaskUses | None = Field(None, description="What is predicted.")
    sources: SourceUses = Field(
        [],
        description="Pretrained encoders that compete with the tasks as sources of transfers; they "
        "have no labels and are no targets.",
    )
    encoder: Use[Encoder] = Field(
        Use[Encoder](use="small_conv"), description="From images to codes; the same for all tasks."
    )
    decoder: Use[Readout] = Field(
        Use[Readout](use="two_conv"), description="From a task network's code to its prediction."
    )
    readout: Use[Readout] = Field(
        Use[Readout](use="two_conv"), description="From frozen codes to a target: the transfer."
    )
    seeds: Annotated[int, Field(ge=1, le=1000)] | Annotated[list[Seed], Field(min_length=1)] = (
        Field(
            1,
            description="How many repetitions, or their numbers: other weights, shuffles and "
            "divisions of all images but the test images, which they share. With several the "
            "labels to buy come from their mean affinities, and intervals cover seeds and images.",
        )
    )
    splits: Splits = Field(Splits(), description="How the dataset is divided.")
    train: HeldOutTraining = Field(HeldOutTraining(), description="How task networks learn.")
    transfer: TransferTraining = Field(
        TransferTraining(), description="Which transfers are trained, and how."
    )
    normaliser: Normaliser = Field(
        "ahp", description="From win rates to affinities; `ahp` is the paper's."
    )
    affinities: AffinityTable | None = Field(
        None, description="A table of transfers, instead of dataset and tasks."
    )
    solve: Solve = Field(Solve(), description="Which policies are computed.")

    @model_validator(mode="after")
    def _measured_or_published(self) -> Self:
        trains = {"dataset", "tasks", "sources", "encoder", "decoder", "readout", "seeds", "splits"}
        trains |= {"train", "transfer", "normaliser"}
        if self.affinities is not None:
            raise_problems(
                [
                    problem(
                        Code.EXCLUSIVE_KEYS,
                        f"`{key}` has no use beside `affinities`, which needs no training.",
                        key,
                        on_key=True,
                    )
                    for key in sorted(trains & self.model_fields_set)
                ]
            )
            if "coefficient" in self.solve.model_fields_set:
                message = "A table has its own `affinities.coefficient`; this one has no use."
                raise_problems(
                    [problem(Code.EXCLUSIVE_KEYS, message, "solve", "coefficient", on_key=True)]
                )
            return self
        raise_problems(
            [
                problem(Code.MISSING_KEY, f"`{key}` is missing (or give `affinities`).", key)
                for key in ("dataset", "tasks")
                if getattr(self, key) is None
            ]
        )
        return self

    @model_validator(mode="after")
    def _decides_about_its_tasks(self) -> Self:
        """Say at its place which decided task the job does not have; a table is read later."""
        tasks = [use.name for use in self.task_uses() if use.role != "target"]
        pretrained = [use.name for use in self.sources]
        if not tasks and not pretrained:
            return self
        every_task = [use.name for use in self.task_uses()]
        problems = [*source_problems(self.sources, every_task, self.solve.required)]
        decided = {"required": self.solve.required, "forbidden": self.solve.forbidden}
        problems += [
            problem(
                Code.UNKNOWN_NAME,
                f"No task of the job that may be supervised is called '{name}'.",
                *("solve", key, index),
                suggestion=nearest(name, [*tasks, *pretrained]),
            )
            for key, names in decided.items()
            for index, name in enumerate(names)
            if name not in tasks and name not in pretrained
        ]
        if {*tasks, *pretrained} <= {*self.solve.forbidden}:
            message = "Every task that may be supervised is forbidden."
            if pretrained:
                message = "Every task that may be supervised and every source is forbidden."
            problems.append(problem(Code.BAD_VALUE, message, "solve", "forbidden"))
        raise_problems(problems)
        return self

    @model_validator(mode="after")
    def _no_seed_twice(self) -> Self:
        seeds = self.repetitions()
        raise_problems(
            [
                problem(Code.BAD_VALUE, f"{seed} is in the list twice.", "seeds", index)
                for index, seed in enumerate(seeds)
                if seed in seeds[:index]
            ]
        )
        return self

    def repetitions(self) -> list[int]:
        """Return the numbers of the repetitions."""
        return list(range(self.seeds)) if isinstance(self.seeds, int) else list(self.seeds)

    def task_uses(self) -> list[TaskUse]:
        """Return the tasks, which a validated job that trains always has."""
        return list(self.tasks or ())
