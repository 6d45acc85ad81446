"""A copy of a source tree to build in: each file once, whatever its links lead to."""

from __future__ import annotations

import os
import shutil
import stat
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

from taskspace.errors import RegistryError
from taskspace.installer.environment import Say

_NOT_SOURCE = ("__pycache__", "*.pyc", "*.egg-info", ".taskspace", ".tox", ".nox", ".*_cache")
_BUILT = frozenset({"build", "dist"})
LINKED_FILES = 10_000
LINKED_BYTES = 256 << 20
"""What links of a tree may lead to, all of them together."""
LINKED_TIMES = 10
"""How often links may lead to one and the same folder: ways double with every two links."""


def copy_tree(tree: Path, copy: Path, say: Say) -> None:
    """Copy what is source in a tree; in place of a link stands what it leads to.

    Links that lead nowhere are left out, and so are sockets, pipes and devices, which are said.

    Args:
        tree: the source tree.
        copy: a folder that is not there yet.
        say: is told what was left out.

    Raises:
        RegistryError: if a link leads to a folder that it is in, links lead to one folder more
            than 10 times, or to more than 10,000 files or 256 MiB in all; if a file cannot be read.
    """
    _Copying(tree, say).folder(tree, copy, (os.path.realpath(tree),), linked=False)


@dataclass
class _Copying:
    """One copy under way, and how much of it came through links."""

    root: Path
    say: Say
    files: int = 0
    size: int = 0
    ways: Counter[str] = field(default_factory=Counter)

    def folder(self, source: Path, target: Path, above: tuple[str, ...], *, linked: bool) -> None:
        """Copy a folder; `above` are the real folders that it is in, itself the last."""
        try:
            target.mkdir(parents=True)
            for path in self._sources(source):
                self._entry(path, target / path.name, above, linked=linked)
        except OSError as error:
            raise RegistryError(
                f"The source tree cannot be copied: {error.strerror or error}.",
                where=str(error.filename or source),
                advice="Check that it can be read, and that there is space.",
            ) from error

    def _entry(self, path: Path, target: Path, above: tuple[str, ...], *, linked: bool) -> None:
        linked = linked or path.is_symlink()
        try:
            mode = path.stat().st_mode
        except OSError:
            if path.is_symlink():
                return  # it leads nowhere, or to itself
            raise
        if stat.S_ISDIR(mode):
            real = os.path.realpath(path)
            if any(Path(real) == Path(f) or Path(real) in Path(f).parents for f in above):
                raise self._refused(path, f"leads to {real}, a folder that it is in itself")
            self._count(path, 0, linked=linked)
            self.ways[real] += linked
            if self.ways[real] > LINKED_TIMES:
                raise self._refused(path, f"is one of more than {LINKED_TIMES} ways to {real}")
            self.folder(path, target, (*above, real), linked=linked)
        elif stat.S_ISREG(mode):
            self._count(path, path.stat().st_size, linked=linked)
            shutil.copy2(path, target)
        else:
            self.say(f"Note: {path} is no file and no folder; it is left out.")

    def _sources(self, folder: Path) -> Iterator[Path]:
        for name in sorted(os.listdir(folder)):  # noqa: PTH208  names are what is judged
            path = folder / name
            if any(fnmatch(name, pattern) for pattern in _NOT_SOURCE):
                continue
            if folder == self.root and name in _BUILT:
                continue
            if not (path / "pyvenv.cfg").exists():
                yield path

    def _count(self, path: Path, size: int, *, linked: bool) -> None:
        if not linked:
            return
        self.files += 1
        self.size += size
        if self.files > LINKED_FILES or self.size > LINKED_BYTES:
            raise self._refused(
                path,
                f"is behind a link, and the links of the tree lead to more than "
                f"{LINKED_FILES:,} files or {LINKED_BYTES >> 20} MiB",
            )

    def _refused(self, path: Path, what: str) -> RegistryError:
        return RegistryError(
            f"{path.relative_to(self.root)} {what}.",
            where=str(self.root),
            advice="Put the files that the plugin needs in the place of the link.",
        )
