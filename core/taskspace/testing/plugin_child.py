"""What runs in the child process of `plugin`: the checks of a plugin, an event a line.

Started as `python -m taskspace.testing.plugin_child REQUEST EVENTS`. The events are a
file, so that nothing that is printed can be taken for one. Every check is announced before it
begins: a process that hangs or ends has said by then which check that was.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import TracebackType
from typing import Any

from taskspace.registry.descriptions.child import explain, packages_of
from taskspace.registry.descriptions.contained import TIME_LIMIT
from taskspace.testing.bench import PluginBench
from taskspace.testing.target import Target, checks_of, chosen_components

SHARE = 0.4
"""Of the time of one check, what a process that it starts may take."""


def main(request: Path, events: Path) -> None:
    """Run the checks that `request` asks for; write what comes of it to `events`."""
    asked = json.loads(request.read_text(encoding="utf-8"))
    done = {(component, check) for component, check in asked["done"]}

    def tell(event: str, **more: Any) -> None:
        with events.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps({"event": event, **more}) + "\n")

    target = Target.from_json(asked["target"])
    own = packages_of(value for _, value in target.entry_points)

    def failed(kind: type[BaseException], error: BaseException, at: TracebackType | None) -> None:
        tell("failure", reason=explain(error, at, own))

    sys.excepthook = failed
    with PluginBench(target, seconds=min(TIME_LIMIT, SHARE * asked["seconds"])) as bench:
        tell("components", components=bench.components)
        for component in chosen_components(target, bench.components, asked["components"]):
            for check in checks_of(component, asked["only"]):
                if (component, check) not in done:
                    tell("start", component=component, check=check)
                    found = bench.outcome(component, check)
                    said = {"status": found.status, "reason": found.reason}
                    tell("outcome", component=component, check=check, **said)
    tell("end")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
