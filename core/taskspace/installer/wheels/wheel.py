"""A wheel before anything of it is installed: that it is what its names and its RECORD say."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import zlib
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile, ZipFile, ZipInfo

from packaging.utils import InvalidWheelFilename, parse_wheel_filename
from packaging.version import InvalidVersion, Version

from taskspace.errors import RegistryError
from taskspace.installer.wheels.archive import open_wheel, plain_entries, refused
from taskspace.registry.distributions.discovery import GROUP
from taskspace.registry.distributions.metadata import entry_points
from taskspace.registry.intent import normalised

_TEXT_BYTES = 32 << 20
_CHUNK = 1 << 20
_UNSIGNED = frozenset({"RECORD", "RECORD.jws", "RECORD.p7s"})
_INSTALLERS_OWN = frozenset({"INSTALLER", "REQUESTED", "direct_url.json"})
_METADATA = (".dist-info", ".egg-info", ".egg", ".egg-link")


@dataclass(frozen=True)
class Wheel:
    """A wheel whose name, metadata and RECORD agree with its files.

    Attributes:
        file: its name, for errors.
        title: `NAME==VERSION`.
        name: of the distribution, in its normal form.
        data: the folder in it whose parts go elsewhere than where modules are imported from.
        files: what is in it, by path.
        plugin_points: name and value of each entry point of ours.
        scripts: names of the scripts that an installer makes for it.
    """

    file: str
    title: str
    name: str
    data: str
    files: tuple[str, ...]
    plugin_points: tuple[tuple[str, str], ...]
    scripts: tuple[str, ...]


def read_wheel(path: Path) -> Wheel:
    """Return what a wheel is; every byte of it is read.

    Raises:
        RegistryError: if it cannot be read, or what it says of itself contradicts itself.
    """
    try:
        with open_wheel(path) as archive:
            return _read(path.name, archive)
    except (BadZipFile, EOFError, OSError, RuntimeError, zlib.error) as error:
        # A wrong checksum, an end in the middle of an entry.
        raise RegistryError(
            f"The wheel is damaged: {error}.", where=path.name, advice="Fetch or build it again."
        ) from error


def _read(file: str, archive: ZipFile) -> Wheel:
    try:
        name, version, _, _ = parse_wheel_filename(file)
    except InvalidWheelFilename as error:
        raise refused(file, f"It is not named as wheels are: {error}.") from error
    entries = plain_entries(archive, file)
    tops = {entry.partition("/")[0] for entry in entries}
    folders = sorted(top for top in tops if top.endswith(_METADATA))
    if len(folders) != 1 or not folders[0].endswith(".dist-info"):
        found = ", ".join(folders) or "none"
        raise refused(file, f"A wheel has one folder NAME-VERSION.dist-info; it has {found}.")
    info = folders[0]
    stem = info.removesuffix(".dist-info")
    _agree(file, name, version, "the folder of its metadata", *stem.rpartition("-")[::2])
    headers = _headers(file, _text(file, archive, entries, f"{info}/METADATA"))
    _agree(file, name, version, "its METADATA", *headers)
    for top in sorted(tops):
        if top.endswith(".data") and top != f"{stem}.data":
            raise refused(file, f"It has the folder {top}, and its name is {stem}.")
    for own in sorted(_INSTALLERS_OWN):
        if f"{info}/{own}" in entries:
            raise refused(file, f"It has {info}/{own}, which is for installers to write.")
    _verify(file, archive, entries, info)
    points = f"{info}/entry_points.txt"
    text = _text(file, archive, entries, points) if points in entries else ""
    try:
        return Wheel(
            file=file,
            title=f"{headers[0]}=={headers[1]}",
            name=normalised(name),
            data=f"{stem}.data",
            files=tuple(entries),
            plugin_points=entry_points(text, GROUP),
            scripts=tuple(s for s, _ in entry_points(text, "console_scripts", "gui_scripts")),
        )
    except RegistryError as error:
        raise refused(file, error.what) from error


def _headers(file: str, text: str) -> tuple[str, str]:
    """Return Name and Version of a METADATA, each of which may be said once."""
    found: dict[str, list[str]] = {"name": [], "version": []}
    for line in text.replace("\r\n", "\n").partition("\n\n")[0].split("\n"):
        key, _, value = line.partition(":")
        if key.lower() in found:
            found[key.lower()].append(value.strip())
    for key, values in found.items():
        if len(values) != 1:
            raise refused(file, f"Its METADATA says {len(values)} times which {key} it has.")
    return found["name"][0], found["version"][0]


def _agree(
    file: str, name: str, version: Version, place: str, its_name: str, its_version: str
) -> None:
    try:
        same = normalised(its_name) == normalised(name) and Version(its_version) == version
    except InvalidVersion:
        same = False
    if not same:
        raise refused(
            file, f"It is named {name} {version}; {place} says {its_name!r} {its_version!r}."
        )


def _verify(file: str, archive: ZipFile, entries: dict[str, ZipInfo], info: str) -> None:
    """Refuse a RECORD that names other files than there are, or other contents."""
    record = f"{info}/RECORD"
    lines = _text(file, archive, entries, record)
    rows: dict[str, str] = {}
    try:
        for row in csv.reader(io.StringIO(lines, newline="")):
            if row and rows.setdefault(row[0], checksum := (row[1:] or [""])[0]) != checksum:
                raise refused(file, f"Its RECORD says two things of {row[0]!r}.")
    except csv.Error as error:
        raise refused(file, f"Its RECORD cannot be read: {error}.") from error
    unsigned = {f"{info}/{name}" for name in _UNSIGNED}
    if strange := sorted(rows.keys() - entries.keys()):
        raise refused(file, f"Its RECORD names {strange[0]!r}, which is not in it.")
    if untold := sorted(entries.keys() - rows.keys() - unsigned):
        raise refused(file, f"It has {untold[0]!r}, which its RECORD does not name.")
    for name in sorted(rows.keys() - unsigned):
        algorithm, _, expected = rows[name].partition("=")
        if algorithm not in ("sha256", "sha384", "sha512"):
            raise refused(file, f"Its RECORD has no SHA-2 checksum for {name!r}.")
        digest = hashlib.new(algorithm)
        with archive.open(entries[name]) as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
        actual = base64.urlsafe_b64encode(digest.digest()).rstrip(b"=").decode()
        if actual != expected.rstrip("="):
            raise refused(file, f"{name!r} is not what its RECORD says: {algorithm}={actual}.")


def _text(file: str, archive: ZipFile, entries: dict[str, ZipInfo], name: str) -> str:
    if name not in entries:
        raise refused(file, f"It has no {name}.")
    if entries[name].file_size > _TEXT_BYTES:
        raise refused(file, f"{name} has more than {_TEXT_BYTES:,} bytes.")
    try:
        return archive.read(entries[name]).decode()
    except UnicodeDecodeError as error:
        raise refused(file, f"{name} is not UTF-8 text.") from error
