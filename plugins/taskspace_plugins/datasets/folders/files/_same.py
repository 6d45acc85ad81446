"""Images that are the same: byte for byte, or by names that differ in little."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from taskspace.components import Finding
from taskspace.regular_file import read_regular
from taskspace_plugins.datasets.folders.files._reasons import counted_noun, examples


def same_content(paths: Sequence[Path]) -> tuple[tuple[int, ...], ...]:
    """Return the numbers of files that are equal byte for byte, in groups of two and more.

    Only files of equal size are read; those that cannot be read are equal to none.
    """
    sizes: dict[int, list[int]] = defaultdict(list)
    for number, path in enumerate(paths):
        try:
            sizes[path.stat().st_size].append(number)
        except OSError:
            continue
    contents: dict[bytes, list[int]] = defaultdict(list)
    for numbers in sizes.values():
        if len(numbers) > 1:
            for number in numbers:
                digest = _digest(paths[number])
                if digest is not None:
                    contents[digest].append(number)
    return tuple(sorted(tuple(group) for group in contents.values() if len(group) > 1))


def _digest(path: Path) -> bytes | None:
    try:
        return hashlib.sha256(read_regular(path)).digest()
    except OSError:
        return None


def content_findings(
    same: Sequence[Sequence[int]],
    names: Sequence[str],
    classes: Sequence[str | None],
    together: bool,
) -> Iterator[Finding]:
    """Yield what equal images mean: they may train and test, and contradict each other.

    Args:
        same: the numbers of equal images.
        names: of all images.
        classes: of all images, None where there is none.
        together: whether splits keep equal images together.
    """
    if not same:
        return
    count = sum(len(group) for group in same)
    named = examples(" = ".join(names[number] for number in group[:2]) for group in same)
    advice = (
        "Splits keep them together."
        if together
        else "They may stand on both sides of a split, which makes results look better than they "
        "are. Remove copies, or set `group_by: content` to keep them together."
    )
    yield Finding(
        "equal-images",
        "note" if together else "warning",
        f"{count:,} images are equal, byte for byte, to another: {named}. {advice}",
    )
    torn = [group for group in same if len({classes[n] for n in group} - {None}) > 1]
    if torn:
        named = examples(" = ".join(names[number] for number in group[:2]) for group in torn)
        yield Finding(
            "equal-images-differ-in-class",
            "warning",
            f"{counted_noun(len(torn), 'image')} with copies in another class: {named}. "
            "At most one of the classes is right.",
        )


def name_findings(names: Iterable[str]) -> Iterator[Finding]:
    """Yield which images have names that differ in case or Unicode form only, or in endings."""
    by_letters: dict[str, list[str]] = defaultdict(list)
    by_stem: dict[str, list[str]] = defaultdict(list)
    for name in names:
        by_letters[name.casefold()].append(name)
        by_stem[name.rpartition(".")[0] or name].append(name)
    alike = [sorted(group) for group in by_letters.values() if len(group) > 1]
    if alike:
        yield Finding(
            "names-differ-in-case",
            "warning",
            f"{sum(map(len, alike)):,} images have names that differ from another's in upper and "
            f"lower case only: {examples(' and '.join(group[:2]) for group in alike)}. Many "
            "systems cannot keep them in one folder.",
        )
    twins = [
        sorted(group) for group in by_stem.values() if len({name.casefold() for name in group}) > 1
    ]
    if twins:
        yield Finding(
            "names-differ-in-ending",
            "note",
            f"{sum(map(len, twins)):,} images have names that differ from another's in the ending "
            f"only: {examples(' and '.join(group[:2]) for group in twins)}. If they show the same, "
            "keep one of them: they may stand on both sides of a split.",
        )
