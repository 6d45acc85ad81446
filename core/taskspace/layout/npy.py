"""An array from the bytes of a .npy file that anyone may have written or damaged."""

from __future__ import annotations

import io
import tokenize
import warnings

import numpy as np

# NumPy reads the header as a Python literal: garbage in it raises whatever Python does.
_GARBAGE = (
    ArithmeticError,
    EOFError,
    MemoryError,
    RecursionError,
    SyntaxError,
    TypeError,
    tokenize.TokenError,
)


def read_npy(data: bytes) -> np.ndarray:
    """Return the array in the bytes of a .npy file; never an object.

    Raises:
        ValueError: if there is none.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about the header, likewise
            array: np.ndarray = np.lib.format.read_array(io.BytesIO(data), allow_pickle=False)
    except _GARBAGE as error:
        raise ValueError("not a whole array of NumPy (.npy)") from error
    return array
