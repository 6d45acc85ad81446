"""One meaning of "unreadable", whatever the decoder of a file raises."""

from __future__ import annotations

import io
import logging
import os
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image

_ONE_AT_A_TIME = threading.Lock()

# Pillow logs some damage as errors. Without a handler Python would print them in the terminal,
# beside the refusal that says the same.
logging.getLogger("PIL").addHandler(logging.NullHandler())


@contextmanager
def decoding() -> Iterator[None]:
    """Make every failure of a decoder OSError or ValueError, and keep its warnings to itself.

    Decoders raise anything for a damaged file: IndexError for a PNG without pixels, TypeError,
    AttributeError or AssertionError for metadata. A computer without memory says nothing of the
    file, so MemoryError passes as it is.

    Raises:
        OSError: as the decoder raises it.
        ValueError: for everything else, with what was raised.
    """
    with warnings.catch_warnings():
        # Of metadata, or of large images; what cannot be decoded is an error anyway.
        warnings.simplefilter("ignore")
        try:
            yield
        except (OSError, ValueError, MemoryError):
            raise
        except Exception as error:
            missing = " is missing" if isinstance(error, KeyError) else ""
            raise ValueError(f"damaged: {str(error) or type(error).__name__}{missing}") from error


@contextmanager
def decoded_picture(data: bytes) -> Iterator[Image.Image]:
    """Give the picture in the bytes of a file, with its pixels decoded.

    Raises:
        OSError, ValueError: if there is none, or not all of it.
    """
    refuse_empty(data)
    with decoding(), Image.open(io.BytesIO(data)) as image:
        if image.format == "EPS":
            # Whatever the file is called; Pillow would start Ghostscript, which runs it.
            raise ValueError("a program in PostScript, not an image")
        if image.format == "TIFF":
            with _no_output_of_libraries():
                image.load()
        else:
            image.load()
        yield image


def refuse_empty(data: bytes) -> None:
    """Check that a file has bytes at all; of none, decoders say only that they are no image.

    Raises:
        ValueError: if there is none.
    """
    if not data:
        raise ValueError("the file is empty")


@contextmanager
def _no_output_of_libraries() -> Iterator[None]:
    """Send what goes to the process's standard error nowhere: libtiff prints there."""
    with _ONE_AT_A_TIME:
        try:
            terminal = os.dup(2)
        except OSError:  # there is none
            yield
            return
        nowhere = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(nowhere, 2)
            yield
        finally:
            os.dup2(terminal, 2)
            os.close(terminal)
            os.close(nowhere)


def reason_of(error: BaseException) -> str:
    """Return what is wrong with a file in a line, without the end of the sentence."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    reason = str(error).partition("\n")[0].rstrip(".")
    if "truncated" in reason.lower():
        return "image file is truncated"  # decoders and their checks say so in many ways
    # Pillow names an object in memory here, which says nothing to the reader.
    return "not an image" if "BytesIO" in reason else reason or type(error).__name__
