"""One small component of each kind that keeps every rule."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
import pydantic
import torch
from pyomo import environ as pyo
from pyomo.repn import generate_standard_repn
from scipy import optimize
from torch import nn

from taskspace.components import (
    CellFunction,
    Compositions,
    DenseHead,
    Encoder,
    Example,
    Field,
    Job,
    Lexicon,
    Limits,
    Readout,
    Score,
    Solution,
    Solver,
    Stage,
    Study,
    Task,
    VectorHead,
)
from taskspace.components.dataset import Dataset
from taskspace.components.losses import accuracy, cross_entropy, l1
from taskspace.components.page import Page
from taskspace.errors import InputError
from taskspace.jobs import Use
from taskspace_plugins.classifiers.label_embedding import LabelEmbedding
from taskspace_plugins.embeddings.task2vec import Task2Vec
from taskspace_plugins.executors.local import Local
from taskspace_plugins.gating.multi_clustering import MultiClustering
from taskspace_plugins.generators.tds import TaskAwareSampling
from taskspace_plugins.weightings.dwa import Dwa


class GoodDataset(Dataset):
    """Twelve grey images with a label."""

    name: ClassVar[str] = "good_dataset"
    seed: int = pydantic.Field(0, ge=0, description="Of the pixels.")

    def fingerprint(self) -> str:
        return f"good-{self.seed}"

    def fields(self) -> Mapping[str, Field]:
        return {"image": Field((1, 8, 8)), "label": Field((), ("a", "b")), "age": Field(())}

    def length(self) -> int:
        return 12

    def read(self, indices, fields=None):
        generator = torch.Generator().manual_seed(self.seed)
        image = torch.rand(12, 1, 8, 8, generator=generator)
        chosen = torch.as_tensor([int(i) for i in indices])
        ages = torch.arange(12) / 2
        sample = {"image": image[chosen], "label": (chosen % 3) - 1, "age": ages[chosen]}
        return {name: sample[name] for name in fields or sample}

    def word_fields(self):
        return ("label",)

    def compositions(self):
        return Compositions(("label",), {"train": (("a",),), "test": (("a",), ("b",))})

    def sentences(self):
        return ("a follows b",)


class BoxDataset(GoodDataset):
    """None to three boxes an image; every fourth image is not labelled."""

    name: ClassVar[str] = "box_dataset"

    def fields(self) -> Mapping[str, Field]:
        return {
            **super().fields(),
            "boxes": Field((3, 4), count="box_count"),
            "box_class": Field((3,), ("car", "bus"), count="box_count"),
            "box_count": Field(()),
        }

    def read(self, indices, fields=None):
        numbers = torch.as_tensor([int(i) for i in indices])
        count = torch.where(numbers % 4 == 3, torch.nan, (numbers % 4).float())
        present = torch.arange(3) < count.nan_to_num(0)[:, None]
        corner = torch.arange(3.0)[None, :, None] + numbers[:, None, None] / 8
        boxes = torch.cat([corner, corner, corner + 2, corner + 2], dim=2)
        sample = {
            **super().read(indices),
            "boxes": torch.where(present[..., None], boxes, torch.nan),
            "box_class": torch.where(present, numbers[:, None] % 2, -1),
            "box_count": count,
        }
        return {name: sample[name] for name in fields or sample}


class GoodTask(Task):
    """The class, from an image with noise."""

    name: ClassVar[str] = "good_task"
    requires: ClassVar[frozenset[str]] = frozenset({"image", "class"})
    plain_input: ClassVar[bool] = False
    metric: ClassVar[str] = "accuracy"
    noise: float = pydantic.Field(0.1, ge=0, description="Standard deviation.")

    def head(self, fields):
        return VectorHead(len(fields["class"].classes))

    def target(self, sample):
        return sample["class"]

    def example(self, sample, generator):
        drawn = torch.randn(sample["image"].shape, generator=generator)
        return Example(sample["image"] + self.noise * drawn, self.target(sample))

    def loss(self, prediction, target):
        return cross_entropy(prediction, target)

    def measure(self, prediction, target):
        return accuracy(prediction, target)


class GoodDenseTask(Task):
    """The brightness at every pixel, where it is known."""

    name: ClassVar[str] = "good_dense_task"
    requires: ClassVar[frozenset[str]] = frozenset({"image", "map"})

    def head(self, fields):
        return DenseHead(1)

    def target(self, sample):
        return sample["map"]

    def loss(self, prediction, target):
        return l1(prediction, target)


class GoodEncoder(Encoder):
    """One strided convolution with batch normalisation."""

    name: ClassVar[str] = "good_encoder"
    width: int = pydantic.Field(4, ge=1, description="Channels of the code.")

    def code_shape(self, image):
        return (self.width, image[1] // 2, image[2] // 2)

    def build(self, image):
        return nn.Sequential(
            nn.Conv2d(image[0], self.width, 3, stride=2, padding=1), nn.BatchNorm2d(self.width)
        )


class GoodReadout(Readout):
    """One linear layer over the whole code."""

    name: ClassVar[str] = "good_readout"

    def build(self, code, head, image):
        shape = head.shape(image) if isinstance(head, DenseHead) else (head.size,)
        size = int(np.prod(shape))
        return nn.Sequential(
            nn.Flatten(), nn.Linear(int(np.prod(code)), size), nn.Unflatten(1, shape)
        )


class GoodGating(MultiClustering):
    """The built-in multi-clustering, of four experts."""

    name: ClassVar[str] = "good_gating"
    experts: int = pydantic.Field(4, ge=1, description="Experts.")


class GoodWeighting(Dwa):
    """The built-in dynamic weight average."""

    name: ClassVar[str] = "good_weighting"


class GoodGenerator(TaskAwareSampling):
    """The built-in task-aware sampling, of three narrow layers."""

    name: ClassVar[str] = "good_generator"
    layers: int = pydantic.Field(3, ge=1, description="Fully connected layers.")
    width: int = pydantic.Field(8, ge=1, description="Of the inner ones.")
    hidden: int = pydantic.Field(8, ge=1, description="Inside what embeds noise.")


class GoodClassifier(LabelEmbedding):
    """The built-in label embedding, narrow."""

    name: ClassVar[str] = "good_classifier"
    hidden: int = pydantic.Field(8, ge=1, description="Width of the inner layer.")


class GoodLexicon(Lexicon):
    """Counts of the words that stand beside a word."""

    name: ClassVar[str] = "good_lexicon"

    def vectors(self, names, sentences):
        texts = [sentence.split() for sentence in sentences]
        order = sorted({word for text in texts for word in text})
        counts = {word: np.zeros(len(order), np.float32) for word in order}
        for text in texts:
            for left, right in pairwise(text):
                counts[left][order.index(right)] += 1
                counts[right][order.index(left)] += 1
        return self.of_names(names, counts)

    def of_names(self, names, counts):
        unknown = sorted({word for name in names for word in name.split() if word not in counts})
        if unknown:
            raise InputError(f"These words have no vector: {', '.join(unknown)}.")
        return np.array([np.mean([counts[w] for w in n.split()], axis=0) for n in names])


class GoodScore(Score):
    """The share of variance that lies between the means of classes."""

    name: ClassVar[str] = "good_score"

    def score(self, data):
        features = data.features - data.features.mean(axis=0)
        whole = float((features**2).sum())
        if whole == 0:
            return self.refuse("All features are equal.")
        groups = [features[data.labels == number] for number in range(data.classes)]
        return float(sum(len(own) * (own.mean(axis=0) ** 2).sum() for own in groups)) / whole

    def refuse(self, what):
        raise InputError(what, where="score good_score", advice="Give images that differ.")


class GoodEmbedding(Task2Vec):
    """The built-in Task2Vec."""

    name: ClassVar[str] = "good_embedding"


class GoodSolver(Solver):
    """The branch and bound of scipy."""

    name: ClassVar[str] = "good_solver"

    def missing(self) -> str | None:
        return None

    def solve(self, model, limits: Limits) -> Solution:
        variables = list(model.component_data_objects(pyo.Var, active=True))
        column = {id(variable): i for i, variable in enumerate(variables)}
        (goal,) = model.component_data_objects(pyo.Objective, active=True)
        gains, constant = self._row(goal.expr, column)
        rows = [
            (*self._row(row.body, column), pyo.value(row.upper))
            for row in model.component_data_objects(pyo.Constraint, active=True)
        ]
        found = optimize.milp(
            -gains,
            integrality=[0 if v.is_continuous() else 1 for v in variables],
            bounds=optimize.Bounds([v.lb for v in variables], [v.ub for v in variables]),
            constraints=optimize.LinearConstraint(
                np.array([row for row, _, _ in rows]), ub=[b - shift for _, shift, b in rows]
            ),
            options={"time_limit": limits.seconds},
        )
        if found.x is None:
            return Solution("infeasible" if found.status == 2 else "unknown")
        return Solution(
            status="optimal" if found.status == 0 else "feasible",
            objective=constant - found.fun,
            bound=constant - found.mip_dual_bound,
            values={v.name: x for v, x in zip(variables, found.x, strict=True) if x},
        )

    def _row(self, expression: Any, column: dict[int, int]) -> tuple[np.ndarray, float]:
        form = generate_standard_repn(expression)
        row = np.zeros(len(column))
        for variable, factor in zip(form.linear_vars, form.linear_coefs, strict=True):
            row[column[id(variable)]] = factor
        return row, float(form.constant)


class GoodExecutor(Local):
    """The built-in worker processes."""

    name: ClassVar[str] = "good_executor"


class GoodJob(Job):
    """What the study asks."""

    depth: int = pydantic.Field(1, description="How deep.")
    dataset: Use[Dataset] = pydantic.Field(description="Where to look.", examples=["digits"])


def look(call):
    raise NotImplementedError


class GoodStudy(Study):
    """A study that looks once at a dataset."""

    name: ClassVar[str] = "good_study"
    job_model: ClassVar[type[Job]] = GoodJob
    stage_names: ClassVar[tuple[str, ...]] = ("look", "say")

    function: ClassVar[CellFunction] = CellFunction(f"{__name__}:look", 1)

    def stages(self, job, planner, until):
        dataset = planner.component(job.dataset.spec(), Dataset)
        yield Stage("look", [planner.cell("look", self.function, components={"in": dataset})])

    def page(self, result, artifacts):
        return Page("", "", ())


GOOD = (
    GoodDataset,
    BoxDataset,
    GoodTask,
    GoodDenseTask,
    GoodEncoder,
    GoodReadout,
    GoodGating,
    GoodWeighting,
    GoodGenerator,
    GoodClassifier,
    GoodLexicon,
    GoodScore,
    GoodEmbedding,
    GoodSolver,
    GoodExecutor,
    GoodStudy,
)
