"""Two sets of golden numbers, number by number, each difference at its path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from golden_numbers import is_number

Kind = Literal["share", "loss", "estimate"]
"""How a number comes about: counted over images, or from such counts (accuracies, win rates,
affinities, objectives); as a mean of what networks put out; as a whole number near a real one."""

KINDS: dict[str, Kind] = {
    **dict.fromkeys(("loss", "losses", "training_loss", "constant_training_loss"), "loss"),
    **dict.fromkeys(("arrays", "exports", "expected"), "loss"),
    "needed": "estimate",
}
"""Key to the kind of all numbers below it; others are shares, and whole numbers are exact."""
LEAST_LOSS = 1e-2
"""Losses below this are compared as if they were as large."""


@dataclass(frozen=True)
class Tolerance:
    """By how much numbers may differ and count as equal.

    Attributes:
        loss: relative.
        share: relative; `least_share` is absolute, and the larger one counts.
        estimate: relative, and by at least 1; whole numbers otherwise are equal or not.
        skipped: keys that are not compared.
    """

    loss: float = 0.0
    share: float = 0.0
    least_share: float = 0.0
    estimate: float = 0.0
    skipped: frozenset[str] = frozenset()

    def allows(self, one: float, other: float, kind: Kind) -> bool:
        """Return whether the numbers count as equal."""
        larger = max(abs(one), abs(other))
        match kind:
            case "loss":
                allowed = self.loss * max(larger, LEAST_LOSS)
            case "share":
                allowed = max(self.share * larger, self.least_share)
            case "estimate":
                allowed = max(self.estimate * larger, 1.0 if self.estimate else 0.0)
        return abs(one - other) <= allowed


EXACT = Tolerance()
OTHER_PROCESSOR = Tolerance(3e-3, 2e-2, 1e-2, 2e-1, frozenset({"words"}))
"""Other instructions add in another order. Rounding differs by some 1e-7; Adam's first steps, which
follow the signs of gradients, make up to 1e-3 of it in a loss; of a few hundred images one or two
are then won by another network, and what a network says of a single image may be another class.
How many images would be needed goes with the square of a small difference: of 0.1, the share that
is allowed to differ is a tenth, and the number a fifth."""


def differences(
    stored: Any, computed: Any, tolerance: Tolerance, path: str = "", kind: Kind = "share"
) -> Iterator[str]:
    """Yield a line for each place at which the values differ: its path, and both of them."""
    if isinstance(stored, Mapping) and isinstance(computed, Mapping):
        for key in [*stored, *(key for key in computed if key not in stored)]:
            where = f"{path}/{key}"
            if key not in computed or key not in stored:
                yield f"{where}: {'gone' if key in stored else 'new'}"
            elif key not in tolerance.skipped:
                pair = stored[key], computed[key]
                yield from differences(*pair, tolerance, where, KINDS.get(key, kind))
    elif isinstance(stored, list) and isinstance(computed, list):
        if len(stored) != len(computed):
            yield f"{path}: {len(stored)} stored, {len(computed)} computed"
        for number, pair in enumerate(zip(stored, computed, strict=False)):
            yield from differences(*pair, tolerance, f"{path}/{number}", kind)
    elif not _equal(stored, computed, tolerance, kind):
        yield f"{path}: {stored!r} stored, {computed!r} computed"


def _equal(stored: Any, computed: Any, tolerance: Tolerance, kind: Kind) -> bool:
    if not (is_number(stored) and is_number(computed)):
        return type(stored) is type(computed) and bool(stored == computed)
    whole = isinstance(stored, int) and isinstance(computed, int)
    if whole and kind != "estimate":
        return bool(stored == computed)
    return tolerance.allows(stored, computed, kind)
