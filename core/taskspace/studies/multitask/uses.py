"""Tasks and gating schemes in a multitask job, each with a name of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from pydantic import BeforeValidator, Field

from taskspace.jobs import Code, Use, problem, raise_problems


class NamedUse(Use):
    """A component by name, which the job may call otherwise."""

    as_: str | None = Field(
        None,
        alias="as",
        max_length=80,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$",
        description="What this job calls it, where it uses one component twice.",
    )

    @property
    def name(self) -> str:
        """Return what this job calls it."""
        return self.as_ or _short(self.use)


class NamedTask(NamedUse):
    """A task by name."""

    kind = "task"


class Scheme(NamedUse):
    """A gating scheme by name."""

    kind = "gating"


def _uniquely_named(what: str) -> Callable[[object], object]:
    """Return a validator that finds names given twice, whatever else is wrong with the items."""

    def validate(items: object) -> object:
        seen: set[str] = set()
        problems = []
        for index, item in enumerate(items if isinstance(items, list | tuple) else ()):
            key, name = _name_of(item)
            if name in seen:
                message = f"Two {what} are called '{name}': call one otherwise with `as`."
                problems.append(problem(Code.DUPLICATE_NAME, message, index, key))
            elif name:
                seen.add(name)
        raise_problems(problems)
        return items

    return validate


def _name_of(item: object) -> tuple[str, str | None]:
    """Return the key that an item has its name from, and the name where it has one."""
    if isinstance(item, NamedUse):
        return "as" if item.as_ else "use", item.name
    given = item if isinstance(item, dict) else {"use": item}
    key = "as" if given.get("as") is not None else "use"
    name = given.get(key)
    return key, _short(name) if isinstance(name, str) else None


def _short(name: str) -> str:
    """Return a component's name without the plugin that may stand before it."""
    return name.rpartition("/")[2]


NamedTasks = Annotated[
    list[NamedTask], Field(min_length=1), BeforeValidator(_uniquely_named("tasks"))
]
Schemes = Annotated[list[Scheme], Field(min_length=1), BeforeValidator(_uniquely_named("schemes"))]
