"""Started in a copy of the sources: edits each file that components reach, and looks at their keys.

What a component reaches is found here by what its modules hold once they are imported, and not by
reading them, as the digest does. Prints a line for everything that is not as it should be.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

from taskspace.registry.builtins import read_builtins
from taskspace.registry.distributions.source import source_digest

CONTRACT = "taskspace.components"
"""The kinds themselves, whose version is a number."""


def reached(module: str, packages: frozenset[str]) -> set[str]:
    """Return the modules of ours that a module's names lead to."""
    pending, known = [module], set[str]()
    while pending:
        name = pending.pop()
        if name in known or name.partition(".")[0] not in packages or name.startswith(CONTRACT):
            continue
        known.add(name)
        for value in vars(sys.modules[name]).values():
            home = value.__name__ if isinstance(value, ModuleType) else _home(value)
            if home in sys.modules:
                pending.append(home)
    return known


def _home(value: object) -> str:
    home = getattr(value, "__module__", None)
    return home if isinstance(home, str) else ""


def main() -> None:
    """Print the files whose edit leaves the key of a component that reaches them as it was."""
    builtins = read_builtins()
    packages = frozenset(builtins.packages)
    own = packages - {"taskspace"}
    modules = {d.target.partition(":")[0] for d in builtins.components if d.kind != "study"}
    for module in modules:
        import_module(module)
    users: dict[Path, set[str]] = {}
    for module in modules:
        for name in reached(module, packages):
            users.setdefault(Path(str(sys.modules[name].__file__)), set()).add(module)
    before = {module: source_digest(module, own) for module in modules}
    for file, components in users.items():
        content = file.read_bytes()
        file.write_bytes(content + b"# edited\n")
        # One of them is enough where there are many: what they share, they find the same way.
        for module in sorted(components)[:2]:
            if source_digest(module, own) == before[module]:
                sys.stdout.write(f"{module} keeps its key when {file} is edited\n")
        file.write_bytes(content)
    sys.stdout.write(f"{len(users)} files\n")


if __name__ == "__main__":
    main()
