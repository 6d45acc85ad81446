"""The first stage: examples are stored, experts trained, and the cost of every model measured."""

from __future__ import annotations

from collections.abc import Generator

from taskspace.components import Outcomes, Stage
from taskspace.studies.recommend.job import CostLimits
from taskspace.studies.recommend.plan.cells import RecommendPlan
from taskspace.studies.recommend.plan.state import RecommendState


def train(plan: RecommendPlan) -> Generator[Stage, Outcomes, RecommendState]:
    """Train the experts, and find which models are within the limits."""
    experts = plan.trained()
    costs = {model.name: plan.cost(model) for model in plan.models}
    tasks = sum(len(group.tasks) for group in plan.targets)
    count = len(plan.models) * tasks * len(plan.sizes)
    upcoming = {"heads": count * len(plan.draws), "scores": count * len(plan.scores)}
    outcomes = yield Stage("train", [*plan.data(), *experts.values(), *costs.values()], upcoming)
    state = RecommendState(outcomes, plan, costs, experts)
    beyond = {
        model.name: reason
        for model in plan.models
        if (reason := _beyond(state, model.name, plan.job.limits))
    }
    models = tuple(
        model for model in plan.models if state.has(costs[model.name]) and model.name not in beyond
    )
    return RecommendState(outcomes, plan, costs, experts, models, beyond)


def _beyond(state: RecommendState, model: str, limits: CostLimits) -> str | None:
    """Return which limit a model exceeds, in words; None where it is within all of them."""
    cost = state.record(state.costs[model])
    for name, unit in (("parameters", "weights"), ("multiply_adds", "multiply-adds an image")):
        limit = getattr(limits, name)
        if cost and limit is not None and cost[name] > limit:
            return f"{cost[name]:,} {unit}, and the limit is {limit:,}"
    if cost and limits.seconds is not None and cost["seconds"] > limits.seconds:
        return f"{cost['seconds']:.4g} s an image, and the limit is {limits.seconds:g} s"
    return None
