"""How a job describes a table of errors."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from taskspace.components import JobPath

_CONFIG = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class ErrorColumns(BaseModel):
    """How the columns of a table of errors are called."""

    model_config = _CONFIG

    task: str = Field(
        "task", description="The task of a row; a wide table without it has tasks first."
    )
    model: str = Field("model", description="The model of a row; a table with it is long.")
    value: str = Field("error", description="What was measured, in a long table.")
    parameters: str = Field(
        "parameters", description="The model's number of parameters, in a long table; optional."
    )
    group: str = Field(
        "group",
        description="What a task belongs to, such as its dataset; tasks of one group are left out "
        "together. Optional.",
    )
    scores: list[str] = Field(
        [],
        description="Columns of a long table with scores of each model on each task; more is "
        "better.",
    )


class ErrorFile(BaseModel):
    """A table of errors instead of models to run: a CSV file.

    It is wide, a row for each task and a column for each model, or long, a row for each pair.
    """

    model_config = _CONFIG

    table: JobPath = Field(description="A CSV file with a header.")
    columns: ErrorColumns = Field(ErrorColumns(), description="How the columns are called.")
    measure: Literal["error", "accuracy"] = Field(
        "error", description="What the numbers are; an accuracy becomes the error that is left."
    )
    unit: Literal["percent", "fraction"] = Field(
        "percent",
        description="Whether the numbers go to 100 or to 1; to be said where none is beyond 1.",
    )
    exclude: list[str] = Field(
        [], description="Models to leave out, such as a column with the best of each row."
    )
