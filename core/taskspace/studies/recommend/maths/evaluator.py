"""How good a recommendation was: against the best candidate, and in order.

A recommendation is a table of expected errors [T, M], NaN for models that it does not rank. All
functions take it beside the measured errors of the candidates [T, M], NaN for what is no candidate.
"""

from __future__ import annotations

import numpy as np

from taskspace.errors import InputError
from taskspace.studies.recommend.maths.errors import Floats


def best_errors(errors: Floats) -> Floats:
    """Return the error of each task's best candidate, the oracle's [T]."""
    best: Floats = np.nanmin(errors, axis=1)
    return best


def uniform_errors(errors: Floats) -> Floats:
    """Return what a uniform draw among the candidates is expected to give [T]: chance."""
    mean: Floats = np.nanmean(errors, axis=1)
    return mean


def picked_errors(errors: Floats, expected: Floats) -> Floats:
    """Return the error [T] of the model that is expected to be best.

    Models expected to be equal are drawn uniformly: their mean, so that a method that knows nothing
    gets chance and not the luck of the first column.

    Raises:
        InputError: if none of a task's candidates is ranked.
    """
    ranked = np.where(np.isnan(errors) | np.isnan(expected), np.inf, expected)
    least = ranked.min(axis=1, keepdims=True)
    if not np.isfinite(least).all():
        task = int(np.flatnonzero(~np.isfinite(least[:, 0]))[0])
        raise InputError(f"None of the candidates of task {task} is ranked.")
    picked: Floats = np.nanmean(np.where(ranked == least, errors, np.nan), axis=1)
    return picked


def relative_errors(errors: Floats, picked: Floats) -> Floats:
    """Return 100 (picked - best) / best, percent over the oracle [T] (Achille et al. 2019, fig. 3).

    A task whose best candidate makes no error has no such number, whatever was picked: NaN, for
    every method alike, so that methods stay comparable. The regret in points covers it.
    """
    best = best_errors(errors)
    return np.divide(100 * (picked - best), best, out=np.full_like(best, np.nan), where=best > 0)


def regrets(errors: Floats, picked: Floats) -> Floats:
    """Return picked - best [T], in the table's unit: points where errors are in percent."""
    return picked - best_errors(errors)


def rank_agreements(errors: Floats, expected: Floats) -> Floats:
    """Return Kendall's tau [T] of expected and measured, weighted towards the top (Vigna 2015).

    It is `scipy.stats.weightedtau` with hyperbolic weights and the mean over both rankings, as
    tllib's benchmark and LogME use it. NaN where fewer than two models are ranked, or where one
    side has them all equal.
    """
    from scipy.stats import weightedtau  # noqa: PLC0415  checking a job needs no SciPy

    found = np.full(len(errors), np.nan)
    for task, (measured, guess) in enumerate(zip(errors, expected, strict=True)):
        both = ~np.isnan(measured) & ~np.isnan(guess)
        if np.unique(measured[both]).size > 1 and np.unique(guess[both]).size > 1:
            found[task] = weightedtau(-guess[both], -measured[both]).statistic
    return found
