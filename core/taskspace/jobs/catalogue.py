"""What jobs need to know about components; the registry knows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    # Its pydantic models cost what writing a schema must not.
    from taskspace.components import Component


class Described(Protocol):
    """A component as it can be known without importing it."""

    @property
    def name(self) -> str:
        """Return its name, unique within its kind."""
        ...

    @property
    def plugin(self) -> str:
        """Return the plugin that provides it."""
        ...

    @property
    def summary(self) -> str:
        """Return what it is, in one line."""
        ...

    @property
    def schema(self) -> Mapping[str, Any]:
        """Return the JSON Schema of its parameters."""
        ...

    @property
    def facts(self) -> Mapping[str, Any]:
        """Return what its kind declares; of a study `job_model`, the JSON Schema of its jobs."""
        ...


class Catalogue(Protocol):
    """The components that are installed."""

    def describe(self, kind: str, name: str) -> Described:
        """Return a component's description.

        Raises:
            NotFound: if there is none of this name.
            ComponentUnavailable: if its plugin may not be used.
        """
        ...

    def descriptions(self, kind: str | None = None) -> Sequence[Described]:
        """Return the descriptions of all components that can be used, of one kind or of all."""
        ...

    def activate(self, kind: str, name: str) -> type[Component]:
        """Import a component and return its class; raises as `describe` does."""
        ...


def names(catalogue: Catalogue, kind: str) -> list[str]:
    """Return the names of a kind's usable components."""
    return sorted(described.name for described in catalogue.descriptions(kind))
