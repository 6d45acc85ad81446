"""Closed loops."""

from typing import ClassVar

from taskspace_plugins.tasks.digits._digits import DigitTask


class Loops(DigitTask):
    """How many closed loops the digit has when it is written by the book.

    One for 0, 6 and 9, two for 8, none for the rest: 4 is the open, handwritten form (in the
    dataset `digits`, ink closes about four in ten). The label follows the digit and not the scan,
    because 8x8 pixels do not show loops reliably: at half ink, most zeros have none.
    """

    name: ClassVar[str] = "loops"
    answers: ClassVar[tuple[int, ...]] = (1, 0, 0, 0, 0, 0, 1, 0, 2, 1)
    names: ClassVar[tuple[str, ...]] = ("no loop", "one loop", "two loops")
