"""From a description to the class, imported in the process that needs it."""

from __future__ import annotations

from pkgutil import resolve_name
from typing import TYPE_CHECKING

from taskspace.errors import RegistryError
from taskspace.registry.description import Description

if TYPE_CHECKING:
    from taskspace.components import Component


def imported(description: Description) -> type[Component]:
    """Return the class of a description.

    Raises:
        RegistryError: if it cannot be imported, or is not what was described.
    """
    # Costs pydantic, which listing does without.
    from taskspace.components import KINDS  # noqa: PLC0415

    try:
        found: object = resolve_name(description.target)
    except (Exception, SystemExit) as error:
        raise RegistryError(
            f"Importing {description.target} failed: {type(error).__name__}: {error}."
        ) from error
    if not (
        isinstance(found, type)
        and issubclass(found, KINDS[description.kind])
        and found.name == description.name
    ):
        raise RegistryError(
            f"{description.target} is not the {description.kind} {description.name!r} that was "
            "described."
        )
    return found
