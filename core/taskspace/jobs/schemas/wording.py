"""What to say of a value that is there and is not what its schema asks for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from jsonschema.exceptions import ValidationError

from taskspace.jobs.schemas.component_schema import Schema
from taskspace.jobs.schemas.words import one_of, shown, subject, wanted
from taskspace.jobs.text.places import Steps
from taskspace.registry import nearest
from taskspace.registry.bounded.schema_keywords import USE


@dataclass(frozen=True)
class SchemaViolation:
    """One broken rule of a schema.

    Attributes:
        steps: to the value.
        rule: the schema's keyword, such as `minimum`, and `limit`, what it asks for.
        schema: the part of the schema that the keyword stands in.
        alternatives: where the rule is one of several, how each of them is broken.
    """

    steps: Steps
    rule: str
    limit: Any
    value: Any
    schema: Schema
    alternatives: tuple[SchemaViolation, ...] = ()

    @classmethod
    def of(cls, error: ValidationError) -> SchemaViolation:
        """Return jsonschema's error as plain data."""
        found: Any = error
        return cls(
            steps=tuple(found.absolute_path),
            rule=str(found.validator),
            limit=found.validator_value,
            value=found.instance,
            schema=found.schema,
            alternatives=tuple(map(cls.of, found.context)),
        )

    @property
    def wholes(self) -> list[Schema]:
        """Return the schemas of alternatives, however nested, that the value as a whole breaks."""
        found: list[Schema] = []
        for part in self.alternatives:
            if part.alternatives:
                found += part.wholes
            elif part.steps == self.steps:
                found.append(part.schema)
        return found


def explained(violation: SchemaViolation) -> tuple[str, str | None]:
    """Return a sentence about the value, and the nearest right word where there is one."""
    say = _SENTENCES.get(violation.rule, _other)
    schemas = violation.wholes if violation.alternatives else [violation.schema]
    words = [word for schema in schemas for word in _allowed(schema)]
    is_text = isinstance(violation.value, str)
    suggestion = nearest(violation.value, words) if words and is_text else None
    return say(violation), suggestion


def _must_be(violation: SchemaViolation, limit: str) -> str:
    return f"{subject(violation.steps)} must be {limit}, and it is {shown(violation.value)}."


def _type(violation: SchemaViolation) -> str:
    return _must_be(violation, wanted(violation.schema)) + _quotes(violation, [violation.schema])


def _quotes(violation: SchemaViolation, schemas: Sequence[Schema]) -> str:
    """Return what to do about quotes around a number, or where text is wanted."""
    value = violation.value
    is_number = any(schema.get("type") in ("integer", "number") for schema in schemas)
    looks_it = isinstance(value, str) and value.removeprefix("-").replace(".", "", 1).isdecimal()
    if is_number and looks_it:
        return " Write it without quotes."
    is_text = any(schema.get("type") == "string" for schema in schemas)
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return " Put quotes around it." if is_text and number else ""


def _bound(words: str) -> Callable[[SchemaViolation], str]:
    return lambda violation: _must_be(violation, f"{words} {violation.limit}")


def _size(words: str, part: str) -> Callable[[SchemaViolation], str]:
    def say(violation: SchemaViolation) -> str:
        asked = f"must have {words} {violation.limit} {part}{'s' if violation.limit != 1 else ''}"
        return f"{subject(violation.steps)} {asked}, and has {len(violation.value)}."

    return say


def _alternatives(violation: SchemaViolation) -> str:
    wholes = violation.wholes
    choices = one_of([wanted(schema) for schema in wholes]) if wholes else "something else"
    return _must_be(violation, choices) + _quotes(violation, wholes)


def _other(violation: SchemaViolation) -> str:
    return f"{subject(violation.steps)} breaks the rule `{violation.rule}` of its schema."


_SENTENCES: dict[str, Callable[[SchemaViolation], str]] = {
    "type": _type,
    "enum": lambda violation: _must_be(violation, wanted(violation.schema)),
    "const": lambda violation: _must_be(violation, wanted(violation.schema)),
    "minimum": _bound("at least"),
    "maximum": _bound("at most"),
    "exclusiveMinimum": _bound("more than"),
    "exclusiveMaximum": _bound("less than"),
    "multipleOf": _bound("a multiple of"),
    "pattern": _bound("text that matches"),
    "minLength": _size("at least", "character"),
    "maxLength": _size("at most", "character"),
    "minItems": _size("at least", "item"),
    "maxItems": _size("at most", "item"),
    "uniqueItems": lambda violation: (
        f"The items of {subject(violation.steps)} must all be different."
    ),
    "anyOf": _alternatives,
    "oneOf": _alternatives,
    USE: lambda violation: _must_be(violation, wanted(violation.schema)),
}


def _allowed(schema: Schema) -> list[str]:
    values = [schema["const"]] if "const" in schema else schema.get("enum", ())
    return [value for value in values if isinstance(value, str)]
