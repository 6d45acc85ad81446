"""What a reader must know of a folder in the official layout."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from taskspace.components import Finding
from taskspace.layout import read as official
from taskspace.layout.codes import DEPTH
from taskspace.layout.domains import CONTENTS, DOMAINS
from taskspace.layout.tree import Tree
from taskspace_plugins.datasets.folders.dense._extremes import extreme_findings
from taskspace_plugins.datasets.folders.dense._spread import spread

BY_POINT = Finding(
    "taskonomy-points",
    "warning",
    "Images are grouped by point, so views of one room are on both sides of the splits: results "
    "say how networks do in buildings that they have seen, not in new ones.",
)


def unread_findings(tree: Tree) -> list[Finding]:
    """Return which folders and how many files of a tree are not read."""
    found = []
    if folders := tree.unread:
        lines = [
            f"{path.relative_to(tree.root).as_posix()} ({_counted(_files_below(path))}): {reason}"
            for path, reason in folders
        ]
        count = f"{len(folders)} folder{'s' if len(folders) > 1 else ''}"
        example = "" if len(folders) == 1 else "for example "
        text = f"Not read: {count}, {example}{lines[0].rstrip('.')}.".replace("?.", "?")
        others = () if len(folders) == 1 else tuple(lines)
        found.append(Finding("files-not-read", "warning", text, others))
    stray = [
        *(p for p in sorted(tree.root.iterdir()) if p.is_file() and _is_stray(p.name)),
        *tree.stray_files(),
    ]
    if stray:
        first = stray[0].relative_to(tree.root).as_posix()
        because = f"for example {first}, because of their names"
        if len(stray) == 1:
            because = f"{first}, because of its name"
        text = (
            f"Not read: {_counted(len(stray))}, {because}: the layout has "
            "point_P_view_V_domain_D with the ending of the domain."
        )
        found.append(Finding("files-not-read", "note", text))
    return found


def depth_findings(
    name: str, root: Path, files: Iterable[Path], missing: int | None
) -> list[Finding]:
    """Return which depths of a field may mean missing, by a few of its files.

    Raises:
        DataError: if one of them cannot be read.
    """
    known, unreadable = [], []
    for path in spread(list(files)):
        try:
            depths = official.read_stored(path, DOMAINS[name])
        except official.BROKEN as error:
            unreadable.append((path, error))
        else:
            known.append(depths[depths != DEPTH.missing])
    if unreadable:
        raise official.refused(root, unreadable)
    return extreme_findings(name, known, missing, "depth_missing")


def _is_stray(name: str) -> bool:
    return not name.startswith(".") and name != CONTENTS


def _files_below(folder: Path) -> int:
    return sum(len(files) for _, _, files in os.walk(folder))


def _counted(files: int) -> str:
    return f"{files:,} file{'' if files == 1 else 's'}"
