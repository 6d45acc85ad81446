"""The planner that studies are handed: components by spec, cells with keys."""

from __future__ import annotations

from collections.abc import Mapping

from taskspace.components import (
    JSON,
    Cell,
    CellFunction,
    Component,
    ComponentSpec,
    Dataset,
    Finding,
    Resources,
)
from taskspace.components.study import ComponentT
from taskspace.engine.data_findings import dataset_findings
from taskspace.engine.keys import cell_key, component_digest
from taskspace.registry import Registry


class KeyedPlanner:
    """Makes cells whose keys follow from parameters, components and inputs alone."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._identities: dict[int, tuple[Component, str]] = {}
        self._datasets: list[Dataset] = []

    def component(self, spec: ComponentSpec, kind: type[ComponentT]) -> ComponentT:
        """Return the component of a spec; raises TypeError if it is not of `kind`."""
        component = self._registry.component(spec)
        if not isinstance(component, kind):
            raise TypeError(f"{spec.kind} {spec.name!r} is not a {kind.__name__}.")
        if isinstance(component, Dataset):
            self._datasets.append(component)
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
        """Return a cell with its key."""
        parameters = parameters or {}
        components = components or {}
        input_keys = {slot: cell.key for slot, cell in (inputs or {}).items()}
        identities = {slot: self._identity(component) for slot, component in components.items()}
        return Cell(
            name=name,
            key=cell_key(function, parameters, identities, input_keys),
            function=function,
            parameters=parameters,
            components={slot: component.spec() for slot, component in components.items()},
            inputs=input_keys,
            identities=identities,
            batch=batch,
            resources=resources or Resources(),
        )

    def findings(self) -> tuple[Finding, ...]:
        """Return what the datasets say that were planned with, warnings first.

        Raises:
            DataError: if the data of one is missing or unreadable.
        """
        return dataset_findings(self._datasets)

    def changed(self) -> list[Component]:
        """Return the components that are no longer what they were when they were planned with."""
        return [
            component
            for component, planned in self._identities.values()
            # A component may remember what it has read; another one looks again.
            if component_digest(self._registry.component(component.spec()), self._registry)
            != planned
        ]

    def _identity(self, component: Component) -> str:
        # By object, because fingerprinting a folder of images reads all of it; the component is
        # kept beside its digest so that its id is not given to another.
        known = self._identities.get(id(component))
        if known is None:
            value = component_digest(component, self._registry)
            known = self._identities[id(component)] = (component, value)
        return known[1]
