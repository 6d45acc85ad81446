"""The binary files of CIFAR, from the published archive or from the folder it extracts to.

A file is records of fixed length: one label byte (CIFAR-100: coarse, then fine), then 3,072 pixels,
red, green and blue, each row by row. Source: https://www.cs.toronto.edu/~kriz/cifar.html.
"""

from __future__ import annotations

import gzip
import hashlib
import tarfile
import zlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

import numpy as np

from taskspace.errors import DataError
from taskspace_plugins.datasets._refusals import LISTED

SIDE = 32
PIXELS = 3 * SIDE * SIDE
PAGE = "https://www.cs.toronto.edu/~kriz/cifar.html"
GZIP = b"\x1f\x8b"
BLOCK = 1 << 20


@dataclass(frozen=True)
class RecordFile:
    """A file of records: `part` is train or test, `records` is how many are published."""

    name: str
    part: str
    records: int


@dataclass(frozen=True)
class Release:
    """What was published under one name.

    Attributes:
        title: what people call it.
        archive: the name of the binary archive.
        md5: its published checksum.
        folder: what the archive extracts to.
        pickles: what the archive of the Python version extracts to.
        files: in the order in which samples are numbered.
        labels: bytes before the pixels of a record.
    """

    title: str
    archive: str
    md5: str
    folder: str
    pickles: str
    files: tuple[RecordFile, ...]
    labels: int

    @property
    def record(self) -> int:
        """Return the bytes of a record."""
        return self.labels + PIXELS

    def advice(self) -> str:
        """Return where the binary archive is to be had."""
        return (
            f"Give the path of {self.archive} (MD5 {self.md5}) from {PAGE}, or of the folder "
            f"{self.folder} that it extracts to; nothing is downloaded."
        )


def read_records(
    path: Path, release: Release, files: Sequence[RecordFile], *, partial: bool
) -> dict[str, np.ndarray]:
    """Return the records of each file by its name: uint8 [n, release.record].

    Files of a folder are mapped into memory; those of an archive are read into it.

    Args:
        path: of the archive, of its folder, or of the folder which that is in.
        release: what is expected there.
        files: those that are wanted.
        partial: whether there may be fewer records than were published.

    Raises:
        DataError: if something is missing, unreadable, of another size or of another version.
    """
    try:
        if path.is_dir():
            return _mapped(path, release, files, partial=partial)
        if path.is_file():
            return _unpacked(path, release, files, partial=partial)
    except OSError as error:
        raise DataError(
            f"{release.title} cannot be read: {error}.", where=str(path), advice=release.advice()
        ) from error
    raise DataError(
        f"There is no file or folder with {release.title} here.",
        where=str(path),
        advice=release.advice(),
    )


def _mapped(
    path: Path, release: Release, files: Sequence[RecordFile], *, partial: bool
) -> dict[str, np.ndarray]:
    inner = path / release.folder
    folder = inner if inner.is_dir() else path
    entries = list(folder.iterdir())
    sizes = {entry.name: entry.stat().st_size for entry in entries if entry.is_file()}
    others = [entry.name for entry in entries if entry.name not in sizes]
    _check(folder, release, files, sizes, others, partial=partial)
    return {
        file.name: np.memmap(folder / file.name, np.uint8, "r").reshape(-1, release.record)
        for file in files
    }


def _unpacked(
    path: Path, release: Release, files: Sequence[RecordFile], *, partial: bool
) -> dict[str, np.ndarray]:
    most = {file.name: file.records * release.record for file in files}
    try:
        sizes, contents = _members(path, most)
    except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
        raise DataError(
            f"The archive cannot be read: {str(error).rstrip('.')}. Its MD5 is {_md5(path)}.",
            where=str(path),
            advice=release.advice(),
        ) from error
    _check(path, release, files, sizes, (), partial=partial)
    # The published archives hold their files in no order.
    return {
        file.name: np.frombuffer(contents[file.name], np.uint8).reshape(-1, release.record)
        for file in files
        if file.name in contents
    }


def _members(path: Path, most: Mapping[str, int]) -> tuple[dict[str, int], dict[str, bytes]]:
    """Return the size of every file in an archive, and the content of the wanted ones.

    Nothing is written, whatever the archive says of paths and links.

    Args:
        path: of the archive.
        most: the files that are wanted, and how many bytes are read of them at most.
    """
    sizes: dict[str, int] = {}
    contents: dict[str, bytes] = {}
    with (
        path.open("rb") as file,
        _unzipped(file) as stream,
        tarfile.open(fileobj=stream, mode="r:") as archive,
    ):
        for member in archive:
            name = PurePosixPath(member.name).name
            if not member.isreg():
                continue
            sizes[name] = member.size
            if name in most and member.size <= most[name]:
                content = archive.extractfile(member)
                contents[name] = content.read() if content else b""
        # A checksum stands at the end of what is packed, and is compared when the end is read.
        while stream.read(BLOCK):
            pass
    return sizes, contents


def _unzipped(file: BinaryIO) -> BinaryIO:
    # Some browsers unpack what they download and leave its name.
    packed = file.read(len(GZIP)) == GZIP
    file.seek(0)
    return cast("BinaryIO", gzip.GzipFile(fileobj=file)) if packed else file


def _check(
    where: Path,
    release: Release,
    files: Sequence[RecordFile],
    sizes: Mapping[str, int],
    others: Collection[str],
    *,
    partial: bool,
) -> None:
    """Refuse what is there unless it has the files, each with whole records and enough of them."""
    absent = [file.name for file in files if file.name not in sizes]
    if absent:
        raise DataError(
            _another_version(absent, release, {*sizes, *others}),
            where=str(where),
            advice=release.advice(),
        )
    wrong = {file.name: _wrong_size(file, sizes[file.name], release, partial) for file in files}
    said = [f"{name} {what}" for name, what in wrong.items() if what]
    if said:
        raise DataError(f"{'; '.join(said)}.", where=str(where), advice=release.advice())


def _another_version(absent: Sequence[str], release: Release, found: Iterable[str]) -> str:
    names = set(found)
    stems = {name.removesuffix(".bin") for name in absent}
    if release.pickles in names or stems & names:
        return (
            f"This is the Python version of {release.title}. Its files are pickles, which can run "
            "any code when they are loaded, so they are never read."
        )
    if {f"{stem}.mat" for stem in stems} & names:
        return f"This is the Matlab version of {release.title}; only the binary one is read."
    listed = ", ".join(sorted(names)[:LISTED]) or "nothing"
    return (
        f"{', '.join(absent)} of {release.title} {'is' if len(absent) == 1 else 'are'} not here; "
        f"found {listed}{' and more' if len(names) > LISTED else ''}."
    )


def _wrong_size(file: RecordFile, size: int, release: Release, partial: bool) -> str | None:
    whole = file.records * release.record
    if size == whole:
        return None
    if size > whole:
        return f"has {size:,} bytes, more than the {whole:,} that were published"
    count, rest = divmod(size, release.record)
    if rest or not count:
        return f"has {size:,} bytes, which are no records of {release.record:,} bytes"
    if partial:
        return None
    return (
        f"has {count:,} records, where {file.records:,} were published (set `partial` if these are "
        "all that there should be)"
    )


def _md5(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            found = hashlib.file_digest(stream, partial(hashlib.md5, usedforsecurity=False))
    except OSError:
        return "unknown"
    return found.hexdigest()
