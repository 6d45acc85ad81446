"""The cells of the study: what each is called, what it reads, what decides its key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

from taskspace.components import (
    JSON,
    Cell,
    CellFunction,
    Classifier,
    Component,
    Dataset,
    Encoder,
    Generator,
    Lexicon,
    Planner,
    stable_seed,
)
from taskspace.learning.example_cells import SAMPLES, ExampleCells, numbered
from taskspace.studies.zeroshot.job import ZeroshotJob
from taskspace.studies.zeroshot.plan.cell_functions import (
    CLASSIFIER,
    COMPOSITIONS,
    ENCODER,
    EXAMPLES,
    FEATURES,
    GENERATOR,
    MAP,
    ORACLE,
    WORDS,
)
from taskspace.studies.zeroshot.plan.facts import (
    check_maps,
    check_unseen,
    shows_pictures,
    stays,
    word_fields,
)

Vectors = Literal["own", "exchanged", "shuffled"]
"""Whose vectors describe a composition: its own, or those of a control."""

CONTROLS: tuple[Vectors, ...] = ("exchanged", "shuffled")
ORACLE_NAME = "oracle"


class PlannedTraining(NamedTuple):
    """One training: a method of the job, or the oracle, in one repetition."""

    method: str
    repetition: int
    vectors: Vectors = "own"

    @property
    def name(self) -> str:
        """Return what the cell of the training is called."""
        control = "" if self.vectors == "own" else f"/{self.vectors}"
        return f"train/{self.method}/{self.repetition}{control}"


@dataclass
class ZeroshotPlan:
    """Makes the cells of one job; equal wishes give equal cells."""

    job: ZeroshotJob
    planner: Planner
    dataset: Dataset
    encoder: Encoder
    lexicon: Lexicon
    methods: Mapping[str, Generator | Classifier]
    fields: list[str]

    def __post_init__(self) -> None:
        self.repetitions = range(self.job.seeds)
        self.compositions = {r: self._compositions(r) for r in self.repetitions}
        self.words = {r: self._words(r) for r in self.repetitions}
        self.trials = {trial: self._trial(trial) for trial in self._wanted()}
        self.maps = {
            (method, kind): self._map(method, kind)
            for method, component in self.methods.items()
            if isinstance(component, Generator)
            for kind in self.job.maps
        }
        self.examples = [self._examples()] if shows_pictures(self.dataset) else []

    def descriptions(self) -> list[Cell]:
        """Return the compositions and the vectors of their words, of all repetitions."""
        return [*self.compositions.values(), *self.words.values()]

    def encodings(self) -> list[Cell]:
        """Return the features of images, and the encoders that make them."""
        cells: dict[str, Cell] = {}
        for repetition in self.repetitions:
            if not self._published:
                own = [*self._images.images, self._encoders[repetition]]
                cells |= {cell.key: cell for cell in own}
            cells |= {cell.key: cell for cell in self.features(repetition)}
        return list(cells.values())

    def features(self, repetition: int) -> list[Cell]:
        """Return what stores the features of all images in a repetition.

        An encoder that was published gives the same ones in each.
        """
        return self._features[0 if self._published else repetition]

    @cached_property
    def _published(self) -> bool:
        return stays(self.encoder)

    @cached_property
    def _images(self) -> ExampleCells:
        return ExampleCells(self.planner, self.dataset, {}, self.job.seed)

    @cached_property
    def _encoders(self) -> dict[int, Cell]:
        return {
            repetition: self.planner.cell(
                f"encoder/{repetition}",
                ENCODER,
                parameters={
                    "train": self.job.baseline.parameters(),
                    "seed": self._seed("encoder", repetition),
                },
                components={"dataset": self.dataset, "encoder": self.encoder},
                inputs={"compositions": self.compositions[repetition]}
                | numbered("image", self._images.images),
            )
            for repetition in self.repetitions
        }

    @cached_property
    def _features(self) -> dict[int, list[Cell]]:
        count = self.dataset.length()
        repetitions = [0] if self._published else self.repetitions
        return {
            repetition: [
                self.planner.cell(
                    f"features/{start}" if self._published else f"features/{repetition}/{start}",
                    FEATURES,
                    parameters={"start": start, "stop": min(start + SAMPLES, count)},
                    components={"dataset": self.dataset, "encoder": self.encoder},
                    inputs={} if self._published else {"network": self._encoders[repetition]},
                )
                for start in range(0, count, SAMPLES)
            ]
            for repetition in repetitions
        }

    def _compositions(self, repetition: int) -> Cell:
        unseen = self.job.unseen
        return self.planner.cell(
            f"compositions/{repetition}",
            COMPOSITIONS,
            parameters={
                "fields": self.fields,
                "unseen": unseen if isinstance(unseen, float) else [list(own) for own in unseen],
                "share": self.job.test,
                "seed": self._seed("compositions", repetition),
            },
            components={"dataset": self.dataset},
        )

    def _words(self, repetition: int) -> Cell:
        return self.planner.cell(
            f"words/{repetition}",
            WORDS,
            components={"dataset": self.dataset, "lexicon": self.lexicon},
            inputs={"compositions": self.compositions[repetition]},
        )

    def _wanted(self) -> list[PlannedTraining]:
        """Return the trainings, one repetition after the other."""
        return [
            trial
            for repetition in self.repetitions
            for trial in (
                *(PlannedTraining(name, repetition) for name in self.methods),
                PlannedTraining(ORACLE_NAME, repetition),
                *(
                    PlannedTraining(name, repetition, vectors)
                    for name in self.job.controlled()
                    for vectors in CONTROLS
                ),
            )
        ]

    def _trial(self, trial: PlannedTraining) -> Cell:
        """Return the cell of a training; all methods of a repetition have one seed."""
        job = self.job
        component = self.methods.get(trial.method)
        parameters: dict[str, JSON] = {"seed": self._seed("train", trial.repetition)}
        inputs = {"compositions": self.compositions[trial.repetition]}
        inputs |= numbered("features", self.features(trial.repetition))
        components: dict[str, Component] = {}
        function: CellFunction = ORACLE
        parameters["train"] = job.baseline.parameters()
        if component is not None:
            components = {component.kind: component}
            inputs["words"] = self.words[trial.repetition]
            parameters["vectors"] = trial.vectors
            function = CLASSIFIER
        if isinstance(component, Generator):
            parameters |= {"train": job.train.parameters(), "networks": job.networks.model_dump()}
            function = GENERATOR
        return self.planner.cell(
            trial.name, function, parameters=parameters, components=components, inputs=inputs
        )

    def _map(self, method: str, kind: str) -> Cell:
        cell = self.trials[PlannedTraining(method, 0)]
        return self.planner.cell(
            f"map/{method}/{kind}",
            MAP,
            parameters={**cell.parameters, "kind": kind},
            components={"generator": self.methods[method]},
            inputs={
                "trained": cell,
                "compositions": self.compositions[0],
                "words": self.words[0],
                **numbered("features", self.features(0)),
            },
        )

    def _examples(self) -> Cell:
        return self.planner.cell(
            "examples",
            EXAMPLES,
            parameters={"seed": self._seed("examples", 0)},
            components={"dataset": self.dataset},
            inputs={"compositions": self.compositions[0]},
        )

    def _seed(self, purpose: str, repetition: int) -> int:
        return stable_seed(self.job.seed, "zeroshot", purpose, repetition) % 2**32


def plan_of(job: ZeroshotJob, planner: Planner) -> ZeroshotPlan:
    """Return the plan of a job.

    Raises:
        InputError: if the dataset has no words or was published with other unseen compositions, or
            something that a picture needs is missing.
    """
    dataset = planner.component(job.dataset.spec(), Dataset)
    check_maps(job.maps)
    fields = word_fields(job, dataset)
    check_unseen(job, fields, dataset)
    methods: dict[str, Generator | Classifier] = {
        **{use.name: planner.component(use.spec(), Generator) for use in job.generators},
        **{use.name: planner.component(use.spec(), Classifier) for use in job.classifiers},
    }
    return ZeroshotPlan(
        job,
        planner,
        dataset,
        planner.component(job.encoder.spec(), Encoder),
        planner.component(job.lexicon.spec(), Lexicon),
        methods,
        fields,
    )
