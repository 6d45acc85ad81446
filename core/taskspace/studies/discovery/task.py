"""A task that a discovery has found, as an ordinary task."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pydantic

from taskspace.components import (
    ComponentSpec,
    Encoder,
    Field,
    JobRun,
    Loss,
    Part,
    Sample,
    Shape,
    Task,
    VectorHead,
)
from taskspace.components.base import as_run
from taskspace.components.part import MAKE
from taskspace.engine.folders.run_files import ARRAYS, RESULT
from taskspace.errors import DataError, NotFound, TaskspaceError
from taskspace.studies.discovery.result.names import WEIGHTS, set_name
from taskspace.studies.discovery.written.finished import (
    FinishedDiscovery,
    SetPlace,
    run_folder,
)

if TYPE_CHECKING:
    from torch import Tensor, nn

    from taskspace.studies.discovery.maths.sphere import TaskSphere

BLOCK = 512
"""Images that are labelled at once."""


class Discovered(Task):
    """A task that a run of `study: discovery` has found: its network labels any image.

    The weights are read from the run's folder; their checksum is part of every key, the folder is
    not. Source: Atanov et al. 2022.

    ```yaml
    tasks:
      - {use: discovered, run: discovery-digits, number: 2, as: found2}
    ```
    """

    name: ClassVar[str] = "discovered"
    metric: ClassVar[str] = "accuracy"

    run: JobRun = pydantic.Field(
        description="The run's folder, or its name in the folder of runs (`runs`, or what "
        "TASKS_RUNS says); of several runs of one job the newest.",
        examples=["discovery-digits"],
    )
    search: str | None = pydantic.Field(
        None, description="The search, as its job calls it; the first where absent."
    )
    number: int = pydantic.Field(1, ge=1, description="Which of its tasks, counted from 1.")
    repetition: int = pydantic.Field(0, ge=0, description="Of the search.")
    network: Part[Encoder] | None = pydantic.Field(
        None, description="The network that labels images; that of the run where absent."
    )
    sees: Part[Encoder] | None = pydantic.Field(
        None, description="The encoder whose codes it sees; that of the run where absent."
    )

    @pydantic.model_validator(mode="before")
    @classmethod
    def _of_the_run(cls, values: Any, info: pydantic.ValidationInfo) -> Any:
        """Find the run, and make what its search was made of."""
        if not isinstance(values, Mapping) or not isinstance(values.get("run"), str | Path):
            return values
        given = values.get("network"), values.get("sees")
        try:
            run = FinishedDiscovery(run_folder(str(as_run(values["run"]))))
            # Workers and later runs may stand in another folder.
            own: dict[str, Any] = {**values, "run": run.folder.path.absolute()}
            make = (info.context or {}).get(MAKE)
            if make is None or any(part is not None for part in given):
                return own
            search = run.search(values.get("search"))
        except TaskspaceError as error:
            raise ValueError(str(error)) from error
        for key, written in (("network", search.network), ("sees", search.sees)):
            if written is not None:
                part = dict(written)
                own[key] = make(ComponentSpec(Encoder.kind, part.pop("use"), part))
        return own

    def identity(self) -> dict[str, Any]:
        """Return the parameters without the run's place, and the checksum of the weights.

        Raises:
            NotFound: if the run has no such task, or its files are damaged.
        """
        own = {key: value for key, value in super().identity().items() if key != "search"}
        return {**own, "sha256": _found(self.run, self.search, self.repetition).digest}

    def head(self, fields: Mapping[str, Field]) -> VectorHead:
        """Return a logit for each class.

        Raises:
            DataError: if the images are not those of the run in shape.
            NotFound: if the run has no such task.
        """
        found = _found(self.run, self.search, self.repetition)
        found.check_number(self.number)
        if fields["image"].shape != found.image:
            raise DataError(
                f"The task was found on images of {_shape(found.image)}, and these have "
                f"{_shape(fields['image'].shape)}.",
                where=f"task {self.name}",
                advice="Use it on such images, or discover tasks on these.",
            )
        return VectorHead(found.classes)

    def target(self, sample: Sample) -> Tensor:
        """Return the class that the task's network gives each image [B]."""
        import torch  # noqa: PLC0415  listing tasks needs no torch

        sphere, codes = _labeller(self)
        device = sample["image"].device
        with torch.inference_mode():
            parts = []
            for images in torch.split(sample["image"].cpu(), BLOCK):
                seen = images if codes is None else codes(images)
                logits = sphere.logits(sphere(seen, torch.arange(len(images))))
                parts.append(logits[:, self.number - 1].argmax(1))
        return torch.cat(parts).to(device)

    def loss(self, prediction: Tensor, target: Tensor) -> Loss:
        """Return the cross-entropy [B] of logits [B, K] for class ids [B]; -1 is missing."""
        from taskspace.components.losses import cross_entropy  # noqa: PLC0415  imports torch

        return cross_entropy(prediction, target)

    def measure(self, prediction: Tensor, target: Tensor) -> Loss:
        """Return 1 where the most likely class is right, else 0: [B]."""
        from taskspace.components.losses import accuracy  # noqa: PLC0415  imports torch

        return accuracy(prediction, target)

    def decode(self, prediction: Tensor) -> Tensor:
        """Return the most likely class of each image [B]."""
        return prediction.argmax(dim=1)

    def words(self, values: Tensor, fields: Mapping[str, Field]) -> list[str]:
        """Return the number of the class of each image."""
        if values.ndim > 1:
            return super().words(values, fields)
        return [f"class {number}" if number >= 0 else "missing" for number in values.tolist()]


class _Weights:
    """What a run keeps of the network of a set of tasks."""

    def __init__(self, run: FinishedDiscovery, place: SetPlace) -> None:
        prefix = f"{set_name(WEIGHTS, *place)}/"
        own = {n.removeprefix(prefix): a for n, a in run.arrays.items() if n.startswith(prefix)}
        if not own:
            raise NotFound(
                f"The tasks of {place.search} in {run.folder.name} have no network that labels "
                "new images.",
                advice="Name a search of `discover`; `tasks discover labels` writes the labels of "
                "all others.",
            )
        self.arrays = own
        channels, height, width = run.search(place.search).image
        self.image: Shape = channels, height, width
        tasks, borders, _ = own["directions"].shape
        self.tasks, self.classes = tasks, borders + 1
        digest = hashlib.sha256()
        for name in sorted(own):
            digest.update(f"{name} {own[name].dtype} {own[name].shape}".encode())
            digest.update(own[name].tobytes())
        self.digest = digest.hexdigest()

    def check_number(self, number: int) -> None:
        if number > self.tasks:
            raise NotFound(
                f"There is no task {number}; the search found {self.tasks}.",
                advice=f"Give a number from 1 to {self.tasks}.",
            )


def _found(run: Path, search: str | None, repetition: int) -> _Weights:
    """Return the weights of a set as they lie in the run's folder now."""
    return _read(run, search, repetition, _written(run / ARRAYS), _written(run / RESULT))


def _written(file: Path) -> tuple[int, int, int] | None:
    try:
        now = file.stat()
    except OSError:
        return None  # reading it says why
    return now.st_ino, now.st_mtime_ns, now.st_size


# Every block of images is labelled by the same network; a run may be made anew meanwhile.
@lru_cache(maxsize=8)
def _read(run: Path, search: str | None, repetition: int, *_written: object) -> _Weights:
    finished = FinishedDiscovery(run_folder(run))
    return _Weights(finished, finished.place(search, repetition, scored=True))


def _labeller(task: Discovered) -> tuple[TaskSphere, nn.Module | None]:
    """Return the network of a task's set, and that whose codes it sees, in evaluation mode."""
    return _made(task, _found(task.run, task.search, task.repetition))


@lru_cache(maxsize=8)
def _made(task: Discovered, found: _Weights) -> tuple[TaskSphere, nn.Module | None]:
    """Return `_labeller` of these weights."""
    import torch  # noqa: PLC0415

    from taskspace.learning.frozen.codes import vectors  # noqa: PLC0415
    from taskspace.learning.networks import seeded  # noqa: PLC0415
    from taskspace.studies.discovery.sphere_network import (  # noqa: PLC0415
        CodesOf,
        restored_sphere,
    )

    weights = {name: torch.from_numpy(array) for name, array in found.arrays.items()}
    if task.sees is None:
        return restored_sphere(task.network, found.image, weights), None
    with seeded("published"):
        codes = CodesOf(task.sees.build(found.image), vectors).eval()
        numbers = codes(torch.zeros(1, *found.image)).shape[1]
    return restored_sphere(task.network, (numbers, 1, 1), weights), codes


def _shape(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape))
