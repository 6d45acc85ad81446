"""Names in a discovery's job: those that stand twice, are taken, or that no task has."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from taskspace.jobs import Code, nearest, problem
from taskspace.jobs.mistakes import Mistake
from taskspace.jobs.text.places import Steps


def taken_names(
    searches: Iterable[tuple[Steps, str]], reserved: Collection[str]
) -> Iterator[Mistake]:
    """Yield the searches that are called as another one is, or as a control or a split is.

    Args:
        searches: where each stands, and what it is called.
        reserved: what controls and splits are called.
    """
    seen: set[str] = set()
    for steps, name in searches:
        if name in reserved:
            message = f"'{name}' is the name of a control or a split: call the search otherwise."
            yield problem(Code.DUPLICATE_NAME, message, *steps, "as")
        elif name in seen:
            message = f"Two searches are called '{name}': call one otherwise with `as`."
            yield problem(Code.DUPLICATE_NAME, message, *steps, "as")
        seen.add(name)


def repeated_names(lists: Iterable[tuple[Steps, Sequence[str]]]) -> Iterator[Mistake]:
    """Yield the names that a list has twice."""
    for steps, names in lists:
        for index, name in enumerate(names):
            if name in names[:index]:
                message = f"'{name}' is in the list twice."
                yield problem(Code.BAD_VALUE, message, *steps, index)


def unknown_tasks(
    lists: Iterable[tuple[Steps, Sequence[str]]], tasks: Sequence[str]
) -> Iterator[Mistake]:
    """Yield the names that no task of the job has."""
    for steps, names in lists:
        for index, name in enumerate(names):
            if name not in tasks:
                message = f"No task of the job is called '{name}'."
                suggestion = nearest(name, tasks)
                yield problem(Code.UNKNOWN_NAME, message, *steps, index, suggestion=suggestion)
