"""The cells that hold a dataset's images and its tasks' examples: the same for every study."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from taskspace.components import Cell, CellFunction, Dataset, Planner, Task, stable_seed

SAMPLES = 1024
"""How many samples one cell stores; what a worker holds of them at once follows from it."""

# A version is raised whenever the function's results change.
IMAGES = CellFunction("taskspace.learning.examples:store_images", 1)
EXAMPLES = CellFunction("taskspace.learning.examples:store_examples", 1)


@dataclass(frozen=True)
class ExampleCells:
    """Makes the cells of one dataset; jobs of one seed share them, whatever their study.

    Attributes:
        seed: of the job: of the noise and the shuffles of inputs.
    """

    planner: Planner
    dataset: Dataset
    seed: int

    @cached_property
    def images(self) -> list[Cell]:
        """Return what stores the images."""
        return [
            self.planner.cell(
                f"images/{start}",
                IMAGES,
                parameters={"start": start, "stop": stop},
                components={"dataset": self.dataset},
            )
            for start, stop in self._spans()
        ]

    def of(self, name: str, task: Task) -> list[Cell]:
        """Return what stores a task's targets, and its inputs where they are not the images.

        Args:
            name: what the job calls the task; the seed follows from it.
        """
        seed = stable_seed(self.seed, "examples", name)
        return [
            self.planner.cell(
                f"examples/{name}/{start}",
                EXAMPLES,
                parameters={"start": start, "stop": stop, "seed": seed},
                components={"dataset": self.dataset, "task": task},
            )
            for start, stop in self._spans()
        ]

    def _spans(self) -> list[tuple[int, int]]:
        count = self.dataset.length()
        return [(start, min(start + SAMPLES, count)) for start in range(0, count, SAMPLES)]
