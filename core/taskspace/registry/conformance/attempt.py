"""One child process that tries a plugin, and what is heard of it until it ends."""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from taskspace.registry.conformance.report import Outcome
from taskspace.registry.conformance.target import Target, checks_of, chosen_components
from taskspace.registry.contained import ending, started_contained

CHILD = "taskspace.registry.conformance.plugin_child"
POLL_SECONDS = 0.05

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
        with tempfile.TemporaryDirectory(prefix="taskspace-check-") as name:
            folder = Path(name)
            (folder / "request.json").write_text(json.dumps(request), encoding="utf-8")
            events = folder / "events.jsonl"
            events.touch()
            command = [CHILD, "request.json", "events.jsonl"]
            with started_contained(command, folder=folder, first=self.target.paths) as child:
                for event in self._events(events, child):
                    self._take(event)
                    if event["event"] == "end":
                        return

    def _events(self, file: Path, child: subprocess.Popen[bytes]) -> Iterator[dict[str, Any]]:
        """Yield what the child says, until it is silent for too long or has ended."""
        with file.open(encoding="utf-8") as stream:
            heard, rest = time.monotonic(), ""
            while True:
                ended = child.poll()
                *lines, rest = (rest + stream.read()).split("\n")
                for line in lines:
                    yield json.loads(line)
                if lines:
                    heard = time.monotonic()
                elif ended is not None:
                    self.blame = self.blame or f"It ended the process ({ending(ended)})."
                    return
                elif time.monotonic() - heard > self.seconds:
                    self.blame = f"It took more than {self.seconds:g} s."
                    return
                else:
                    _wait(child)

    def _take(self, event: dict[str, Any]) -> None:
        match event["event"]:
            case "components":
                self.chosen = chosen_components(self.target, event["components"], self.components)
            case "start":
                component, check = self.current = event["component"], event["check"]
                if self.listener is not None:
                    total = sum(len(checks_of(name, self.wanted)) for name in self.chosen)
                    self.listener(component, check, len(self.done), total)
            case "outcome":
                component, check = event["component"], event["check"]
                self.done[component, check] = Outcome(check, event["status"], event["reason"])
            case "failure":
                self.blame = event["reason"]


def _wait(child: subprocess.Popen[bytes]) -> None:
    try:
        child.wait(POLL_SECONDS)
    except subprocess.TimeoutExpired:
        return
