"""What an installer wrote down about a distribution, read without believing that it is sound."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from importlib.metadata import Distribution
from pathlib import Path

from taskspace.errors import RegistryError

LIMIT_BYTES = 64 << 20
"""Of one file of metadata; the RECORD of the largest packages has a few."""


def text_of(metadata: Distribution, name: str) -> str | None:
    """Return the text of a file of a distribution's metadata, or None where there is none.

    Raises:
        RegistryError: if there is one that cannot be read, is no file or has more than 64 MiB.
    """
    try:
        return plain_text(metadata, name)
    except UnicodeDecodeError as error:
        raise RegistryError(f"Its {name} is not UTF-8 text.") from error
    except (OSError, ValueError) as error:
        raise RegistryError(f"Its {name} cannot be read: {error}.") from error


def plain_text(metadata: Distribution, name: str) -> str | None:
    """Return what `read_text` does, without waiting for pipes or reading without an end.

    Raises:
        OSError: if it cannot be read, is no file or has more than 64 MiB.
        UnicodeDecodeError: if it is not UTF-8.
    """
    # importlib.metadata has no public name for the folder of a distribution's metadata.
    folder = getattr(metadata, "_path", None)
    if isinstance(folder, Path):
        try:
            status = os.stat(f"{folder}/{name}")  # noqa: PTH116  hundreds of distributions
        except (FileNotFoundError, NotADirectoryError):
            return None
        if not stat.S_ISREG(status.st_mode) and not stat.S_ISDIR(status.st_mode):
            raise OSError(errno.EINVAL, "it is no file")
        if status.st_size > LIMIT_BYTES:
            raise OSError(errno.EFBIG, f"it has more than {LIMIT_BYTES >> 20} MiB")
    return metadata.read_text(name)


def is_leftover(metadata: Distribution) -> bool:
    """Return whether a distribution is an .egg-info folder, as builds leave in source trees."""
    folder = getattr(metadata, "_path", None)
    return isinstance(folder, Path) and folder.name.endswith(".egg-info")


def name_of(metadata: Distribution) -> str:
    """Return the name in a distribution's metadata, '' where it has none that can be read."""
    for file in ("METADATA", "PKG-INFO"):
        with suppress(RegistryError):
            if text := text_of(metadata, file):
                return name_and_version(text)[0] or ""
    return ""


def name_and_version(text: str) -> tuple[str | None, str | None]:
    """Return what the headers of a METADATA say, each None where it is missing or empty."""
    found: dict[str, str] = {}
    for line in text.partition("\n\n")[0].splitlines():
        key, _, value = line.partition(":")
        found.setdefault(key.strip().lower(), value.strip())
    return found.get("name") or None, found.get("version") or None


def entry_points(text: str, *groups: str) -> tuple[tuple[str, str], ...]:
    """Return name and value of each entry point of the groups, in the order of the file.

    Raises:
        RegistryError: if a line of theirs is no `name = value`.
    """
    found, wanted = [], False
    for line in map(str.strip, text.splitlines()):
        if line.startswith("[") and line.endswith("]"):
            wanted = line[1:-1].strip() in groups
        elif wanted and line and line[0] not in "#;":
            name, equals, value = line.partition("=")
            if not (equals and name.strip() and value.strip()):
                raise RegistryError(f"Its entry_points.txt has the line {line!r}.")
            found.append((name.strip(), value.strip()))
    return tuple(found)
