"""The files of a new plugin: those that every plugin has, and those of its kind."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator, Mapping
from importlib import resources
from importlib.metadata import version
from importlib.resources.abc import Traversable
from pathlib import PurePosixPath

from taskspace.components import API_VERSION, hook_name
from taskspace.registry import BUILT_IN
from taskspace_cli.scaffold.naming import Names

COMMON = "common"
ABOUT = "about.md"
"""What the README says of the kind."""

_SUFFIX = ".txt"
"""Of templates, which are no modules of ours; taken off."""
_DOT = "dot-"
"""Stands for the dot of hidden files, which installers leave out."""


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
