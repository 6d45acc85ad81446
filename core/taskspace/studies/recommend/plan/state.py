"""What the cells of a plan have measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from taskspace.components import Cell
from taskspace.learning.study_state import StudyState
from taskspace.studies.recommend.plan.cells import RecommendPlan
from taskspace.studies.recommend.plan.facts import Model


class ModelTrial(NamedTuple):
    """A model on a task, judged with so many images; `draw` counts their draws from 0."""

    adapt: str
    model: str
    task: str
    images: int
    draw: int


class Estimate(NamedTuple):
    """A score for a model on a task, from so many images."""

    score: str
    model: str
    task: str
    images: int


class TaskDistances(NamedTuple):
    """Distances by an embedding, from so many images."""

    embedding: str
    images: int
    draw: int


class EmbeddedTasks(NamedTuple):
    """The embeddings behind distances, by task; an expert's may have the name of a target."""

    experts: Mapping[str, Cell]
    targets: Mapping[str, Cell]


@dataclass(frozen=True)
class RecommendState(StudyState):
    """The cells of a plan and their outcomes; `models` are those within the limits."""

    plan: RecommendPlan
    costs: Mapping[str, Cell]
    experts: Mapping[str, Cell]
    models: tuple[Model, ...] = ()
    beyond: Mapping[str, str] = field(default_factory=dict)
    trials: Mapping[ModelTrial, Cell] = field(default_factory=dict)
    estimates: Mapping[Estimate, Cell] = field(default_factory=dict)
    embedded: Mapping[TaskDistances, EmbeddedTasks] = field(default_factory=dict)
    distances: Mapping[TaskDistances, Cell] = field(default_factory=dict)
