"""The cells of the study: what each is called, what it reads, what decides its key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from taskspace.components import (
    JSON,
    Cell,
    CellFunction,
    Component,
    Dataset,
    Encoder,
    Planner,
    stable_seed,
)
from taskspace.learning.example_cells import ExampleCells
from taskspace.learning.training import HeldOutTraining
from taskspace.learning.usable import usable_readout
from taskspace.studies.taxonomy.job import TaxonomyJob
from taskspace.studies.taxonomy.plan.cell_functions import (
    COUNT,
    FIT_CONSTANT,
    MEASURE,
    MEASURE_CONSTANT,
    MEASURE_READOUT,
    PREVIEW,
    READOUT,
    REPRESENT,
    REPRESENT_ENCODED,
    TRAIN,
)
from taskspace.studies.taxonomy.plan.facts import (
    TaxonomyEntry,
    check_images,
    entries_of,
    untrained_of,
)
from taskspace.studies.taxonomy.plan.pretrained import PretrainedSource, pretrained_of

Sources = tuple[str, ...]


@dataclass
class TaxonomyPlan:
    """Makes the cells of one repetition of a job; equal wishes give equal cells.

    Repetitions share images and targets. Repetition 0 is the job without `seeds`: its cells have
    the names that they have there, and with them the seeds.
    """

    job: TaxonomyJob
    planner: Planner
    dataset: Dataset
    entries: Mapping[str, TaxonomyEntry]
    repetition: int = 0
    pretrained: Mapping[str, PretrainedSource] = field(default_factory=dict)

    def __post_init__(self) -> None:
        job, planner = self.job, self.planner
        self.encoder = planner.component(job.encoder.spec(), Encoder)
        self.untrained = untrained_of(self.encoder)
        self.decoder = usable_readout(planner, job.decoder.spec(), where="decoder")
        self.readout = usable_readout(planner, job.readout.spec())
        self.tasks = {name: entry.task for name, entry in self.entries.items()}
        self._splits: dict[str, JSON] = {
            "shares": [[name, share] for name, share in job.splits],
            "seed": job.seed,
        }
        if self.repetition:
            self._splits["repetition"] = self.repetition
        self._stored = ExampleCells(planner, self.dataset, self.tasks, job.seed)
        self.seen = {name: self._stored.inputs(name) for name in self.tasks}
        self.labels = {name: self._stored.targets(name) for name in self.tasks}
        self._schedule = job.transfer.parameters()

    def named(self, name: str) -> str:
        """Return what this repetition calls a cell: `train/loops`, later `train/loops@2`."""
        return f"{name}@{self.repetition}" if self.repetition else name

    def data(self) -> list[Cell]:
        """Return what stores the images and all tasks' inputs and targets."""
        return self._stored.cells()

    def supervised(self, task: str) -> Cell:
        """Return the task network of `task`."""
        return self._network(f"train/{task}", task, "train", self.job.train)

    def probe(self, task: str) -> Cell:
        """Return a decoder on a random encoder, trained as the task network is (Table 1)."""
        return self._network(f"probe/{task}", task, "train", self.job.train, "probe")

    def scratch(self, task: str) -> Cell:
        """Return a whole network that learns from the transfer set alone."""
        return self._network(f"scratch/{task}", task, "transfer", self.job.transfer, "scratch")

    def constant(self, task: str) -> Cell:
        """Return the best constant prediction for `task`."""
        targets = self.labels[task]
        return self.cell(f"constant/{task}", FIT_CONSTANT, self.on(task), inputs=targets)

    def measured(self, kind: str, network: Cell, task: str, split: str) -> Cell:
        """Return the losses of a network of this kind on a split."""
        blind = kind == "constant"
        return self.cell(
            f"{split}/{kind}/{task}",
            MEASURE_CONSTANT if blind else MEASURE,
            self.on(task) if blind else self._whole(task, kind),
            {"split": split},
            {"network": network} | ({} if blind else self.seen[task]) | self.labels[task],
        )

    def codes(self, source: str, target: str, splits: Sequence[str]) -> Cell:
        """Return the codes of a source's encoder for the images as the target shows them.

        Tasks that leave the image as it is share their codes.
        """
        view = self._view(target)
        components: dict[str, Component] = {"dataset": self.dataset}
        if source in self.pretrained:
            function, inputs = REPRESENT_ENCODED, self.encoded(source, target)
        else:
            function, inputs = REPRESENT, {"network": self.supervised(source)} | self.seen[target]
            components["encoder"] = self.encoder
        if "test" in splits:
            inputs["scale"] = self.codes(source, target, ("transfer", "select"))
        return self.cell(
            f"codes/{source}/{view}/{'+'.join(splits)}",
            function,
            components,
            {"of": list(splits)},
            inputs,
            seeded=False,
            reads_transfer="transfer" in splits,
        )

    def encoded(self, source: str, target: str) -> dict[str, Cell]:
        """Return what a pretrained source makes of all images as a target shows them, by chunk.

        Empty for a task, whose encoder sees the images of the splits alone.
        """
        if source not in self.pretrained:
            return {}
        view, seen = self._view(target), self.seen[target]
        return self.pretrained[source].encoded(self.planner, self.dataset, view, seen)

    def _view(self, target: str) -> str:
        return "image" if self.tasks[target].plain_input else target

    def transfer(self, sources: Sources, target: str) -> Cell:
        """Return the readout from the sources to the target, with its losses on `select`."""
        codes = self._codes_of(sources, target, ("transfer", "select"))
        return self.reader(label(sources), target, codes)

    def tested_transfer(self, sources: Sources, target: str) -> Cell:
        """Return the losses of the readout on `test`."""
        return self.tested_reader(
            label(sources),
            self.transfer(sources, target),
            target,
            self._codes_of(sources, target, ("test",)),
        )

    def reader(self, name: str, target: str, codes: Mapping[str, Cell]) -> Cell:
        """Return the readout from codes to a target, with its losses on `select`."""
        return self.cell(
            f"transfer/{name}->{target}",
            READOUT,
            self.on(target) | {"readout": self.readout},
            {"order": len(codes), "schedule": self._schedule},
            {**codes} | self.labels[target],
            batch=f"transfer/{target}",
            reads_transfer=True,
        )

    def tested_reader(
        self, name: str, readout: Cell, target: str, codes: Mapping[str, Cell]
    ) -> Cell:
        """Return the losses of a readout on `test`."""
        return self.cell(
            f"test/transfer/{name}->{target}",
            MEASURE_READOUT,
            self.on(target) | {"readout": self.readout},
            {"order": len(codes)},
            {"readout": readout, **codes} | self.seen[target] | self.labels[target],
            batch=f"test/{target}",
        )

    def counts(self) -> Cell:
        """Return how many images and labels each split has, by task and class."""
        targets = {
            f"{name}/{cell_name}": cell
            for name in self.tasks
            for cell_name, cell in self.labels[name].items()
        }
        tasks: dict[str, Component] = {f"task/{name}": task for name, task in self.tasks.items()}
        return self.cell(
            "counts",
            COUNT,
            tasks | {"dataset": self.dataset},
            {"tasks": list(self.tasks)},
            targets,
            seeded=False,
            reads_transfer=True,
        )

    def preview(self, target: str) -> Cell:
        """Return a sample of test images of a target with their truth, for the report."""
        inputs = self.seen[target] | self.labels[target]
        return self.cell(f"preview/{target}", PREVIEW, self.on(target), inputs=inputs)

    def _network(
        self,
        name: str,
        task: str,
        split: str,
        training: HeldOutTraining,
        kind: str = "supervised",
    ) -> Cell:
        return self.cell(
            name,
            TRAIN,
            self._whole(task, kind),
            {"split": split, "frozen": kind == "probe", "schedule": training.parameters()},
            self.seen[task] | self.labels[task],
            reads_transfer=split == "transfer",
        )

    def _codes_of(self, sources: Sources, target: str, splits: Sequence[str]) -> dict[str, Cell]:
        return {f"code{i}": self.codes(s, target, splits) for i, s in enumerate(sources)}

    def on(self, task: str) -> dict[str, Component]:
        """Return the components of what learns or is measured on a task."""
        return {"dataset": self.dataset, "task": self.tasks[task]}

    def _whole(self, task: str, kind: str) -> dict[str, Component]:
        """Return what a network is made of; only the supervised one may start from weights."""
        encoder = self.encoder if kind == "supervised" else self.untrained
        return self.on(task) | {"encoder": encoder, "decoder": self.decoder}

    def cell(
        self,
        name: str,
        function: CellFunction,
        components: Mapping[str, Component],
        parameters: Mapping[str, JSON] | None = None,
        inputs: Mapping[str, Cell] | None = None,
        *,
        batch: str | None = None,
        seeded: bool = True,
        reads_transfer: bool = False,
    ) -> Cell:
        """Return a cell; its seed follows from the run's seed and its name alone.

        How many transfer images there are is part of the cells that read them, and of no other.
        """
        decided: dict[str, Any] = dict(parameters or {})
        name = self.named(name)
        if components:
            decided["splits"] = self._splits
            images = self.job.transfer.images
            if reads_transfer and images is not None:
                decided["splits"] = self._splits | {"samples": {"transfer": images}}
        if seeded:
            decided["seed"] = stable_seed(self.job.seed, name)
        return self.planner.cell(
            name,
            function,
            parameters=decided,
            components=components,
            inputs=inputs,
            batch=batch and self.named(batch),
        )


def label(sources: Sequence[str]) -> str:
    """Return the name of a source set: `edges+parity`."""
    return "+".join(sources)


def plans_of(job: TaxonomyJob, planner: Planner) -> tuple[TaxonomyPlan, ...]:
    """Return the plan of each repetition of a job that trains.

    Raises:
        InputError: if its tasks cannot be had; DataError: if it has too few images.
    """
    if job.dataset is None:
        raise TypeError("A job without a dataset has nothing to measure.")
    dataset = planner.component(job.dataset.spec(), Dataset)
    check_images(job, dataset)
    entries = entries_of(job, dataset, planner)
    return tuple(
        TaxonomyPlan(job, planner, dataset, entries, k, pretrained_of(job, dataset, planner, k))
        for k in job.repetitions()
    )
