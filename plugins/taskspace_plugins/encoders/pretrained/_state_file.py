"""Files of weights: names and tensors, never objects."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from zipfile import is_zipfile

from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from taskspace.errors import InputError
from taskspace.regular_file import regular_stream
from taskspace_plugins.datasets._torch_files import read_plain

WRAPPERS = ("state_dict", "model_state_dict", "model")
"""Under which of these names training scripts keep the weights beside their own state."""

PARALLEL = "module."
"""What `DataParallel` puts before every name."""

ZIP = b"PK"
"""How a zip begins, which files of PyTorch have been since version 1.6."""

BLOCK = 1 << 20
"""Bytes that are hashed at once."""


def read_tensors(file: Path) -> dict[str, Tensor]:
    """Return the tensors of a .safetensors file, or of a PyTorch file without objects, by name.

    What stands beside the weights under one of `WRAPPERS` is not read, nor is what is no tensor;
    the prefix `PARALLEL` is taken away where all names have it.

    Raises:
        InputError: if the file is missing, damaged, a pickle of objects, or without tensors.
    """
    content = _safe(file) if file.suffix.lower() == ".safetensors" else _plain(file)
    for name in WRAPPERS:
        if isinstance(content, Mapping) and isinstance(content.get(name), Mapping):
            content = content[name]
            break
    named = content.items() if isinstance(content, Mapping) else ()
    tensors = {str(name): value for name, value in named if isinstance(value, Tensor)}
    if not tensors:
        raise InputError(
            "This file has no tensors by name.",
            where=str(file),
            advice="Save a state dict: torch.save(network.state_dict(), FILE), or as safetensors.",
        )
    if all(name.startswith(PARALLEL) for name in tensors):
        return {name.removeprefix(PARALLEL): tensor for name, tensor in tensors.items()}
    return tensors


def file_digest(file: Path) -> str:
    """Return the sha256 of a file, read once until it changes.

    Raises:
        InputError: if it cannot be read.
    """
    return _digest(file, *file_stamp(file))


def file_stamp(file: Path) -> tuple[int, int, int]:
    """Return what is another where a file was written anew: its node, size and time.

    Raises:
        InputError: if it cannot be read.
    """
    try:
        status = file.stat()
    except OSError as error:
        raise _unreadable(file, error) from error
    return status.st_ino, status.st_size, status.st_mtime_ns


@lru_cache(maxsize=64)
def _digest(file: Path, *_stamp: int) -> str:
    try:
        with regular_stream(file) as stream:
            total = hashlib.sha256()
            while block := stream.read(BLOCK):
                total.update(block)
    except OSError as error:
        raise _unreadable(file, error) from error
    return total.hexdigest()


def _plain(file: Path) -> object:
    _refuse_part_of_zip(file)
    with warnings.catch_warnings():
        # Of a pickle that torch has not written it warns, and then refuses it.
        warnings.simplefilter("ignore")
        return read_plain(file)


def _refuse_part_of_zip(file: Path) -> None:
    """Raise InputError for the beginning of a file of PyTorch, which is a zip, without its end."""
    try:
        with regular_stream(file) as stream:
            is_part = stream.read(len(ZIP)) == ZIP and not is_zipfile(stream)
    except OSError:
        return  # the reader says why
    if is_part:
        raise InputError(
            "This file of PyTorch is cut short: its end is missing.",
            where=str(file),
            advice="Copy or download it again.",
        )


def _safe(file: Path) -> Mapping[str, Tensor]:
    try:
        with regular_stream(file):
            pass  # a pipe would be waited for
        tensors: Mapping[str, Tensor] = load_file(file)
    except OSError as error:
        raise _unreadable(file, error) from error
    except SafetensorError as error:
        raise InputError(
            f"This is no whole file of safetensors: {error}.",
            where=str(file),
            advice="Copy or download it again.",
        ) from error
    return tensors


def _unreadable(file: Path, error: OSError) -> InputError:
    return InputError(
        f"These weights cannot be read: {error.strerror or error}.",
        where=str(file),
        advice="Check the path and that you may read the file.",
    )
