"""Which file holds the label of an image: a pattern of names, or a proposal of one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from itertools import combinations
from typing import NamedTuple

PLACES = ("path", "folder", "stem", "name", "number")
"""Of the image `cats/a_01.jpg`: `cats/a_01`, `cats`, `a_01`, `a_01.jpg` and `01`, its last number.
"""

DEFAULT = "{path}"
_ADDED = re.compile(
    r"[-_. ](mask|masks|seg|segmentation|label|labels|labelids|gt|depth|annotation|target)$",
    re.IGNORECASE,
)
_SIMPLER = ("stem", "path", "name", "number")
_SAMPLE, _VERIFIED = 40, 20


def check_pattern(pattern: str) -> str:
    """Return the pattern.

    Raises:
        ValueError: if it has an unknown place, none of an image's name, or a brace too many.
    """
    places = re.findall(r"\{([^{}]*)\}", pattern)
    unknown = [place for place in places if place not in PLACES]
    if unknown:
        known = ", ".join(f"{{{place}}}" for place in PLACES)
        raise ValueError(f"there is no {{{unknown[0]}}}; a name may have {known}")
    if re.search(r"[{}]", re.sub(r"\{[^{}]*\}", "", pattern)):
        raise ValueError(f"a brace is left over in {pattern!r}")
    if not set(places) - {"folder"}:
        raise ValueError("it has no {path}, {stem}, {name} or {number}: all would share a label")
    return pattern


def name_of_label(pattern: str, image: str) -> str:
    """Return the name of an image's label below the folder of labels, as the pattern says.

    Empty where the pattern asks for the number of an image without one.
    """
    folder, _, name = image.rpartition("/")
    parts = {
        "path": _without_ending(image),
        "folder": folder,
        "stem": _without_ending(name),
        "name": name,
        "number": _number(name),
    }
    places = re.findall(r"\{(\w+)\}", pattern)
    if "number" in places and not parts["number"]:
        return ""
    filled = re.sub(r"\{(\w+)\}", lambda place: parts[place[1]], pattern)
    return filled.lstrip("/")  # `{folder}/` of an image that lies in none


class NamesProposal(NamedTuple):
    """A pattern and how many of the images have a label by it."""

    pattern: str
    fits: int


def propose_names(images: Sequence[str], labels: Collection[str]) -> NamesProposal | None:
    """Return the pattern that gives most images a label of their own, None where none does.

    It is what stands before and after an image's name or number, with or without its folder. It
    has the ending of the labels, where they share one.

    Args:
        images: names below the root, with endings.
        labels: names below the folder of labels, with endings.
    """
    endings = {name[len(_without_ending(name)) :] for name in labels}
    ending = endings.pop() if len(endings) == 1 else ""
    there = frozenset(map(_without_ending, labels))
    some = sorted(there)[:: max(1, len(there) // _SAMPLE)][:_SAMPLE]
    candidates: Counter[str] = Counter()
    for place in ("stem", "name", "number"):
        keys = {_key(image, place) for image in images}
        anywhere = {part for _, part in keys}
        for label in some:
            candidates.update(set(_patterns(label, keys, anywhere, place)))
    best: NamesProposal | None = None
    for pattern, _ in sorted(candidates.items(), key=_likelier)[:_VERIFIED]:
        named = Counter(name_of_label(pattern, image) for image in images)
        fits = sum(named[label] == 1 for label in there)
        if fits and (best is None or fits > best.fits):
            best = NamesProposal(pattern + ending, fits)
        if fits == len(there):
            break
    return best


def _without_ending(name: str) -> str:
    stem, dot, ending = name.rpartition(".")
    return stem if dot and "/" not in ending else name


def _number(name: str) -> str:
    numbers = re.findall(r"[0-9]+", _without_ending(name))
    return numbers[-1] if numbers else ""


def _likelier(candidate: tuple[str, int]) -> tuple[int, int, str]:
    """Return an order: the most frequent first, and of these what is said with the whole name."""
    pattern, count = candidate
    rank = next(rank for rank, place in enumerate(_SIMPLER) if f"{{{place}}}" in pattern)
    return (-count, rank, pattern)


def _key(image: str, place: str) -> tuple[str, str]:
    folder, _, name = image.rpartition("/")
    return folder, {"stem": _without_ending(name), "name": name, "number": _number(name)}[place]


def _patterns(
    label: str, keys: Collection[tuple[str, str]], anywhere: Collection[str], place: str
) -> Iterable[str]:
    base = label.rpartition("/")[0]
    inside = len(base) + bool(base)
    for start, end in combinations(range(len(label) + 1), 2):
        before, part, after = label[:start], label[start:end], label[end:]
        if part not in anywhere:
            continue
        yield f"{before}{{{place}}}{after}"
        if start >= inside and (base, part) in keys:
            if start == inside and place == "stem":
                yield f"{{path}}{after}"
            elif base:
                yield f"{{folder}}/{before[inside:]}{{{place}}}{after}"


def endings_of_labels(images: Sequence[str]) -> NamesProposal | None:
    """Return the pattern of what look like labels among the images: `a.png` and `a_mask.png`.

    None where it is fewer than a quarter of the images, or what is added to a name is no word for
    labels.
    """
    stems = frozenset(map(_without_ending, images))
    added: Counter[str] = Counter()
    for stem in stems:
        match = _ADDED.search(stem)
        if match and stem[: match.start()] in stems:
            added[match[0]] += 1
    if not added:
        return None
    ending, count = max(added.items(), key=lambda item: (item[1], item[0]))
    return NamesProposal(f"{{path}}{ending}", count) if 4 * count >= len(stems) else None
