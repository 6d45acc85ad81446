"""Why a file or folder is not read, and how a reader learns of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from taskspace.components import Finding, Tone
from taskspace.layout.file_names import printable

EXAMPLES = 3
"""How many names a finding gives."""


@dataclass(frozen=True)
class Reason:
    """Why some files or folders are not read.

    Attributes:
        code: of the finding.
        tone: warning where images may be missing.
        noun: what they are, in the singular.
        because: follows "because", of several.
        of_one: the same of one.
        advice: what to do, or what else is read; may be empty.
    """

    code: str
    tone: Tone
    noun: str
    because: str
    of_one: str
    advice: str = ""


FORMAT = Reason(
    "files-not-read",
    "warning",
    "file",
    "they are in formats that cannot be read",
    "it is in a format that cannot be read",
    "Convert them to JPEG or PNG if they are images of this dataset.",
)
ARCHIVE = Reason(
    "files-not-read",
    "warning",
    "file",
    "they are archives",
    "it is an archive",
    "Unpack them if they hold images.",
)
UNFINISHED = Reason(
    "files-not-read",
    "warning",
    "file",
    "their endings say that they are unfinished or a copy",
    "its ending says that it is unfinished or a copy",
    "Rename those that are whole images.",
)
UNKNOWN = Reason(
    "files-not-read",
    "warning",
    "file",
    "neither their endings nor their first bytes are known",
    "neither its ending nor its first bytes are known",
)
UNUSUAL = Reason(
    "files-not-read",
    "warning",
    "file",
    "their endings are not those of maps and masks",
    "its ending is not one of maps and masks",
    "Give them the endings of their formats.",
)
EMPTY = Reason(
    "files-not-read",
    "warning",
    "file",
    "they are empty and no ending says what of",
    "it is empty and no ending says what of",
)
VIDEO = Reason("files-not-read", "note", "file", "they are videos", "it is a video")
DOCUMENT = Reason(
    "files-not-read",
    "note",
    "file",
    "they are no images",
    "it is no image",
    "Labels are read from `labels.csv` in the root, from subfolders and from folders of maps and "
    "masks.",
)
HIDDEN = Reason(
    "hidden-not-read",
    "note",
    "hidden file or folder",
    "their names begin with a dot",
    "its name begins with a dot",
)
REPEATED = Reason(
    "folders-read-once",
    "note",
    "folder",
    "links lead to them and they are read under another name",
    "a link leads to it and it is read under another name",
)
ABOVE = Reason(
    "links-not-followed",
    "warning",
    "link",
    "they lead to a folder that holds the root",
    "it leads to a folder that holds the root",
    "Link to the folders with the images themselves.",
)
NOWHERE = Reason(
    "links-not-followed",
    "warning",
    "link",
    "they lead nowhere",
    "it leads nowhere",
    "Remove or repair them.",
)

REASONS = (
    *(FORMAT, ARCHIVE, UNFINISHED, UNKNOWN, UNUSUAL, EMPTY, NOWHERE, ABOVE),
    *(REPEATED, VIDEO, DOCUMENT, HIDDEN),
)
"""In the order of their findings: warnings first."""


@dataclass(frozen=True)
class Unread:
    """A file or folder that is not read: its name below the root, and its format if known."""

    name: str
    reason: Reason
    form: str = ""


def unread_findings(unread: Iterable[Unread]) -> Iterator[Finding]:
    """Yield a finding for each reason, with counts and a few names."""
    by_reason: dict[Reason, list[Unread]] = {}
    for each in unread:
        by_reason.setdefault(each.reason, []).append(each)
    for reason in REASONS:
        if reason in by_reason:
            yield _finding(reason, by_reason[reason])


def _finding(reason: Reason, files: Sequence[Unread]) -> Finding:
    forms = Counter(file.form for file in files if file.form)
    # The most frequent first; names decide ties, not the order of the disk.
    counted = sorted(forms.items(), key=lambda item: (-item[1], item[0]))
    counts = f" ({', '.join(f'{form} {count:,}' for form, count in counted)})" if forms else ""
    what = f"{counted_noun(len(files), reason.noun)}, {examples([f.name for f in files])}"
    because = reason.of_one if len(files) == 1 else reason.because
    text = f"Not read: {what}, because {because}{counts}."
    return Finding(reason.code, reason.tone, f"{text} {reason.advice}".rstrip())


def counted_noun(count: int, noun: str) -> str:
    """Return `1 file`, `1,200 files` or `2 hidden files or folders`."""
    if count == 1:
        return f"1 {noun}"
    return f"{count:,} " + " ".join(
        word if word in ("hidden", "or") else f"{word}s" for word in noun.split()
    )


def examples(names: Iterable[str]) -> str:
    """Return `for example a, b, c`, or all names where there are no more; sorted."""
    ordered = sorted(names)
    shown = ", ".join(map(printable, ordered[:EXAMPLES]))
    return shown if len(ordered) <= EXAMPLES else f"for example {shown}"
