"""Random numbers that are the same on every machine."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Item = TypeVar("Item")
BLOCK = 256


class Draw:
    """A stream of random choices named by whole numbers (seed, building, ...).

    It takes only uniform doubles from NumPy, which are exact, and derives the rest by single
    operations that IEEE 754 rounds in one way. A generator's own `uniform` or `normal` may differ
    in the last bit between processors, and one bit can flip a rejection and so a whole room.
    """

    def __init__(self, *name: int) -> None:
        self._generator = np.random.Generator(np.random.PCG64(name))
        self._block: list[float] = []

    def unit(self) -> float:
        """Return a number in [0, 1)."""
        if not self._block:
            self._block = self._generator.random(BLOCK).tolist()
        return self._block.pop()

    def units(self, *shape: int) -> NDArray[np.float64]:
        """Return numbers in [0, 1), as an array."""
        return self._generator.random(shape)

    def between(self, low: float, high: float) -> float:
        """Return a number in [low, high]."""
        return low + (high - low) * self.unit()

    def around(self, value: float, share: float = 0.12) -> float:
        """Return a number that differs from `value` by at most this share of it."""
        return value * self.between(1 - share, 1 + share)

    def whole(self, low: int, high: int) -> int:
        """Return a whole number from low to high, both included."""
        return low + int(self.unit() * (high - low + 1))

    def chance(self, probability: float) -> bool:
        """Return True with this probability."""
        return self.unit() < probability

    def pick(self, items: Sequence[Item]) -> Item:
        """Return one of the items."""
        return items[int(self.unit() * len(items))]

    def turn(self, sine: float) -> tuple[float, float]:
        """Return cosine and sine of a small angle whose sine is at most `sine`."""
        value = self.between(-sine, sine)
        return math.sqrt(1 - value * value), value

    def shuffled(self, items: Sequence[Item]) -> list[Item]:
        """Return the items in random order."""
        left = list(items)
        return [left.pop(int(self.unit() * len(left))) for _ in items]
