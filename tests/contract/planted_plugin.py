"""A small plugin as a source tree, light to import, into which faults are planted."""

from __future__ import annotations

from pathlib import Path

MODULE = '''\
import os, signal, sys, threading
from typing import ClassVar

from pydantic import Field

from taskspace.components import CellFunction, Component, Job, Stage, Study, hookimpl
from taskspace.components.page import Page


class LookJob(Job):
    """What is looked at."""

    depth: int = Field(1, description="How deep.")


class Look(Study):
    """A study that only looks."""

    name: ClassVar[str] = "look"
    job_model: ClassVar[type[Job]] = LookJob
    stage_names: ClassVar[tuple[str, ...]] = ("look",)
    depth: int = Field(1, description="How deep.")

    def stages(self, job, planner, until):
        yield Stage("look", [planner.cell("look/0", CellFunction(__name__ + ":look", 1))])

    def page(self, result, artifacts):
        return Page("", "", ())

    def identity(self):
        return super().identity()


def look(call):
    raise NotImplementedError


class Listen(Look):
    """A study that only listens."""

    name: ClassVar[str] = "listen"

    def identity(self):
        return {}


@hookimpl
def taskspace_studies() -> list[type[Component]]:
    return [Look, Listen]
'''

IDENTITY = "return super().identity()"
"""What `Look.identity` does; a fault takes its place."""

PROJECT = """\
[project]
name = "taskspace-planted"
version = "1.2"

[project.entry-points.taskspace]
components = "taskspace_planted.plugin"
"""


def plant(folder: Path, old: str = "", new: str = "", *, project: str = "", end: str = "") -> Path:
    """Write the plugin with `old` replaced by `new`; `project` and `end` are appended."""
    assert old in MODULE
    package = folder / "src" / "taskspace_planted"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    text = MODULE.replace(old, new) if old else MODULE
    (package / "plugin.py").write_text(text + end)
    (folder / "pyproject.toml").write_text(PROJECT + project)
    return folder
