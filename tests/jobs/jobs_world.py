"""A catalogue in memory with a study of its own, so that jobs are tested without the registry."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self

import pytest
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from taskspace.components import (
    API_VERSION,
    Component,
    ComponentSpec,
    Dataset,
    Encoder,
    Job,
    JobPath,
    Solver,
    Study,
)
from taskspace.components.part import MAKE
from taskspace.errors import ComponentUnavailable, JobInvalid, NotFound, Problem
from taskspace.jobs import (
    Code,
    TaskUses,
    Use,
    load_job,
    problem,
    raise_problems,
)
from taskspace.registry import Description


class Digits(Component):
    """Small scanned digits."""

    kind: ClassVar[str] = "dataset"
    name: ClassVar[str] = "digits"
    images: int = Field(100, ge=1, le=10_000, description="How many.")
    noise: float = Field(0.0, ge=0, lt=1)


class Folder(Component):
    """Images in a folder."""

    kind: ClassVar[str] = "dataset"
    name: ClassVar[str] = "folder"
    root: JobPath = Field(description="Where the images are.")
    labels: Literal["auto"] | JobPath = "auto"
    extra: dict[str, JobPath] = Field(default_factory=dict)


class Normals(Component):
    """Surface normals."""

    kind: ClassVar[str] = "task"
    name: ClassVar[str] = "normals"


class Edges(Component):
    """Edges of an image."""

    kind: ClassVar[str] = "task"
    name: ClassVar[str] = "edges_2d"
    low: float = Field(0.1, ge=0, le=1)
    high: float = Field(0.2, ge=0, le=1)

    @field_validator("high")
    @classmethod
    def _odd_bound(cls, value: float) -> float:
        if value == 0.5:
            raise ValueError("one half is not allowed")
        return value


class Layer(BaseModel):
    """A layer of a network."""

    model_config = ConfigDict(extra="forbid")

    use_bias: bool = True
    channels: int = Field(ge=1)


class Tree(BaseModel):
    """A model that refers to itself."""

    model_config = ConfigDict(extra="forbid")

    leaf: int = 0
    below: list[Tree] = Field(default_factory=list)


class Conv(Component):
    """A network of layers."""

    kind: ClassVar[str] = "encoder"
    name: ClassVar[str] = "conv"
    width: int = Field(16, ge=1)
    layers: list[Layer] = Field(default_factory=list)
    tree: Tree | None = None


class Highs(Component):
    """A solver."""

    kind: ClassVar[str] = "solver"
    name: ClassVar[str] = "highs"


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Train(Part):
    epochs: int = Field(10, ge=1, description="Passes over the images.")
    batch: int = Field(64, ge=1, le=4096)
    rate: float = Field(1e-3, gt=0)
    schedule: Literal["cosine", "constant"] = "cosine"


class Solve(Part):
    budgets: Annotated[list[float], Field(min_length=1)] | None = None
    up_to: int | None = None
    solver: Use[Solver] = Use[Solver](use="highs")

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if self.budgets is not None and self.up_to is not None:
            message = "`budgets` and `up_to` exclude each other."
            raise_problems([problem(Code.EXCLUSIVE_KEYS, message, "up_to", on_key=True)])
        return self


class HouseJob(Job):
    study: Literal["house"]
    dataset: Use[Dataset]
    tasks: TaskUses
    encoder: Use[Encoder] = Use[Encoder](use="conv")
    train: Train = Train()
    solve: Solve | None = None
    notes: dict[str, str | int] = Field(default_factory=dict)
    table: JobPath | None = None


class House(Study):
    """A study for tests."""

    name: ClassVar[str] = "house"
    job_model: ClassVar[type[Job]] = HouseJob
    stage_names: ClassVar[tuple[str, ...]] = ()

    def stages(self, job: Any, planner: Any, until: Any) -> Any:
        raise NotImplementedError

    def page(self, result: Any, artifacts: Any) -> Any:
        raise NotImplementedError


class Shelf:
    """The catalogue: components by (kind, name), and one task that may not be used."""

    def __init__(self, *classes: type[Component]) -> None:
        self.classes = {(cls.kind, cls.name): cls for cls in classes}

    def describe(self, kind: str, name: str) -> Description:
        cls = self.activate(kind, name)
        facts = {"job_model": cls.job_model.model_json_schema()} if issubclass(cls, Study) else {}
        return Description(
            kind=kind,
            name=cls.name,
            plugin="shelf",
            version="1",
            summary=cls.summary(),
            target=f"{cls.__module__}:{cls.__qualname__}",
            schema=cls.model_json_schema(),
            facts=facts,
            api=API_VERSION,
        )

    def descriptions(self, kind: str | None = None) -> list[Description]:
        return [self.describe(k, n) for k, n in sorted(self.classes) if kind in (None, k)]

    def names(self, kind: str) -> list[str]:
        return [description.name for description in self.descriptions(kind)]

    def activate(self, kind: str, name: str) -> type[Component]:
        if (kind, name) == ("task", "rain"):
            raise ComponentUnavailable(
                "'rain' is provided by weather, which is disabled.",
                advice="What to do: tasks plugin enable weather.",
            )
        try:
            return self.classes[kind, name.removeprefix("shelf/")]
        except KeyError:
            raise NotFound(f"There is no {kind} {name!r}.", advice="Look around.") from None

    def component(self, spec: ComponentSpec) -> Component:
        cls = self.activate(spec.kind, spec.name)
        return cls.model_validate(dict(spec.parameters), context={MAKE: self.component})


@pytest.fixture(scope="session")
def shelf() -> Shelf:
    return Shelf(Digits, Folder, Normals, Edges, Conv, Highs, House)


VALID = """\
# A job that is right.
study: house
name: my-house
seed: 3
dataset: {use: digits, images: 20}
tasks:
  - normals
  - {use: edges_2d, importance: 0.5, label_cost: 0}
  - use: edges_2d
    as: thin
    low: 1e-4
encoder: {use: conv, layers: [{channels: 8}, {channels: 4, use_bias: false}]}
train: {epochs: 10, batch: 64}
solve:
  budgets: [1, 2, 2.5]
  solver: highs
notes: {why: no, who: 7}
"""


@pytest.fixture
def valid() -> str:
    return VALID


@pytest.fixture
def problems(shelf: Shelf, tmp_path: Path) -> Callable[..., list[Problem]]:
    """Return the problems of a job's text, read from a file called job.yaml."""

    def find(text: str | bytes, *overrides: str) -> list[Problem]:
        file = tmp_path / "job.yaml"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        try:
            load_job(file, overrides=overrides, catalogue=shelf)
        except JobInvalid as error:
            return list(error.problems)
        return []

    return find
