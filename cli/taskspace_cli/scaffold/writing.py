"""Writing a new plugin from the templates of its kind: as a whole, or nothing."""

from __future__ import annotations

import io
import re
import shlex
import shutil
import tempfile
import tokenize
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib import resources
from importlib.metadata import version
from importlib.resources.abc import Traversable
from pathlib import Path, PurePosixPath

from taskspace.components import API_VERSION, hook_name
from taskspace.errors import InputError
from taskspace.registry import BUILT_IN, Registry
from taskspace.registry.unknown import unknown_kind
from taskspace_cli.scaffold.naming import Names, checked_names

COMMON = "common"
ABOUT = "about.md"
"""What the README says of the kind."""

_SUFFIX = ".txt"
"""Of templates, which are no modules of ours; taken off."""
_DOT = "dot-"
"""Stands for the dot of hidden files, which installers leave out."""


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


def raw_files(kind: str) -> dict[str, str]:
    """Return path to text of the templates of a kind, with the tokens in them."""
    folder = resources.files("taskspace_cli").joinpath("templates", "plugin")
    found = dict(_walk(folder.joinpath(COMMON), PurePosixPath()))
    return found | dict(_walk(folder.joinpath(kind), PurePosixPath()))


def used_names(raw: Mapping[str, str]) -> frozenset[str]:
    """Return the names that stand in the code of templates, outside of texts and comments."""
    return frozenset(
        token.string
        for path, text in raw.items()
        if path.endswith(".py")
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type == tokenize.NAME
    )


def rendered(raw: Mapping[str, str], names: Names, kind: str) -> dict[str, str]:
    """Return path to text of the files of a plugin."""
    tokens = {
        "PLUGIN_DISTRIBUTION": names.distribution,
        "PLUGIN_PACKAGE": names.package,
        "PLUGIN_SHORT": names.short,
        "PLUGIN_NAME": names.component,
        "PluginName": names.cls,
        "PLUGIN_KIND": kind,
        "PLUGIN_HOOK": hook_name(kind),
        "PLUGIN_API": f">={API_VERSION},<{API_VERSION + 1}",
        "PLUGIN_OF": f">={'.'.join(version(BUILT_IN).split('.')[:2])}",
        "PLUGIN_RUN": run_options(names, kind),
    }
    about = _filled(raw[ABOUT], tokens).strip()
    tokens["PLUGIN_ABOUT"] = about
    return {
        _filled(path, tokens).replace(_DOT, "."): _filled(text, tokens)
        for path, text in raw.items()
        if path != ABOUT
    }


def run_options(names: Names, kind: str) -> str:
    """Return what `tasks run job.yaml` needs beside it."""
    return f" --executor {names.component}" if kind == "executor" else ""


def _filled(text: str, tokens: Mapping[str, str]) -> str:
    return re.sub("|".join(tokens), lambda match: tokens[match[0]], text)


def _walk(folder: Traversable, above: PurePosixPath) -> Iterator[tuple[str, str]]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        path = above / entry.name
        if entry.is_dir():
            yield from _walk(entry, path)
        else:
            yield str(path).removesuffix(_SUFFIX), entry.read_text("utf-8")
