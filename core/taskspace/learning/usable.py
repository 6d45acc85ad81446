"""Whether what a job asks for can be used here."""

from __future__ import annotations

from collections.abc import Mapping

from taskspace.components import ComponentSpec, Dataset, Installable, Planner, Readout, Task
from taskspace.errors import InputError


def check_installed(component: Installable, where: str) -> None:
    """Check that everything a component needs is installed, before anything is computed.

    Args:
        where: the key of the job that asks for it.

    Raises:
        InputError: with what is missing.
    """
    missing = component.missing()
    if missing is not None:
        raise InputError(
            f"The {component.kind} {component.name!r} needs something that is not here: {missing}",
            where=where,
            advice=f"Install it, or choose another: `tasks components {component.kind}` lists "
            "them.",
        )


def usable_readout(
    planner: Planner, spec: ComponentSpec, *, where: str = "readout", own_loss: bool = False
) -> Readout:
    """Return the readout of a spec, if it is installed and the study can train it.

    Args:
        where: the key of the job.
        own_loss: whether the study trains readouts with a loss of their own.

    Raises:
        InputError: if something is missing, or its loss is not the task's and that is needed.
    """
    readout = planner.component(spec, Readout)
    check_installed(readout, where)
    if readout.own_loss and not own_loss:
        raise InputError(
            f"The readout {readout.name!r} has a loss of its own, and this study compares the "
            "losses of tasks.",
            where=where,
            advice="Use another, such as `two_conv`; `study: cotraining` trains it.",
        )
    return readout


def check_heads(readouts: Mapping[str, Readout], tasks: Mapping[str, Task], data: Dataset) -> None:
    """Check that each task has a readout that predicts what it wants.

    Args:
        readouts: by task.

    Raises:
        InputError: naming the task and the readout.
    """
    for name, readout in readouts.items():
        reason = readout.misfit(tasks[name].head(data.fields()))
        if reason is not None:
            raise InputError(
                f"The readout {readout.name!r} cannot predict the task {name!r}: {reason}.",
                where=f"tasks: {name}",
                advice="Give the task another: each of `auxiliary` may have its own `readout`.",
            )
