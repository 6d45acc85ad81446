"""Bytes to text: UTF-8 with or without a byte order mark, or UTF-16 with one."""

from __future__ import annotations

import codecs

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_OTHER_FILES = (
    (b"PK\x03\x04", "a workbook or another archive", "Export it as CSV in UTF-8."),
    (b"\xd0\xcf\x11\xe0", "a workbook of an old Excel", "Export it as CSV in UTF-8."),
    (b"\x1f\x8b", "compressed with gzip", "Unpack it."),
    (b"%PDF", "a PDF", "Export its content as text in UTF-8."),
)
START = 4096
"""Bytes that `encoding_of` looks at."""

SAVE_AS_UTF_8 = "Save it as UTF-8."


class UndecodableText(ValueError):
    """Bytes that are no text as it is read here.

    Attributes:
        what: one sentence.
        advice: what to do.
        line: counted from 1; the line that cannot be decoded.
        start: the offset of the first byte that cannot be decoded, where it is known.
    """

    def __init__(self, what: str, advice: str, line: int = 1, start: int = 0) -> None:
        super().__init__(what, advice, line, start)
        self.what, self.advice, self.line, self.start = what, advice, line, start

    def __str__(self) -> str:
        return f"{self.what} {self.advice}"


def encoding_of(start: bytes) -> str:
    """Return Python's name of the encoding of a file whose first bytes these are.

    Raises:
        UndecodableText: if they are no text.
    """
    for magic, kind, advice in _OTHER_FILES:
        if start.startswith(magic):
            raise UndecodableText(f"This is {kind}, not text.", advice)
    encoding = next((name for mark, name in _MARKS if start.startswith(mark)), "utf-8")
    # The last character may be cut; UTF-32 shows as NULs between characters.
    text = start.decode(encoding, errors="ignore")
    if "\0" in text:
        before = text[: text.index("\0")]
        line = before.count("\n") + 1
        raise UndecodableText(
            f"This is not UTF-8 text: line {line} has a NUL character, as UTF-16 without a byte "
            "order mark has, UTF-32, or a file that is no text.",
            SAVE_AS_UTF_8,
            line,
            len(before.encode()),
        )
    return encoding


def decoded(content: bytes) -> str:
    """Return the text of a file, without its byte order mark.

    Raises:
        UndecodableText: with its line, if it is not UTF-8, nor UTF-16 with a mark.
    """
    encoding = encoding_of(content[:START])
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise undecodable(error, content[: error.start].decode(encoding, "ignore")) from error


def undecodable(error: UnicodeDecodeError, before: str) -> UndecodableText:
    """Return what is wrong with bytes after the text `before`."""
    line = before.count("\n") + 1
    if error.encoding.startswith("utf-16"):
        what = f"This is not UTF-16 text, although it begins so: {error.reason} in line {line}."
        return UndecodableText(what, SAVE_AS_UTF_8, line, error.start)
    byte = error.object[error.start]
    return UndecodableText(
        f"This is not UTF-8 text: line {line} has the byte 0x{byte:02x}, as Windows-1252 "
        "(Latin-1) writes accents and signs.",
        SAVE_AS_UTF_8,
        line,
        error.start,
    )
