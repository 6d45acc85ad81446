"""Keys: the hash of everything that decides a cell's result."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from taskspace.components import CellFunction, Component
from taskspace.components.part import parts_of
from taskspace.registry import Registry


def digest(value: Any) -> str:
    """Return the SHA-256 of a JSON value, the same for equal values in any order of keys."""
    text = json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def component_digest(component: Component, registry: Registry) -> str:
    """Return the hash of what a component is: its name, identity and source, and its parts'."""
    parts = {name: component_digest(part, registry) for name, part in parts_of(component).items()}
    return digest(
        [
            component.kind,
            component.name,
            # What a part says of itself leaves its paths out.
            {key: value for key, value in component.identity().items() if key not in parts},
            registry.source_digest(component.kind, component.name),
            # Keys of components without parts are older than parts.
            *([parts] if parts else []),
        ]
    )


def cell_key(
    function: CellFunction,
    parameters: Mapping[str, Any],
    components: Mapping[str, str],
    inputs: Mapping[str, str],
) -> str:
    """Return the key of a cell from its parameters, components' digests and inputs' keys.

    Executor, workers, device, names and paths stay out: they do not decide the result.
    """
    return digest(
        {
            "function": [function.target, function.version],
            "parameters": dict(parameters),
            "components": dict(components),
            "inputs": dict(inputs),
        }
    )
