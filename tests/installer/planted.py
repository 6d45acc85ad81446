"""Wheels that say one thing and do another: each part of a sound one can be replaced."""

from __future__ import annotations

import base64
import hashlib
import stat
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from textwrap import dedent

from plugin_world import RAIN

Content = str | bytes


def planted(
    folder: Path,
    more: Mapping[str, Content] | None = None,
    *,
    name: str = "taskspace-weather",
    version: str = "1.0",
    file: str | None = None,
    points: str | None = None,
    record: str | None = None,
    rows: Iterable[str] = (),
    links: Mapping[str, str] | None = None,
    twice: Iterable[str] = (),
    needs: Iterable[str] = (),
) -> Path:
    """Write a wheel of a plugin `rain` with a lie in it, and return it.

    Args:
        folder: where; the wheel gets a folder of its own in it.
        more: further files, or others in place of its own.
        file: the name of the wheel, where it is not the usual one.
        points: its entry_points.txt.
        record: its RECORD; the right one is made where it is None.
        rows: further lines of the right RECORD.
        links: entries that are links, and what they lead to.
        twice: entries that are in the archive a second time.
        needs: its requirements.
    """
    stem = f"{name.replace('-', '_')}-{version}"
    package, info = name.replace("-", "_"), f"{stem}.dist-info"
    requirements = "".join(f"Requires-Dist: {need}\n" for need in needs)
    files: dict[str, Content] = {
        f"{package}/__init__.py": "",
        f"{package}/plugin.py": dedent(RAIN),
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        f"{requirements}",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": (
            f"[taskspace]\nplugin = {package}.plugin\n" if points is None else points
        ),
        **(more or {}),
    }
    listed = {path: _bytes(text) for path, text in (*files.items(), *(links or {}).items())}
    lines = [f"{path},{_checksum(text)},{len(text)}" for path, text in listed.items()]
    files[f"{info}/RECORD"] = (
        "\n".join([*lines, *rows, f"{info}/RECORD,,"]) + "\n" if record is None else record
    )
    place = folder / str(sum(1 for _ in folder.iterdir()))
    place.mkdir()
    wheel = place / (file or f"{stem}-py3-none-any.whl")
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, text in (*files.items(), *((path, files[path]) for path in twice)):
            archive.writestr(zipfile.ZipInfo(path), _bytes(text))
        for path, target in (links or {}).items():
            entry = zipfile.ZipInfo(path)
            entry.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(entry, target)
    return wheel


def _bytes(text: Content) -> bytes:
    return text.encode() if isinstance(text, str) else text


def _checksum(content: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest())
    return f"sha256={digest.rstrip(b'=').decode()}"
