"""One child process that tries a plugin, and what is heard of it until it ends."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from taskspace.registry.bounded.shortened import cut
from taskspace.registry.descriptions.described import REASON
from taskspace.registry.processes.supervised import started_contained
from taskspace.testing.check_events import EventsEnded, events
from taskspace.testing.report import Outcome
from taskspace.testing.target import Target, checks_of, chosen_components

CHILD = "taskspace.testing.plugin_child"

Listener = Callable[[str, str, int, int], None]
"""Is told the component, the check that begins, how many are done, and how many there are."""


@dataclass
class Attempt:
    """One child process, until it has done everything or something has ended it.

    Attributes:
        wanted: names of the checks to run; all where empty.
        components: those to check; all where empty.
        seconds: what one check may take.
        done: component and check to what came of it; what is there already does not run again.
        chosen: the components that are checked, once the child has said what there is.
        current: the component and check under way or last done, or None before the first.
        blame: how the child came to a wrong end, or None.
    """

    target: Target
    wanted: frozenset[str]
    components: Collection[str]
    seconds: float
    done: dict[tuple[str, str], Outcome]
    listener: Listener | None
    chosen: tuple[str, ...] = ()
    current: tuple[str, str] | None = None
    blame: str | None = None

    def run(self) -> None:
        """Run the child; see `check_plugin` for what is raised."""
        request = {
            "target": self.target.as_json(),
            "only": sorted(self.wanted),
            "components": list(self.components),
            "seconds": self.seconds,
            "done": list(self.done),
        }
        with tempfile.TemporaryDirectory(
            prefix="taskspace-check-", ignore_cleanup_errors=True
        ) as name:
            folder = Path(name)
            (folder / "request.json").write_text(json.dumps(request), encoding="utf-8")
            said = folder / "events.jsonl"
            said.touch()
            command = [CHILD, "request.json", "events.jsonl"]
            with started_contained(command, folder=folder, first=self.target.paths) as child:
                try:
                    for event in events(said, child, self.seconds):
                        self._take(event)
                        if event["event"] == "end":
                            return
                except EventsEnded as silence:
                    self.blame = self.blame or str(silence)

    def _take(self, event: Mapping[str, Any]) -> None:
        match event["event"]:
            case "components":
                self.chosen = chosen_components(self.target, event["components"], self.components)
            case "start":
                component, check = event["component"], event["check"]
                known = component in self.chosen and check in checks_of(component, self.wanted)
                if not known or (component, check) in self.done:
                    raise EventsEnded(
                        f"It begins a check {check!r} of {component!r}, which is not due."
                    )
                self.current = component, check
                if self.listener is not None:
                    total = sum(len(checks_of(name, self.wanted)) for name in self.chosen)
                    self.listener(component, check, len(self.done), total)
            case "outcome":
                component, check = event["component"], event["check"]
                if (component, check) != self.current:
                    raise EventsEnded(
                        f"It tells of a check {check!r} of {component!r} that did not run."
                    )
                reason = cut(event["reason"], REASON)
                self.done[component, check] = Outcome(check, event["status"], reason)
            case "failure":
                self.blame = cut(event["reason"], REASON)
