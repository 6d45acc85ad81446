"""Descriptions of third-party plugins, kept between commands: listing starts no child process."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from taskspace.errors import InputError
from taskspace.registry.bounded.strict_json import parsed
from taskspace.registry.descriptions.contained import ANSWER_BYTES, describe_in_child, time_limit
from taskspace.registry.descriptions.described import Described, read_described
from taskspace.registry.distributions.discovery import InstalledPlugin, built_in_version
from taskspace.registry.intent import normalised
from taskspace.regular_file import read_regular
from taskspace.whole_file import write_whole

FORMAT = 3
CACHE_BYTES = 2 * ANSWER_BYTES


def cache_root() -> Path:
    """Return the user's cache folder: TASKS_CACHE, else taskspace's place by the XDG rules.

    Raises:
        InputError: if it is said to be in the home folder of nobody.
    """
    own = os.environ.get("TASKS_CACHE")
    shared = Path(os.environ.get("XDG_CACHE_HOME", ""))
    try:
        if own:
            return Path(own).expanduser()
        return (shared if shared.is_absolute() else Path.home() / ".cache") / "taskspace"
    except RuntimeError as error:
        raise InputError(
            f"The cache folder cannot be told: {error}", advice="Set TASKS_CACHE to a folder."
        ) from error


def described(
    found: InstalledPlugin, digest: str, api: int, *, first: Sequence[str] = ()
) -> Described:
    """Return what a plugin provides: from the cache, else from a child process.

    A description holds as long as the plugin's files and the api are the same; a failure only as
    long as nothing else is installed or removed either, and the time limit is the same, since
    that may cure it.

    Args:
        found: the plugin.
        digest: of its installed files.
        api: number of the hooks and base classes.
        first: folders from which it is imported before all others.

    Raises:
        InputError: if TASKS_DESCRIBE_SECONDS is wrong.
    """
    file = cache_file(found, digest, api)
    known = _read(file, found)
    if known is not None:
        return known
    seconds = time_limit()
    fresh = describe_in_child(found, seconds=seconds, first=first)
    record = {
        "format": FORMAT,
        "holds": _circumstances(seconds) if fresh.failure else None,
        "answer": fresh.as_json(),
    }
    # The cache only saves time: without a writable one every command describes anew.
    with contextlib.suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, json.dumps(record).encode())
    return fresh


def cache_file(found: InstalledPlugin, digest: str, api: int) -> Path:
    """Return where the description of a plugin is kept."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    key = hashlib.sha256(
        "\n".join(
            [
                normalised(found.distribution),
                found.version,
                digest,
                # Another taskspace of the same api may know more kinds of component.
                str(api),
                built_in_version(),
                python,
            ]
        ).encode()
    ).hexdigest()
    return cache_root() / "plugins" / f"{normalised(found.distribution)}-{key[:16]}.json"


def _read(file: Path, found: InstalledPlugin) -> Described | None:
    """Return what is kept, or None where nothing is, or nothing that can be used."""
    try:
        record = parsed(read_regular(file, limit=CACHE_BYTES, follow=False))
        if not isinstance(record, dict) or record.get("format") != FORMAT:
            return None
        known = read_described(record.get("answer"), found)
    except (OSError, ValueError):
        return None
    if known.failure is not None and record.get("holds") != _circumstances(time_limit()):
        return None
    return known


def _circumstances(seconds: float) -> str:
    """Return a hash of the time limit and of the names of the installed distributions' folders."""
    names = set[str]()
    for entry in sys.path:
        # What is no folder, or may not be read, is nothing to import from either.
        with contextlib.suppress(OSError):
            names |= {
                name
                for name in os.listdir(entry or ".")  # noqa: PTH208  thousands of names
                if name.endswith((".dist-info", ".egg-info"))
            }
    text = "\n".join([str(seconds), *sorted(names)])
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
