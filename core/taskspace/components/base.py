"""What every component is: a frozen pydantic model with a kind and a name."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, ClassVar, TypeAlias

import pluggy
from pydantic import BaseModel, BeforeValidator, ConfigDict, WithJsonSchema

JSON: TypeAlias = "bool | int | float | str | Sequence[JSON] | Mapping[str, JSON] | None"

API_VERSION = 1
"""The number of the hooks and base classes; raised when a plugin would have to change."""

hookimpl = pluggy.HookimplMarker("taskspace")
"""Marks the functions of a plugin that provide components."""


def hook_name(kind: str) -> str:
    """Return the name of the hook of a plugin that provides components of `kind`."""
    return "taskspace_studies" if kind == "study" else f"taskspace_{kind}s"


RESERVED_KEYS = frozenset({"use", "as", "role", "importance", "label_cost"})
"""Keys of `{use: NAME, ...}` that belong to the job and that no component may have as a field."""


class SourceText(str):
    """A string that remembers the folder against which a path in it is read."""

    base: Path

    def __new__(cls, text: str, base: Path) -> SourceText:
        """Return `text` with `base`, the folder of the file that it was read from."""
        self = super().__new__(cls, text)
        self.base = base
        return self


def _resolved(value: object) -> object:
    if isinstance(value, SourceText):
        return value.base / Path(value).expanduser()
    return value


JobPath = Annotated[
    Path,
    BeforeValidator(_resolved),
    WithJsonSchema({"type": "string", "format": "path"}),
]
"""A path in a job: relative to the job file, or in `--set` to the working directory.

Paths never enter the identity of a component: the content that they lead to does.
"""


RUN_FORMAT = "run"
"""The format, in a JSON Schema, of texts that name a run or its folder."""


def as_run(value: object) -> object:
    """Return a run as its name, or as the folder that a job means by it.

    A text is a folder where it has a separator, or where there is such a folder beside the job;
    else it is a name.
    """
    if not isinstance(value, SourceText):
        return value
    folder = value.base / Path(value).expanduser()
    is_path = value.startswith(("~", ".")) or any(sign in value for sign in "/\\")
    # Not `Path.is_dir`: names that are no paths raise nothing here.
    return folder if is_path or os.path.isdir(folder) else Path(value)  # noqa: PTH112


JobRun = Annotated[
    Path,
    BeforeValidator(as_run),
    WithJsonSchema({"type": "string", "format": RUN_FORMAT}),
]
"""A run in a job: its folder, as a `JobPath`, or its name in the folder of runs.

Like paths, it never enters the identity of a component.
"""


@dataclass(frozen=True)
class ComponentSpec:
    """A component by name, as it travels to workers and into the manifest."""

    kind: str
    name: str
    parameters: Mapping[str, JSON] = field(default_factory=dict)

    def as_json(self) -> dict[str, JSON]:
        """Return `{kind, name, parameters}`."""
        return {"kind": self.kind, "name": self.name, "parameters": dict(self.parameters)}


class Component(BaseModel):
    """One thing that a plugin provides: its fields are the parameters that a job may set."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    kind: ClassVar[str]
    name: ClassVar[str]

    @classmethod
    def summary(cls) -> str:
        """Return the first line of the docstring."""
        return (cls.__doc__ or "").strip().partition("\n")[0]

    # Pydantic hashes the fields themselves, and a list among them has no hash; it compares what is
    # cached beside them too, and arrays do not compare.
    def __hash__(self) -> int:
        return hash((type(self), self.model_dump_json()))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Component) or type(self) is not type(other):
            return NotImplemented
        return self.model_dump_json() == other.model_dump_json()

    def spec(self) -> ComponentSpec:
        """Return the component by name and parameters, from which it can be made again."""
        return ComponentSpec(self.kind, self.name, self.model_dump(mode="json"))

    def identity(self) -> dict[str, Any]:
        """Return the parameters that decide what it computes: all but paths."""
        paths = {
            name
            for name, schema in type(self).model_json_schema().get("properties", {}).items()
            if {"path", RUN_FORMAT} & {s.get("format") for s in (schema, *schema.get("anyOf", ()))}
        }
        return self.model_dump(mode="json", exclude=paths)


class Installable(Component):
    """A component that may need what is not installed here."""

    def missing(self) -> str | None:
        """Return what must be installed before it can be used, or None."""
        return None


def stable_seed(*parts: object) -> int:
    """Return a seed in [0, 2^63) that depends on the parts' text alone, on every machine."""
    text = "\x1f".join(str(part) for part in parts)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1
