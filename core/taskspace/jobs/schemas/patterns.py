"""The regular expressions of schemas, matched in time linear in the text, whatever they are.

Python's own `re` takes exponential time for some, `(a+)+$` among them. Pydantic matches with the
engine of Rust, which does not; so what holds here holds when the component checks itself. What that
engine cannot read, look-around and back references, is left to the component.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.protocols import Validator
from pydantic_core import SchemaError, SchemaValidator, core_schema

from taskspace.jobs.schemas.component_schema import Schema


def _pattern(
    _validator: Validator, pattern: str, instance: object, _schema: Schema
) -> Iterator[ValidationError]:
    if isinstance(instance, str) and not _matches(pattern, instance):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


def _pattern_properties(
    validator: Any, patterns: Schema, instance: object, _schema: Schema
) -> Iterator[ValidationError]:
    if not isinstance(instance, Mapping):
        return
    # `validator.descend` is in no protocol.
    for pattern, part in patterns.items():
        for key, value in instance.items():
            if _matches(pattern, str(key)):
                yield from validator.descend(value, part, path=key, schema_path=pattern)


def _additional_properties(
    validator: Validator, rule: bool | Schema, instance: object, schema: Schema
) -> Iterator[ValidationError]:
    # Draft 2020-12's own, which matches the keys with `re`, is given only those that are left.
    patterns = schema.get("patternProperties", {})
    if isinstance(instance, Mapping):
        instance = {
            key: value
            for key, value in instance.items()
            if not any(_matches(pattern, str(key)) for pattern in patterns)
        }
    own = {key: value for key, value in schema.items() if key != "patternProperties"}
    yield from _STANDARD["additionalProperties"](validator, rule, instance, own)


def _matches(pattern: str, text: str) -> bool:
    """Return whether the pattern is in the text; True where it cannot be read."""
    validator = _validator_of(pattern)
    return validator is None or validator.isinstance_python(text)


@lru_cache(maxsize=256)
def _validator_of(pattern: str) -> SchemaValidator | None:
    try:
        return SchemaValidator(core_schema.str_schema(pattern=pattern))
    except SchemaError:
        return None


_STANDARD: Mapping[str, Callable[..., Iterator[ValidationError]]] = Draft202012Validator.VALIDATORS

LINEAR: Mapping[str, Any] = {
    "pattern": _pattern,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional_properties,
}
"""What checks a schema's keywords instead of jsonschema's own."""
