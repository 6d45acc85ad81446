"""The command's own notes in an environment: typed, with a checksum that only fits there."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from taskspace.errors import RegistryError
from taskspace.regular_file import read_regular
from taskspace.whole_file import write_whole

FORMAT = 2
LIMIT_BYTES = 64 << 20


class SealBroken(Exception):
    """A note is not one that the command has written here; the message says why."""


def write_sealed(file: Path, content: dict[str, Any]) -> None:
    """Write a note as a whole, and wait until it is on the disk.

    Raises:
        OSError: if it cannot be written; it is then as it was.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    note = {"format": FORMAT, "seal": _seal(file, content), "content": content}
    write_whole(file, json.dumps(note).encode(), durable=True)


def read_sealed(file: Path) -> dict[str, Any] | None:
    """Return a note, or None where there is none.

    Raises:
        SealBroken: if it is damaged, was made elsewhere or by something else, or is no plain file.
    """
    try:
        text = read_regular(file, limit=LIMIT_BYTES, follow=False)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SealBroken(error.strerror or str(error)) from error
    try:
        note = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SealBroken(f"it is no JSON ({error})") from error
    if not isinstance(note, dict) or note.get("format") != FORMAT:
        raise SealBroken("it is of no form that is known here")
    content = note.get("content")
    if not isinstance(content, dict) or note.get("seal") != _seal(file, content):
        raise SealBroken("its checksum is not that of its content in this environment")
    return content


def refuse_linked(folder: Path) -> None:
    """Refuse a folder of notes that is a link, or lies behind one: it would be somebody else's.

    Args:
        folder: `share/taskspace` of an environment.

    Raises:
        RegistryError: if it or the `share` above it is a link.
    """
    for place in (folder.parent, folder, folder / "staging"):
        if place.is_symlink():
            raise RegistryError(
                "It is a link: `tasks plugin` would write and delete elsewhere.",
                where=str(place),
                advice="Remove the link, or put the folder itself in its place.",
            )


def _seal(file: Path, content: dict[str, Any]) -> str:
    # With its place, so that no wheel and no other environment can bring a note along.
    text = json.dumps([os.path.realpath(file), content], sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
