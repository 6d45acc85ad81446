"""What the files of a folder hold: a hash of all, or which of them are broken."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from taskspace.components import Finding
from taskspace.layout.decoding import reason_of
from taskspace.regular_file import read_regular
from taskspace_plugins.datasets._refusals import LISTED, Wrong
from taskspace_plugins.datasets.folders._listing import ImageFile
from taskspace_plugins.datasets.folders._pixels import UNREADABLE, decode, upright_size, verify
from taskspace_plugins.datasets.folders.files._first_bytes import LENGTH, named_by
from taskspace_plugins.datasets.folders.files._reasons import FORMAT, counted_noun, examples


class ImagesDigest(NamedTuple):
    """What all images are.

    Attributes:
        lines: what a hash of the dataset takes in, in the order of the images.
        sizes: height and width of each image, 0 where nobody needs them.
        wrong: the images that cannot be read.
    """

    lines: bytes
    sizes: list[tuple[int, int]]
    wrong: list[Wrong]


def digest_images(
    images: Sequence[ImageFile], white: float | None, *, with_sizes: bool
) -> ImagesDigest:
    """Return the names and hashes of all images, and which of them are none."""
    lines: list[bytes] = []
    sizes: list[tuple[int, int]] = []
    wrong: list[Wrong] = []
    for image in images:
        try:
            data = _verified(image, white)
            sizes.append(upright_size(data) if with_sizes else (0, 0))
        except UNREADABLE as error:
            wrong.append((image.name, error))
        else:
            name = f"\n{image.name}\n".encode("utf-8", "surrogateescape")
            lines += [name, hashlib.sha256(data).digest()]
    return ImagesDigest(b"".join(lines), sizes, wrong)


def broken_images(images: Sequence[ImageFile], white: float | None) -> tuple[Wrong, ...]:
    """Return the images that cannot be decoded; every one is read whole."""
    wrong: list[Wrong] = []
    for image in images:
        try:
            decode(_verified(image, white), 2, 3, white)
        except UNREADABLE as error:
            wrong.append((image.name, error))
    return tuple(wrong)


def broken_findings(wrong: Sequence[Wrong]) -> Iterator[Finding]:
    """Yield which images are left out because they are broken, where there are any."""
    if wrong:
        what = f"{counted_noun(len(wrong), 'file')}, {examples(name for name, _ in wrong)}"
        they = "it" if len(wrong) == 1 else "they"
        yield Finding(
            "files-not-read",
            "warning",
            f"Not read: {what}, because {they} cannot be decoded and the job sets "
            "`unreadable: skip`.",
            tuple(f"{name}: {reason_of(error)}" for name, error in wrong[:LISTED]),
        )


def _verified(image: ImageFile, white: float | None) -> bytes:
    """Return the bytes of an image; raises one of `UNREADABLE`."""
    data = read_regular(image.path)
    try:
        verify(data, white)
    except UNREADABLE as error:
        why = named_by(data[:LENGTH])
        if why and why[0] is FORMAT:
            raise ValueError(f"{why[1]}, whatever its ending says") from error
        raise
    return data
