"""Which files of ours are entered on the way from a study's stage to a stored result."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from inspect import CO_NEWLOCALS
from pathlib import Path
from types import CodeType, FrameType

import taskspace

CORE = Path(taskspace.__file__).parent
OF_STUDIES = ("studies", "learning", "policy")
"""What a study is made of. The engine, the base classes and the components that a job names are
entered as well, whatever the study."""


@contextmanager
def walk(*between: tuple[str, str]) -> Iterator[set[str]]:
    """Collect the files whose functions are called inside functions named by (file, name)."""
    files: set[str] = set()
    inside: FrameType | None = None

    @cache
    def entered(code: CodeType) -> str | None:
        file = Path(code.co_filename)
        if not file.is_relative_to(CORE) or not code.co_flags & CO_NEWLOCALS:
            return None
        place = file.relative_to(CORE)
        return place.as_posix() if place.parts[0] in OF_STUDIES else None

    def look(frame: FrameType, event: str, _: object) -> None:
        nonlocal inside
        if event == "call":
            place = entered(frame.f_code)
            if place is None:
                return
            name = frame.f_code.co_name
            if inside is None and any(place.endswith(f) and name == n for f, n in between):
                inside = frame
            if inside is not None and name != "<module>":
                files.add(place)
        elif event == "return" and frame is inside:
            inside = None

    before = sys.getprofile()
    sys.setprofile(look)
    try:
        yield files
    finally:
        sys.setprofile(before)
