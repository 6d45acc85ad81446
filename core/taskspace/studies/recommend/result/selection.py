"""Methods judged by what their choices lose, and whether one is better than looking at nothing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from taskspace.studies.recommend.maths.errors import ErrorTable, Floats
from taskspace.studies.recommend.maths.evaluator import (
    best_errors,
    picked_errors,
    rank_agreements,
    regrets,
    relative_errors,
)
from taskspace.studies.recommend.maths.resampling import lower_p_value, task_mean
from taskspace.studies.recommend.maths.static import uniform_ranking
from taskspace.studies.recommend.maths.tries import best_of_first, best_of_random, ranked_order
from taskspace.studies.recommend.maths.verdict import FEWEST_TASKS, verdict
from taskspace.studies.recommend.result.guesses import CHANCE, HONEST, Guess
from taskspace.studies.recommend.result.model import (
    Adaptation,
    GainRecord,
    SelectionRecord,
    Span,
    TriedRecord,
    VerdictRecord,
)


def selections(
    table: ErrorTable, guesses: Sequence[Guess], adapt: Adaptation, images: int, seed: int
) -> list[SelectionRecord]:
    """Return what each method's choices lose, on the tasks on which it ranks a model."""
    return [
        record
        for guess in guesses
        if (record := _selection(table, guess, adapt, images, seed)) is not None
    ]


def _p_chance(errors: Floats, guess: Guess, seed: int) -> float | None:
    """Return how likely a method loses so much less than chance, without being better."""
    if guess.kind == "reference":
        return None
    chance = Guess(CHANCE, "reference", [uniform_ranking(*errors.shape)])
    (relative, regret, _), (by_chance, regret_by_chance, _) = (
        losses_of(errors, each) for each in (guess, chance)
    )
    if np.isnan(relative).all():
        relative, by_chance = regret, regret_by_chance
    return lower_p_value(relative - by_chance, seed)


def _selection(
    table: ErrorTable, guess: Guess, adapt: Adaptation, images: int, seed: int
) -> SelectionRecord | None:
    errors = table.candidates()
    chosen = _ranks(errors, guess)
    if not chosen.any():
        return None
    own = errors[chosen]
    relative, regret, tau = losses_of(errors, guess)
    return SelectionRecord(
        name=guess.name,
        kind=guess.kind,
        images=images,
        adapt=adapt,
        tasks=len(own),
        relative=span_of(relative, seed),
        regret=_span(100 * regret, seed),
        tau=span_of(tau, seed),
        seconds=guess.seconds,
        p_chance=_p_chance(errors, guess, seed),
        picks={} if guess.name == CHANCE else _picks(table, guess),
    )


def losses_of(errors: Floats, guess: Guess) -> tuple[Floats, Floats, Floats]:
    """Return relative errors, regrets and rank agreements [T], means over draws.

    NaN for tasks on which a method ranks no model.
    """
    chosen = _ranks(errors, guess)
    results = np.full((3, len(errors)), np.nan)
    own = errors[chosen]
    per_draw = []
    for expected in guess.expected:
        picked = picked_errors(own, expected[chosen])
        per_draw.append(
            [
                relative_errors(own, picked),
                regrets(own, picked),
                rank_agreements(own, expected[chosen]),
            ]
        )
    results[:, chosen] = np.mean(per_draw, axis=0)
    return results[0], results[1], results[2]


def _ranks(errors: Floats, guess: Guess) -> np.ndarray:
    """Return on which tasks [T] a method ranks a candidate in every draw."""
    ranked = [(~np.isnan(errors) & ~np.isnan(each)).any(axis=1) for each in guess.expected]
    every: np.ndarray = np.logical_and.reduce(ranked)
    return every


def _picks(table: ErrorTable, guess: Guess) -> dict[str, list[str]]:
    errors = table.candidates()
    orders = [ranked_order(errors, expected, 1)[:, 0] for expected in guess.expected]
    chosen = _ranks(errors, guess)
    return {
        task: [table.models[order[row]] for order in orders]
        for row, task in enumerate(table.tasks)
        if chosen[row]
    }


def verdict_record(
    table: ErrorTable, guesses: Sequence[Guess], adapt: Adaptation, images: int, seed: int
) -> VerdictRecord | None:
    """Return whether a method is shown to beat the best static ranking, paired by task.

    Tasks whose best model makes no error have no relative error and are left out. None with fewer
    tasks than could show it, or without anything to compare.
    """
    errors = table.candidates()
    judged = best_errors(errors) > 0
    relative = {guess.name: losses_of(errors, guess)[0] for guess in guesses}
    complete = {name for name, own in relative.items() if not np.isnan(own[judged]).any()}
    static = {name: relative[name] for name in HONEST if name in complete}
    methods = {
        guess.name: relative[guess.name]
        for guess in guesses
        if guess.kind not in ("static", "reference") and guess.name in complete
    }
    if judged.sum() < FEWEST_TASKS or not static or not methods:
        return None
    found = verdict(methods, static, seed)
    return VerdictRecord(
        images=images,
        adapt=adapt,
        static=found.static,
        gains=[
            GainRecord(
                name=name,
                gain=Span(
                    mean=-own.difference.mean, low=-own.difference.high, high=-own.difference.low
                ),
                p=own.p,
            )
            for name, own in found.methods.items()
        ],
        winners=list(found.better),
        text=str(found),
    )


def curves(
    table: ErrorTable, guesses: Sequence[Guess], adapt: Adaptation, images: int, seed: int
) -> list[TriedRecord]:
    """Return what is lost when the first k models of a ranking are really tried, k = 1 to all."""
    errors = table.candidates()
    most = errors.shape[1]
    found: list[TriedRecord] = []
    for guess in guesses:
        chosen = _ranks(errors, guess)
        if guess.kind == "reference" and guess.name != CHANCE:
            continue
        if not chosen.all():
            continue
        if guess.name == CHANCE:
            reached = best_of_random(errors, most)
        else:
            each = [
                best_of_first(errors, ranked_order(errors, expected, most))
                for expected in guess.expected
            ]
            reached = np.mean(each, axis=0)
        own = tried_record(guess.name, errors, reached, adapt, images, seed)
        found += [] if own is None else [own]
    return found


def tried_record(
    name: str, errors: Floats, reached: Floats, adapt: Adaptation, images: int, seed: int
) -> TriedRecord | None:
    """Return what is lost by the best of the first k models tried, from its errors [T, K].

    None where no task has a relative error.
    """
    spans = [span_of(relative_errors(errors, own), seed) for own in reached.T]
    present = [span for span in spans if span is not None]
    if not present:
        return None
    tried = list(range(1, len(present) + 1))
    return TriedRecord(name=name, images=images, adapt=adapt, tried=tried, relative=present)


def span_of(values: Floats, seed: int) -> Span | None:
    """Return the mean over tasks with its interval; None where no task has a value."""
    return None if np.isnan(values).all() else _span(values, seed)


def _span(values: Floats, seed: int) -> Span:
    mean, low, high, tasks = task_mean(values, seed)
    return Span(mean=mean, low=low if tasks > 1 else None, high=high if tasks > 1 else None)
