"""Write the descriptions of the built-ins into the package: `... describe --write`.

Without `--write` it says whether the file is current, by its exit status too.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from importlib.metadata import distribution
from pathlib import Path
from types import ModuleType

from taskspace.components import API_VERSION, KINDS
from taskspace.registry.builtins import FILE
from taskspace.registry.descriptions.describing import describe_plugin
from taskspace.registry.descriptions.description import BUILT_IN
from taskspace.registry.distributions.discovery import GROUP


def fresh_builtins() -> str:
    """Return the text of builtins.json, from the built-ins as they are now."""
    own = distribution(BUILT_IN)
    hooks = [entry.load() for entry in own.entry_points.select(group=GROUP)]
    components = describe_plugin(BUILT_IN, own.version, hooks)
    data = {
        "api": API_VERSION,
        "kinds": list(KINDS),
        "packages": _packages(hooks),
        "components": [description.as_json() for description in components],
    }
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


def _packages(hooks: Iterable[ModuleType]) -> list[str]:
    """Return the packages of the distribution that lie beside those of its entry points."""
    roots = {
        Path(str(sys.modules[hook.__name__.partition(".")[0]].__file__)).parents[1]
        for hook in hooks
    }
    files = (file for root in roots for file in root.glob(f"{BUILT_IN}*/__init__.py"))
    return sorted({file.parent.name for file in files})


def main(arguments: Sequence[str], file: Path = FILE) -> int:
    """Write or check the file; return the exit status."""
    if arguments not in ([], ["--write"]):
        sys.stderr.write("usage: python -m taskspace.registry.descriptions.describe [--write]\n")
        return 2
    text = fresh_builtins()
    if arguments:
        file.write_text(text, encoding="utf-8")
        return 0
    current = file.exists() and file.read_text(encoding="utf-8") == text
    sys.stdout.write("current\n" if current else "not current: run it with --write\n")
    return 0 if current else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
