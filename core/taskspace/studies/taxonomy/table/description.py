"""How a job describes a table of transfers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from taskspace.components import JobPath
from taskspace.policy import Coefficient

_CONFIG = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

Cost = Annotated[float, Field(ge=0, le=1e100)]


class Columns(BaseModel):
    """How the columns of a table are called; case and surrounding space do not count.

    Where a job does not name the columns of affinity, gain and quality, they may have the short
    names `affinity`, `gain` and `quality`, too.
    """

    model_config = _CONFIG

    target: str = Field("target", description="The task that is served.")
    sources: str = Field(
        "sources", description="The tasks that serve it, joined by `separator` ('+')."
    )
    affinity: str = Field(
        "affinity_ahp",
        description="Standing among the target's competitors; without a name here, `affinity` too.",
    )
    gain: str = Field(
        "winrate_vs_pixels_scratch_gain",
        description="Win rate against training from scratch, a fraction; without a name here, "
        "`gain` too.",
    )
    quality: str = Field(
        "winrate_vs_task_fully_supervised_quality",
        description="Win rate against the supervised network, a fraction; without a name here, "
        "`quality` too.",
    )
    cost: str = Field(
        "label_cost",
        description="What the transfer's own labels cost, in addition to those of its sources "
        "(`costs`); nothing where the table has no such column.",
    )


class AffinityTable(BaseModel):
    """A table of transfers, instead of tasks to train; the defaults are the published ones'."""

    model_config = _CONFIG

    table: JobPath = Field(
        description="A CSV file with a header, parted by commas, semicolons or tabs, or a JSON "
        "list of records."
    )
    layout: Literal["rows", "matrix"] | None = Field(
        None,
        description="rows: one transfer a row. matrix: sources down, targets across, all of "
        "order 1. Null: a matrix where no column but the first is called as `columns` says and "
        "rows begin with names of columns, or the first row holds numbers.",
    )
    columns: Columns = Field(Columns(), description="How the columns are called.")
    separator: str = Field(
        "+",
        min_length=1,
        description="What joins the sources of a transfer in a cell; no name holds it.",
    )
    coefficient: Coefficient | None = Field(
        None,
        description="Which measurement the policy adds up, and how. Null: `sqrt_affinity`; where "
        "there is no affinity, gain or quality, whichever is there.",
    )
    costs: dict[str, Cost] = Field(
        {},
        description="What labels cost, by task, in units of the budget; 1 for all others. 0: the "
        "labels are there already.",
    )
    supervised: str | None = Field(
        "self",
        description="The source that stands for the target's supervised network; other rows with "
        "the target among their sources are then left out. Null: a row whose only source is its "
        "target is the supervised network; so it is in a matrix without a row of this name.",
    )
    supervised_value: float | None = Field(
        None,
        ge=0,
        description="What the supervised network of each target is worth that has no row for it, "
        "in the unit of the column that is added up.",
    )
    max_order: int | None = Field(
        None, ge=1, description="Transfers from more sources are left out; null keeps all."
    )
    source_only: list[str] | None = Field(
        None,
        description="Sources that are no target; rows into them are left out. Null: whichever "
        "sources have no row into them.",
    )
    exclude: list[str] = Field(
        [], description="Tasks to leave out: all rows with one of them as target or source."
    )
