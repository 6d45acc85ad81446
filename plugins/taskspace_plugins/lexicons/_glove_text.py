"""GloVe's text files: a word and its numbers a line, read without keeping the rest."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from taskspace.errors import InputError
from taskspace.regular_file import regular_stream

_ADVICE = "Give a text file of word vectors, unpacked: a word and its numbers a line."
_BLOCK = 1 << 20


def read_vectors(file: Path, wanted: Collection[str]) -> dict[str, NDArray[np.float32]]:
    """Return the vectors of those wanted words that a file has, each [size].

    Every line is checked for its length; numbers are read of wanted words only. The header of
    word2vec (`words size`) is passed over, and the first of two lines of one word counts.

    Raises:
        InputError: if the file is missing or empty, or a line has no word, another length than the
            first one, or something else than finite numbers.
    """
    asked = {word.encode() for word in wanted}
    found: dict[str, NDArray[np.float32]] = {}
    size: int | None = None
    try:
        with regular_stream(file) as stream:
            for number, line in enumerate(stream, start=1):
                text = line.rstrip()
                if number == 1 and _is_header(text):
                    continue
                if size is None:
                    size = text.count(b" ")
                word = _word(file, number, text, size)
                if word in asked and word.decode() not in found:
                    found[word.decode()] = _numbers(file, number, word, text)
    except OSError as error:
        raise InputError(
            f"The word vectors cannot be read: {error.strerror or error}.",
            where=str(file),
            advice=_ADVICE,
        ) from error
    if size is None:
        raise InputError("There is no word in this file.", where=str(file), advice=_ADVICE)
    return found


def checksum(file: Path) -> str:
    """Return the SHA-256 of a file; raises InputError if it cannot be read."""
    try:
        status = file.stat()
        return _checksum(file, status.st_size, status.st_mtime_ns)
    except OSError as error:
        raise InputError(
            f"The word vectors cannot be read: {error.strerror or error}.",
            where=str(file),
            advice=_ADVICE,
        ) from error


@lru_cache(maxsize=8)
def _checksum(file: Path, size: int, modified: int) -> str:
    digest = hashlib.sha256()
    with regular_stream(file) as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _is_header(text: bytes) -> bool:
    pieces = text.split(b" ")
    return len(pieces) == 2 and all(piece.isdigit() for piece in pieces)


def _word(file: Path, number: int, text: bytes, size: int) -> bytes:
    """Return the word of a line, before `size` numbers that are not looked at."""
    spaces = text.count(b" ")
    if spaces == size and size and not text.startswith(b" "):
        return text[: text.index(b" ")]
    # The largest published file has words with spaces (`. . .`, `at name@domain.com`).
    word, *_ = text.rsplit(b" ", size)
    if spaces < size or not size or all(_is_number(piece) for piece in word.split(b" ")[1:]):
        raise _broken(
            file, number, f"it has {spaces} numbers after the word, where the first has {size}"
        )
    return word


def _numbers(file: Path, number: int, word: bytes, text: bytes) -> NDArray[np.float32]:
    try:
        vector = np.array(text[len(word) + 1 :].split(b" "), dtype=np.float64)
    except ValueError as error:
        what = f"something after {word.decode()!r} is not a number"
        raise _broken(file, number, what) from error
    if not (np.abs(vector) <= np.finfo(np.float32).max).all():
        raise _broken(file, number, f"a number of {word.decode()!r} is not finite")
    return vector.astype(np.float32)


def _is_number(piece: bytes) -> bool:
    try:
        float(piece)
    except ValueError:
        return False
    return True


def _broken(file: Path, number: int, what: str) -> InputError:
    return InputError(
        f"This line is not a word and its numbers: {what}.",
        where=f"{file}:{number}",
        advice="The file is cut off or damaged, or something else: unpack or download it again.",
    )
