"""A search for classes on frozen codes, as a job writes it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from taskspace.components import JSON, Encoder
from taskspace.jobs import NamedUse, uniquely_named

Name = Annotated[str, Field(max_length=80, pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")]
Encoders = Annotated[list[NamedUse[Encoder]], Field(min_length=1), uniquely_named("encoders")]


class DiscoveryPart(BaseModel):
    """A part of the job."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, populate_by_name=True
    )


class FrozenSearch(DiscoveryPart):
    """Classes that linear heads on frozen codes learn best (TURTLE, Gadetsky et al. 2024)."""

    as_: Name = Field("frozen", alias="as", description="What this job calls it.")
    encoders: Encoders = Field(description="Whose codes are read, one or several.")
    classes: int = Field(10, ge=2, le=10_000, description="How many.")
    probe: Literal["ridge", "descent"] = Field(
        "ridge",
        description="How heads learn labels: in closed form, each image predicted from the others; "
        "or by some steps of Adam, as the authors do.",
    )
    gamma: float = Field(
        10.0, ge=0, description="The weight of the entropy of all labels' mean: of equal classes."
    )
    rounds: int = Field(300, ge=1, le=10_000_000, description="Steps of Adam of the labels.")
    rate: float = Field(1e-2, gt=0, le=10, description="Of that Adam.")
    starts: int = Field(
        1, ge=1, le=1000, description="How often all begins anew; the best by its own loss is kept."
    )
    dimensions: int | None = Field(
        64,
        ge=1,
        le=65_536,
        description="Principal directions of the codes that are read; null for `descent` on the "
        "codes as they are.",
    )
    penalty: float = Field(1.0, gt=0, description="Of the ridge.")
    batch: int | None = Field(
        None, ge=2, le=10_000_000, description="Images of a round of `descent`; all where absent."
    )
    steps: int = Field(10, ge=1, le=100_000, description="Of `descent`, a round.")
    probe_rate: float = Field(1e-3, gt=0, le=10, description="Of its Adam.")
    warm: bool = Field(False, description="Whether `descent` goes on from the round before.")
    against: list[str] = Field(
        [],
        description="Tasks of the job whose labels it is compared with, under the best naming of "
        "classes; all that have as many classes where empty.",
    )

    def at_odds(self) -> Iterator[tuple[str, str]]:
        """Yield settings that exclude each other: the key of one, and what is wrong."""
        if self.probe == "ridge" and self.dimensions is None:
            yield "dimensions", "`ridge` works on principal directions: say how many."

    def parameters(self) -> dict[str, JSON]:
        """Return what a cell's key holds of the search."""
        others = {"as_", "encoders", "classes", "against"}
        return self.model_dump(mode="json", exclude=others)
