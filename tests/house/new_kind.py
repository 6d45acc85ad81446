"""Started in a copy of the sources that has one kind more: says what follows from its entry."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from pydantic import BaseModel

from taskspace.components import KINDS, Curriculum, hook_name
from taskspace.components.base import hookimpl
from taskspace.jobs import Use
from taskspace.registry import Registry
from taskspace.registry.descriptions import describe
from taskspace.registry.descriptions.describing import describe_plugin
from taskspace.testing import INVENTORY, check_component


class Shuffled(Curriculum):
    """Images in any order."""

    name = "shuffled"


class Job(BaseModel):
    """A job that names one."""

    curriculum: Use[Curriculum]


class Plugin:
    """A plugin that provides one."""

    @staticmethod
    @hookimpl
    def taskspace_curriculums():
        """Return the one class."""
        return [Shuffled]


if __name__ == "__main__":
    describe.main(["--write"])
    (described,) = describe_plugin("somebody", "1.0", [Plugin])
    report = check_component(Shuffled, only=INVENTORY["curriculum"][:6])
    json.dump(
        {
            "hook": hook_name("curriculum"),
            "described": [described.kind, described.name],
            "reference": Job(curriculum="shuffled").curriculum.spec().kind,
            "known": "curriculum" in Registry.load(Path.cwd(), plugins=False).kinds,
            "checked": [len(INVENTORY["curriculum"]), report.ok],
            "kinds": len(KINDS),
        },
        sys.stdout,
    )
