"""How long and how fast a network learns: what a job says, and what a cell that trains is told."""

from __future__ import annotations

from math import cos, pi
from typing import ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from taskspace.components import JSON
from taskspace.jobs import Code, problem, raise_problems


class Training(BaseModel):
    """How long and how fast a network learns, with Adam.

    A study with other defaults has a subclass that says them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
    default_epochs: ClassVar[int] = 30

    epochs: int | None = Field(
        None, ge=1, le=100_000, description="Passes over the samples; 30 where `steps` is absent."
    )
    steps: int | None = Field(
        None,
        ge=1,
        le=100_000_000,
        description="Steps instead of `epochs`, whatever the number of samples.",
    )
    batch: int = Field(64, ge=1, le=1_000_000_000, description="Samples a step.")
    learning_rate: float = Field(3e-3, gt=0, le=10, description="Of Adam, at the start.")
    schedule: Literal["cosine", "constant", "dropped"] = Field(
        "cosine",
        description="The rate falls to 0 on a cosine, stays as it is, or is a tenth in the last "
        "quarter.",
    )

    @model_validator(mode="after")
    def _steps_or_epochs(self) -> Self:
        if self.steps is not None and self.epochs is not None:
            message = "`steps` and `epochs` exclude each other."
            raise_problems([problem(Code.EXCLUSIVE_KEYS, message, "epochs", on_key=True)])
        return self

    def parameters(self) -> dict[str, JSON]:
        """Return what a cell's key holds of it; the model validates it again in the cell.

        A default schedule is absent: it was fixed before it was a field, and keys stay.
        """
        length = {"epochs": self.epochs or self.default_epochs}
        said: dict[str, JSON] = {"batch": self.batch, "learning_rate": self.learning_rate}
        if self.schedule != type(self).model_fields["schedule"].default:
            said["schedule"] = self.schedule
        return {**(length if self.steps is None else {"steps": self.steps}), **said}

    def total(self, samples: int) -> int:
        """Return how many steps a network makes on so many samples."""
        if self.steps is not None:
            return self.steps
        return (self.epochs or self.default_epochs) * self.steps_of_epoch(samples)

    def steps_of_epoch(self, samples: int) -> int:
        """Return how many steps pass over so many samples once."""
        return -(-samples // self.batch)

    def rate(self, step: int, steps: int) -> float:
        """Return the learning rate of a step, counted from 0, of all steps."""
        if self.schedule == "constant":
            return self.learning_rate
        if self.schedule == "dropped":
            return self.learning_rate * (0.1 if 4 * step >= 3 * steps else 1.0)
        return self.learning_rate * 0.5 * (1.0 + cos(pi * step / steps))


class HeldOutTraining(Training):
    """Training that may keep the weights of its best epoch (early stopping)."""

    held_out: float | None = Field(
        None,
        ge=0,
        lt=1,
        description="Share of the labelled images that is not learned from, by whole groups where "
        "the dataset has groups. All epochs run; the weights of the one with the lowest mean loss "
        "on this share are kept (early stopping). 0 learns from all and keeps the last epoch.",
    )

    def parameters(self) -> dict[str, JSON]:
        """Return what a cell's key holds of it; a share of 0 is absent."""
        return super().parameters() | ({"held_out": self.held_out} if self.held_out else {})
