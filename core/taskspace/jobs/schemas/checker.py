"""Checking plain data against a schema in which components are named but not imported."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend

from taskspace.errors import ComponentUnavailable, NotFound, RegistryError
from taskspace.jobs.codes import Code
from taskspace.jobs.schemas.component_schema import Schema, mapping_schema
from taskspace.jobs.schemas.patterns import LINEAR
from taskspace.registry import Registry, nearest
from taskspace.registry.bounded.schema_keywords import USE


class Refusal(ValidationError):
    """A mistake in naming a component, ready to be reported."""

    def __init__(
        self,
        code: Code,
        message: str,
        *steps: str | int,
        suggestion: str | None = None,
    ) -> None:
        super().__init__(message, path=steps)
        self.code = code
        self.suggestion = suggestion


def in_full(error: NotFound | RegistryError) -> str:
    """Return what an error says with its advice."""
    return f"{error.what} {error.advice or ''}".rstrip()


class SchemaChecker:
    """Validators that know the components of a catalogue; each is described once."""

    def __init__(self, catalogue: Registry) -> None:
        self._catalogue = catalogue
        self._of_use: dict[tuple[str, str, tuple[str, ...]], Schema | Refusal] = {}
        make: Any = extend  # which has no types
        self._validator = make(Draft202012Validator, {**LINEAR, USE: self._check_use})

    def errors(self, schema: Schema, data: object) -> Iterator[ValidationError]:
        """Yield every way in which `data` is not what `schema` asks for."""
        yield from self._validator(schema).iter_errors(data)

    def judge(self, root: Schema) -> Callable[[Schema, object], bool]:
        """Return whether data satisfies a part of `root`, whose definitions the part refers to."""
        validator = self._validator(root)

        def satisfies(part: Schema, data: object) -> bool:
            return bool(validator.evolve(schema=part).is_valid(data))

        return satisfies

    def schema_of_use(self, rule: Schema, name: str) -> Schema | Refusal:
        """Return the schema of `{use: name, ...}`, or why there is none."""
        key = (rule["kind"], name, tuple(rule["keys"]))
        if key not in self._of_use:
            self._of_use[key] = self._described(rule, name)
        return self._of_use[key]

    def _described(self, rule: Schema, name: str) -> Schema | Refusal:
        try:
            described = self._catalogue.describe(rule["kind"], name)
        except NotFound as error:
            suggestion = nearest(name, self._catalogue.names(rule["kind"]))
            message = error.what if suggestion else in_full(error)
            return Refusal(Code.UNKNOWN_NAME, message, suggestion=suggestion)
        except ComponentUnavailable as error:
            return Refusal(Code.UNAVAILABLE, in_full(error))
        return mapping_schema(described, rule["keys"])

    def _check_use(
        self, _validator: Validator, rule: Schema, instance: object, _schema: Schema
    ) -> Iterator[ValidationError]:
        kind = rule["kind"]
        name = instance.get("use") if isinstance(instance, Mapping) else instance
        if isinstance(instance, Mapping) and "use" not in instance:
            yield from _nameless(kind, instance)
            return
        steps = ("use",) if isinstance(instance, Mapping) else ()
        if not isinstance(name, str):
            message = f"Name the {kind}: `NAME`, or `{{use: NAME, ...}}`."
            yield Refusal(Code.BAD_VALUE, message, *steps)
            return
        schema = self.schema_of_use(rule, name)
        if isinstance(schema, Refusal):
            yield Refusal(schema.code, schema.message, *steps, suggestion=schema.suggestion)
            # What the job itself says of the component is wrong or right in any case.
            schema = {"properties": rule["keys"]}
        whole = instance if isinstance(instance, Mapping) else {"use": name}
        yield from self._validator(schema).iter_errors(whole)


def _nameless(kind: str, instance: Mapping[str, object]) -> Iterator[Refusal]:
    meant = [key for key in instance if nearest(key, ["use"])]
    for key in meant:
        message = f"There is no key `{key}` here."
        yield Refusal(Code.UNKNOWN_KEY, message, key, suggestion="use")
    if not meant:
        message = f"`use` is missing: it names the {kind}."
        yield Refusal(Code.MISSING_KEY, message, "use")
