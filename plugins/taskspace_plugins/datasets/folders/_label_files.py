"""Which file of a folder of maps or masks belongs to which image, and which to none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

from taskspace.components import Finding
from taskspace.errors import DataError
from taskspace.layout.file_names import printable, refuse_unprintable
from taskspace_plugins.datasets._refusals import LISTED
from taskspace_plugins.datasets.folders._label_folders import CLASSES
from taskspace_plugins.datasets.folders._listing import ImageFile
from taskspace_plugins.datasets.folders.files._endings import read_as, readable_endings
from taskspace_plugins.datasets.folders.files._label_names import (
    DEFAULT,
    NamesProposal,
    name_of_label,
    propose_names,
)
from taskspace_plugins.datasets.folders.files._reasons import (
    UNUSUAL,
    Unread,
    counted_noun,
    examples,
    unread_findings,
)
from taskspace_plugins.datasets.folders.files._walk import Walk

_FEW = 0.5
"""Where a smaller share of the files fits, another pattern is proposed."""


class NamesSetting(Protocol):
    """How a job says where the labels of a field are, with another pattern of names."""

    def __call__(self, pattern: str, *, below: bool = False) -> str:
        """Return it; `below` where `root` becomes a folder below what it is."""


@dataclass(frozen=True)
class LabelFiles:
    """The files of a folder of maps or masks.

    Attributes:
        files: of each image; None is a missing label.
        strays: the names of files that belong to no image.
        unread: what is no map and no mask.
    """

    files: tuple[Path | None, ...]
    strays: tuple[str, ...]
    unread: tuple[Unread, ...]

    def findings(self, field: str, images: Sequence[ImageFile]) -> Iterator[Finding]:
        """Yield what was not read, and which images have no label."""
        if self.strays:
            yield Finding(
                "labels-without-image",
                "warning",
                f"Not read: {counted_noun(len(self.strays), 'file')} of {field!r}, "
                f"{examples(self.strays)}, because there is no image of that name.",
            )
        alone = [i.name for i, file in zip(images, self.files, strict=True) if file is None]
        if alone:
            verb = "has" if len(alone) == 1 else "have"
            yield Finding(
                "images-without-label",
                "note",
                f"{counted_noun(len(alone), 'image')} of {len(images):,} {verb} no file in the "
                f"folder of {field!r}, {examples(alone)}: their labels are missing.",
            )
        for found in unread_findings(self.unread):
            yield Finding(
                found.code, found.tone, f"Folder of {field!r}. {found.text}", found.details
            )


@cache
def label_endings() -> frozenset[str]:
    """Return the endings of files that can be maps and masks."""
    return readable_endings() | {".npy"}


def label_files(
    folder: Path,
    images: Sequence[ImageFile],
    pattern: str = DEFAULT,
    *,
    shared: bool = False,
    said: NamesSetting,
) -> LabelFiles:
    """Return the file of each image in the folder of a field.

    Args:
        folder: of the labels.
        images: the images.
        pattern: as `name_of_label` reads it.
        shared: whether the folder holds the images, too: no other file in it is told as a stray.
        said: how the job says it with another pattern.

    Raises:
        DataError: if two images or two files share a name, no file belongs to an image (a pattern
            that would fit is proposed), there is no file, or a part of it cannot be listed.
    """
    whole = ends_in_label(pattern)
    wanted: dict[str, list[ImageFile]] = {}
    for image in images:
        wanted.setdefault(name_of_label(pattern, image.name), []).append(image)
    wanted.pop("", None)
    walk = Walk(folder)
    files: dict[str, list[tuple[str, str]]] = {}
    unread = []
    for name, path in walk.files():
        ending = ending_of(name)
        if ending in label_endings():
            key = name if whole else name.rpartition(".")[0]
            files.setdefault(key, []).append((name, path))
        elif name != CLASSES:
            unread.append(Unread(name, *(read_as(ending) or (UNUSUAL, ""))))
    refuse_unprintable(folder, (name for group in files.values() for name, _ in group))
    _refuse(
        [
            each.name
            for key, group in wanted.items()
            if len(group) > 1 and key in files
            for each in group
        ],
        "differ only in their endings, so they would share their labels"
        if pattern == DEFAULT
        else f"would share their labels, by the pattern {pattern!r}",
        folder,
        "Rename one of them."
        if pattern == DEFAULT
        else "Use a pattern with more of an image's name: `{path}` is all of it but for the "
        "ending, `{folder}/{name}` all.",
    )
    _refuse(
        [name for key, group in files.items() if len(group) > 1 for name, _ in group],
        "differ only in their endings, so they are about one image",
        folder,
        "Keep one of them.",
    )
    if not files:
        told = [found.text for found in unread_findings((*unread, *walk.unread))]
        raise DataError(
            " ".join(["There is no map or mask in this folder.", *told]),
            where=str(folder),
            advice=f"They are files that end in {', '.join(sorted(label_endings()))}.",
        )
    strays = sorted(group[0][0] for key, group in files.items() if key not in wanted)
    fitting = len(files) - len(strays)
    names = [group[0][0] for group in files.values()]
    if shared:
        own = {image.name for image in images}
        strays, names = [], [name for name in names if name not in own]
    if not fitting:
        advice = _fitting(images, names, 0, said) or _as_it_is(pattern, images)
        _refuse(strays or ["any file"], "belong to no image", folder, advice)
    elif fitting < _FEW * len(files) and not shared:
        better = _fitting(images, names, fitting, said)
        if better:
            _refuse(strays, "belong to no image", folder, better)
    return LabelFiles(
        tuple(
            Path(files[key][0][1]) if key in files else None
            for key in (name_of_label(pattern, image.name) for image in images)
        ),
        tuple(strays),
        () if shared else (*unread, *walk.unread),
    )


def ending_of(name: str) -> str:
    """Return the ending of a name, in lower case with its dot; empty where there is none."""
    _, dot, ending = name[name.rfind("/") + 1 :].rpartition(".")
    return f"{dot}{ending.lower()}"


def ends_in_label(pattern: str) -> bool:
    """Return whether a pattern says which ending labels have."""
    return ending_of(pattern) in label_endings()


def shared_labels(images: Iterable[str], pattern: str) -> Mapping[str, str]:
    """Return the label of each image among the images themselves: `a.png` has `a_mask.png`."""
    names = list(images)
    whole = ends_in_label(pattern)
    there = {name if whole else name.rpartition(".")[0]: name for name in names}
    labels = {name: there.get(name_of_label(pattern, name)) for name in names}
    return {name: label for name, label in labels.items() if label and label != name}


_USUAL = (
    "Give each the relative path of its image, but for the ending (`cats/1.png` for "
    "`cats/1.jpg`), or say how they are named: `name: '{stem}_mask.png'`."
)


def _as_it_is(pattern: str, images: Sequence[ImageFile]) -> str:
    """Return what to do where no other pattern fits: which name the present one gives."""
    if pattern == DEFAULT:
        return _USUAL
    first = images[0].name
    return (
        f"By the pattern '{pattern}' the file of the image '{first}' is called "
        f"'{name_of_label(pattern, first)}' in this folder. Rename the files, or change `name`."
    )


def _fitting(
    images: Sequence[ImageFile], labels: Sequence[str], fitting: int, said: NamesSetting
) -> str | None:
    """Return which pattern fits better than half of the files, or with which `root` one would."""
    enough = max(fitting, _FEW * min(len(labels), len(images)))

    def proposed(names: Sequence[str]) -> NamesProposal | None:
        proposal = propose_names(names, labels)
        return proposal if proposal is not None and proposal.fits > enough else None

    names = [image.name for image in images]
    if proposal := proposed(names):
        setting = f"`{said(proposal.pattern)}`"
    else:
        # `photos/images/a.png` and `photos/masks/a.png`: the folder above both is no root.
        inner = {name.partition("/")[0] for name in names}
        proposal = proposed([name.partition("/")[2] for name in names]) if len(inner) == 1 else None
        if proposal is None:
            return None
        setting = (
            f"`root` to its subfolder '{inner.pop()}' and `{said(proposal.pattern, below=True)}`"
        )
    return (
        f"Set {setting}: it fits {proposal.fits:,} of {len(labels):,} files and {len(images):,} "
        "images."
    )


def _refuse(names: list[str], what: str, folder: Path, advice: str) -> None:
    if names:
        more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
        shown = ", ".join(repr(printable(name)) for name in sorted(names)[:LISTED])
        raise DataError(f"These files {what}: {shown}{more}.", where=str(folder), advice=advice)
