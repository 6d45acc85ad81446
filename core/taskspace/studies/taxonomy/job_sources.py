"""Encoders that compete with labelled sources, as a job names them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Annotated, TypeAlias

from pydantic import Field

from taskspace.components import Encoder
from taskspace.jobs import Code, NamedUse, problem, uniquely_named
from taskspace.jobs.mistakes import Mistake


class SourceUse(NamedUse[Encoder]):
    """A pretrained encoder by name, with what the job says about it."""

    label_cost: float = Field(
        0.0,
        ge=0,
        allow_inf_nan=False,
        description="What it costs to have, in units of the budget; published weights cost 0.",
    )


TAKEN = ("constant", "random", "random_projection", "scratch", "supervised")
"""What transfers are compared with, on the page and in tables, under these names."""

SourceUses: TypeAlias = Annotated[list[SourceUse], uniquely_named("sources")]
"""Pretrained encoders, all with different names."""


def source_problems(
    sources: Sequence[SourceUse], tasks: Collection[str], required: Sequence[str]
) -> Iterator[Mistake]:
    """Yield what is wrong with pretrained sources beside the tasks of a job and what it requires.

    Args:
        tasks: what the job calls its tasks.
        required: what `solve.required` lists.
    """
    for index, use in enumerate(sources):
        if use.name in TAKEN:
            message = (
                f"'{use.name}' is what transfers are compared with: call the source otherwise."
            )
            yield problem(Code.BAD_VALUE, message, "sources", index, "as")
        if use.name in tasks:
            message = (
                f"A task is called '{use.name}', too: call the pretrained source otherwise with "
                "`as`."
            )
            key = "as" if use.as_ else "use"
            yield problem(Code.DUPLICATE_NAME, message, "sources", index, key)
    names = {use.name for use in sources}
    for index, name in enumerate(required):
        if name in names - {*tasks}:
            message = (
                f"'{name}' is a pretrained source, which has no labels to buy: policies use it "
                "where it serves a target best. Take it out of `required`."
            )
            yield problem(Code.BAD_VALUE, message, "solve", "required", index)
