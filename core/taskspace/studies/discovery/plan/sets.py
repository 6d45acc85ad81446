"""The sets of tasks of a job: searches, controls, and people's; the cells that make them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from taskspace.components import (
    JSON,
    Cell,
    Component,
    Dataset,
    Encoder,
    Planner,
    Task,
    stable_seed,
)
from taskspace.learning.example_cells import SAMPLES, ExampleCells, numbered
from taskspace.learning.usable import usable_readout
from taskspace.studies.discovery.frozen_search import FrozenSearch
from taskspace.studies.discovery.job import (
    OF_SEARCH,
    Control,
    DiscoveryJob,
    FreeSearch,
    SphereSearch,
)
from taskspace.studies.discovery.plan.cell_functions import (
    CODES,
    FREE,
    FROZEN,
    HUMAN,
    RANDOM,
    SEARCH,
)
from taskspace.studies.discovery.plan.facts import WITHOUT, class_count, compared_size, controls_of


class TaskSet(NamedTuple):
    """Labels of T tasks, found or made in one repetition.

    Attributes:
        name: of the search or the control.
        cell: what stores `labels` [N, T], and `scores` [N, T] where there are any.
        tasks: T.
        classes: of each task.
    """

    name: str
    seed: int
    cell: Cell
    tasks: int
    classes: int


@dataclass
class SearchPlan:
    """Makes the cells of a job that find sets of tasks, or make them; equal wishes, equal cells."""

    job: DiscoveryJob
    planner: Planner
    dataset: Dataset
    tasks: Mapping[str, Task]

    def __post_init__(self) -> None:
        job, planner = self.job, self.planner
        self.network = planner.component(job.network.spec(), Encoder)
        self.readout = usable_readout(planner, job.readout.spec())
        self.counts = {name: class_count(t, self.dataset) or 0 for name, t in self.tasks.items()}
        self.controls = controls_of(job, self.counts)
        self.seeds = range(job.seeds)
        self.stored = ExampleCells(planner, self.dataset, self.tasks, job.seed)
        self._codes: dict[str, list[Cell]] = {}
        self.sets = list(self._sets())

    @property
    def frozen(self) -> set[str]:
        """Return the searches on frozen codes, which no network of the job has to learn."""
        return {search.as_ for search in self.job.frozen}

    def searched(self) -> list[Cell]:
        """Return what stores images, labels and codes, and finds tasks."""
        cells = [*self.stored.cells()]
        cells += [cell for codes in self._codes.values() for cell in codes]
        return once([*cells, *(own.cell for own in self.sets)])

    def sphere_encoders(self, search: SphereSearch) -> tuple[Encoder | None, Encoder | None]:
        """Return the encoder before the sphere, None over codes, and that whose codes it sees."""
        network = search.network or (None if search.sees is not None else self.job.network)
        return (
            None if network is None else self.planner.component(network.spec(), Encoder),
            None if search.sees is None else self.planner.component(search.sees.spec(), Encoder),
        )

    def networks(self) -> dict[str, Component]:
        """Return what networks that learn a task are made of."""
        return {"dataset": self.dataset, "network": self.network, "readout": self.readout}

    def rows(self) -> dict[str, JSON]:
        """Return the parameters that say which images are learnt from and which test."""
        return {"split": {"share": self.job.test, "seed": self.job.seed}, "images": self.job.images}

    def derived_seed(self, *parts: object) -> int:
        """Return a seed of the job's for a purpose."""
        return stable_seed(self.job.seed, "discovery", *parts) % 2**32

    def _sets(self) -> Iterator[TaskSet]:
        for seed in self.seeds:
            for control in self.controls:
                if control == "human":
                    yield self._human(seed)
                elif control not in OF_SEARCH:
                    yield self._random(control, seed)
                else:
                    yield self._control(control, seed)
            for search in self.job.discover:
                yield self._sphere(search.as_, search, seed)
            for free in self.job.free:
                yield self._free(free, seed)
            for frozen in self.job.frozen:
                yield self._frozen(frozen, seed)

    def human_columns(self) -> int:
        """Return how many columns of labels the job's tasks give: one each, or some groupings."""
        tasks, classes = compared_size(self.job)
        return sum(1 if n == classes else tasks for n in self.counts.values() if n >= classes)

    def _human(self, seed: int) -> TaskSet:
        tasks, classes = compared_size(self.job)
        cell = self.planner.cell(
            f"labels/human/{seed}",
            HUMAN,
            parameters={
                "tasks": list(self.tasks),
                "classes": classes,
                "groupings": tasks,
                "seed": self.derived_seed("human", seed),
            },
            components={"dataset": self.dataset, **self._components()},
            inputs=self._targets(),
        )
        return TaskSet("human", seed, cell, self.human_columns(), classes)

    def _random(self, rule: str, seed: int) -> TaskSet:
        tasks, classes = compared_size(self.job)
        cell = self.planner.cell(
            f"labels/{rule}/{seed}",
            RANDOM,
            parameters={
                "rule": rule,
                "tasks": tasks,
                "classes": classes,
                "seed": self.derived_seed(rule, seed),
                **self.rows(),
            },
            components=self.networks(),
            inputs=numbered("image", self.stored.images),
        )
        return TaskSet(rule, seed, cell, tasks, classes)

    def _control(self, control: Control, seed: int) -> TaskSet:
        """Return a search without one of its parts, from the same start as the whole search."""
        first = self.job.discover[0]
        changed = WITHOUT[control]
        return self._sphere(control, first.model_copy(update=changed), seed, first.as_)

    def _sphere(
        self, name: str, search: SphereSearch, seed: int, like: str | None = None
    ) -> TaskSet:
        network, sees = self.sphere_encoders(search)
        inputs = dict(numbered("image", self.stored.images))
        components: dict[str, Component] = self.networks()
        if network is not None:
            components["task_network"] = network
        if sees is not None:
            components["sees"] = sees
            inputs |= numbered("codes", self._stored_codes(search.as_, sees))
        kept = {}
        for number, task in enumerate(search.keep):
            kept[f"kept{number}"] = self.counts[task]
            inputs |= numbered(f"kept{number}_", self.stored.examples[task])
        cell = self.planner.cell(
            f"search/{name}/{seed}",
            SEARCH,
            parameters={
                "search": search.parameters(),
                "count": self.dataset.length(),
                "encoded": network is not None,
                **({} if like is None else {"control": True}),
                "tasks": search.tasks,
                "classes": search.classes,
                "dimensions": search.size(),
                "keep": list(kept.values()),
                "keep_weight": search.keep_weight,
                "seed": self.derived_seed("search", like or name, seed),
                **self.rows(),
            },
            components=components,
            inputs=inputs,
        )
        return TaskSet(name, seed, cell, search.tasks, search.classes)

    def _free(self, search: FreeSearch, seed: int) -> TaskSet:
        cell = self.planner.cell(
            f"search/{search.as_}/{seed}",
            FREE,
            parameters={
                "search": search.parameters(),
                "count": self.dataset.length(),
                "tasks": search.tasks,
                "classes": search.classes,
                "seed": self.derived_seed("search", search.as_, seed),
                **self.rows(),
            },
            components=self.networks(),
            inputs=numbered("image", self.stored.images),
        )
        return TaskSet(search.as_, seed, cell, search.tasks, search.classes)

    def _frozen(self, search: FrozenSearch, seed: int) -> TaskSet:
        inputs: dict[str, Cell] = {}
        for number, use in enumerate(search.encoders):
            encoder = self.planner.component(use.spec(), Encoder)
            inputs |= numbered(f"codes{number}_", self._stored_codes(use.name, encoder))
        against = search.against or [n for n, k in self.counts.items() if k == search.classes]
        for number, task in enumerate(against):
            inputs |= numbered(f"target{number}_", self.stored.examples[task])
        cell = self.planner.cell(
            f"search/{search.as_}/{seed}",
            FROZEN,
            parameters={
                "search": search.parameters(),
                "count": self.dataset.length(),
                "encoders": len(search.encoders),
                "classes": search.classes,
                "against": against,
                "seed": self.derived_seed("frozen", search.as_, seed),
                **self.rows(),
            },
            components={"dataset": self.dataset},
            inputs=inputs,
        )
        return TaskSet(search.as_, seed, cell, 1, search.classes)

    def _stored_codes(self, name: str, encoder: Encoder) -> list[Cell]:
        if name not in self._codes:
            count = self.dataset.length()
            self._codes[name] = [
                self.planner.cell(
                    f"codes/{name}/{start}",
                    CODES,
                    parameters={"start": start, "stop": min(start + SAMPLES, count)},
                    components={"dataset": self.dataset, "encoder": encoder},
                )
                for start in range(0, count, SAMPLES)
            ]
        return self._codes[name]

    def _components(self) -> dict[str, Component]:
        return {f"task{number}": task for number, task in enumerate(self.tasks.values())}

    def _targets(self) -> dict[str, Cell]:
        slots: dict[str, Cell] = {}
        for number, cells in enumerate(self.stored.examples.values()):
            slots |= numbered(f"target{number}_", cells)
        return slots


def once(cells: list[Cell]) -> list[Cell]:
    """Return cells without those that are there already."""
    return list({cell.key: cell for cell in cells}.values())
