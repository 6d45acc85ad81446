"""An error of the data that a job names, as a mistake at its place in the job."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from taskspace.errors import InputError, JobInvalid, Problem
from taskspace.jobs.load import LoadedJob
from taskspace.jobs.text.nodes import ListNode, MappingNode, Node, Scalar, child
from taskspace.jobs.text.places import SourcePlace, Steps, dotted, printable


class LocatedErrors:
    """Errors, each at the value of the job that it is about.

    Args:
        paths: of the job, by the steps to where it names them.
    """

    def __init__(self, loaded: LoadedJob, paths: Mapping[Steps, Path]) -> None:
        self._loaded = loaded
        self._paths = paths
        self._found: dict[Problem, SourcePlace] = {}

    def __bool__(self) -> bool:
        return bool(self._found)

    def add(self, error: InputError, near: Steps = ()) -> None:
        """Note an error.

        Args:
            near: the part of the job that was looked at; the caret stands in it, or on it, where
                neither a path nor a key that the error names says better.
        """
        if isinstance(error, JobInvalid):
            for problem in error.problems:
                self._found.setdefault(problem, self._loaded.locate(near))
            return
        steps = self._steps(error, near)
        place = self._loaded.locate(steps)
        # Where the job names the path, the line below the message shows it.
        is_shown = str(self._paths.get(steps)) == error.where or steps != near
        text = error.what if is_shown and not self._inside(error, steps) else str(error)
        problem = Problem(
            code=error.code,
            message=printable(
                f"{text} {error.advice}" if error.advice and text == error.what else text
            ),
            file=place.source.label,
            line=place.line,
            column=place.column,
            path=dotted(steps),
            suggestion=None,
            source_line=place.source_line,
            width=place.width,
        )
        self._found.setdefault(problem, place)

    def error(self) -> JobInvalid:
        """Return the error with all of them, in file order; there must be some."""

        def order(problem: Problem) -> tuple[int, int, int]:
            place = self._found[problem]
            return place.source.order, problem.line, problem.column

        return JobInvalid(sorted(self._found, key=order))

    def _inside(self, error: InputError, steps: Steps) -> bool:
        """Return whether the error is about a file below the path that the job names."""
        return steps in self._paths and error.where != str(self._paths[steps])

    def _steps(self, error: InputError, near: Steps) -> Steps:
        where = error.where or ""
        leads = [
            steps
            for steps, path in self._paths.items()
            if where == str(path) or where.startswith((f"{path}{os.sep}", f"{path}:"))
        ]
        if leads:
            return max(leads, key=lambda steps: (steps[: len(near)] == near, len(steps)))
        keys = tuple(where.rpartition(": ")[2].split("."))
        for steps in (keys, (*near, *keys)):
            if where and _leads_somewhere(self._loaded.root, steps):
                return steps
        below = _at(self._loaded.root, near)
        for steps, node in _values(below, near) if near and below else ():
            named = steps[-1] == keys[-1]
            if named or (isinstance(node, Scalar) and f"{node.value!r}" in error.what):
                return steps
        return near


def _leads_somewhere(root: Node, steps: Steps) -> bool:
    return _at(root, steps) is not None


def _at(root: Node, steps: Steps) -> Node | None:
    node: Node | None = root
    for step in steps:
        node = child(node, step) if node else None
    return node


def _values(node: Node, steps: Steps) -> Iterator[tuple[Steps, Node]]:
    """Yield the parts of a node but for the names of components, each with its steps."""
    parts: list[tuple[str | int, Node]] = []
    if isinstance(node, MappingNode):
        parts = [
            (key, entry.node) for key, entry in node.entries.items() if key not in ("use", "as")
        ]
    elif isinstance(node, ListNode):
        parts = list(enumerate(node.items))
    for step, part in parts:
        yield (*steps, step), part
        yield from _values(part, (*steps, step))
