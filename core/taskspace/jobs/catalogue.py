"""What jobs need to know about components; the registry knows it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from taskspace.registry import Description

if TYPE_CHECKING:
    # Its pydantic models cost what writing a schema must not.
    from taskspace.components import Component


class Catalogue(Protocol):
    """The components that are installed."""

    def describe(self, kind: str, name: str) -> Description:
        """Return a component's description.

        Raises:
            NotFound: if there is none of this name.
            ComponentUnavailable: if its plugin may not be used.
        """
        ...

    def descriptions(self, kind: str | None = None) -> Sequence[Description]:
        """Return the descriptions of all components that can be used, of one kind or of all."""
        ...

    def activate(self, kind: str, name: str) -> type[Component]:
        """Import a component and return its class; raises as `describe` does."""
        ...


def names(catalogue: Catalogue, kind: str) -> list[str]:
    """Return the names of a kind's usable components."""
    return sorted(described.name for described in catalogue.descriptions(kind))
