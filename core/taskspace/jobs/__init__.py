"""YAML with positions to validated jobs."""

from taskspace.jobs.catalogue import Catalogue, Described
from taskspace.jobs.codes import MEANINGS, Code
from taskspace.jobs.job_schema import job_schema, schema_comment
from taskspace.jobs.load import LoadedJob, check_components, load_job
from taskspace.jobs.mistakes import Mistake, problem, raise_problems
from taskspace.jobs.places import Place, Steps
from taskspace.jobs.render import as_json, render
from taskspace.jobs.use import (
    DatasetUse,
    EncoderUse,
    ReadoutUse,
    SolverUse,
    TaskUse,
    TaskUses,
    Use,
)
from taskspace.registry import nearest

__all__ = [
    "MEANINGS",
    "Catalogue",
    "Code",
    "DatasetUse",
    "Described",
    "EncoderUse",
    "LoadedJob",
    "Mistake",
    "Place",
    "ReadoutUse",
    "SolverUse",
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
    "render",
    "schema_comment",
]
