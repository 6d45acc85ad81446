"""Started in a copy of the sources that has one kind more: says what follows from its entry."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from pydantic import BaseModel

from taskspace.components import KINDS, Embedding, hook_name
from taskspace.components.base import hookimpl
from taskspace.jobs import Use
from taskspace.registry import Registry
from taskspace.registry.descriptions import describe
from taskspace.registry.descriptions.describing import describe_plugin
from taskspace.testing import INVENTORY, check_component


class Mean(Embedding):
    """The mean of the codes."""

    name = "mean"


class Job(BaseModel):
    """A job that names one."""

    embedding: Use[Embedding]


class Plugin:
    """A plugin that provides one."""

    @staticmethod
    @hookimpl
    def taskspace_embeddings():
        """Return the one class."""
        return [Mean]


if __name__ == "__main__":
    describe.main(["--write"])
    (described,) = describe_plugin("somebody", "1.0", [Plugin])
    report = check_component(Mean, only=INVENTORY["embedding"][:6])
    json.dump(
        {
            "hook": hook_name("embedding"),
            "described": [described.kind, described.name],
            "reference": Job(embedding="mean").embedding.spec().kind,
            "known": "embedding" in Registry.load(Path.cwd(), plugins=False).kinds,
            "checked": [len(INVENTORY["embedding"]), report.ok],
            "kinds": len(KINDS),
        },
        sys.stdout,
    )
