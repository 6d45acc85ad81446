"""What the checks of one component came to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from taskspace.testing.inventory import DECLARATIONS


@dataclass(frozen=True)
class Outcome:
    """One check: passed, failed, skipped (it does not apply) or excused (a known failure).

    Attributes:
        error: what the component itself raised, where that is why it failed.
    """

    check: str
    status: Literal["passed", "failed", "skipped", "excused"]
    reason: str = ""
    error: Exception | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class Report:
    """All checks of one component, as `task:rain`, in the order of the inventory."""

    component: str
    outcomes: Sequence[Outcome]

    def of(self, status: str) -> list[Outcome]:
        """Return the outcomes of one status."""
        return [outcome for outcome in self.outcomes if outcome.status == status]

    @property
    def ok(self) -> bool:
        """Return whether nothing failed."""
        return not self.of("failed")

    @property
    def untried(self) -> list[Outcome]:
        """Return the checks that would have called the component, if all of them were skipped."""
        calling = [outcome for outcome in self.outcomes if outcome.check not in DECLARATIONS]
        skipped = [outcome for outcome in calling if outcome.status == "skipped"]
        return skipped if len(skipped) == len(calling) else []

    def __str__(self) -> str:
        run = len(self.of("passed")) + len(self.of("failed"))
        counts = f"{run} run, " + ", ".join(
            f"{len(self.of(status))} {status}" for status in ("skipped", "excused", "failed")
        )
        lines = [
            f"  {outcome.status} {outcome.check}: {outcome.reason}"
            for outcome in self.outcomes
            if outcome.status != "passed"
        ]
        return "\n".join([f"{self.component}: {counts}", *lines])
