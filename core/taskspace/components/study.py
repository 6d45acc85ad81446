"""Studies: from a job to stages of cells, and from their results to an answer."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from taskspace.components.base import JSON, Component, ComponentSpec
from taskspace.components.exchanged.cell import (
    Cell,
    CellFunction,
    Failure,
    Resources,
    Stage,
    Stored,
)
from taskspace.components.exchanged.finding import Finding
from taskspace.components.exchanged.study_result import StudyResult
from taskspace.components.page import Page, Table

if TYPE_CHECKING:
    import numpy as np

ComponentT = TypeVar("ComponentT", bound=Component)


class Job(BaseModel):
    """What every job says; a study's job model adds the rest."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    study: str = Field(description="The kind of job.")
    name: str = Field(
        min_length=1,
        max_length=80,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$",
        description="Names the run's folder: letters, digits, '.', '_' and '-'.",
    )
    seed: int = Field(0, ge=0, lt=2**32, description="All randomness of the run follows from it.")


class Planner(Protocol):
    """What a study plans with; the engine implements it."""

    def component(self, spec: ComponentSpec, kind: type[ComponentT]) -> ComponentT:
        """Return the component of a spec, activated."""
        ...

    def cell(
        self,
        name: str,
        function: CellFunction,
        *,
        parameters: Mapping[str, JSON] | None = None,
        components: Mapping[str, Component] | None = None,
        inputs: Mapping[str, Cell] | None = None,
        batch: str | None = None,
        resources: Resources | None = None,
    ) -> Cell:
        """Return a cell with its key."""
        ...


Outcomes = Mapping[str, Stored | Failure]
"""Cell key to its stored result, or to why there is none; of all stages so far."""


@dataclass(frozen=True)
class Answer:
    """What a study has to say at its end, or at the stage that was asked for.

    Attributes:
        result: without timings: equal for equal jobs. The study's result model, or plain JSON
            where it declares none.
        artifacts: arrays that the report shows (sample predictions), kept with the run.
        tables: what the terminal shows.
        findings: what a reader must know, warnings first; the report opens with them.
        failures: cells that have no result.
        solved: False where nothing of what was asked for could be had: exit status 1.
    """

    result: Mapping[str, Any] | StudyResult
    artifacts: Mapping[str, np.ndarray] = field(default_factory=dict)
    tables: tuple[Table, ...] = ()
    findings: tuple[Finding, ...] = ()
    failures: tuple[Failure, ...] = field(default_factory=tuple)
    solved: bool = True

    def result_json(self) -> dict[str, Any]:
        """Return the result with its findings, as `result.json` holds it."""
        result = self.result.as_json() if isinstance(self.result, StudyResult) else self.result
        return {**result, "findings": [found.as_json() for found in self.findings]}


class Study(Component):
    """A kind of job."""

    kind: ClassVar[str] = "study"
    job_model: ClassVar[type[Job]]
    stage_names: ClassVar[tuple[str, ...]]
    """In order; `tasks train`, `tasks transfer` and `tasks solve` run up to the stage they name."""

    result_model: ClassVar[type[StudyResult] | None] = None
    """What `result.json` holds; None for a mapping that is not described."""

    @abstractmethod
    def stages(
        self, job: Any, planner: Planner, until: str | None
    ) -> Generator[Stage, Outcomes, Answer]:
        """Yield the cells that are wanted next, be sent their outcomes, return the answer.

        Later stages may be chosen from what earlier ones measured. `until` names the last stage.
        """

    @abstractmethod
    def page(self, result: Any, artifacts: Mapping[str, np.ndarray]) -> Page:
        """Return the report of a result and of the arrays that its answer kept for it.

        Args:
            result: of the class `result_model`; the mapping itself where the study declares none.
        """
