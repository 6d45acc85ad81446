"""The later stages: codes of all images, then errors, scores and embeddings from them."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace

from taskspace.components import Cell, Outcomes, Stage
from taskspace.studies.recommend.plan.facts import all_tasks
from taskspace.studies.recommend.plan.state import (
    EmbeddedTasks,
    Estimate,
    ModelTrial,
    RecommendState,
    TaskDistances,
)


def encode(state: RecommendState) -> Generator[Stage, Outcomes, RecommendState]:
    """Make codes of all images of all datasets by each model within the limits."""
    plan = state.plan
    cells = {
        cell.key: cell
        for model in state.models
        for group in plan.targets
        for cell in plan.codes(model, group)
    }
    outcomes = yield Stage("encode", list(cells.values()))
    return replace(state, outcomes=outcomes)


def measure(state: RecommendState) -> Generator[Stage, Outcomes, RecommendState]:
    """Measure every model on every task, and what estimates that."""
    plan = state.plan
    trials: dict[ModelTrial, Cell] = {}
    estimates: dict[Estimate, Cell] = {}
    whole = plan.job.finetuned()
    for group, task in all_tasks(plan.targets):
        for model in state.models:
            for images in group.sizes:
                for draw in plan.draws:
                    trial = ModelTrial("frozen", model.name, task, images, draw)
                    trials[trial] = plan.head(model, group, task, images, draw)
                for score in plan.scores:
                    estimate = Estimate(score, model.name, task, images)
                    estimates[estimate] = plan.score(score, model, group, task, images)
            if model.name in whole:
                for images in plan.job.finetune_images():
                    if images not in group.sizes:
                        continue
                    for draw in plan.draws:
                        trial = ModelTrial("finetune", model.name, task, images, draw)
                        trials[trial] = plan.finetuned(model, group, task, images, draw)
    embedded = {
        TaskDistances(name, images, draw): _embedded(state, name, images, draw)
        for name in plan.embeddings
        for images in plan.sizes
        for draw in plan.draws
    }
    distances = {each: plan.distances(*each) for each in embedded}
    cells = [*trials.values(), *estimates.values()]
    for own in embedded.values():
        cells += [*own.experts.values(), *own.targets.values()]
    unique = {cell.key: cell for cell in (*cells, *distances.values())}
    outcomes = yield Stage("measure", list(unique.values()))
    return replace(
        state,
        outcomes=outcomes,
        trials=trials,
        estimates=estimates,
        embedded=embedded,
        distances=distances,
    )


def _embedded(state: RecommendState, name: str, images: int, draw: int) -> EmbeddedTasks:
    """Return the embeddings of targets and of experts' tasks, by task."""
    plan = state.plan
    experts = {
        task: plan.embedded(name, group, task, images, 0) for group, task in plan.embedded_experts()
    }
    targets = {
        task: plan.embedded(name, group, task, images, draw)
        for group, task in all_tasks(plan.targets, images)
    }
    return EmbeddedTasks(experts, targets)
