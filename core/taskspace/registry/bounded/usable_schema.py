"""Whether a component's JSON Schema is one that jobs can be checked against, in bounded time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from taskspace.errors import RegistryError
from taskspace.registry.bounded.schema_keywords import LOCAL, all_parts, refuse_strange, rules_here
from taskspace.registry.bounded.shortened import brief
from taskspace.registry.bounded.strict_json import refuse_oversized

STEPS = 10_000
"""Rules that may apply to one value: without nesting, references double with each definition."""


def refuse_unusable_schema(schema: object, whose: str) -> None:
    """Raise RegistryError if a schema is none, or may cost more than a job's check should.

    Pydantic writes sound schemas; a class that changes or writes its own may not. A schema is
    plain JSON in bounds, of mappings alone; true and false stand only for `additionalProperties`.
    It refers to its own definitions and not, without a step into the value, to itself.

    Args:
        schema: of the parameters, as the class gives it.
        whose: the component, as a sentence names it.

    Raises:
        RegistryError: with what is wrong.
    """
    try:
        _refuse(schema)
    except ValueError as error:
        raise RegistryError(f"{whose} has a schema that cannot be used: {error}.") from error


def _refuse(schema: object) -> None:
    if not isinstance(schema, dict):
        raise ValueError(f"it is {brief(schema)} and must be a mapping")
    refuse_oversized(schema, "it")
    refuse_strange(schema)
    known = schema.get("$defs", {})
    for top in (schema, *known.values()):
        for part in all_parts(top):
            reference = part.get("$ref")
            if reference is None:
                continue
            if not reference.startswith(LOCAL) or reference.removeprefix(LOCAL) not in known:
                raise ValueError(f"it points to {reference!r}, which is not in it")
    _refuse_endless(schema, known)


def _refuse_endless(schema: Mapping[str, Any], known: Mapping[str, Any]) -> None:
    """Raise ValueError if checking one value would not end, or take too many steps."""
    steps: dict[str, int] = {}
    under_way: list[str] = []

    def of_definition(reference: str) -> int:
        if reference in under_way:
            ring = [*under_way[under_way.index(reference) :], reference]
            raise ValueError(f"it refers to itself: {' -> '.join(ring)}")
        if reference not in steps:
            under_way.append(reference)
            steps[reference] = of_part(known[reference.removeprefix(LOCAL)])
            under_way.pop()
        return steps[reference]

    def of_part(part: Mapping[str, Any]) -> int:
        count = 1 + sum(map(of_part, rules_here(part)))
        count += of_definition(part["$ref"]) if "$ref" in part else 0
        if count > STEPS:
            raise ValueError(f"checking one value against it takes more than {STEPS:,} steps")
        return count

    for name in known:
        of_definition(f"{LOCAL}{name}")
    for part in all_parts(schema):
        of_part(part)
