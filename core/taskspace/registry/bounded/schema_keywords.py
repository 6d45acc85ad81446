"""The keywords of JSON Schema (draft 2020-12) that job files are checked against."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from taskspace.registry.bounded.shortened import brief

LOCAL = "#/$defs/"
"""How a reference to a definition of the schema itself begins."""

USE = "x-taskspace-use"
"""The keyword of a reference to a component: `{kind, keys}`, the schemas of the job's own keys."""

_DEFINITION = re.compile(r"[A-Za-z0-9._-]+")
_TYPES = frozenset({"array", "boolean", "integer", "null", "number", "object", "string"})
_UNSUPPORTED = frozenset(
    {
        *("$anchor", "$dynamicAnchor", "$dynamicRef", "$id", "$recursiveAnchor", "$recursiveRef"),
        *("$vocabulary", "unevaluatedItems", "unevaluatedProperties"),
    }
)


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:
        # An integer beyond the range of floats, which cannot be compared with one.
        return False


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _are_texts(value: object) -> bool:
    return (
        isinstance(value, list)
        and all(isinstance(item, str) for item in value)
        and len(set(value)) == len(value)
    )


def _is_type(value: object) -> bool:
    names = value if isinstance(value, list) else [value]
    return bool(names) and all(isinstance(name, str) and name in _TYPES for name in names)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


_VALUES: Mapping[str, tuple[Callable[[object], bool], str]] = {
    **dict.fromkeys(("minimum", "maximum"), (_is_number, "a number")),
    **dict.fromkeys(("exclusiveMinimum", "exclusiveMaximum"), (_is_number, "a number")),
    "multipleOf": (lambda v: _is_number(v) and v > 0, "a number above 0"),  # type: ignore[operator]
    **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems"), (_is_count, "a count")),
    **dict.fromkeys(("minProperties", "maxProperties"), (_is_count, "a count")),
    **dict.fromkeys(("minContains", "maxContains"), (_is_count, "a count")),
    "required": (_are_texts, "a list of different texts"),
    "type": (_is_type, f"one or several of {', '.join(sorted(_TYPES))}"),
    "enum": (lambda v: isinstance(v, list), "a list"),
    "examples": (lambda v: isinstance(v, list), "a list"),
    "uniqueItems": (lambda v: isinstance(v, bool), "true or false"),
    "dependentRequired": (
        lambda v: isinstance(v, dict) and all(map(_are_texts, v.values())),
        "a mapping to lists of texts",
    ),
    **dict.fromkeys(("$ref", "pattern", "format", "title", "description"), (_is_text, "a text")),
    **dict.fromkeys(("$schema", "$comment"), (_is_text, "a text")),
}
"""What the value of a keyword must be, and how a sentence says so."""

_HERE = ("if", "then", "else", "not")
"""Keywords with a schema for the value itself; those below are about what is in it."""
_HERE_LISTS = ("allOf", "anyOf", "oneOf")
_HERE_MAPPINGS = ("dependentSchemas",)
_INSIDE = ("items", "contains", "propertyNames", "additionalProperties")
_INSIDE_LISTS = ("prefixItems",)
_INSIDE_MAPPINGS = ("properties", "patternProperties")
_ASIDE_MAPPINGS = ("$defs",)


def refuse_strange(value: object, where: str = "") -> None:
    """Raise ValueError if it is no mapping, or a keyword in it has a value that it cannot have."""
    if not isinstance(value, dict):
        raise ValueError(f"{where} is {brief(value)} and must be a mapping")
    for key, content in value.items():
        if not isinstance(key, str):
            raise ValueError(f"{where or 'it'} has the key {brief(key)}, which is no text")
        at = f"{where}.{key}" if where else key
        if key in _UNSUPPORTED:
            raise ValueError(f"{at} is a keyword that job files are not checked against")
        if key in _VALUES and not _VALUES[key][0](content):
            raise ValueError(f"{at} is {brief(content)} and must be {_VALUES[key][1]}")
        if key == USE:
            _refuse_strange_use(content, at)
        elif key in (*_HERE, *_INSIDE):
            # The one place where pydantic writes true and false for schemas.
            if key != "additionalProperties" or not isinstance(content, bool):
                refuse_strange(content, at)
        elif key in (*_HERE_LISTS, *_INSIDE_LISTS):
            _refuse_strange_list(content, at)
        elif key in (*_HERE_MAPPINGS, *_INSIDE_MAPPINGS, *_ASIDE_MAPPINGS):
            _refuse_strange_mapping(content, at, names=key in _ASIDE_MAPPINGS)
        else:
            _refuse_no_json(content, at)


def _refuse_strange_list(content: object, at: str) -> None:
    if not isinstance(content, list) or not content:
        raise ValueError(f"{at} is {brief(content)} and must be a list of mappings")
    for index, item in enumerate(content):
        refuse_strange(item, f"{at}.{index}")


def _refuse_strange_mapping(content: object, at: str, *, names: bool) -> None:
    if not isinstance(content, dict):
        raise ValueError(f"{at} is {brief(content)} and must be a mapping")
    for name, item in content.items():
        if not isinstance(name, str):
            raise ValueError(f"{at} has the key {brief(name)}, which is no text")
        if names and _DEFINITION.fullmatch(name) is None:
            raise ValueError(f"{at} has {name!r}, which is no name for a definition")
        refuse_strange(item, f"{at}.{name}")


def _refuse_strange_use(content: object, at: str) -> None:
    if not (
        isinstance(content, dict)
        and set(content) == {"kind", "keys"}
        and isinstance(content["kind"], str)
        and isinstance(content["keys"], dict)
    ):
        raise ValueError(f"{at} is {brief(content)} and must be a mapping of `kind` and `keys`")
    _refuse_strange_mapping(content["keys"], f"{at}.keys", names=False)


def _refuse_no_json(value: object, at: str) -> None:
    """Raise ValueError if a value, within bounds, is not made of what JSON has."""
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                raise ValueError(f"{at} has the key {brief(key)}, which is no plain JSON")
            _refuse_no_json(item, at)
    elif isinstance(value, list):
        for item in value:
            _refuse_no_json(item, at)
    elif not (value is None or isinstance(value, bool | str) or _is_number(value)):
        raise ValueError(f"{at} is {brief(value)}, which is no plain JSON")


def all_parts(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield a sound schema and every schema in it, definitions apart."""
    yield schema
    for part in (*rules_here(schema), *_inside(schema)):
        yield from all_parts(part)


def rules_here(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the schemas that hold for the same value."""
    yield from (schema[key] for key in _HERE if key in schema)
    for key in _HERE_LISTS:
        yield from schema.get(key, ())
    for key in _HERE_MAPPINGS:
        yield from schema.get(key, {}).values()


def _inside(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the schemas that hold for what is in the value."""
    yield from (schema[key] for key in _INSIDE if isinstance(schema.get(key), dict))
    for key in _INSIDE_LISTS:
        yield from schema.get(key, ())
    for key in _INSIDE_MAPPINGS:
        yield from schema.get(key, {}).values()
    yield from schema.get(USE, {}).get("keys", {}).values()
