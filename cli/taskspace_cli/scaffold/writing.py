"""Writing a new plugin: as a whole, or nothing."""

from __future__ import annotations

import shlex
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from taskspace.errors import InputError
from taskspace.registry import Registry
from taskspace.registry.unknown import unknown_kind
from taskspace_cli.scaffold.naming import Names, checked_names
from taskspace_cli.scaffold.templates import raw_files, rendered, run_options, used_names


@dataclass(frozen=True)
class Written:
    """A plugin that was written.

    Attributes:
        commands: what to type next.
    """

    folder: Path
    names: Names
    files: tuple[Path, ...]
    commands: tuple[str, ...]


def write_plugin(name: str, kind: str, folder: Path | None = None) -> Written:
    """Write a plugin with one component of a kind.

    Args:
        name: `weather` for the distribution taskspace-weather.
        kind: of the component.
        folder: that becomes its source tree; by default a new one of the name.

    Raises:
        NotFound: if there is no such kind, with the nearest.
        InputError: if name or folder cannot be used; then nothing is written.
    """
    registry = Registry.load(plugins=False)
    if kind not in registry.kinds:
        raise unknown_kind(kind, registry.kinds)
    raw = raw_files(kind)
    names = checked_names(name, kind, registry, used_names(raw))
    target = folder or Path(names.short)
    files = rendered(raw, names, kind)
    try:
        _write(target, files)
    except OSError as error:
        raise InputError(
            f"The plugin cannot be written: {error.strerror or error}.",
            where=str(target),
            advice="Give another folder with --folder DIR.",
        ) from error
    # A path has a separator: without one it would be the name of a plugin.
    plain = target.is_absolute() or target.parts[:1] in ((), ("..",))
    shown = shlex.quote(str(target) if plain else f"./{target}")
    job = shlex.quote(str(target / "job.yaml"))
    return Written(
        target,
        names,
        tuple(target / path for path in sorted(files)),
        (
            f"tasks plugin add {shown}",
            f"tasks run {job}{run_options(names, kind)}",
            f"tasks plugin check {shown}",
        ),
    )


def _write(target: Path, files: Mapping[str, str]) -> None:
    """Write the files beside where they belong, then move them there."""
    if target.exists() and not (target.is_dir() and not any(target.iterdir())):
        raise InputError(
            "It exists and is no empty folder.",
            where=str(target),
            advice="Give another with --folder DIR; nothing is ever overwritten.",
        )
    exists = target.exists()
    place = target if exists else target.parent
    with _parents(place):
        stage = Path(tempfile.mkdtemp(prefix=".taskspace-new-", dir=place))
        _fill(stage, target, files, exists)


@contextmanager
def _parents(folder: Path) -> Iterator[None]:
    """Make a folder and those above it; where what follows fails, they go again."""
    with ExitStack() as made:
        for missing in reversed([f for f in (folder, *folder.parents) if not f.exists()]):
            missing.mkdir()
            made.callback(missing.rmdir)
        yield
        made.pop_all()


def _fill(stage: Path, target: Path, files: Mapping[str, str], exists: bool) -> None:
    try:
        tree = stage / "tree"
        for path, text in files.items():
            file = tree / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        if exists:
            # The folder itself stays: a shell may stand in it.
            for entry in list(tree.iterdir()):
                entry.rename(target / entry.name)
        else:
            tree.rename(target)
    finally:
        shutil.rmtree(stage, ignore_errors=True)
