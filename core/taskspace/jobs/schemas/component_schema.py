"""JSON Schemas of references to components: the same for checking and for editors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from taskspace.registry import Description
from taskspace.registry.bounded.schema_keywords import LOCAL

Schema = Mapping[str, Any]

PATH_FORMATS = frozenset({"path", "file-path", "directory-path"})
"""What pydantic calls `Path`, `FilePath` and `DirectoryPath`."""


def use_names(described: Description) -> list[str]:
    """Return the names that a job may call a component by: its own, and `plugin/name`."""
    return [described.name, f"{described.plugin}/{described.name}"]


def mapping_schema(described: Description, keys: Schema) -> dict[str, Any]:
    """Return the schema of `{use: NAME, ...}` for one component.

    Args:
        described: the component.
        keys: the schemas of the keys that belong to the job, by key.
    """
    schema = dict(described.schema)
    if "$ref" in schema:
        # pydantic puts a model that refers to itself among its own definitions.
        schema |= schema["$defs"][schema.pop("$ref").removeprefix(LOCAL)]
    use = {"enum": use_names(described), "description": described.summary}
    properties = {"use": use, **keys, **schema.get("properties", {})}
    required = ["use", *schema.get("required", ())]
    return {"type": "object", **schema, "properties": properties, "required": required}


def study_schema(job_model: Schema, name: str) -> dict[str, Any]:
    """Return the schema of a study's jobs with `study` held to the study's name."""
    study = {"const": name, "description": "The kind of job."}
    return {**job_model, "properties": {**job_model["properties"], "study": study}}


def moved(schema: Any, prefix: str) -> Any:
    """Return a schema with its references to `#/$defs/...` led to `prefix` + `/$defs/...`.

    Args:
        prefix: where the schema will stand in a larger one, as in `#/$defs/task:normals`.
    """
    if isinstance(schema, Mapping):
        return {
            key: f"{prefix}/$defs/{value.removeprefix(LOCAL)}"
            if key == "$ref" and isinstance(value, str) and value.startswith(LOCAL)
            else moved(value, prefix)
            for key, value in schema.items()
        }
    return [moved(part, prefix) for part in schema] if isinstance(schema, list) else schema
