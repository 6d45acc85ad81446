"""Files of PyTorch (.t7, .pt) as plain data: lists, words and tensors, never objects."""

from __future__ import annotations

import struct
from pathlib import Path
from pickle import UnpicklingError

from taskspace.errors import DataError
from taskspace.regular_file import regular_stream

# The reader of plain data meets garbage as any of these.
_GARBAGE = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    TypeError,
    UnpicklingError,
    ValueError,
    struct.error,
)


def read_plain(path: Path) -> object:
    """Return what a file of PyTorch holds; only what can run no code is read.

    Raises:
        DataError: if it is missing, damaged, or holds anything but plain data.
    """
    import torch  # noqa: PLC0415  (reading needs it, listing does not)

    try:
        with regular_stream(path) as stream:
            content: object = torch.load(stream, map_location="cpu", weights_only=True)
    except _GARBAGE as error:
        raise DataError(
            f"This file cannot be read as plain data: {_said(error)}.",
            where=str(path),
            advice="Download it again, or save it anew with `torch.save` from lists, dictionaries, "
            "words and tensors alone. Pickled objects can run any code, so they are never loaded.",
        ) from error
    return content


def _said(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if isinstance(error, UnpicklingError) and "GLOBAL" in str(error):
        return "it holds objects"
    return f"it is damaged, or no file of PyTorch ({type(error).__name__})"
