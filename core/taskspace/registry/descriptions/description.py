"""What is known of a component without importing it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

BUILT_IN = "taskspace"
"""The distribution whose components are built in."""

NAME_PATTERN = re.compile(r"[a-z][a-z0-9_]{0,99}")
"""What the name of a component looks like."""

_OF_PLUGIN = ("plugin", "version")


@dataclass(frozen=True)
class Description:
    """A component on paper.

    Attributes:
        plugin: the distribution that provides it.
        version: of that distribution.
        target: `package.module:Class`.
        schema: JSON Schema of its parameters.
        facts: what its kind declares for the class as a whole, as JSON; for a task `requires`,
            `source_only`, `trained`, `plain_input`, `metric`, `label_cost`; for a study
            `stage_names`, `job_model`, the JSON Schema of its jobs, and `result_model`, that of
            its results, or None.
        api: number of the hooks and base classes that it was described with.
    """

    kind: str
    name: str
    plugin: str
    version: str
    summary: str
    target: str
    schema: Mapping[str, Any]
    facts: Mapping[str, Any]
    api: int

    @property
    def owner(self) -> str:
        """Return who provides it, as people say it."""
        return "built in" if self.plugin == BUILT_IN else f"{self.plugin} {self.version}"

    def as_json(self) -> dict[str, Any]:
        """Return all but plugin and version, which the record around it says once."""
        return {name: value for name, value in vars(self).items() if name not in _OF_PLUGIN}

    @classmethod
    def from_json(cls, data: Mapping[str, Any], plugin: str, version: str) -> Self:
        """Return the description of a record made by `as_json`.

        Raises:
            KeyError: if the record lacks something.
        """
        own = {f.name: data[f.name] for f in fields(cls) if f.name not in _OF_PLUGIN}
        return cls(plugin=plugin, version=version, **own)
