"""What trying models is worth: the best of the first k that were really trained on the task."""

from __future__ import annotations

import numpy as np

from taskspace.studies.recommend.maths.errors import Floats, Indices


def ranked_order(errors: Floats, expected: Floats, most: int) -> Indices:
    """Return the candidates of each task [T, at most `most`], the one expected best first.

    Models expected to be equal stand in the order of the table; those that are not ranked come
    last. A task with fewer candidates ends with its best-ranked one again, which a second try does
    not change.
    """
    unranked = np.where(np.isnan(expected), np.inf, expected)
    absent = np.isnan(errors)
    # Primary key last: candidates first, then ranked ones, then by what is expected.
    order = np.lexsort((unranked, absent), axis=1)[:, :most]
    there = ~np.take_along_axis(absent, order, axis=1)
    return np.where(there, order, order[:, :1])


def best_of_first(errors: Floats, order: Indices) -> Floats:
    """Return the least error [T, K] among the first k tried, k = 1 to K.

    Args:
        errors: of the candidates [T, M].
        order: the models [T, K] in the order in which they are tried.
    """
    tried = np.take_along_axis(errors, order, axis=1)
    return np.fmin.accumulate(tried, axis=1)


def best_of_random(errors: Floats, most: int) -> Floats:
    """Return the expected least error [T, K] of k candidates drawn without replacement.

    Exact: of n candidates in order, the r-th is the least of k with probability
    C(n - r, k - 1) / C(n, k). From k = n on it is the best one.
    """
    found = np.empty((len(errors), most))
    for task, row in enumerate(errors):
        ordered = np.sort(row[~np.isnan(row)])
        count = len(ordered)
        for k in range(1, most + 1):
            tried = min(k, count)
            # left[r]: the chance that all k are drawn from r on.
            left = np.ones(count + 1)
            for rank in range(count):
                remaining = count - rank
                left[rank + 1] = left[rank] * max(remaining - tried, 0) / remaining
            found[task, k - 1] = float((left[:-1] - left[1:]) @ ordered)
    return found
