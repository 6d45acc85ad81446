"""Violations of a schema to problems: each at its exact place."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from jsonschema.exceptions import ValidationError

from taskspace.jobs.codes import Code
from taskspace.jobs.findings import Findings
from taskspace.jobs.schemas.checker import Refusal, SchemaChecker
from taskspace.jobs.schemas.component_schema import Schema
from taskspace.jobs.schemas.wording import SchemaViolation, explained
from taskspace.jobs.schemas.words import subject
from taskspace.jobs.text.nodes import Node, is_read, place_of_key, place_of_value
from taskspace.jobs.text.places import Steps
from taskspace.registry import nearest


def check_structure(
    root: Node, data: object, schema: Schema, checker: SchemaChecker, findings: Findings
) -> set[Steps]:
    """Note everything in which `data`, the plain data of `root`, violates `schema`.

    Returns:
        The steps of unknown keys.
    """
    unknown: set[Steps] = set()
    leaves = [leaf for error in checker.errors(schema, data) for leaf in _leaves(error)]
    for leaf in sorted(leaves, key=lambda leaf: leaf.validator == "required"):
        violation = SchemaViolation.of(leaf)
        steps = violation.steps
        if isinstance(leaf, Refusal):
            _note_refusal(leaf, steps, root, findings)
        elif violation.rule == "additionalProperties" and violation.limit is False:
            unknown |= _note_unknown_keys(violation, root, findings)
        elif violation.rule == "required":
            _note_missing_keys(violation, root, findings)
        elif is_read(root, steps):
            message, suggestion = explained(violation)
            findings.add(Code.BAD_VALUE, message, place_of_value(root, steps), steps, suggestion)
    return unknown


def _leaves(error: ValidationError) -> Iterator[ValidationError]:
    """Yield what to report of an error: of alternatives, the errors of the one that was meant."""
    if not error.context:
        yield error
        return
    branches = [
        list(group) for _, group in groupby(error.context, key=lambda e: e.relative_schema_path[0])
    ]
    meant = [branch for branch in branches if not any(map(_is_another_thing, branch))]
    told_apart = [branch for branch in meant if not any(map(_is_another_variant, branch))]
    candidates = told_apart or meant
    if not candidates:
        yield error
        return
    for part in min(candidates, key=len):
        yield from _leaves(part)


def _is_another_thing(error: ValidationError) -> bool:
    """Return whether the value as a whole is not of the sort that the alternative is about."""
    if error.relative_path:
        return False
    if error.context:
        return all(map(_is_another_thing, error.context))
    if isinstance(error, Refusal):
        return not isinstance(error.instance, str | dict)
    return error.validator in ("type", "const", "enum")


def _is_another_variant(error: ValidationError) -> bool:
    """Return whether a key that tells alternatives apart speaks for another one."""
    return len(error.relative_path) == 1 and error.validator in ("const", "enum")


def _note_refusal(error: Refusal, steps: Steps, root: Node, findings: Findings) -> None:
    if not is_read(root, steps):
        return
    on_key = error.code in (Code.UNKNOWN_KEY, Code.MISSING_KEY)
    place = place_of_key(root, steps) if on_key else place_of_value(root, steps)
    findings.add(error.code, error.message, place, steps, error.suggestion)


def _note_unknown_keys(violation: SchemaViolation, root: Node, findings: Findings) -> set[Steps]:
    known = violation.schema.get("properties", {})
    unknown = {(*violation.steps, key) for key in violation.value if key not in known}
    for at in unknown:
        suggestion = nearest(str(at[-1]), known)
        listed = f" It has {', '.join(f'`{key}`' for key in known)}." if known else ""
        message = f"{subject(violation.steps)} has no key {subject(at)}."
        message += "" if suggestion else listed
        findings.add(Code.UNKNOWN_KEY, message, place_of_key(root, at), at, suggestion)
    return unknown


def _note_missing_keys(violation: SchemaViolation, root: Node, findings: Findings) -> None:
    for key in violation.limit:
        if key not in violation.value:
            part = violation.schema.get("properties", {}).get(key, {})
            description = str(part.get("description", "")).rstrip(".")
            meaning = f": {description}" if description else ""
            message = f"{subject(violation.steps)} lacks `{key}`{meaning}."
            place = place_of_key(root, violation.steps)
            findings.add(Code.MISSING_KEY, message, place, (*violation.steps, key))
