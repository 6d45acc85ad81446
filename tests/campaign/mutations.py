"""What can happen to a file: to its bytes, or to what stands in its place."""

from __future__ import annotations

import os
import random
import re
import shutil
from collections.abc import Callable
from pathlib import Path

HUGE = b"9" * 5000
WORDS = (b"NaN", b"1e999", b"-1", b"null", b"true", b'""', b"[]", b"{}", HUGE, b"[" * 3000)


def mutated(chance: random.Random, content: bytes) -> bytes:
    """Return other bytes than these."""
    for _ in range(20):
        changed = chance.choice(_MUTATIONS)(chance, content)
        if changed != content:
            return changed
    return content + b"\0"


def _flip(chance: random.Random, content: bytes) -> bytes:
    if not content:
        return content
    place = chance.randrange(len(content))
    bit = bytes([content[place] ^ (1 << chance.randrange(8))])
    return content[:place] + bit + content[place + 1 :]


def _digit(chance: random.Random, content: bytes) -> bytes:
    digits = [found.start() for found in re.finditer(rb"[0-9]", content[: 1 << 20])]
    if not digits:
        return content
    place = chance.choice(digits)
    return content[:place] + str(chance.randrange(10)).encode() + content[place + 1 :]


def _number(chance: random.Random, content: bytes) -> bytes:
    numbers = list(re.finditer(rb"-?[0-9]+(\.[0-9]+)?", content[: 1 << 20]))
    if not numbers:
        return content
    found = chance.choice(numbers)
    return content[: found.start()] + chance.choice(WORDS) + content[found.end() :]


def _cut(chance: random.Random, content: bytes) -> bytes:
    return content[: chance.randrange(len(content) + 1)]


def _empty(chance: random.Random, content: bytes) -> bytes:
    return b""


def _twice(chance: random.Random, content: bytes) -> bytes:
    start, end = sorted(chance.randrange(len(content) + 1) for _ in range(2))
    return content[:end] + content[start:]


def _noise(chance: random.Random, content: bytes) -> bytes:
    place = chance.randrange(len(content) + 1)
    return content[:place] + chance.randbytes(chance.randint(1, 40)) + content[place:]


def _zeros(chance: random.Random, content: bytes) -> bytes:
    place = chance.randrange(len(content) + 1)
    size = min(chance.choice([1, 16, 512]), len(content) - place)
    return content[:place] + bytes(size) + content[place + size :]


_MUTATIONS: tuple[Callable[[random.Random, bytes], bytes], ...] = (
    _flip,
    _digit,
    _number,
    _cut,
    _empty,
    _twice,
    _noise,
    _zeros,
)


def damage(chance: random.Random, file: Path) -> str:
    """Change a file's bytes, mostly, or what stands in its place; return what was done."""
    if chance.random() < 0.75:
        content = file.read_bytes()
        before = file.stat()
        file.write_bytes(mutated(chance, content))
        if chance.random() < 0.5:
            # A copy that was restored, or a forger: the file looks as old as it was.
            os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
        return "other bytes"
    what, replace = chance.choice(_PLACES)
    file.unlink()
    replace(file)
    return what


def _folder(file: Path) -> None:
    file.mkdir()
    (file / "x").write_text("x")


def _link_to_itself(file: Path) -> None:
    file.symlink_to(file.name)


_PLACES: tuple[tuple[str, Callable[[Path], None]], ...] = (
    ("nothing", lambda file: None),
    ("a folder", _folder),
    ("a link to itself", _link_to_itself),
    ("a link to an empty device", lambda file: file.symlink_to("/dev/null")),
    ("a named pipe", os.mkfifo),
)


def files_below(folder: Path) -> list[Path]:
    """Return the regular files below a folder, in order."""
    return sorted(p for p in folder.rglob("*") if p.is_file() and not p.is_symlink())


def remove(path: Path) -> None:
    """Remove a file or a folder."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()
