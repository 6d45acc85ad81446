"""Where a car was, and where it was heading, at any moment of its recording."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike

from taskspace_plugins.driving.changes import FULL_TURN, wrapped

LONGEST_GAP = 1.1
"""Seconds between two fixes beyond which nothing is known of what lies between them; receivers of
phones give one a second."""

ROUNDING = 1e-6
"""Seconds; clocks count milliseconds."""

UNKNOWN = -1.0
"""What a phone records for a speed or a course that it does not know."""


class Fix(NamedTuple):
    """What the receiver says at one moment.

    Attributes:
        time: seconds.
        latitude: degrees, north positive.
        longitude: degrees, east positive.
        course: degrees clockwise from north; -1 is unknown.
        speed: metres a second; -1 is unknown.
    """

    time: float
    latitude: float
    longitude: float
    course: float
    speed: float


class Motion(NamedTuple):
    """Positions [n, 2] (latitude, longitude) and courses [n] in [0, 360), degrees; NaN: missing."""

    position: np.ndarray
    course: np.ndarray


@dataclass(frozen=True)
class Track:
    """The fixes of one recording, in the order of their times.

    A fix without a speed is not used: the receiver had no signal. One without a course still has a
    position: a car that stands has none.

    Attributes:
        times: seconds, strictly rising, [n].
        position: latitude and longitude in degrees, [n, 2]; NaN is missing.
        course: degrees clockwise from north, [n]; NaN is missing.
    """

    times: np.ndarray
    position: np.ndarray
    course: np.ndarray

    @classmethod
    def of(cls, fixes: Sequence[Fix]) -> Self:
        """Return the track of fixes in any order; of several at one time, the last one counts."""
        by_time = {fix.time: fix for fix in fixes if np.isfinite(fix.time)}
        table = np.array([by_time[time] for time in sorted(by_time)], dtype=np.float64)
        times, latitude, longitude, course, speed = table.reshape(-1, len(Fix._fields)).T
        without_speed = ~(speed >= 0)
        position = np.stack([latitude, longitude], axis=1)
        position[without_speed | (np.abs(latitude) > 90) | (np.abs(longitude) > 180)] = np.nan
        known = ~without_speed & (course >= 0)
        return cls(times, position, np.where(known, np.mod(course, FULL_TURN), np.nan))

    def at(self, times: ArrayLike) -> Motion:
        """Return position and course at some moments, between the two fixes around each.

        Positions go straight from fix to fix, courses the shorter way round. Missing is what lies
        before the first fix, after the last, between fixes more than `LONGEST_GAP` apart, or beside
        a fix that lacks it.

        Args:
            times: seconds on the clock of the fixes, [n].
        """
        moments = np.asarray(times, dtype=np.float64)
        if not len(self.times):
            return Motion(np.full((len(moments), 2), np.nan), np.full(len(moments), np.nan))
        last = len(self.times) - 1
        after = np.clip(np.searchsorted(self.times, moments), 0, last)
        # At the moment of a fix, that fix alone counts, whatever its neighbours say.
        exact = self.times[after] == moments
        before = np.where(exact, after, np.maximum(after - 1, 0))
        gap = self.times[after] - self.times[before]
        between = (gap > 0) & (gap <= LONGEST_GAP + ROUNDING) & (moments < self.times[after])
        share = np.divide(
            moments - self.times[before], gap, out=np.zeros(len(moments)), where=gap > 0
        )
        start, turn = self.course[before], wrapped(self.course[after] - self.course[before])
        # A longitude may pass 180.
        way = self.position[after] - self.position[before]
        way[:, 1] = wrapped(way[:, 1])
        position = self.position[before] + share[:, None] * way
        position[:, 1] = wrapped(position[:, 1])
        course = np.mod(start + share * turn, FULL_TURN)
        # The remainder of a tiny negative number rounds to a full turn.
        course[course == FULL_TURN] = 0.0
        missing = ~(exact | between)
        position[missing], course[missing] = np.nan, np.nan
        return Motion(position, course)
