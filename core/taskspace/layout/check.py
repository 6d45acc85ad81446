"""What is wrong with a folder in the official layout; nothing is changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from taskspace.layout import codes
from taskspace.layout.decoding import decoding, reason_of
from taskspace.layout.domains import (
    ALL,
    CONTENTS,
    DOMAINS,
    INFO,
    MATCHING,
    SEGMENTS,
    SEMANTIC_NAMES,
    Domain,
)
from taskspace.layout.read import (
    BROKEN,
    picture_size,
    read_info,
    read_json,
    read_map,
    read_matches,
    read_vector,
)
from taskspace.layout.tree import Tree, ViewId, open_tree, parsed

Listener = Callable[[int, int], None]
"""Called with how many folders are done and how many there are."""
LONGEST, SHORTEST = 1.25, 0.75
"""Between these lies the length of a normal, whatever its rounding."""
TOLERATED = 0.01
"""The share of pixels that may be out of range: edges that were smoothed."""


@dataclass(frozen=True)
class FileProblem:
    """A file below the root, or the place of one that is missing, and what is wrong with it."""

    file: str
    problem: str


@dataclass(frozen=True)
class Checked:
    """What a check saw: files in all, images among them, and findings in the order of files."""

    files: int
    images: int
    findings: tuple[FileProblem, ...]


def check_folder(root: Path, listener: Listener | None = None) -> Checked:
    """Return every file that is unreadable, missing, mis-sized or mis-ranged, and why.

    Folders that are not read are among them.

    A file is missing where its domain is there, its view has an image, and it has no file.

    Raises:
        DataError: if there is no such folder, or no image in it.
    """
    return _Check(open_tree(root)).run(listener)


class _Check:
    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._findings: list[FileProblem] = []
        self._classes = len(SEMANTIC_NAMES)
        self._side = self._usual_side()
        self._views: set[ViewId] = set()
        self._lengths: dict[str, int] = {}

    def run(self, listener: Listener | None) -> Checked:
        self._read_contents()
        image = DOMAINS["image"]
        for building in self._tree.buildings:
            places = (parsed(name) for name, _ in self._tree.files(image, building))
            self._views |= {ViewId(building, p[0], p[1]) for p in places if p and p[1] is not None}
        fields = {domain.folder: name for name, domain in DOMAINS.items()}
        todo = [(d, b) for d in ALL if d.folder in self._tree.domains for b in self._tree.buildings]
        files = 0
        for done, (domain, building) in enumerate(todo, start=1):
            files += self._folder(fields.get(domain.folder, ""), domain, building)
            if listener is not None:
                listener(done, len(todo))
        self._findings += [
            FileProblem(self._name(path), f"this folder is not read: {reason}")
            for path, reason in self._tree.unread
        ]
        ordered = sorted(self._findings, key=lambda finding: finding.file)
        return Checked(files, len(self._views), tuple(ordered))

    def _usual_side(self) -> tuple[int, int]:
        sizes: Counter[tuple[int, int]] = Counter()
        for building in self._tree.buildings:
            for _, path in self._tree.files(DOMAINS["image"], building):
                try:
                    sizes[picture_size(path)] += 1
                except BROKEN:
                    continue
        return sizes.most_common(1)[0][0] if sizes else (0, 0)

    def _read_contents(self) -> None:
        path = self._tree.root / CONTENTS
        if path.exists():
            try:
                with decoding():
                    classes = read_json(path)["classes"]
                    self._classes = len(classes.get("semantic", SEMANTIC_NAMES))
                    self._lengths = {name: len(names) for name, names in classes.items()}
            except BROKEN as error:
                self._note(path, reason_of(error))

    def _folder(self, field: str, domain: Domain, building: str) -> int:
        """Check a folder of one domain and building; return how many files it has."""
        seen: dict[tuple[int, int | None], Path] = {}
        count = 0
        for name, path in self._tree.files(domain, building):
            count += 1
            place = parsed(name)
            if place is None or (place[1] is None) != (domain is MATCHING):
                example = domain.file(0, "all" if domain is MATCHING else 0)
                self._note(path, f"its name is not {example} or alike")
            elif path.suffix != f".{domain.extension}":
                self._note(path, f"files of {domain.folder} end in .{domain.extension}")
            elif place in seen:
                self._note(path, f"{seen[place].name} is of the same view")
            else:
                seen[place] = path
                self._file(field, domain, building, path)
        self._findings += self._unmatched(domain, building, seen)
        return count

    def _unmatched(
        self, domain: Domain, building: str, seen: dict[tuple[int, int | None], Path]
    ) -> Iterator[FileProblem]:
        """Yield files without an image, and images without a file in the domain."""
        own = {view for view in self._views if view.building == building}
        wanted: set[tuple[int, int | None]] = (
            {(v.point, None) for v in own}
            if domain is MATCHING
            else {(v.point, v.view) for v in own}
        )
        for place in sorted(set(seen) - wanted, key=str):
            yield FileProblem(self._name(seen[place]), "there is no image of this view")
        where = next((path.parent for path in seen.values()), None)
        for point, view in sorted(wanted - set(seen), key=str):
            name = domain.file(point, "all" if view is None else view)
            folder = f"{domain.folder}/{building}" if where is None else self._name(where)
            yield FileProblem(f"{folder}/{name}", "it is missing")

    def _file(self, field: str, domain: Domain, building: str, path: Path) -> None:
        try:
            if domain is INFO:
                read_info(path)
            elif domain is MATCHING:
                for point, view in read_matches(path):
                    if ViewId(building, point, view) not in self._views:
                        raise ValueError(f"it names point {point}, view {view}, which has no image")
            elif domain.extension == "npy":
                self._vector(field, path)
            else:
                self._picture(field, domain, path)
        except BROKEN as error:
            self._note(path, reason_of(error))

    def _vector(self, field: str, path: Path) -> None:
        count = len(read_vector(path))
        if count != self._lengths.setdefault(field, count):
            raise ValueError(f"it has {count} classes and others have {self._lengths[field]}")

    def _picture(self, field: str, domain: Domain, path: Path) -> None:
        pixels = read_map(path, field, domain, self._side, fitted=False)
        if field == "semantic" and pixels.max() > self._classes:
            raise ValueError(f"it has class {pixels.max()}; there are {self._classes}, from 1")
        if field in SEGMENTS or domain.code is None:
            return
        if domain.code == "DEPTH" and (pixels == 0).mean() > TOLERATED:
            raise ValueError(
                f"{(pixels == 0).mean():.0%} of its pixels are 0 m away; `depth_missing: 0` of the "
                "dataset says that they are missing"
            )
        if domain.code == "NORMALS":
            length = np.linalg.norm(codes.NORMALS.decode(pixels), axis=0)
            wrong = ((length < SHORTEST) | (length > LONGEST)).mean()
            if wrong > TOLERATED:
                raise ValueError(f"{wrong:.0%} of its pixels are no directions of length 1")

    def _name(self, path: Path) -> str:
        return path.relative_to(self._tree.root).as_posix()

    def _note(self, path: Path, problem: str) -> None:
        self._findings.append(FileProblem(self._name(path), problem))
