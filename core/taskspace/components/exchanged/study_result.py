"""What `result.json` of a run holds, as a study declares it."""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from taskspace.components.exchanged.finding import Tone

Number: TypeAlias = Annotated[int | float, WithJsonSchema({"type": "number"})]
"""A number that is written as it was given: 1 stays 1, and 1.0 stays 1.0."""


class Record(BaseModel):
    """A part of a result: every field is described, none is unknown, none changes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def as_json(self) -> dict[str, Any]:
        """Return it as plain JSON, without the fields that were not given."""
        # Not in pydantic's mode "json", which changes file names that are no UTF-8.
        data: dict[str, Any] = _with_lists(self.model_dump(by_alias=True, exclude_unset=True))
        return data


def _with_lists(part: Any) -> Any:
    """Return plain data with lists for tuples."""
    if isinstance(part, dict):
        return {key: _with_lists(value) for key, value in part.items()}
    return [_with_lists(item) for item in part] if isinstance(part, list | tuple) else part


class MissingCell(Record):
    """A cell that has no result."""

    cell: str = Field(description="Its name in the plan.")
    message: str = Field(description="Why it has none, or what it waited for.")


class FindingRecord(Record):
    """A finding as it is stored; see `Finding`."""

    code: str = Field(description="What kind of statement it is, for programs.")
    tone: Tone = Field(description="How serious it is.")
    text: str = Field(description="One or two sentences that stand on their own.")
    details: list[str] = Field(description="Further lines, one a subject.")


class StudyResult(Record):
    """What every result says; a study's result model adds the rest."""

    study: str = Field(description="The kind of job.")
    name: str = Field(description="The name of the job.")
    seed: int = Field(description="All randomness of the run followed from it.")
    findings: list[FindingRecord] = Field(
        [], description="What a reader must know, warnings first; the engine adds it last."
    )

    def as_json(self) -> dict[str, Any]:
        """Return it as plain JSON in the order of `result.json`: the findings at the end."""
        data = super().as_json()
        findings = data.pop("findings", None)
        return data if findings is None else {**data, "findings": findings}
