"""Files in the binary layout of CIFAR, for tests."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from taskspace_plugins.datasets.cifar10 import Cifar10
from taskspace_plugins.datasets.cifar100 import SUPERCLASSES, Cifar100

Either = type[Cifar10] | type[Cifar100]
BOTH = pytest.mark.parametrize("cls", [Cifar10, Cifar100], ids=["cifar10", "cifar100"])
EACH = 120
"""Records in each file of the folders that tests share."""
COARSE_OF = {name: n for n, classes in enumerate(SUPERCLASSES.values()) for name in classes}


def records(cls: Either, labels: Sequence[int], pixels: np.ndarray) -> bytes:
    """Return records of these classes and pixels, uint8 [n, 3, 32, 32]."""
    fine = np.array(labels, dtype=np.uint8)
    columns = [fine[:, None], pixels.reshape(len(fine), -1)]
    if cls is Cifar100:
        coarse = [COARSE_OF[Cifar100.classes[label]] for label in labels]
        columns.insert(0, np.array(coarse, dtype=np.uint8)[:, None])
    return np.concatenate(columns, axis=1).tobytes()


def made_up(cls: Either, each: int) -> dict[str, bytes]:
    """Return every file of a release, with `each` records: all classes in turn, random pixels."""
    draw, classes, files = np.random.default_rng(5), len(cls.classes), {}
    for number, file in enumerate(cls.release.files):
        labels = (np.arange(each) + number * each) % classes
        pixels = draw.integers(0, 256, (each, 3, 32, 32), dtype=np.uint8)
        files[file.name] = records(cls, labels.tolist(), pixels)
    return files


def write_folder(folder: Path, files: Mapping[str, bytes]) -> Path:
    """Write files into a folder."""
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def write_archive(path: Path, files: Mapping[str, bytes], *, inside: str, packed: bool = True):
    """Write files into an archive, below the folder `inside`; stored, so that bytes have places."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(f"{inside}/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    whole = stream.getvalue()
    path.write_bytes(gzip.compress(whole, compresslevel=0, mtime=0) if packed else whole)
    return path
