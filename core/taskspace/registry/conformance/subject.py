"""What is checked, with what a check needs beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from pydantic import ValidationError

from taskspace.components import JSON, Component, Dataset, Shape

if TYPE_CHECKING:
    from taskspace.registry.conformance.processes import Children

ComponentT = TypeVar("ComponentT", bound=Component)


class Violation(Exception):
    """The component breaks the rule that is checked."""


class NotApplicable(Exception):
    """The rule does not apply to this component, or cannot be checked here."""


@dataclass(frozen=True)
class Subject:
    """A component class under test.

    Attributes:
        parameters: with which it is made; {} for its defaults.
        dataset: gives the samples that a task is tried on.
        images: the shapes of images that networks are tried on.
        children: what child processes say of it.
    """

    cls: type[Component]
    parameters: Mapping[str, JSON]
    dataset: Dataset
    images: tuple[Shape, ...]
    children: Children

    def made(self, kind: type[ComponentT]) -> ComponentT:
        """Return a new component with the parameters.

        Raises:
            Violation: if it refuses them.
            TypeError: if it is of another kind.
        """
        try:
            component = self.cls.model_validate(dict(self.parameters))
        except ValidationError as error:
            mistakes = "; ".join(
                f"{'.'.join(map(str, e['loc'])) or 'as a whole'}: {e['msg']}"
                for e in error.errors()
            )
            raise Violation(f"It cannot be made: {mistakes}.") from error
        if not isinstance(component, kind):
            raise TypeError(f"{self.cls.__qualname__} is no {kind.__name__}")
        return component


def require(holds: bool, otherwise: str) -> None:
    """Raise a violation that says `otherwise` unless the rule holds."""
    if not holds:
        raise Violation(otherwise)
