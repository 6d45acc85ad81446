"""What a schema asks for at a place in a tree, and whether that is text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from taskspace.jobs.schemas.checker import Refusal, SchemaChecker
from taskspace.jobs.schemas.component_schema import Schema
from taskspace.jobs.text.nodes import ListNode, MappingNode, Node, Scalar, child
from taskspace.jobs.text.places import Steps
from taskspace.registry.bounded.schema_keywords import LOCAL, USE

Shapes = Callable[[Node, Steps], Sequence[Schema]]
"""From a tree and steps into it to the alternatives, one of which the value there must be."""

_Rooted = tuple[Schema, Schema]
"""A part of a schema, and the whole that its references are in."""


def shapes_of(schema: Schema, checker: SchemaChecker) -> Shapes:
    """Return the function that finds the alternatives for a value in a tree of `schema`.

    Components that the tree names count with their own parameters. There are no alternatives
    where the schema knows no such key.
    """

    def shapes(root: Node, steps: Steps) -> list[Schema]:
        node: Node | None = root
        alternatives = list(_alternatives((schema, schema)))
        for step in steps:
            below = [part for one in alternatives for part in _below(one, node, step, checker)]
            alternatives = [part for one in below for part in _alternatives(one)]
            node = child(node, step) if node is not None else None
        return [one for one, _ in alternatives]

    return shapes


def takes(schema: Schema, value: object) -> bool:
    """Return whether an alternative is for values of this sort; its bounds do not count."""
    if USE in schema:
        return isinstance(value, str)
    if "const" in schema or "enum" in schema:
        return value in (schema["enum"] if "enum" in schema else [schema["const"]])
    named = schema.get("type")
    types = [named] if isinstance(named, str) else list(named or [_type_of(value)])
    is_whole = isinstance(value, float) and value.is_integer()
    return (
        _type_of(value) in types
        or (_type_of(value) in ("integer", "number") and ("number" in types))
        or (is_whole and "integer" in types)
    )


def _type_of(value: object) -> str:
    """Return what JSON Schema calls the type of a scalar."""
    if value is None:
        return "null"
    names = {bool: "boolean", int: "integer", float: "number"}
    return names.get(type(value), "string")


def is_text(schema: Schema) -> bool:
    """Return whether an alternative takes any text: no names of components, no fixed words."""
    is_open = not {USE, "const", "enum"} & schema.keys()
    return is_open and schema.get("type") == "string"


def takes_only_text(alternatives: Sequence[Schema]) -> bool:
    """Return whether a value can be nothing but text, or left out."""
    texts = [schema for schema in alternatives if schema.get("type") != "null"]
    return bool(texts) and any(map(is_text, texts)) and all(map(_is_word, texts))


def short_for(alternatives: Sequence[Schema]) -> str | None:
    """Return the key that a bare text is short for: `use`, or the one that a mapping must have."""
    if any(USE in schema for schema in alternatives):
        return "use"
    if not any(map(is_text, alternatives)):
        return None
    required = [schema.get("required", ()) for schema in alternatives if _is_mapping(schema)]
    keys = {names[0] if len(names) == 1 else None for names in required}
    return keys.pop() if len(keys) == 1 else None


def _is_word(schema: Schema) -> bool:
    return is_text(schema) or isinstance(schema.get("const"), str) or _is_enum_of_words(schema)


def _is_enum_of_words(schema: Schema) -> bool:
    words = schema.get("enum")
    return bool(words) and all(isinstance(word, str) for word in words or ())


def _is_mapping(schema: Schema) -> bool:
    return schema.get("type") == "object" and "properties" in schema


def _alternatives(rooted: _Rooted) -> Iterator[_Rooted]:
    """Yield a schema without references and alternatives; one that refers to itself ends."""
    pending, seen = [rooted], set[int]()
    while pending:
        schema, root = pending.pop(0)
        if id(schema) in seen:
            continue
        seen.add(id(schema))
        reference = schema.get("$ref")
        if isinstance(reference, str) and reference.startswith(LOCAL):
            target = root.get("$defs", {}).get(reference.removeprefix(LOCAL))
            pending += [(target, root)] if isinstance(target, dict) else []
            continue
        parts = [part for key in ("anyOf", "oneOf", "allOf") for part in schema.get(key, ())]
        if parts:
            pending += [(part, root) for part in parts]
        else:
            yield schema, root


def _below(
    rooted: _Rooted, node: Node | None, step: str | int, checker: SchemaChecker
) -> Iterator[_Rooted]:
    schema, root = rooted
    if USE in schema:
        yield from _parameter(schema[USE], node, step, checker)
    elif isinstance(step, int):
        first: Any = schema.get("prefixItems", ())
        yield from _schema(first[step] if step < len(first) else schema.get("items"), root)
    else:
        known = schema.get("properties", {})
        yield from _schema(known.get(step, schema.get("additionalProperties")), root)


def _parameter(
    rule: Schema, node: Node | None, step: str | int, checker: SchemaChecker
) -> Iterator[_Rooted]:
    named = child(node, "use") if isinstance(node, MappingNode | ListNode) else node
    own: Schema | Refusal = {"properties": rule["keys"]}
    if isinstance(named, Scalar) and isinstance(named.value, str):
        found = checker.schema_of_use(rule, str(named.value))
        own = own if isinstance(found, Refusal) else found
    assert not isinstance(own, Refusal)
    yield from _below((own, own), node, step, checker)


def _schema(part: object, root: Schema) -> Iterator[_Rooted]:
    if isinstance(part, dict):
        yield part, root
