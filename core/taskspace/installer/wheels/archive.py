"""The entries of a wheel as an archive: plain files under plain names, each of them once."""

from __future__ import annotations

import stat
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from taskspace.errors import RegistryError

_EXPANDS = 200
_ALWAYS_ALLOWED_BYTES = 1 << 30
_ENCRYPTED = 0x1


def plain_entries(archive: ZipFile, where: str) -> dict[str, ZipInfo]:
    """Return the files of a wheel by name.

    Args:
        archive: the wheel.
        where: what it is called in errors.

    Raises:
        RegistryError: if an entry is no plain file, leads out of the archive, is there twice, as
            file systems see names that differ in case alone too, or expands out of proportion.
    """
    entries = [entry for entry in archive.infolist() if not entry.filename.endswith("/")]
    for entry in archive.infolist():
        if (fault := _fault(entry)) is not None:
            raise refused(where, f"The wheel has the entry {entry.filename!r}, which {fault}.")
    _refuse_expanding(entries, where)
    found: dict[str, ZipInfo] = {}
    taken: dict[str, str] = {}
    for entry in entries:
        other = taken.setdefault(_folded(entry.filename), entry.filename)
        if entry.filename in found or other != entry.filename:
            spelled = f", as {other!r} too" if other != entry.filename else ""
            raise refused(
                where,
                f"The wheel has {entry.filename!r} twice{spelled}: what is installed would depend "
                "on who unpacks it.",
            )
        found[entry.filename] = entry
    for name in found:
        above = next((folder for folder in _above(name) if _folded(folder) in taken), None)
        if above is not None:
            what = f"The wheel has {above!r} as a file and as the folder of {name!r}."
            raise refused(where, what)
    return found


def open_wheel(wheel: Path) -> ZipFile:
    """Return the archive of a wheel.

    Raises:
        RegistryError: if it is none.
    """
    try:
        return ZipFile(wheel)
    except (OSError, BadZipFile, ValueError, NotImplementedError) as error:
        raise refused(wheel.name, f"It is no wheel that can be read: {error}.") from error


def refused(where: str, what: str) -> RegistryError:
    """Return the error for a wheel that is not as a current build tool makes them."""
    advice = "Ask its author for a wheel that a current build tool has made."
    return RegistryError(what, where=where, advice=advice)


def unusual_name(name: str) -> str | None:
    """Return what is wrong with the path of a file in an archive or a RECORD, or None."""
    if any(unicodedata.category(letter) in ("Cc", "Zl", "Zp", "Cs") for letter in name):
        return "has control characters in its name"
    if "\\" in name:
        return "has a backslash in its name, a separator of folders to some"
    parts = name.split("/")
    if name.startswith("/") or parts[0][1:2] == ":":
        return "is an absolute path"
    if ".." in parts:
        return "leads out of the archive"
    if "" in parts or "." in parts:
        return "has an empty part or '.' in its path"
    return None


def _fault(entry: ZipInfo) -> str | None:
    # What stands behind a NUL is cut off by zipfile; `orig_filename` still has it.
    if "\0" in entry.orig_filename:
        return "has control characters in its name"
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "is a link" if kind == stat.S_IFLNK else "is no file"
    if entry.flag_bits & _ENCRYPTED or entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        return "is encrypted, or compressed in another way than wheels are"
    return unusual_name(entry.filename.removesuffix("/"))


def _refuse_expanding(entries: Sequence[ZipInfo], where: str) -> None:
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if unpacked > max(_ALWAYS_ALLOWED_BYTES, _EXPANDS * packed):
        raise refused(where, f"The wheel would expand from {packed:,} to {unpacked:,} bytes.")


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _above(name: str) -> Iterator[str]:
    parts = name.split("/")
    return ("/".join(parts[:length]) for length in range(1, len(parts)))
