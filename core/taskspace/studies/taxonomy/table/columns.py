"""Which columns of a table hold what, and which measurement the policy adds up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from taskspace.errors import TableError
from taskspace.policy import Coefficient, measured_by
from taskspace.studies.taxonomy.table.description import AffinityTable
from taskspace.tables import Header

MEASURED = ("affinity", "gain", "quality")
NAMING = (
    "Name the columns target, sources and affinity, gain or quality, or as the official tables do; "
    "in a job, `affinities.columns` may say how they are called."
)


@dataclass(frozen=True)
class FoundColumns:
    """The columns of a table.

    Attributes:
        names: what a column holds (target, sources, affinity, gain, quality, cost) to its name as
            the header writes it, for those that are there.
        needed: of these, the ones that every JSON record must have.
        coefficient: what the policy adds up.
    """

    names: Mapping[str, str]
    needed: frozenset[str]
    coefficient: Coefficient


def found_columns(description: AffinityTable, header: Header) -> FoundColumns:
    """Return which columns hold what.

    Raises:
        TableError: if one that is needed, or that the job names, is not there, or several could be
            meant.
    """
    named = description.columns.model_fields_set
    names = {}
    for what, name in description.columns.model_dump().items():
        short = what if what in MEASURED and what not in named else name
        found = (header.find(name), header.find(short))
        places = {place for place in found if place is not None}
        if len(places) > 1:
            raise TableError(
                f"The header has the columns {name!r} and {short!r}, and either could be the "
                f"{what}.",
                where=header.where,
                advice=f"Name one of them in `affinities.columns`: {{{what}: {short}}}.",
            )
        for place in places:
            names[what] = header.names[place]
    coefficient = description.coefficient or _coefficient(names, header)
    needed = {"target", "sources", measured_by(coefficient), *named}
    for name in sorted(getattr(description.columns, what) for what in needed - {*names}):
        header.needed(name, NAMING)
    return FoundColumns(names, frozenset(needed), coefficient)


def check_title(header: Header) -> None:
    """Check that the first row is a header and not a title above it.

    Raises:
        TableError: if it is one cell alone.
    """
    if len(header) == 1:
        raise TableError(
            f"The first row is one cell, {header.names[0]!r}, and a header names several columns.",
            where=header.where,
            advice="Remove titles above the header, so that the file begins with the names of its "
            "columns, parted by commas, semicolons or tabs.",
        )


def _coefficient(names: Mapping[str, str], header: Header) -> Coefficient:
    if "affinity" in names:
        return "sqrt_affinity"
    if "gain" in names and "quality" in names:
        raise TableError(
            "The table has gain and quality and no affinity, and the job does not say which of "
            "them the policy adds up.",
            where=header.where,
            advice="Set `affinities.coefficient` to gain or to quality. Where there is a column of "
            "affinities, `affinities.columns` may say how it is called.",
        )
    if "gain" in names:
        return "gain"
    return "quality" if "quality" in names else "sqrt_affinity"
