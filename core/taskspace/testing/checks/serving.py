"""Which dataset a task is tried on: the first that serves its needs, of which blobs are one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from taskspace.components import ComponentSpec, Dataset, Field, Sample, Task
from taskspace.registry.registry import Registry
from taskspace.testing.checks.values import with_examples

if TYPE_CHECKING:
    import numpy as np


class Blobs(Dataset):
    """Bright squares on dark ground: `class` is the colour, `number` and `map` the brightness."""

    name: ClassVar[str] = "blobs"

    def fingerprint(self) -> str:
        """Return the version of the recipe."""
        return "blobs-1"

    def fields(self) -> Mapping[str, Field]:
        """Return image, class, number and map."""
        return {
            "image": Field((3, 16, 16)),
            "class": Field((), ("red", "green", "blue")),
            "number": Field(()),
            "map": Field((1, 16, 16)),
        }

    def length(self) -> int:
        """Return 24."""
        return 24

    def read(
        self, indices: Sequence[int] | np.ndarray, fields: Collection[str] | None = None
    ) -> Sample:
        """Return blobs; every eighth sample lacks its labels."""
        import torch  # noqa: PLC0415  only where samples are read

        generator = torch.Generator().manual_seed(0)
        noise = torch.rand(self.length(), 3, 16, 16, generator=generator) * 0.2
        label = torch.arange(self.length()) % 3
        number = torch.linspace(0.4, 1.0, self.length())
        image = noise.clone()
        for i, colour in enumerate(label.tolist()):
            row, column = i % 8, (3 * i) % 8
            image[i, colour, row : row + 8, column : column + 8] = number[i]
        dark = image.amax(dim=1, keepdim=True)
        missing = torch.arange(self.length()) % 8 == 5
        label = torch.where(missing, -1, label)
        number = torch.where(missing, torch.nan, number)
        dark = torch.where(missing[:, None, None, None], torch.nan, dark)
        chosen = torch.as_tensor([int(i) for i in indices], dtype=torch.int64)
        whole = {"image": image, "class": label, "number": number, "map": dark}
        return {field: whole[field][chosen] for field in fields or whole}


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
