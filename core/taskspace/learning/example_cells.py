"""The cells that hold a dataset's images and its tasks' examples: the same for every study."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from taskspace.components import Cell, CellFunction, Dataset, Planner, Task, stable_seed

SAMPLES = 1024
"""How many samples one cell stores; what a worker holds of them at once follows from it."""

# A version is raised whenever the function's results change.
IMAGES = CellFunction("taskspace.learning.storing:store_images", 1)
EXAMPLES = CellFunction("taskspace.learning.storing:store_examples", 1)


@dataclass(frozen=True)
class ExampleCells:
    """Makes the cells of one dataset and its tasks; jobs of one seed share them.

    Attributes:
        tasks: by what the job calls them; the seeds of their noise and shuffles follow from it.
        seed: of the job.
    """

    planner: Planner
    dataset: Dataset
    tasks: Mapping[str, Task]
    seed: int

    def cells(self) -> list[Cell]:
        """Return what stores the images and all tasks' inputs and targets."""
        return [*self.images, *(cell for name in self.tasks for cell in self.examples[name])]

    def inputs(self, name: str) -> dict[str, Cell]:
        """Return what a cell reads to show a task's networks their inputs: `inputs_of` finds it."""
        if self.tasks[name].plain_input:
            return numbered("image", self.images)
        return numbered("input", self.examples[name])

    def targets(self, name: str) -> dict[str, Cell]:
        """Return what a cell reads to learn or to judge a task: `targets_of` finds it."""
        return numbered("target", self.examples[name])

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

    @cached_property
    def examples(self) -> dict[str, list[Cell]]:
        """Return what stores each task's targets, and its inputs where they are not the images."""
        return {
            name: [
                self.planner.cell(
                    f"examples/{name}/{start}",
                    EXAMPLES,
                    parameters={"start": start, "stop": stop, "seed": seed},
                    components={"dataset": self.dataset, "task": task},
                )
                for start, stop in self._spans()
            ]
            for name, task in self.tasks.items()
            for seed in [stable_seed(self.seed, "examples", name)]
        }

    def _spans(self) -> list[tuple[int, int]]:
        count = self.dataset.length()
        return [(start, min(start + SAMPLES, count)) for start in range(0, count, SAMPLES)]


def numbered(slot: str, cells: Iterable[Cell]) -> dict[str, Cell]:
    """Return cells as the inputs `<slot>0`, `<slot>1`, ... of another."""
    return {f"{slot}{number}": cell for number, cell in enumerate(cells)}
