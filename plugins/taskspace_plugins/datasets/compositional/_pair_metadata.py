"""The metadata of the public loaders: which image shows what, and in which part it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from taskspace.errors import DataError
from taskspace_plugins.datasets._torch_files import read_plain
from taskspace_plugins.datasets.compositional._pair_lists import named_pairs
from taskspace_plugins.datasets.compositional._word_table import Names

ABSENT = "NA"
KEYS = ("image", "attr", "obj")


@dataclass(frozen=True, order=True)
class Pictured:
    """An image, the pair that it shows, and its part."""

    image: str
    names: Names
    part: str


def read_metadata(path: Path) -> list[Mapping[str, str]]:
    """Return the entries of a file of metadata, each with `image`, `attr`, `obj` and maybe `set`.

    Raises:
        DataError: if it cannot be read as plain data, or an entry lacks something.
    """
    content = read_plain(path)
    if not isinstance(content, Sequence) or isinstance(content, str) or not content:
        raise _unusable(path, "it is no list of entries")
    for number, entry in enumerate(content):
        if not isinstance(entry, Mapping):
            raise _unusable(path, f"entry {number} is {type(entry).__name__}, not a dictionary")
        for key in (*KEYS, *(["set"] if "set" in entry else [])):
            if not isinstance(entry.get(key), str):
                raise _unusable(path, f"entry {number} has no {key!r}, or one that is no word")
        name = entry["image"]
        if name.startswith("/") or ".." in name.split("/"):
            raise _unusable(path, f"entry {number} leads out of the folder of images: {name}")
    return list(content)


def choose(
    entries: Sequence[Mapping[str, str]], pairs: dict[str, tuple[Names, ...]], path: Path
) -> list[Pictured]:
    """Return the images of a split, sorted, with their parts.

    As the public loaders do, entries are passed over that have no part (`NA`), or a pair of no
    list: an attribute or an object that is `NA` is in none. The part is what the entry's `set`
    says, not what the pair is listed for: many images to be tested on show pairs that are seen in
    training. Metadata of the older split has no `set`; its lists have no pair in common, so the
    pair says it there.

    Args:
        entries: of the metadata.
        pairs: listed for each part, `train` first.
        path: of the metadata.

    Raises:
        DataError: if a pair has no image, an image is in a part where its pair cannot be, or no
            image is in the part `train`.
    """
    parts = {names: part for part in reversed(pairs) for names in pairs[part]}
    disjoint = len(parts) == sum(map(len, pairs.values()))
    chosen: list[Pictured] = []
    pictured: set[Names] = set()
    for number, entry in enumerate(entries):
        names = (entry["attr"], entry["obj"])
        pictured.add(names)
        if names not in parts or entry.get("set") == ABSENT:
            continue
        part = entry.get("set") or (parts[names] if disjoint else "")
        if part not in pairs:
            place = f"is in the part {part!r}" if part else "has no `set`"
            raise _unusable(path, f"entry {number} {place}, and parts are {', '.join(pairs)}")
        chosen.append(Pictured(entry["image"], names, part))
    lacking = sorted(parts.keys() - pictured)
    if lacking:
        raise _unusable(path, f"no entry shows these pairs of the lists: {named_pairs(lacking)}")
    _check_parts(chosen, pairs, path)
    return sorted(chosen)


def _check_parts(
    chosen: Sequence[Pictured], pairs: dict[str, tuple[Names, ...]], path: Path
) -> None:
    for part, listed in pairs.items():
        allowed = {*pairs["train"], *listed}
        own = [one for one in chosen if one.part == part]
        strange = sorted({one.names for one in own} - allowed)
        if strange:
            raise _unusable(
                path,
                f"images of the part {part!r} show pairs that are neither in its list nor in that "
                f"of train: {named_pairs(strange)}",
            )
        if not own:
            raise _unusable(path, f"no image is in the part {part!r}")


def _unusable(path: Path, what: str) -> DataError:
    return DataError(
        f"This metadata cannot be used: {what}.",
        where=str(path),
        advice="Use the file that was published with the lists of pairs of this split: a list of "
        "{image, attr, obj, set}.",
    )
