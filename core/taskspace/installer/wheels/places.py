"""Where installers put files in an environment: libraries, scripts, shared data."""

from __future__ import annotations

import os
import sysconfig
from pathlib import Path

from taskspace.registry.descriptions.description import BUILT_IN


def site_packages() -> Path:
    """Return the folder that distributions of the environment are installed in."""
    return Path(sysconfig.get_path("purelib"))


def belongs(path: str) -> bool:
    """Return whether a path of a RECORD is in a folder that installers fill.

    These are the folders of libraries and of scripts, and below the environment's `share` what is
    not the command's own. No link is followed: see `behind_link`.

    Args:
        path: from the folder that distributions are installed in.
    """
    if "\0" in path or not path:
        return False
    place = Path(os.path.normpath(site_packages() / path))
    if shared_data() in place.parents:
        return place.relative_to(shared_data()).parts[0].casefold() != BUILT_IN
    return any(folder in place.parents for folder in _folders())


def behind_link(path: str) -> Path | None:
    """Return the link that leads away on the way to a file of a RECORD, or None.

    The file itself may be a link: some installers link files to a cache of theirs.

    Args:
        path: from the folder that distributions are installed in; it `belongs`.
    """
    place = Path(os.path.normpath(site_packages() / path))
    base = next(folder for folder in _folders() if folder in place.parents)
    parts = place.relative_to(base).parts[:-1]
    folders = (base.joinpath(*parts[:length]) for length in range(1, len(parts) + 1))
    return next((folder for folder in folders if folder.is_symlink()), None)


def _folders() -> tuple[Path, ...]:
    names = ("purelib", "platlib", "scripts")
    return (*(Path(os.path.normpath(sysconfig.get_path(name))) for name in names), shared_data())


def shared_data() -> Path:
    """Return the folder for data of the environment that is no package's own: manual pages."""
    return Path(os.path.normpath(sysconfig.get_path("data"))) / "share"
