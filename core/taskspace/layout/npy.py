"""An array from the bytes of a .npy file that anyone may have written or damaged."""

from __future__ import annotations

import io
import math

import numpy as np
from numpy.lib import format as npy

from taskspace.layout.decoding import decoding

_HEADERS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
"""Version 3 differs in the names of an array's fields, and arrays of numbers have none."""


def read_npy(data: bytes) -> np.ndarray:
    """Return the array in the bytes of a .npy file; never an object.

    Raises:
        ValueError: if there is none.
    """
    try:
        with decoding():
            return _array(data)
    except (OSError, ValueError) as error:
        objects = "Object arrays" in str(error)
        reason = "Object arrays are not read" if objects else "not a whole array of NumPy (.npy)"
        raise ValueError(reason) from error


def _array(data: bytes) -> np.ndarray:
    stream = io.BytesIO(data)
    shape, _, kind = _HEADERS[npy.read_magic(stream)](stream)
    # NumPy would allocate what the header says before it looks whether so much is there.
    if not kind.hasobject and math.prod(shape) * kind.itemsize > len(data) - stream.tell():
        raise ValueError("cut off")
    stream.seek(0)
    array: np.ndarray = npy.read_array(stream, allow_pickle=False)
    return array
