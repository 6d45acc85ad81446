"""Named arrays from files of NumPy, safetensors and PyTorch; never a pickled object."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import numpy as np

from taskspace.errors import DataError
from taskspace.layout.npy import read_npy
from taskspace.regular_file import regular_stream
from taskspace_plugins.datasets._torch_files import read_plain

TORCH = frozenset({".t7", ".pt", ".pth"})
CLASSES = "_classes"
"""`NAME_classes` are the names of the classes of the ids in `NAME`."""


def read_arrays(path: Path, wanted: Collection[str]) -> dict[str, np.ndarray]:
    """Return the arrays of these names, and of `NAME_classes` for each where they are there.

    In safetensors, which has no words, `NAME_classes` is a JSON list in the metadata; those stay as
    they are written, an array of one word.

    Raises:
        DataError: if the file is missing, damaged, of another kind, or lacks an array.
    """
    ending = path.suffix.lower()
    if ending == ".npz":
        arrays, present = _numpy(path, wanted)
    elif ending == ".safetensors":
        arrays, present = _safetensors(path, wanted)
    elif ending in TORCH:
        arrays, present = _torch(path, wanted)
    else:
        raise DataError(
            f"Files that end in {ending!r} are not read as features.",
            where=str(path),
            advice=f"Save the arrays as .npz, .safetensors or {', '.join(sorted(TORCH))}.",
        )
    lacking = sorted(set(wanted) - arrays.keys())
    if lacking:
        raise DataError(
            f"There is no array {lacking[0]!r}; there are {', '.join(sorted(present)) or 'none'}.",
            where=str(path),
            advice="Name arrays of the file in `features`, `labels` and `part`.",
        )
    return arrays


Arrays = tuple[dict[str, np.ndarray], Collection[str]]
"""Those that are wanted, and the names of all."""


def _with_classes(wanted: Collection[str]) -> set[str]:
    return {*wanted, *(name + CLASSES for name in wanted)}


def _numpy(path: Path, wanted: Collection[str]) -> Arrays:
    try:
        with regular_stream(path) as stream, zipfile.ZipFile(stream) as archive:
            present = {
                name.removesuffix(".npy") for name in archive.namelist() if name.endswith(".npy")
            }
            chosen = sorted(present & _with_classes(wanted))
            return {name: read_npy(archive.read(f"{name}.npy")) for name in chosen}, present
    except (
        OSError,
        EOFError,
        NotImplementedError,
        RuntimeError,
        ValueError,
        zipfile.BadZipFile,
        zlib.error,
    ) as error:
        raise _unreadable(path, error) from error


def _safetensors(path: Path, wanted: Collection[str]) -> Arrays:
    from safetensors import SafetensorError, safe_open  # noqa: PLC0415  imports torch

    try:
        regular_stream(path).close()
        with safe_open(path, "pt") as file:
            present = set(file.keys())
            found = {
                name: file.get_tensor(name) for name in sorted(present & _with_classes(wanted))
            }
            metadata = file.metadata() or {}
    except (OSError, SafetensorError, ValueError) as error:
        raise _unreadable(path, error) from error
    arrays = {name: _array(path, name, value) for name, value in found.items()}
    listed = {name + CLASSES for name in wanted} & metadata.keys()
    return arrays | {name: np.array(metadata[name]) for name in listed}, present


def _torch(path: Path, wanted: Collection[str]) -> Arrays:
    content = read_plain(path)
    if not isinstance(content, Mapping) or not all(isinstance(name, str) for name in content):
        raise DataError(
            "This file holds no arrays with names.",
            where=str(path),
            advice="Save a dictionary of tensors and lists of words.",
        )
    chosen = sorted(content.keys() & _with_classes(wanted))
    return {name: _array(path, name, content[name]) for name in chosen}, content.keys()


def _array(path: Path, name: str, value: object) -> np.ndarray:
    import torch  # noqa: PLC0415  (reading needs it, listing does not)

    if isinstance(value, torch.Tensor):
        tensor = value.detach()
        return (tensor.float() if tensor.is_floating_point() else tensor).numpy()
    if isinstance(value, Sequence) and all(isinstance(one, str) for one in value):
        return np.array(list(value), dtype=np.str_)
    if isinstance(value, Sequence) and all(type(one) is int for one in value):
        return np.array(list(value), dtype=np.int64)
    raise DataError(
        f"{name!r} is {type(value).__name__}, not a tensor or a list of words or ids.",
        where=str(path),
        advice="Save a dictionary of tensors and lists of words.",
    )


def _unreadable(path: Path, error: Exception) -> DataError:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return DataError(
        f"The file of features cannot be read: {reason.partition(chr(10))[0].rstrip('.')}.",
        where=str(path),
        advice="Give a whole .npz, .safetensors or .pt file; arrays of Python objects are refused.",
    )
