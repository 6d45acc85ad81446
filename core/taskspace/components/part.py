"""Parameters that are components themselves: `encoder: {use: resnet, layers: 18}`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Annotated, Any, TypeAlias, TypeVar

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from taskspace.components.base import JSON, Component, ComponentSpec
from taskspace.errors import InputError, RegistryError

MAKE = "component"
"""The key of a validation's context under which stands what makes a component of its spec."""

MakeComponent: TypeAlias = Callable[[ComponentSpec], Component]

_USE = "x-taskspace-use"
# `taskspace.registry` reads this keyword too, and does so without pydantic.


class _Named:
    """Reads `NAME` and `{use: NAME, ...}` as the component of that name."""

    def __get_pydantic_core_schema__(
        self, source: type[Component], _handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.with_info_plain_validator_function(
            partial(_made, source),
            serialization=core_schema.plain_serializer_function_ser_schema(_reference),
            metadata={"kind": source.kind},
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, _handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {_USE: {"kind": schema["metadata"]["kind"], "keys": {}}}


PartT = TypeVar("PartT", bound=Component)

Part = Annotated[PartT, _Named()]
"""A parameter that is a component: in a job `NAME` or `{use: NAME, ...}`, in Python the component.

The key of a cell holds its identity and its source beside those of the component that holds it.
"""


def parts_of(component: Component) -> dict[str, Component]:
    """Return the components that are parameters of this one, by parameter."""
    values = ((name, getattr(component, name)) for name in type(component).model_fields)
    return {name: value for name, value in values if isinstance(value, Component)}


def _made(kind: type[Component], value: object, info: ValidationInfo) -> Component:
    if isinstance(value, kind):
        return value
    given = {"use": value} if isinstance(value, str) else value
    if not isinstance(given, Mapping) or not isinstance(given.get("use"), str):
        raise ValueError(f"name the {kind.kind}: `NAME`, or `{{use: NAME, ...}}`")
    make: MakeComponent | None = (info.context or {}).get(MAKE)
    if make is None:
        raise ValueError(
            f"names are those of jobs; in Python, hand over the {kind.kind} itself in place of "
            f"{given['use']!r}"
        )
    parameters = {str(key): part for key, part in given.items() if key != "use"}
    try:
        return make(ComponentSpec(kind.kind, given["use"], parameters))
    except RegistryError:
        raise
    except InputError as error:
        raise ValueError(str(error)) from error


def _reference(component: Component) -> dict[str, JSON]:
    parameters: dict[str, Any] = component.model_dump(mode="json")
    return {"use": component.name, **parameters}
