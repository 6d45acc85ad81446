"""The JSON Schema of job files, with every component that is installed, for editors."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from taskspace.errors import NotFound
from taskspace.jobs.schemas.component_schema import (
    Schema,
    mapping_schema,
    moved,
    study_schema,
    use_names,
)
from taskspace.registry import Registry
from taskspace.registry.bounded.schema_keywords import USE

DRAFT = "https://json-schema.org/draft/2020-12/schema"


def job_schema(study: str | None, catalogue: Registry) -> dict[str, Any]:
    """Return the schema (draft 2020-12) of the jobs of one study, or of all that can be used.

    It accepts what `load_job` finds well-formed; what a study's own validators say is beyond it.

    Raises:
        NotFound: if there is no such study.
        ComponentUnavailable: if its plugin may not be used.
    """
    studies = (
        catalogue.descriptions("study") if study is None else [catalogue.describe("study", study)]
    )
    definitions: dict[str, Any] = {}
    for described in studies:
        name = f"study:{described.name}"
        pointer = _below("#/$defs", name)
        schema = moved(study_schema(described.facts["job_model"], described.name), pointer)
        definitions[name] = _expanded(schema, pointer, catalogue)
    references: list[Any] = [{"$ref": _below("#/$defs", name)} for name in definitions]
    top = references[0] if len(references) == 1 else {"anyOf": references or [False]}
    return {"$schema": DRAFT, "title": "A taskspace job", **top, "$defs": definitions}


def result_schema(study: str, catalogue: Registry) -> dict[str, Any]:
    """Return the schema (draft 2020-12) of `result.json` of the runs of a study.

    Raises:
        NotFound: if there is no such study, or it does not say what its results hold.
        ComponentUnavailable: if its plugin may not be used.
    """
    described = catalogue.describe("study", study)
    schema = described.facts.get("result_model")
    if schema is None:
        raise NotFound(
            f"The study {study!r} ({described.plugin}) does not say what its results hold.",
            advice="`tasks show RUN --json` prints one. An author declares `result_model` in the "
            "class of the study.",
        )
    return {"$schema": DRAFT, **schema}


def schema_comment(schema: Path | str) -> str:
    """Return the first line of a job file that makes editors check it against a schema file."""
    return f"# yaml-language-server: $schema={schema}"


def _expanded(schema: Any, pointer: str, catalogue: Registry) -> Any:
    """Return the schema with every reference to a kind of component spelt out.

    Args:
        pointer: where the schema stands in the whole.
    """
    if isinstance(schema, list):
        return [
            _expanded(part, f"{pointer}/{index}", catalogue) for index, part in enumerate(schema)
        ]
    if not isinstance(schema, Mapping):
        return schema
    if USE in schema:
        rest = {key: value for key, value in schema.items() if key != USE}
        return {**rest, "anyOf": _references(schema[USE], f"{pointer}/anyOf", catalogue) or [False]}
    return {key: _expanded(value, _below(pointer, key), catalogue) for key, value in schema.items()}


def _references(rule: Schema, pointer: str, catalogue: Registry) -> list[Any]:
    """Return the bare name and the mapping of each component of the rule's kind."""
    found: list[Any] = []
    for described in catalogue.descriptions(rule["kind"]):
        schema = mapping_schema(described, rule["keys"])
        if schema["required"] == ["use"]:
            found.append({"enum": use_names(described), "description": described.summary})
        found.append(moved(schema, f"{pointer}/{len(found)}"))
    return found


def _below(pointer: str, key: str) -> str:
    """Return the pointer to a part, as the fragment of a URI (RFC 6901, Sec. 6)."""
    return f"{pointer}/{quote(key.replace('~', '~0').replace('/', '~1'))}"
