"""Values and schemas in words, for messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from taskspace.jobs.schemas.component_schema import PATH_FORMATS
from taskspace.jobs.text.places import Steps
from taskspace.registry.bounded.schema_keywords import USE

LONGEST_SHOWN = 40
_TYPES = {
    "integer": "a whole number",
    "number": "a number",
    "string": "text",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "nothing",
}


def shown(value: object) -> str:
    """Return a value as a message says it, short."""
    if isinstance(value, str):
        short = value if len(value) <= LONGEST_SHOWN else f"{value[:LONGEST_SHOWN]}..."
        return f"the text {short!r}"
    words = {None: "nothing", True: "true", False: "false"}
    if value is None or isinstance(value, bool):
        return words[value]
    if isinstance(value, int | float):
        return str(value)
    return _TYPES["object"] if isinstance(value, Mapping) else _TYPES["array"]


def subject(steps: Steps) -> str:
    """Return what a message calls the value at `steps`; items of lists count from 0."""
    if not steps:
        return "The job"
    last = steps[-1]
    if isinstance(last, str):
        return f"`{last if len(last) <= LONGEST_SHOWN else last[:LONGEST_SHOWN] + '...'}`"
    above = next((step for step in reversed(steps) if isinstance(step, str)), None)
    return f"Item {last} of `{above}`" if above is not None else f"Item {last}"


def wanted(schema: Mapping[str, Any]) -> str:
    """Return what a schema without alternatives asks for: `a whole number`, `'a' or 'b'`."""
    if USE in schema:
        return f"the name of a {schema[USE]['kind']}, or `{{use: NAME, ...}}`"
    if "const" in schema:
        return _literal(schema["const"])
    if "enum" in schema:
        return one_of([_literal(value) for value in schema["enum"]])
    if schema.get("format") in PATH_FORMATS:
        return "a path"
    named = schema.get("type", "something else")
    types = [named] if isinstance(named, str) else list(named)
    return one_of([_TYPES.get(name, name) for name in types])


def one_of(choices: Sequence[str]) -> str:
    """Return choices as a sentence has them: `a, b or c`."""
    distinct = list(dict.fromkeys(choices))
    return " or ".join(part for part in (", ".join(distinct[:-1]), distinct[-1]) if part)


def _literal(value: object) -> str:
    return repr(value) if isinstance(value, str) else shown(value)
