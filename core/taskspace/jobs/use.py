"""References to components inside job models: `{use: NAME, **parameters}`, or a bare NAME."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, ClassVar, Generic, Literal, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from taskspace.components import JSON, Component, ComponentSpec, Task
from taskspace.jobs.codes import Code
from taskspace.jobs.mistakes import problem, raise_problems
from taskspace.registry.bounded.schema_keywords import USE

ComponentT = TypeVar("ComponentT", bound=Component)


class Use(BaseModel, Generic[ComponentT]):
    """A component of one kind by name, with its parameters: `Use[Encoder]`.

    Whatever is not a key of the job is a parameter. `load_job` checks the parameters against the
    component's described schema; a reference made in Python is checked when it is activated.
    """

    model_config = ConfigDict(frozen=True, extra="allow", populate_by_name=True)

    kind: ClassVar[str]
    use: str

    @classmethod
    def __pydantic_init_subclass__(cls, **options: object) -> None:
        """Take the name of the kind from its class, which stands between the brackets."""
        super().__pydantic_init_subclass__(**options)
        given = cls.__pydantic_generic_metadata__["args"]
        if given and isinstance(given[0], type) and issubclass(given[0], Component):
            cls.kind = given[0].kind

    @model_validator(mode="before")
    @classmethod
    def _bare_name(cls, value: object) -> object:
        return {"use": value} if isinstance(value, str) else value

    @property
    def parameters(self) -> dict[str, JSON]:
        """Return the parameters that the job sets."""
        return dict(self.model_extra or {})

    def spec(self) -> ComponentSpec:
        """Return the component as it travels."""
        return ComponentSpec(self.kind, self.use, self.parameters)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Return the keyword that stands for every installed component of the kind."""
        schema = handler.resolve_ref_schema(handler(core_schema))
        keys = {name: part for name, part in schema["properties"].items() if name != "use"}
        schema.clear()
        schema[USE] = {"kind": cls.kind, "keys": keys}
        return schema


_NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"
_LONGEST = 80


class NamedUse(Use[ComponentT], Generic[ComponentT]):
    """A component by name, which the job may call otherwise."""

    as_: str | None = Field(
        None,
        alias="as",
        max_length=_LONGEST,
        pattern=_NAME,
        description="What this job calls it; else the field that a task is told, else its name.",
    )

    @property
    def name(self) -> str:
        """Return what this job calls it; a task that is told a field is called as the field."""
        field = _field_name(self.model_extra or {}) if self.kind == Task.kind else None
        return self.as_ or field or _short(self.use)


class TaskUse(NamedUse[Task]):
    """A task by name, with what the job says about it."""

    role: Literal["source", "target", "both"] = Field(
        "both", description="Whether transfers may start here, end here, or both."
    )
    importance: float = Field(
        1.0, ge=0, allow_inf_nan=False, description="The task's weight in the objective."
    )
    label_cost: float | None = Field(
        None, ge=0, allow_inf_nan=False, description="What its labels cost; else the task's own."
    )


def uniquely_named(what: str, *, by_field: bool = False) -> BeforeValidator:
    """Return a validator that finds names given twice, whatever else is wrong with the items.

    Args:
        what: the items are, in a message.
        by_field: whether the field that an item is told is its name, as of tasks.
    """

    def validate(items: object) -> object:
        seen: set[str] = set()
        problems = []
        for index, item in enumerate(items if isinstance(items, list | tuple) else ()):
            key, name = _name_of(item, by_field=by_field)
            if name in seen:
                message = f"Two {what} are called '{name}': call one otherwise with `as`."
                problems.append(problem(Code.DUPLICATE_NAME, message, index, key))
            elif name:
                seen.add(name)
        raise_problems(problems)
        return items

    return BeforeValidator(validate)


def _name_of(item: object, *, by_field: bool) -> tuple[str, str | None]:
    """Return the key that an item has its name from, and the name where it has one."""
    if isinstance(item, NamedUse):
        given: dict[str, object] = {"use": item.use, "as": item.as_, **(item.model_extra or {})}
    else:
        given = item if isinstance(item, dict) else {"use": item}
    name = given.get("as")
    if name is not None:
        return "as", name if isinstance(name, str) else None
    if by_field and (field := _field_name(given)):
        return "field", field
    name = given.get("use")
    return "use", _short(name) if isinstance(name, str) else None


def _field_name(parameters: Mapping[str, object]) -> str | None:
    """Return the field that a task is told, where its name can be the task's."""
    field = parameters.get("field")
    if isinstance(field, str) and len(field) <= _LONGEST and re.fullmatch(_NAME, field):
        return str(field)
    return None


def _short(name: str) -> str:
    """Return a component's name without the plugin that may stand before it."""
    return name.rpartition("/")[2]


TaskUses = Annotated[list[TaskUse], Field(min_length=1), uniquely_named("tasks", by_field=True)]
"""At least one task, all with different names."""
