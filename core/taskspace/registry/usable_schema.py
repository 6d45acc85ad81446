"""Whether a component's JSON Schema is one that jobs can be checked against."""

from __future__ import annotations

import json
from collections.abc import Iterator

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from taskspace.errors import RegistryError

_LOCAL = "#/$defs/"


def refuse_unusable_schema(schema: object, whose: str) -> None:
    """Raise RegistryError if a schema is none, is no plain JSON, or points to what is not there.

    Pydantic writes sound schemas; a class that changes or writes its own may not.

    Args:
        schema: of the parameters, as the class gives it.
        whose: the component, as a sentence names it.

    Raises:
        RegistryError: with what is wrong.
    """
    if not isinstance(schema, dict):
        raise RegistryError(f"{whose} has {schema!r} for its schema; it must be a mapping.")
    try:
        json.dumps(schema, allow_nan=False)
        Draft202012Validator.check_schema(schema)
    except (TypeError, ValueError, RecursionError) as error:
        raise RegistryError(f"{whose} has a schema that is no plain JSON: {error}.") from error
    except SchemaError as error:
        raise RegistryError(f"{whose} has a bad schema: {error.message}.") from error
    known = schema.get("$defs", {})
    for reference in _references(schema):
        if not reference.startswith(_LOCAL) or reference.removeprefix(_LOCAL) not in known:
            raise RegistryError(
                f"{whose} has a schema that points to {reference!r}, which is not in it."
            )


def _references(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for value in part.values():
            yield from _references(value)
    elif isinstance(part, list):
        for value in part:
            yield from _references(value)
