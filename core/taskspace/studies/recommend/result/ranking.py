"""Models on tasks: how many test images each gets wrong, and which are not shown to be worse."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from taskspace.learning.statistics import compare, holm, mean_interval
from taskspace.studies.recommend.plan.state import ModelTrial, RecommendState
from taskspace.studies.recommend.result.model import ChosenError, RankedModel, Span

LEVEL = 0.05
Wrong = NDArray[np.float32]
"""Whether each test image [draws, N] was got wrong, 0 or 1."""


def measured(state: RecommendState) -> dict[tuple[str, int, str], dict[str, Wrong]]:
    """Return what every model got wrong, by adaptation, number of images and task, then by model.

    A model counts where every draw has a result.
    """
    cells: dict[tuple[str, int, str], dict[str, list[ModelTrial]]] = {}
    for trial in state.trials:
        own = cells.setdefault((trial.adapt, trial.images, trial.task), {})
        own.setdefault(trial.model, []).append(trial)
    return {
        key: {
            model: np.stack([each.array("wrong") for each in stored]).astype(np.float32)
            for model, trials in models.items()
            if (stored := state.every([state.trials[trial] for trial in trials]))
        }
        for key, models in cells.items()
    }


def ranking(
    wrong: Mapping[tuple[str, int, str], Mapping[str, Wrong]], seed: int
) -> list[RankedModel]:
    """Return the models of every task in every setting, best first."""
    rows: list[RankedModel] = []
    for (adapt, images, task), models in wrong.items():
        errors = {model: float(own.mean(dtype=np.float64)) for model, own in models.items()}
        ordered = sorted(errors, key=lambda model: (errors[model], model))
        p_values = _worse(models, ordered)
        for place, model in enumerate(ordered):
            p = p_values.get(model)
            rows.append(
                RankedModel.model_validate(
                    {
                        "task": task,
                        "images": images,
                        "adapt": adapt,
                        "model": model,
                        "rank": place + 1,
                        "error": _span(models[model], seed),
                        "draws": models[model].mean(axis=1, dtype=np.float64).tolist(),
                        "behind": errors[model] - errors[ordered[0]],
                        "p": p,
                        "tied": p is None or p > LEVEL,
                    }
                )
            )
    return rows


def chosen_errors(
    wrong: Mapping[tuple[str, int, str], Mapping[str, Wrong]], seed: int
) -> list[ChosenError]:
    """Return the error of choosing the best model, measured on images that did not choose it."""
    return [
        ChosenError.model_validate(
            {"task": task, "images": images, "adapt": adapt, "error": _crossed(models, seed)}
        )
        for (adapt, images, task), models in wrong.items()
        if len(models) > 1 and next(iter(models.values())).shape[1] > 1
    ]


def _crossed(models: Mapping[str, Wrong], seed: int) -> float:
    """Return the error of the best model of each half of the images on the other half, the mean."""
    errors = np.stack([own.mean(axis=0, dtype=np.float64) for own in models.values()])
    order = np.random.default_rng(seed).permutation(errors.shape[1])
    halves = np.array_split(order, 2)
    found = [
        errors[errors[:, here].mean(axis=1).argmin(), there].mean()
        for here, there in (halves, reversed(halves))
    ]
    return float(np.mean(found))


def _worse(models: Mapping[str, Wrong], ordered: list[str]) -> dict[str, float]:
    """Return how likely each model but the best would be so far behind it by chance (Holm).

    Where it is ahead in some draw of the labelled images, nothing is shown: 1.
    """
    compared = {
        model: comparison.p if comparison.agree else 1.0
        for model in ordered[1:]
        if (comparison := compare(models[model] - models[ordered[0]])) is not None
    }
    return holm(compared)


def _span(wrong: Wrong, seed: int) -> Span:
    mean, low, high = mean_interval(wrong[:, None, :], seed) or (float(wrong.mean()), None, None)
    return Span(mean=mean, low=low, high=high)
