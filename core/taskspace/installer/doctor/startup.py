"""What Python runs whenever it starts here: path files with code, sitecustomize, usercustomize."""

from __future__ import annotations

import site
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib.machinery import ModuleSpec, PathFinder
from importlib.metadata import distributions
from pathlib import Path

from taskspace.errors import RegistryError
from taskspace.registry.distributions.metadata import name_and_version, text_of
from taskspace.registry.distributions.reach import runs_everywhere
from taskspace.registry.distributions.record import rows_of
from taskspace.registry.intent import normalised

_LIBRARIES = ("site-packages", "dist-packages")
_LIMIT_BYTES = 1 << 20


@dataclass(frozen=True)
class StartupFile:
    """A file that Python runs whenever it starts.

    Attributes:
        owner: the distribution that it came with, in its normal form; `Python` of its standard
            library, where Debian has a sitecustomize; else None.
    """

    path: Path
    owner: str | None


def startup_files() -> list[StartupFile]:
    """Return what Python runs whenever it starts in this environment, in order of path.

    Of path files, those count that have a line of code; others only name folders.
    """
    folders = [Path(entry) for entry in sys.path if Path(entry).name in _LIBRARIES]
    found = set(_customisations())
    for folder in folders:
        with suppress(OSError):
            found |= {file for file in folder.glob("*.pth") if _has_code(file)}
    library = Path(sysconfig.get_path("stdlib"))
    owners = {path: "Python" for path in found if path.parent == library}
    if found:
        for folder in folders:
            owners |= dict(_owners(folder))
    return [StartupFile(path, owners.get(path)) for path in sorted(found)]


def _customisations() -> Iterator[Path]:
    names = ["sitecustomize", *(["usercustomize"] if site.ENABLE_USER_SITE else [])]
    for name in names:
        spec: ModuleSpec | None = PathFinder.find_spec(name)
        if spec is not None and spec.origin is not None:
            yield Path(spec.origin)


def _has_code(file: Path) -> bool:
    try:
        if not file.is_file():
            return False
        with file.open("rb") as stream:
            lines = stream.read(_LIMIT_BYTES).splitlines()
    except OSError:
        return False
    return any(line.startswith((b"import ", b"import\t")) for line in lines)


def _owners(folder: Path) -> Iterator[tuple[Path, str]]:
    for distribution in distributions(path=[str(folder)]):
        with suppress(RegistryError):
            name, _ = name_and_version(text_of(distribution, "METADATA") or "")
            for row in rows_of(distribution):
                if runs_everywhere(row.path) and name:
                    yield folder / row.path, normalised(name)
