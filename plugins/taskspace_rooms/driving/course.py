"""Where a car goes, as closed forms: a straight, a bend, a straight; and how fast.

Metres and seconds; headings in radians clockwise from +y (north), so that 0 looks along +y.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class RoadLine:
    """A line without end: straight, then an arc of a circle, then straight.

    Attributes:
        x, y: where it starts; heading: there.
        straight: metres to where the arc begins.
        bend: the arc's angle, radians, clockwise positive; 0 is a straight line.
        radius: of the arc, metres.
    """

    x: float = 0.0
    y: float = 0.0
    heading: float = 0.0
    straight: float = 0.0
    bend: float = 0.0
    radius: float = 1.0

    @property
    def arc(self) -> float:
        """Return the length of the arc, metres."""
        return abs(self.bend) * self.radius

    def parallel(self, right: float) -> RoadLine:
        """Return the line that runs so many metres to the right of this one."""
        radius = self.radius - math.copysign(1.0, self.bend) * right if self.bend else self.radius
        x = self.x + right * math.cos(self.heading)
        y = self.y - right * math.sin(self.heading)
        return replace(self, x=x, y=y, radius=radius)

    def pose(self, along: ArrayLike) -> Floats:
        """Return x, y and heading [..., 3] so many metres along the line (negative: before it)."""
        way = np.asarray(along, dtype=np.float64)
        side = math.copysign(1.0, self.bend)
        angle = np.clip((way - self.straight) / self.radius, 0, abs(self.bend))
        before = np.minimum(way, self.straight) if self.bend else way
        after = np.maximum(way - self.straight - self.arc, 0) if self.bend else 0.0
        right = side * self.radius * (1 - np.cos(angle)) + after * math.sin(self.bend)
        ahead = before + self.radius * np.sin(angle) + after * math.cos(self.bend)
        cosine, sine = math.cos(self.heading), math.sin(self.heading)
        x = self.x + cosine * right + sine * ahead
        y = self.y - sine * right + cosine * ahead
        return np.stack([x, y, self.heading + side * angle], axis=-1)


@dataclass(frozen=True)
class SpeedProfile:
    """How fast a car goes: evenly for a while, then faster or slower until it stands.

    Attributes:
        speed: at first, metres a second.
        wait: seconds for which it stays.
        gain: metres a second squared after that; negative is braking.
    """

    speed: float
    wait: float = 0.0
    gain: float = 0.0

    def distance(self, time: ArrayLike) -> Floats:
        """Return the metres gone at some times, seconds from 0."""
        even, changing = self._times(time)
        gone: Floats = self.speed * (even + changing) + self.gain * changing**2 / 2
        return gone

    def rate(self, time: ArrayLike) -> Floats:
        """Return the speed at some times, metres a second."""
        rate: Floats = self.speed + self.gain * self._times(time)[1]
        return rate

    def _times(self, time: ArrayLike) -> tuple[Floats, Floats]:
        """Return for how long the speed has been even, and for how long it has changed."""
        seconds = np.asarray(time, dtype=np.float64)
        changing = np.maximum(seconds - self.wait, 0.0)
        if self.gain < 0:
            changing = np.minimum(changing, self.speed / -self.gain)
        return np.minimum(seconds, self.wait), changing


@dataclass(frozen=True)
class Trip:
    """A thing on its way.

    Attributes:
        course: along which it goes.
        start: metres along it at time 0.
        pace: its speed.
        forward: whether it goes along the course, or against it.
    """

    course: RoadLine
    start: float = 0.0
    pace: SpeedProfile = SpeedProfile(0.0)
    forward: bool = True

    def pose(self, time: ArrayLike) -> Floats:
        """Return x, y and heading [..., 3] at some times."""
        gone = self.pace.distance(time)
        pose = self.course.pose(self.start + (gone if self.forward else -gone))
        pose[..., 2] += 0.0 if self.forward else math.pi
        return pose
