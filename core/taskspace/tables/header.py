"""The names of columns, looked up as people write them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from taskspace.errors import TableError


class Header:
    """The names of a table's columns, without the blank ones at the end.

    Args:
        names: cells of the header.
        where: file and line, for errors.

    Attributes:
        names: without surrounding space.
        where: as given.
    """

    def __init__(self, names: Sequence[str], where: str) -> None:
        stripped = [name.strip() for name in names]
        while stripped and not stripped[-1]:
            stripped.pop()
        self.names = tuple(stripped)
        self.where = where
        self._places: dict[str, list[int]] = {}
        for place, name in enumerate(self.names):
            self._places.setdefault(name.casefold(), []).append(place)

    def __len__(self) -> int:
        return len(self.names)

    def find(self, name: str) -> int | None:
        """Return the place of a column, from 0; case and surrounding space do not count.

        A column of exactly this name comes first. None where there is none.

        Raises:
            TableError: if several columns have this name.
        """
        name = name.strip()
        places = self._places.get(name.casefold(), [])
        if len(places) > 1:
            places = [place for place in places if self.names[place] == name] or places
        if len(places) > 1:
            raise TableError(
                f"The header names the column {name!r} {times(len(places))}; {self.listed()}.",
                where=self.where,
                advice="Rename or remove all of them but one.",
            )
        return places[0] if places else None

    def needed(self, name: str, advice: str) -> int:
        """Return the place of a column that must be there.

        Raises:
            TableError: if it is not there, or several times.
        """
        if (place := self.find(name)) is None:
            raise TableError(
                f"There is no column {name!r}; {self.listed()}.", where=self.where, advice=advice
            )
        return place

    def repeated(self) -> str | None:
        """Return a name that stands there more than once, written the same way."""
        return next((name for name, count in Counter(self.names).items() if count > 1), None)

    def listed(self) -> str:
        """Return the names as a sentence goes on: "the columns are 'a', 'b'"."""
        more = " and more" if len(self.names) > 20 else ""
        return f"the columns are {', '.join(map(repr, self.names[:20])) or 'none'}{more}"


def times(count: int) -> str:
    """Return "twice" or "3 times"."""
    return "twice" if count == 2 else f"{count} times"
