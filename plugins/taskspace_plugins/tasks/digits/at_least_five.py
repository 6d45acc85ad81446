"""Small or large."""

from typing import ClassVar

from taskspace_plugins.tasks.digits._digits import DigitTask


class AtLeastFive(DigitTask):
    """Whether the digit is at least five (class 1)."""

    name: ClassVar[str] = "at_least_five"
    answers: ClassVar[tuple[int, ...]] = (0, 0, 0, 0, 0, 1, 1, 1, 1, 1)
    names: ClassVar[tuple[str, ...]] = ("below five", "five or more")
