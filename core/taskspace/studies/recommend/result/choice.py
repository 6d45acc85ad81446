"""Which model to start from on a task, and what that rests on."""

from __future__ import annotations

from dataclasses import dataclass

from taskspace.studies.recommend.result.model import Adaptation, RankedModel, RecommendResult


@dataclass(frozen=True)
class Choice:
    """The model to start from on a task.

    Attributes:
        model: the cheapest of those that are not shown to be worse than the best.
        worse: the best of those that are shown to be worse; None where there is none.
        unseen: error of picking the best, on images that did not pick it; None where not known.
        at_chance: whether no model is shown to beat naming the most common class.
    """

    adapt: Adaptation
    images: int
    best: RankedModel
    model: RankedModel
    worse: RankedModel | None
    unseen: float | None
    at_chance: bool


def choice_of(result: RecommendResult, task: str) -> Choice | None:
    """Return the choice with the most labelled images; None where no model was measured.

    Of frozen and fine-tuned models with so many images, those whose best errs less are chosen from.
    """
    settings = [each for each in result.settings() if result.ranked(task, each[1], each[0])]
    if not settings:
        return None

    def standing(setting: tuple[Adaptation, int]) -> tuple[int, float]:
        adapt, images = setting
        return -images, result.ranked(task, images, adapt)[0].error.mean

    adapt, images = min(settings, key=standing)
    rows = result.ranked(task, images, adapt)
    return Choice(
        adapt,
        images,
        rows[0],
        _cheapest(result, rows),
        next((row for row in rows if not row.tied), None),
        next(
            (
                float(own.error)
                for own in result.chosen
                if (own.task, own.adapt, own.images) == (task, adapt, images)
            ),
            None,
        ),
        is_at_chance(result, rows),
    )


def is_at_chance(result: RecommendResult, rows: list[RankedModel]) -> bool:
    """Return whether the best of a task's models is not shown to beat the most common class."""
    common = next(each.common for each in result.targets if each.name == rows[0].task)
    if common is None:
        return False
    error = rows[0].error
    return (error.mean if error.high is None else error.high) >= 1 - common


def _cheapest(result: RecommendResult, rows: list[RankedModel]) -> RankedModel:
    """Return the model with the fewest multiply-adds among those tied with the best."""

    def cost(row: RankedModel) -> tuple[float, int]:
        adds = result.model(row.model).multiply_adds
        return float("inf") if adds is None else adds, row.rank

    return min((row for row in rows if row.tied), key=cost)
