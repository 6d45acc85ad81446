"""The kit on a whole plugin, where it can do no harm: in a process of its own."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from taskspace.errors import NotFound
from taskspace.testing.attempt import Attempt, Listener
from taskspace.testing.report import Outcome, Report
from taskspace.testing.target import Target, checks_of, known_checks

SECONDS = 120.0
"""What one check may take unless more is allowed; importing torch from a cold disk takes twenty."""


@dataclass(frozen=True)
class Conformance:
    """All checks of a plugin.

    Attributes:
        reports: component (`task:rain`) to its report; one that lacks a check has it as failed.
        failure: why there are no reports, where the plugin could not even be described.
    """

    target: Target
    reports: Mapping[str, Report] = field(default_factory=dict)
    failure: str | None = None

    @property
    def ok(self) -> bool:
        """Return whether everything was checked and nothing failed."""
        return self.failure is None and all(report.ok for report in self.reports.values())

    def count(self, status: str) -> int:
        """Return how many checks have this status."""
        return sum(len(report.of(status)) for report in self.reports.values())


def check_plugin(
    target: Target,
    *,
    only: Collection[str] = (),
    components: Collection[str] = (),
    seconds: float = SECONDS,
    listener: Listener | None = None,
) -> Conformance:
    """Return how every component of a plugin does on every check of its kind.

    The plugin is imported by a child process alone. A check that hangs or ends that process has
    failed with this reason, and the checks after it run in a new one.

    Args:
        target: the plugin.
        only: names of the checks to run; all where empty.
        components: those to check, as `task:rain`; all where empty.
        seconds: what one check may take.
        listener: is told of each check before it begins.

    Raises:
        NotFound: if a component or a check is asked for that does not exist.
        InputError: if the author's tables speak of one that does not exist.
    """
    wanted = known_checks(only)
    done: dict[tuple[str, str], Outcome] = {}
    while True:
        attempt = Attempt(target, wanted, components, seconds, done, listener)
        attempt.run()
        if attempt.blame is None:
            break
        if attempt.current is None:
            return Conformance(target, failure=attempt.blame)
        component, check = attempt.current
        excuse = target.excused.get(component, {}).get(check)
        done[component, check] = (
            Outcome(check, "excused", excuse)
            if excuse is not None
            else Outcome(check, "failed", attempt.blame)
        )
    reports = {}
    for component in attempt.chosen:
        names = checks_of(component, wanted)
        if names:
            outcomes = [
                done.get((component, name), Outcome(name, "failed", "It did not run."))
                for name in names
            ]
            reports[component] = Report(component, outcomes)
    if not reports:
        raise NotFound(
            f"None of {', '.join(attempt.chosen)} has a check {' or '.join(sorted(wanted))}.",
            advice="Without --only all of their checks run.",
        )
    return Conformance(target, reports)
