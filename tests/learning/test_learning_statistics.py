"""Statistics of the learning core, against what defines them."""

from __future__ import annotations

import math

import pytest

from taskspace.learning.statistics import share_interval


@pytest.mark.parametrize(("share", "count"), [(0.36, 25), (0.0, 10), (1.0, 25), (0.5, 1)])
def test_ends_of_a_share_are_those_at_which_it_would_just_be_rejected(share, count):
    # Wilson 1927: at an end p, the share is 1.96 standard errors of p away from p.
    for end in share_interval(share, count):
        reach = 1.959964 * math.sqrt(end * (1 - end) / count)
        assert abs(share - end) == pytest.approx(reach, abs=1e-6)


def test_the_interval_of_nine_in_25():
    assert share_interval(9 / 25, 25) == pytest.approx((0.2025, 0.5548), abs=1e-4)
