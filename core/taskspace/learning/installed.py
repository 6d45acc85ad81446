"""Whether what a job asks for can be used here."""

from __future__ import annotations

from taskspace.components import Installable
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
