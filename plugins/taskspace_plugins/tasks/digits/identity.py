"""Which digit it is."""

from typing import ClassVar

from taskspace_plugins.tasks.digits._digits import DIGITS, DigitTask


class Identity(DigitTask):
    """Which of the ten digits the image shows."""

    name: ClassVar[str] = "identity"
    answers: ClassVar[tuple[int, ...]] = tuple(range(10))
    names: ClassVar[tuple[str, ...]] = DIGITS
