"""Which column of labels.csv names the images, and which image each of its cells means."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

NAME_HEADERS = ("file", "filename", "file_name", "image", "name", "path", "id")
"""What the column of names is often called: it shows which mark parts the columns, too."""


@dataclass(frozen=True)
class NameColumn:
    """The column that names the images.

    Attributes:
        place: of the column, from 0.
        images: what each row is about; None where there is no such file.
    """

    place: int
    images: tuple[str | None, ...]


def is_index(name: str) -> bool:
    """Return whether a column is the index of a data frame, which pandas writes without a name."""
    return not name or name.startswith("Unnamed: ")


def written_name(cell: str) -> str:
    """Return a name with `/` between folders, from the folder of images on."""
    return cell.replace("\\", "/").removeprefix("./")


def written_field(names: Iterable[str], wanted: str) -> str:
    """Return the one of the names that is meant: as it is written, else in another case."""
    listed = list(names)
    alike = [name for name in listed if name.casefold() == wanted.casefold()]
    return alike[0] if wanted not in listed and len(alike) == 1 else wanted


def name_column(
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    images: Sequence[str],
    others: Collection[str] = (),
) -> NameColumn:
    """Return the column whose cells are names of images, the first where none are.

    Names are relative to the folder of images, or begin with further folders that all of them have
    (`photos/1.jpg`). Where no column has endings, they may be left out. A column is taken if it
    names images in at least half of its rows: whole names before those without an ending, then the
    first column, then the one that names most; columns without a header last. Before the numbers
    of an index, which may be names without an ending (`0`), comes a column that is called like
    names of images (`id`) and names as many, each once.

    Args:
        header: names of columns.
        rows: cells, one a column.
        images: names of images, relative, with `/` between folders.
        others: names of files that are no images, which rows may be about, too.
    """
    whole = {name: name for name in (*others, *images)}
    for known in (whole, _without_endings(images, others)):
        columns = [_Column(place, [row[place] for row in rows]) for place in range(len(header))]
        first = columns[0].read(known)
        if first.enough and not is_index(header[0]):
            return NameColumn(0, first.images)
        readings = [(column.place, column.read(known)) for column in columns]
        usable = [each for each in readings if each[1].enough]
        if first.enough:
            called = [
                each
                for each in usable
                if header[each[0]].casefold() in NAME_HEADERS
                and each[1].hits >= first.hits
                and len({*each[1].images} - {None}) == each[1].hits
            ]
            usable = called or [readings[0]]
        if usable:
            place, best = max(usable, key=lambda each: (bool(header[each[0]]), each[1].hits))
            return NameColumn(place, best.images)
    return NameColumn(0, _Column(0, [row[0] for row in rows]).read(whole).images)


@dataclass(frozen=True)
class _Reading:
    images: tuple[str | None, ...]

    @cached_property
    def hits(self) -> int:
        return sum(image is not None for image in self.images)

    @property
    def enough(self) -> bool:
        return self.hits > 0 and 2 * self.hits >= len(self.images)


class _Column:
    def __init__(self, place: int, cells: Sequence[str]) -> None:
        self.place = place
        self._names = [written_name(cell) for cell in cells]

    def read(self, known: Mapping[str, str | None]) -> _Reading:
        """Return what the cells name, without as many leading folders as makes most of them do."""
        readings = (_Reading(tuple(map(known.get, names))) for names in self._shorter())
        best = next(readings)
        if best.hits == len(self._names):
            return best
        return max((best, *readings), key=lambda each: each.hits)

    def _shorter(self) -> Iterator[list[str]]:
        """Yield the names, then without the first of the folders that all have, and so on."""
        yield self._names
        parts = [name.split("/") for name in self._names]
        for depth in range(1, min(map(len, parts), default=0)):
            if len({part[depth - 1] for part in parts}) > 1:
                return
            yield ["/".join(part[depth:]) for part in parts]


def _without_endings(images: Sequence[str], others: Collection[str]) -> dict[str, str | None]:
    """Return each file by its name with and without its ending; None where two images share it.

    What an image and another file share (`1.jpg`, `1.xmp`) means the image.
    """
    known: dict[str, str | None] = {}
    for name in images:
        stem = name.rpartition(".")[0]
        known[stem] = None if stem in known else name
    no_images: dict[str, str | None] = {name.rpartition(".")[0]: name for name in sorted(others)}
    return no_images | known | {name: name for name in (*others, *images)}
