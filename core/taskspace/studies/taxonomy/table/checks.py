"""What keeps a table from being solved as a whole, after each of its rows was read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from taskspace.errors import InputError, TableError
from taskspace.registry.suggest import nearest
from taskspace.studies.taxonomy.table.description import AffinityTable
from taskspace.studies.taxonomy.table.left_out import LeftOutRows

if TYPE_CHECKING:
    from taskspace.policy.model.transfers import Transfers


def check_transfers(
    description: AffinityTable, supervised: str | None, found: Transfers, left_out: LeftOutRows
) -> None:
    """Check that something is left, and that what serves others can be supervised.

    Raises:
        TableError: with the names of the tasks, and the rows or keys of the job that are needed.
    """
    where = str(description.table)
    if not found:
        counts = ", ".join(f"{n} left out ({why})" for why, n in left_out.reasons.items())
        raise TableError(
            f"No row is left: {counts or 'there are only headers'}.",
            where=where,
            advice="Relax `max_order` and `exclude`, or choose another coefficient.",
        )
    targets, sources = found.named(found.target), found.named(found.member)
    unknown = (
        set() if description.source_only is None else sources - targets - {*description.source_only}
    )
    if unknown:
        raise TableError(
            f"No row says how to serve {_listed(unknown)}, used as sources.",
            where=where,
            advice="Name them in `source_only`, or in `exclude`; if one of them stands for the "
            "supervised network, in `supervised`.",
        )
    unsupervised = (targets & sources) - found.named(found.target[found.supervised])
    if not unsupervised:
        return
    first = min(unsupervised)
    source = first if supervised is None else supervised
    what = f"There is no supervised network for {_listed(unsupervised)}, which serve others"
    if valueless := left_out.networks & unsupervised:
        what += f"; the row of {_listed(valueless)} has no value"
    advice = (
        f"Each needs a row (TASK,{'TASK' if supervised is None else supervised},VALUE) that says "
        f"what its own network is worth, such as {first},{source},VALUE; or give one value for all "
        "with `affinities.supervised_value`"
    )
    if left_out.reasons["own encoder"] and supervised is not None:
        advice += "; or set `affinities.supervised` to null, where a row whose only source is its "
        advice += "target is the network itself"
    elif supervised is not None:
        advice += "; or name in `affinities.supervised` the source that stands for it"
    raise TableError(f"{what}.", where=where, advice=f"{advice}.")


def check_costs(description: AffinityTable, found: Transfers) -> None:
    """Check that costs are of tasks in the table.

    Raises:
        InputError: with the name of a task that is not there.
    """
    names = found.named(found.target) | found.named(found.member)
    unknown = sorted(set(description.costs) - names - {*description.exclude})
    if unknown:
        guess = nearest(unknown[0], names)
        raise InputError(
            f"There is no task {unknown[0]!r} in the table.",
            where="affinities.costs",
            advice=f"Did you mean {guess!r}?" if guess else f"There are {_listed(names)}.",
        )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(repr(name) for name in sorted(names))
