"""One child process that tries a plugin, and what is heard of it until it ends."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from taskspace.python_process import ending
from taskspace.registry.bounded.shortened import cut
from taskspace.registry.bounded.strict_json import parsed
from taskspace.registry.descriptions.described import COMPONENTS, REASON
from taskspace.registry.processes.supervised import Supervised, started_contained
from taskspace.testing.inventory import INVENTORY
from taskspace.testing.report import Outcome
from taskspace.testing.target import Target, checks_of, chosen_components

POLL_SECONDS = 0.05
CHUNK_BYTES = 1 << 16
EVENTS_BYTES = 10_000_000
"""Of one child; the kit on all of the built-ins takes 100,000."""

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
                        if self._is_last(event):
                            return
                except EventsEnded as silence:
                    self.blame = self.blame or str(silence)

    def _is_last(self, event: object) -> bool:
        """Take in an event; return whether none is to follow."""
        match event:
            case {"event": "components", "components": list(names)} if _are_components(names):
                self.chosen = chosen_components(self.target, names, self.components)
            case {"event": "start", "component": str(component), "check": str(check)}:
                known = component in self.chosen and check in checks_of(component, self.wanted)
                if not known or (component, check) in self.done:
                    raise EventsEnded(
                        f"It begins a check {check!r} of {component!r}, which is not due."
                    )
                self.current = component, check
                if self.listener is not None:
                    total = sum(len(checks_of(name, self.wanted)) for name in self.chosen)
                    self.listener(component, check, len(self.done), total)
            case {
                "event": "outcome",
                "component": str(component),
                "check": str(check),
                "status": ("passed" | "failed" | "skipped" | "excused") as status,
                "reason": str(reason),
            }:
                if (component, check) != self.current:
                    raise EventsEnded(
                        f"It tells of a check {check!r} of {component!r} that did not run."
                    )
                self.done[component, check] = Outcome(check, status, cut(reason, REASON))
            case {"event": "failure", "reason": str(reason)}:
                self.blame = cut(reason, REASON)
            case {"event": "end"}:
                return True
            case _:
                raise EventsEnded("It reported an event that no check has.")
        return False


def _are_components(names: list[Any]) -> bool:
    return len(names) <= COMPONENTS and all(
        isinstance(name, str) and name.partition(":")[0] in INVENTORY for name in names
    )


class EventsEnded(Exception):
    """There are no more usable events; the message is a sentence on why."""


def events(file: Path, child: Supervised, seconds: float) -> Iterator[object]:
    """Yield the events that a child process writes to a file.

    Args:
        file: which is there already.
        child: that writes it.
        seconds: how long it may report nothing.

    Raises:
        EventsEnded: when it has ended, reports nothing for too long, or reports what is no JSON.
    """
    with file.open("rb") as stream:
        last_event, rest, total = time.monotonic(), b"", 0
        while True:
            ended = child.wait(0.0)
            chunk = stream.read(CHUNK_BYTES)
            *lines, rest = (rest + chunk).split(b"\n")
            yield from map(_event, lines)
            total += len(chunk)
            if total > EVENTS_BYTES:
                raise EventsEnded(f"It reported more than {EVENTS_BYTES / 1e6:g} MB of events.")
            if chunk:
                last_event = time.monotonic()
            elif ended is not None:
                raise EventsEnded(f"It ended the process ({ending(ended)}).")
            elif time.monotonic() - last_event > seconds:
                raise EventsEnded(f"It took more than {seconds:g} s.")
            else:
                child.wait(POLL_SECONDS)


def _event(line: bytes) -> object:
    try:
        return parsed(line)
    except ValueError as error:
        raise EventsEnded(f"An event that it reported cannot be read: {error}.") from error
