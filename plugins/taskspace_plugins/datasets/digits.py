"""The scanned digits that come with scikit-learn."""

from __future__ import annotations

import gzip
import hashlib
import importlib.util
import zlib
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import ClassVar

import numpy as np

from taskspace.components import Dataset, Field, Sample
from taskspace.errors import DataError

SIDE = 8
INK_LEVELS = 16
FILE = Path("datasets", "data", "digits.csv.gz")


class Digits(Dataset):
    """1,797 handwritten digits, scanned at 8x8, from scikit-learn: real images without a network.

    Source: Alpaydin and Kaynak 1998, "Optical recognition of handwritten digits", UCI; every pixel
    counts the ink of a 4x4 block of the scan. The bundled copy does not say who wrote what, so
    there are no groups to keep together.
    """

    name: ClassVar[str] = "digits"

    @cached_property
    def _table(self) -> np.ndarray:
        return _read_table(_bundled_file())

    def fingerprint(self) -> str:
        """Return a hash of all pixels and labels.

        Raises:
            DataError: if scikit-learn's file is missing or is not what it should be.
        """
        return hashlib.sha256(b"digits 1 " + self._table.tobytes()).hexdigest()

    def fields(self) -> Mapping[str, Field]:
        """Return `image` (1, 8, 8) and `digit`, whose class ids are the digits themselves."""
        return {
            "image": Field((1, SIDE, SIDE), description="The scan: 0 is paper, 1 is ink."),
            "digit": Field((), tuple("0123456789"), "The digit that was meant."),
        }

    def length(self) -> int:
        """Return 1,797."""
        return len(self._table)

    def read(
        self, indices: Sequence[int] | np.ndarray, fields: Collection[str] | None = None
    ) -> Sample:
        """Return `image` [B, 1, 8, 8], float32 in [0, 1], and `digit` [B], int64."""
        import torch  # noqa: PLC0415  (reading needs it, listing does not)

        rows = self._table[np.asarray(indices, dtype=np.int64)]
        ink = torch.from_numpy(rows[:, :-1].astype(np.float32) / INK_LEVELS)
        sample = {
            "image": ink.reshape(-1, 1, SIDE, SIDE),
            "digit": torch.from_numpy(rows[:, -1].astype(np.int64)),
        }
        return {name: sample[name] for name in fields or sample}


def _bundled_file() -> Path:
    # Importing scikit-learn takes a second and its file is all that is wanted; the spec of a
    # top-level package is found without importing it.
    package = importlib.util.find_spec("sklearn")
    folders = package.submodule_search_locations if package else None
    if not folders:
        raise DataError(
            "The digits come with scikit-learn, which is not installed.",
            where="dataset digits",
            advice="Install it with `pip install scikit-learn`.",
        )
    return Path(folders[0]) / FILE


def _read_table(path: Path) -> np.ndarray:
    """Return pixels and label of every digit: uint8 [N, 65]."""
    try:
        lines = gzip.decompress(path.read_bytes()).splitlines()
        table = np.array([line.split(b",") for line in lines], dtype=np.float64)
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise DataError(
            f"The digits that come with scikit-learn cannot be read: {error}.",
            where=str(path),
            advice="Reinstall it with `pip install --force-reinstall scikit-learn`.",
        ) from error
    if table.shape[1:] != (SIDE * SIDE + 1,) or not (table >= 0).all() or table.max() > INK_LEVELS:
        raise DataError(
            f"Found a table of shape {table.shape} where digits of 64 pixels in 0..16 should be.",
            where=str(path),
            advice="Reinstall scikit-learn between 1.5 and 2.",
        )
    return table.astype(np.uint8)
