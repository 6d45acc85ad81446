"""What is checked, with what a check needs beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from pydantic import ValidationError

from taskspace.components import JSON, Component, ComponentSpec, Dataset, Shape
from taskspace.components.part import MAKE
from taskspace.registry import Registry

if TYPE_CHECKING:
    from taskspace.testing.processes import Children

ComponentT = TypeVar("ComponentT", bound=Component)
ValueT = TypeVar("ValueT")


class RuleBroken(Exception):
    """The component breaks the rule that is checked."""


class Unmade(RuleBroken):
    """The component refuses the parameters with which it is tried, or lacks some."""


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
        siblings: the classes of its plugin as `task:rain`, which the job of a study may name.
    """

    cls: type[Component]
    parameters: Mapping[str, JSON]
    dataset: Dataset
    images: tuple[Shape, ...]
    children: Children
    siblings: Mapping[str, type[Component]] = field(default_factory=dict)

    def made(self, kind: type[ComponentT]) -> ComponentT:
        """Return a new component with the parameters.

        Raises:
            Unmade: if it refuses them.
            TypeError: if it is of another kind.
        """
        try:
            component = self.validated(self.parameters)
        except ValidationError as error:
            raise Unmade(refusal(error)) from error
        if not isinstance(component, kind):
            raise TypeError(f"{self.cls.__qualname__} is no {kind.__name__}")
        return component

    def validated(self, parameters: Mapping[str, JSON]) -> Component:
        """Return a component with other parameters; raises ValidationError if it refuses them."""
        context = {MAKE: partial(part_of, siblings=self.siblings)}
        return self.cls.model_validate(dict(parameters), context=context)


def part_of(spec: ComponentSpec, siblings: Mapping[str, type[Component]]) -> Component:
    """Return a component that a parameter names: of the same plugin, or built in."""
    sibling = siblings.get(f"{spec.kind}:{spec.name}")
    if sibling is None:
        return Registry.load(plugins=False).component(spec)
    make = partial(part_of, siblings=siblings)
    return sibling.model_validate(dict(spec.parameters), context={MAKE: make})


def refusal(error: ValidationError) -> str:
    """Return in one sentence why parameters make no component."""
    return f"It cannot be made: {mistakes(error)}."


def mistakes(error: ValidationError) -> str:
    """Return what is wrong with data, each mistake after where it is."""
    return "; ".join(
        f"{'.'.join(map(str, e['loc'])) or 'as a whole'}: {e['msg']}" for e in error.errors()
    )


def returned(call: str, value: object, cls: type[ValueT], wanted: str) -> ValueT:
    """Return what a method gave if it is of a class; else raise a violation that names both."""
    if isinstance(value, cls):
        return value
    name = type(value).__name__
    found = "None" if value is None else f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name}"
    raise RuleBroken(f"{call} gave {found}; it must return {wanted}.")


def require(holds: bool, otherwise: str) -> None:
    """Raise a violation that says `otherwise` unless the rule holds."""
    if not holds:
        raise RuleBroken(otherwise)
