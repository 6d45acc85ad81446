"""YAML with positions to validated jobs.

A name is imported when it is first asked for: writing a schema needs no model and no validator.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from taskspace.jobs.codes import MEANINGS as MEANINGS
    from taskspace.jobs.codes import Code as Code
    from taskspace.jobs.load import LoadedJob as LoadedJob
    from taskspace.jobs.load import check_components as check_components
    from taskspace.jobs.load import load_job as load_job
    from taskspace.jobs.mistakes import problem as problem
    from taskspace.jobs.mistakes import raise_problems as raise_problems
    from taskspace.jobs.reference import read_reference as read_reference
    from taskspace.jobs.rendering import as_json as as_json
    from taskspace.jobs.rendering import render as render
    from taskspace.jobs.schemas.editor_schema import job_schema as job_schema
    from taskspace.jobs.schemas.editor_schema import result_schema as result_schema
    from taskspace.jobs.schemas.editor_schema import schema_comment as schema_comment
    from taskspace.jobs.use import NamedUse as NamedUse
    from taskspace.jobs.use import TaskUse as TaskUse
    from taskspace.jobs.use import TaskUses as TaskUses
    from taskspace.jobs.use import Use as Use
    from taskspace.jobs.use import uniquely_named as uniquely_named
    from taskspace.registry import nearest as nearest

_NAMES = {
    "taskspace.jobs.codes": ("MEANINGS", "Code"),
    "taskspace.jobs.load": ("LoadedJob", "check_components", "load_job"),
    "taskspace.jobs.mistakes": ("problem", "raise_problems"),
    "taskspace.jobs.reference": ("read_reference",),
    "taskspace.jobs.rendering": ("as_json", "render"),
    "taskspace.jobs.schemas.editor_schema": ("job_schema", "result_schema", "schema_comment"),
    "taskspace.jobs.use": ("NamedUse", "TaskUse", "TaskUses", "Use", "uniquely_named"),
    "taskspace.registry": ("nearest",),
}
_HOME = {name: module for module, names in _NAMES.items() for name in names}


def __getattr__(name: str) -> object:
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'taskspace.jobs' has no attribute {name!r}")
