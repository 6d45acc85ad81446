"""Statistics of the learning core, against what defines them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from taskspace.learning.statistics import (
    deviation,
    interval,
    repetitions_needed,
    share_interval,
    t_quantile,
)


@pytest.mark.parametrize(("share", "count"), [(0.36, 25), (0.0, 10), (1.0, 25), (0.5, 1)])
def test_ends_of_a_share_are_those_at_which_it_would_just_be_rejected(share, count):
    # Wilson 1927: at an end p, the share is 1.96 standard errors of p away from p.
    for end in share_interval(share, count):
        reach = 1.959964 * math.sqrt(end * (1 - end) / count)
        assert abs(share - end) == pytest.approx(reach, abs=1e-6)


def test_the_interval_of_nine_in_25():
    assert share_interval(9 / 25, 25) == pytest.approx((0.2025, 0.5548), abs=1e-4)


@pytest.mark.parametrize(
    ("effect", "repetitions"), [(0.2, 199), (0.5, 34), (0.8, 15), (1.0, 10), (100.0, 2)]
)
def test_repetitions_needed_are_those_of_published_power_tables(effect, repetitions):
    """Two-sided paired t-test at 5 % with power 80 %: Cohen 1988, and G*Power 3.1 (dz)."""
    assert repetitions_needed(effect, 1.0) == repetitions
    assert repetitions_needed(-3 * effect, 3.0) == repetitions


def test_repetitions_needed_show_a_difference_as_often_as_they_should():
    draw = np.random.default_rng(0)
    mean, spread = 0.7, 0.8
    count = repetitions_needed(mean, spread)
    assert count is not None
    values = draw.normal(mean, spread, size=(20_000, count))
    t = values.mean(axis=1) / (values.std(axis=1, ddof=1) / np.sqrt(count))
    share = np.mean(np.abs(t) > t_quantile(0.975, count - 1))
    assert 0.79 < share < 0.85


def test_no_difference_is_never_shown_and_no_spread_needs_two_repetitions():
    assert repetitions_needed(0.0, 1.0) is None
    assert repetitions_needed(1e-6, 1.0) is None
    assert repetitions_needed(0.1, 0.0) == 2


def test_the_deviation_of_an_interval_is_that_of_its_values():
    values = [0.3, -0.1, 0.25, 0.4]
    assert deviation(interval(values)) == pytest.approx(np.std(values, ddof=1))
    assert deviation(interval([0.3])) is None
