"""The cells of the study: what each is called, what it reads, what decides its key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from taskspace.components import (
    JSON,
    Cell,
    Component,
    Embedding,
    Encoder,
    Planner,
    Score,
    stable_seed,
)
from taskspace.learning.example_cells import SAMPLES, ExampleCells, numbered
from taskspace.studies.recommend.job import RecommendJob
from taskspace.studies.recommend.plan.cell_functions import (
    CODES,
    COST,
    DISTANCES,
    EMBED,
    EXPERT,
    FINETUNE,
    HEAD,
    SCORE,
)
from taskspace.studies.recommend.plan.facts import (
    ExpertTasks,
    Model,
    TargetTasks,
    TaskGroup,
    all_tasks,
    experts_of,
    has_classes,
    models_of,
    targets_of,
)


@dataclass
class RecommendPlan:
    """Makes the cells of one job; equal wishes give equal cells."""

    job: RecommendJob
    planner: Planner
    targets: list[TargetTasks]
    experts: list[ExpertTasks]
    models: list[Model]
    scores: Mapping[str, Score]
    embeddings: Mapping[str, Embedding]
    probe: Encoder | None
    sizes: tuple[int, ...] = field(init=False)
    draws: range = field(init=False)

    def __post_init__(self) -> None:
        self.sizes = self.job.sizes()
        self.draws = range(self.job.seeds)
        self._stored = {
            id(group): ExampleCells(self.planner, group.dataset, group.tasks, self.job.seed)
            for group in (*self.targets, *self.experts)
        }
        self.target_datasets = [group.dataset for group in self.targets]
        self._codes: dict[tuple[str, int], list[Cell]] = {}

    def data(self) -> list[Cell]:
        """Return what stores images and targets of all datasets."""
        cells = {cell.key: cell for own in self._stored.values() for cell in own.cells()}
        return list(cells.values())

    def trained(self) -> dict[str, Cell]:
        """Return the training of each expert."""
        return {name: self.expert(group, name) for group, name in _experts(self.experts)}

    def expert(self, group: ExpertTasks, name: str) -> Cell:
        """Return the training of an expert."""
        stored = self._stored[id(group)]
        return self.planner.cell(
            f"expert/{name}",
            EXPERT,
            parameters={
                "train": group.group.train.parameters(),
                "seed": stable_seed(self.job.seed, "expert", name),
                "split": self._split(group),
            },
            components={
                "dataset": group.dataset,
                "task": group.tasks[name],
                "encoder": group.encoder,
                "decoder": group.decoder,
            },
            inputs=stored.inputs(name) | stored.targets(name),
        )

    def cost(self, model: Model) -> Cell:
        """Return what a model costs for an image of the job's own dataset."""
        return self.planner.cell(
            f"cost/{model.name}",
            COST,
            parameters={"image": list(model.image(self.targets[0].dataset))},
            components={"encoder": model.encoder},
            inputs=self._network(model),
        )

    def codes(self, model: Model, group: TargetTasks) -> list[Cell]:
        """Return what stores a model's codes of a dataset's images."""
        key = model.name, group.place
        if key not in self._codes:
            count = group.dataset.length()
            components: dict[str, Component] = {"dataset": group.dataset, "encoder": model.encoder}
            classes = False
            if model.group is not None:
                task = model.group.tasks[model.name]
                classes = has_classes(task, model.group.dataset)
                if classes:
                    components |= {
                        "task": task,
                        "decoder": model.group.decoder,
                        "trained_on": model.group.dataset,
                    }
            self._codes[key] = [
                self.planner.cell(
                    f"codes/{model.name}/{group.place}/{start}",
                    CODES,
                    parameters={
                        "start": start,
                        "stop": min(start + SAMPLES, count),
                        "image": list(model.image(group.dataset)),
                        "classes": classes,
                    },
                    components=components,
                    inputs=self._network(model),
                )
                for start in range(0, count, SAMPLES)
            ]
        return self._codes[key]

    def head(self, model: Model, group: TargetTasks, task: str, images: int, draw: int) -> Cell:
        """Return the error of a linear head on a frozen model."""
        return self.planner.cell(
            f"head/{model.name}/{task}/{images}/{draw}",
            HEAD,
            parameters=self._drawn(group, task, images, draw),
            components={"dataset": group.dataset, "task": group.tasks[task]},
            inputs=self._judged(model, group, task),
        )

    def finetuned(
        self, model: Model, group: TargetTasks, task: str, images: int, draw: int
    ) -> Cell:
        """Return the error of a model that is trained whole."""
        assert self.job.finetune is not None
        stored = self._stored[id(group)]
        return self.planner.cell(
            f"finetune/{model.name}/{task}/{images}/{draw}",
            FINETUNE,
            parameters={
                **self._drawn(group, task, images, draw),
                "train": self.job.finetune.parameters(),
                "image": list(model.image(group.dataset)),
            },
            components={
                "dataset": group.dataset,
                "task": group.tasks[task],
                "encoder": model.encoder,
            },
            inputs=self._network(model) | stored.inputs(task) | stored.targets(task),
        )

    def score(self, score: str, model: Model, group: TargetTasks, task: str, images: int) -> Cell:
        """Return a score's estimates for a model on a task, one a draw."""
        return self.planner.cell(
            f"score/{score}/{model.name}/{task}/{images}",
            SCORE,
            parameters={
                "images": images,
                "seeds": [self._seed(task, draw) for draw in self.draws],
                "split": self._split(group),
            },
            components={
                "dataset": group.dataset,
                "task": group.tasks[task],
                "score": self.scores[score],
            },
            inputs=self._judged(model, group, task),
        )

    def embedded(self, embedding: str, group: TaskGroup, task: str, images: int, draw: int) -> Cell:
        """Return a task's embedding, a target's or an expert's."""
        if self.probe is None:
            raise TypeError("A plan without a probe has no embeddings.")
        read = min(images, self.job.embedded)
        return self.planner.cell(
            f"embedding/{embedding}/{task}/{read}/{draw}",
            EMBED,
            parameters=self._drawn(group, task, read, draw),
            components={
                "dataset": group.dataset,
                "task": group.tasks[task],
                "encoder": self.probe,
                "embedding": self.embeddings[embedding],
            },
            inputs=self._stored[id(group)].targets(task),
        )

    def distances(self, embedding: str, images: int, draw: int) -> Cell:
        """Return how far targets are from experts' tasks and from each other."""
        experts = [
            self.embedded(embedding, group, name, images, 0)
            for group, name in self.embedded_experts()
        ]
        targets = [
            self.embedded(embedding, group, name, images, draw)
            for group, name in all_tasks(self.targets, images)
        ]
        return self.planner.cell(
            f"distances/{embedding}/{images}/{draw}",
            DISTANCES,
            components={"embedding": self.embeddings[embedding]},
            inputs=numbered("expert", experts) | numbered("target", targets),
        )

    def embedded_experts(self) -> list[tuple[ExpertTasks, str]]:
        """Return the experts whose tasks have classes, which embeddings can see."""
        return [
            (group, name)
            for group, name in _experts(self.experts)
            if has_classes(group.tasks[name], group.dataset)
        ]

    def _judged(self, model: Model, group: TargetTasks, task: str) -> dict[str, Cell]:
        return numbered("codes", self.codes(model, group)) | self._stored[id(group)].targets(task)

    def _network(self, model: Model) -> dict[str, Cell]:
        return {} if model.group is None else {"network": self.expert(model.group, model.name)}

    def _drawn(self, group: TaskGroup, task: str, images: int, draw: int) -> dict[str, JSON]:
        seed = self._seed(task, draw)
        return {"images": images, "seed": seed, "split": self._split(group)}

    def _seed(self, task: str, draw: int) -> int:
        return stable_seed(self.job.seed, "recommend", task, draw) % 2**32

    def _split(self, group: TaskGroup) -> dict[str, JSON]:
        share = self.job.test
        # An expert on the images of a target leaves out those that test it.
        if isinstance(group, ExpertTasks) and group.dataset not in self.target_datasets:
            share = group.group.test
        return {"share": share, "seed": self.job.seed}


def _experts(groups: list[ExpertTasks]) -> list[tuple[ExpertTasks, str]]:
    return [(group, name) for group in groups for name in group.tasks]


def plan_of(job: RecommendJob, planner: Planner) -> RecommendPlan:
    """Return the plan of a job that measures.

    Raises:
        InputError: if a task or a model cannot be had.
    """
    targets, experts = targets_of(job, planner), experts_of(job, planner)
    probe = job.probe or (job.models[0] if job.models and job.embeddings else None)
    return RecommendPlan(
        job,
        planner,
        targets,
        experts,
        models_of(job, planner, experts),
        {use.name: planner.component(use.spec(), Score) for use in job.scores},
        {use.name: planner.component(use.spec(), Embedding) for use in job.embeddings},
        None if probe is None else planner.component(probe.spec(), Encoder),
    )
