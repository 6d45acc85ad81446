"""YAML with positions to validated jobs.

A name is imported when it is first asked for: writing a schema needs no model and no validator.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from taskspace.jobs.catalogue import Catalogue, Described
    from taskspace.jobs.codes import MEANINGS, Code
    from taskspace.jobs.load import LoadedJob, check_components, load_job
    from taskspace.jobs.mistakes import Mistake, problem, raise_problems
    from taskspace.jobs.reference import read_reference
    from taskspace.jobs.rendering import as_json, render
    from taskspace.jobs.schemas.editor_schema import job_schema, result_schema, schema_comment
    from taskspace.jobs.text.places import Place, Steps
    from taskspace.jobs.use import (
        NamedUse,
        TaskUse,
        TaskUses,
        Use,
        uniquely_named,
    )
    from taskspace.registry import nearest

_HOME = {
    "Catalogue": "taskspace.jobs.catalogue",
    "Code": "taskspace.jobs.codes",
    "Described": "taskspace.jobs.catalogue",
    "LoadedJob": "taskspace.jobs.load",
    "MEANINGS": "taskspace.jobs.codes",
    "Mistake": "taskspace.jobs.mistakes",
    "NamedUse": "taskspace.jobs.use",
    "Place": "taskspace.jobs.text.places",
    "Steps": "taskspace.jobs.text.places",
    "TaskUse": "taskspace.jobs.use",
    "TaskUses": "taskspace.jobs.use",
    "Use": "taskspace.jobs.use",
    "as_json": "taskspace.jobs.rendering",
    "check_components": "taskspace.jobs.load",
    "job_schema": "taskspace.jobs.schemas.editor_schema",
    "load_job": "taskspace.jobs.load",
    "nearest": "taskspace.registry",
    "problem": "taskspace.jobs.mistakes",
    "raise_problems": "taskspace.jobs.mistakes",
    "result_schema": "taskspace.jobs.schemas.editor_schema",
    "read_reference": "taskspace.jobs.reference",
    "render": "taskspace.jobs.rendering",
    "schema_comment": "taskspace.jobs.schemas.editor_schema",
    "uniquely_named": "taskspace.jobs.use",
}

__all__ = [
    "MEANINGS",
    "Catalogue",
    "Code",
    "Described",
    "LoadedJob",
    "Mistake",
    "NamedUse",
    "Place",
    "Steps",
    "TaskUse",
    "TaskUses",
    "Use",
    "as_json",
    "check_components",
    "job_schema",
    "load_job",
    "nearest",
    "problem",
    "raise_problems",
    "read_reference",
    "render",
    "result_schema",
    "schema_comment",
    "uniquely_named",
]


def __getattr__(name: str) -> object:
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'taskspace.jobs' has no attribute {name!r}")
