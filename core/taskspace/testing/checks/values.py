"""The parameters with which a component is tried where its author says none."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from taskspace.components import Component
from taskspace.testing.checks.pictures import write_pictures


class Values:
    """Chooses parameters; close it after use.

    Args:
        folder: against which the paths that an author gives are read.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._scratch: tempfile.TemporaryDirectory[str] | None = None

    def close(self) -> None:
        """Remove the pictures, where there are any."""
        if self._scratch is not None:
            self._scratch.cleanup()

    def of(self, cls: type[Component], said: Mapping[str, Any]) -> dict[str, Any]:
        """Return what is said, and a value for what else must be set or has an example.

        That is the first of its `examples`; for a required path without examples a folder of
        pictures.
        """
        schema = cls.model_json_schema()
        properties: Mapping[str, Any] = schema.get("properties", {})
        values = {
            name: str(self._folder / value)
            if isinstance(value, str) and _is_path(properties.get(name, {}))
            else value
            for name, value in said.items()
        }
        values = with_examples(schema, values)
        for name in schema.get("required", ()):
            if name not in values and _is_path(properties[name]):
                values[name] = self._pictures
        return values

    @cached_property
    def _pictures(self) -> str:
        self._scratch = tempfile.TemporaryDirectory(prefix="taskspace-pictures-")
        write_pictures(Path(self._scratch.name))
        return self._scratch.name


def with_examples(schema: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is said, and for each other parameter with `examples` the first of them."""
    properties: Mapping[str, Any] = schema.get("properties", {})
    examples = {name: part.get("examples") for name, part in properties.items()}
    return {name: listed[0] for name, listed in examples.items() if listed} | dict(said)


def _is_path(schema: Mapping[str, Any]) -> bool:
    forms = (schema, *schema.get("anyOf", ()))
    return any(form.get("format") in ("path", "file-path", "directory-path") for form in forms)
