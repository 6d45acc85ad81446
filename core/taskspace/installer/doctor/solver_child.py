"""What runs in the child process that asks solvers what they miss: one answer a line.

Started as `python -m taskspace.installer.doctor.solver_child ANSWERS REQUEST`. The first
solver that fails is the last that is asked: what it raised is its answer.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from pkgutil import resolve_name
from types import TracebackType

from taskspace.registry.descriptions.child import explain, packages_of
from taskspace.registry.distributions.from_source import import_from_source


def main(answers: Path, request: str) -> None:
    """Ask the solvers of `request`, each a name, a target and its distribution, in turn."""
    asked, own = "", frozenset[str]()

    def failed(kind: type[BaseException], error: BaseException, at: TracebackType | None) -> None:
        _write(answers, asked, explain(error, at, own))

    sys.excepthook = failed
    for name, target, distribution in json.loads(request):
        asked, own = name, packages_of([target])
        import_from_source([target], distribution)
        _write(answers, name, resolve_name(target)().missing())


def _write(answers: Path, name: str, missing: str | None) -> None:
    with answers.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps([name, missing]) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
