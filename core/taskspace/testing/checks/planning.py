"""A planner for studies under test: components by name, cells with keys, nothing that computes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from functools import cached_property

from taskspace.components import JSON, Cell, CellFunction, Component, ComponentSpec, Resources
from taskspace.components.study import ComponentT
from taskspace.registry.registry import Registry


class TrialPlanner:
    """Makes cells whose keys follow from what they are made of.

    Args:
        siblings: the classes of the study's own plugin as `task:rain`; other names are built-ins'.
    """

    def __init__(self, siblings: Mapping[str, type[Component]]) -> None:
        self._siblings = siblings

    def component(self, spec: ComponentSpec, kind: type[ComponentT]) -> ComponentT:
        """Return the component of a spec; raises TypeError if it is not of `kind`."""
        own = self._siblings.get(f"{spec.kind}:{spec.name.rpartition('/')[2]}")
        component = (
            self._built_ins.component(spec)
            if own is None
            else own.model_validate(dict(spec.parameters))
        )
        if not isinstance(component, kind):
            raise TypeError(f"{spec.kind} {spec.name!r} is not a {kind.__name__}")
        return component

    def cell(
        self,
        name: str,
        function: CellFunction,
        *,
        parameters: Mapping[str, JSON] | None = None,
        components: Mapping[str, Component] | None = None,
        inputs: Mapping[str, Cell] | None = None,
        batch: str | None = None,
        resources: Resources | None = None,
    ) -> Cell:
        """Return a cell with its key; raises TypeError or ValueError where it is no plain JSON."""
        specs = {slot: component.spec() for slot, component in (components or {}).items()}
        keys = {slot: cell.key for slot, cell in (inputs or {}).items()}
        parts = {
            "function": asdict(function),
            "parameters": dict(parameters or {}),
            "components": {slot: spec.as_json() for slot, spec in specs.items()},
            "inputs": keys,
        }
        text = json.dumps(parts, sort_keys=True, allow_nan=False)
        return Cell(
            name=name,
            key=hashlib.sha256(text.encode()).hexdigest(),
            function=function,
            parameters=parameters or {},
            components=specs,
            inputs=keys,
            batch=batch,
            resources=resources or Resources(),
        )

    @cached_property
    def _built_ins(self) -> Registry:
        return Registry.load(plugins=False)
