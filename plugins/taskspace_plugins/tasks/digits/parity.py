"""Odd or even."""

from typing import ClassVar

from taskspace_plugins.tasks.digits._digits import DigitTask


class Parity(DigitTask):
    """Whether the digit is even (class 0) or odd (class 1)."""

    name: ClassVar[str] = "parity"
    answers: ClassVar[tuple[int, ...]] = (0, 1, 0, 1, 0, 1, 0, 1, 0, 1)
    names: ClassVar[tuple[str, ...]] = ("even", "odd")
