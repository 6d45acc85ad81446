"""Descriptions of third-party plugins, kept between commands: listing starts no child process."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from taskspace.registry.contained import Described, describe_in_child
from taskspace.registry.description import Description
from taskspace.registry.discovery import Found
from taskspace.registry.intent import normalised

FORMAT = 1


def cache_root(environment: Mapping[str, str] = os.environ) -> Path:
    """Return the user's cache folder: TASKS_CACHE, else taskspace's place by the XDG rules."""
    own = environment.get("TASKS_CACHE")
    if own:
        return Path(own).expanduser()
    shared = environment.get("XDG_CACHE_HOME")
    return (Path(shared) if shared else Path.home() / ".cache") / "taskspace"


def described(found: Found, digest: str, api: int) -> Described:
    """Return what a plugin provides: from the cache, else from a child process.

    A description holds as long as the plugin's files and the api are the same; a failure only as
    long as nothing else is installed or removed either, since that may cure it.

    Args:
        found: the plugin.
        digest: of its installed files.
        api: number of the hooks and base classes.
    """
    file = cache_file(found, digest, api)
    environment = _environment_digest()
    known = _read(file, found, environment)
    if known is not None:
        return known
    fresh = describe_in_child(found)
    record = {
        "format": FORMAT,
        "environment": environment,
        "failure": fresh.failure,
        "components": [description.as_json() for description in fresh.components],
    }
    # The cache only saves time: without a writable one every command describes anew.
    with contextlib.suppress(OSError):
        _write(file, record)
    return fresh


def cache_file(found: Found, digest: str, api: int) -> Path:
    """Return where the description of a plugin is kept."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    key = hashlib.sha256(
        "\n".join(
            [normalised(found.distribution), found.version, digest, str(api), python]
        ).encode()
    ).hexdigest()
    return cache_root() / "plugins" / f"{normalised(found.distribution)}-{key[:16]}.json"


def _read(file: Path, found: Found, environment: str) -> Described | None:
    try:
        record: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        if record["format"] != FORMAT:
            return None
        if record["failure"] is not None:
            same = record["environment"] == environment
            return Described(failure=record["failure"]) if same else None
        return Described(
            tuple(
                Description.from_json(item, found.distribution, found.version)
                for item in record["components"]
            )
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write(file: Path, record: Mapping[str, Any]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            json.dump(record, stream)
        Path(temporary).replace(file)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise


def _environment_digest() -> str:
    """Return a hash of which distributions are installed, from the names of folders alone."""
    names = set[str]()
    for entry in sys.path:
        folder = Path(entry)
        if folder.is_dir():
            names |= {
                p.name for p in folder.iterdir() if p.name.endswith((".dist-info", ".egg-info"))
            }
    return hashlib.sha256("\n".join(sorted(names)).encode()).hexdigest()
