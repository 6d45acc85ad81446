"""What runs in the child process that asks solvers what they miss: one answer a line.

Started as `python -m taskspace.registry.solver_child ANSWERS REQUEST`. The first solver that fails
is the last that is asked: what it raised is its answer.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Any

from taskspace.registry.child import explain


def main(answers: Path, request: str) -> None:
    """Ask the solvers of `request`, each a name and a target, in turn."""
    asked = ""

    def failed(kind: type[BaseException], error: BaseException, at: TracebackType | None) -> None:
        _write(answers, asked, explain(error, at))

    sys.excepthook = failed
    for name, target in json.loads(request):
        asked = name
        module, _, path = target.partition(":")
        found: Any = import_module(module)
        for part in path.split("."):
            found = getattr(found, part)
        _write(answers, name, found().missing())


def _write(answers: Path, name: str, missing: str | None) -> None:
    with answers.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps([name, missing]) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
