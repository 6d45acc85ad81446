"""What runs in the child process that describes one plugin.

Started as `python -m taskspace.registry.descriptions.child ANSWER REQUEST`; the answer is
a file, so that nothing the plugin prints can be taken for it. Failures are left to the interpreter:
its hook for uncaught errors writes them down, and an answer that is missing tells of an exit or a
crash.
"""

from __future__ import annotations

import json
import sys
import time
import traceback
from collections.abc import Collection, Iterable
from importlib.metadata import EntryPoint
from pathlib import Path
from types import TracebackType

from taskspace.errors import TaskspaceError
from taskspace.registry.bounded.shortened import cut
from taskspace.registry.descriptions.described import REASON
from taskspace.registry.descriptions.describing import describe_plugin
from taskspace.registry.distributions.discovery import GROUP
from taskspace.registry.distributions.from_source import import_from_source


def main(answer: Path, request: str) -> None:
    """Write the descriptions of the plugin in `request`, or why there are none, to `answer`."""
    asked = json.loads(request)
    own = packages_of(value for _, value in asked["entry_points"])

    def failed(kind: type[BaseException], error: BaseException, at: TracebackType | None) -> None:
        _write(answer, {"failure": cut(explain(error, at, own), REASON)})

    sys.excepthook = failed
    import_from_source((value for _, value in asked["entry_points"]), asked["distribution"])
    started = time.perf_counter()
    hooks = [EntryPoint(name, value, GROUP).load() for name, value in asked["entry_points"]]
    seconds = time.perf_counter() - started
    found = describe_plugin(asked["distribution"], asked["version"], hooks)
    if not found:
        raise TaskspaceError("It provides no components.")
    components = [description.as_json() for description in found]
    _write(answer, {"components": components, "seconds": round(seconds, 4)})


def explain(error: BaseException, at: TracebackType | None, own: Collection[str] = ()) -> str:
    """Return an error in a sentence, with a file and line.

    Args:
        error: what was raised.
        at: where.
        own: the packages of the plugin. The line is the last one in them that had to do with the
            error, for a plugin's mistake is often noticed far below it; else the one that raised.
    """
    if isinstance(error, TaskspaceError):
        return str(error)
    frames = [(f.f_globals.get("__name__"), f.f_code, n) for f, n in traceback.walk_tb(at)]
    inside = [frame for frame in frames if str(frame[0]).partition(".")[0] in own]
    place = "".join(f" ({code.co_filename}:{n})" for _, code, n in (inside or frames)[-1:])
    return f"{type(error).__name__}: {error}{place}"


def packages_of(targets: Iterable[str]) -> frozenset[str]:
    """Return the top-level packages of `module` and `module:object` targets."""
    return frozenset(target.partition(":")[0].partition(".")[0].strip() for target in targets)


def _write(answer: Path, data: object) -> None:
    # Renamed when it is whole: the plugin may end this process at any moment.
    whole = answer.with_suffix(".part")
    whole.write_text(json.dumps(data), encoding="utf-8")
    whole.replace(answer)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
