"""Which dataset a task is tried on: the first that serves its needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from taskspace.components import ComponentSpec, Dataset, Field, Task
from taskspace.registry.registry import Registry
from taskspace.testing.blobs import Blobs
from taskspace.testing.checks.values import with_examples


class Datasets:
    """The kit's blobs, then built-ins that need no parameters, then those of the plugin itself.

    Args:
        own: the plugin's datasets with the parameters with which each is made.
    """

    def __init__(self, own: Iterable[tuple[type[Dataset], Mapping[str, Any]]]) -> None:
        self._own = tuple(own)

    def serving(self, task: Task) -> Dataset | None:
        """Return the first dataset that has the fields of a task and from which it has a head.

        Where it has no head anywhere, the first with its fields; None where none has them.
        """
        offers = [
            (dataset, fields)
            for dataset, fields in self._usable
            if task.needs(fields) <= set(fields)
        ]
        for dataset, fields in offers:
            try:
                task.head(fields)
            except Exception:  # noqa: BLE001, S112  another dataset may have the classes it wants
                continue
            return dataset
        return offers[0][0] if offers else None

    @cached_property
    def _usable(self) -> Sequence[tuple[Dataset, Mapping[str, Field]]]:
        registry = Registry.load(plugins=False)
        built_in = (
            registry.component(
                ComponentSpec("dataset", description.name, with_examples(description.schema, {}))
            )
            for description in registry.descriptions("dataset")
            if not description.schema.get("required")
        )
        ours = [d for d in (Blobs(), *built_in) if isinstance(d, Dataset)]
        usable = [(dataset, dataset.fields()) for dataset in ours]
        for cls, parameters in self._own:
            try:
                dataset = cls.model_validate(dict(parameters))
                usable.append((dataset, dataset.fields()))
            except Exception:  # noqa: BLE001, S112  what it raises is said by its own checks
                continue
        return usable
