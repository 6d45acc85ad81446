"""What holds for a study, apart from what its runs compute."""

from __future__ import annotations

from typing import Any

from taskspace.components import Job, Study
from taskspace.registry.conformance.subject import Subject, require


def job_model_extends_the_job(subject: Subject) -> None:
    """Its job model says at least what every job says, and is closed."""
    model = subject.made(Study).job_model
    require(issubclass(model, Job), f"{model.__qualname__} is not a subclass of Job.")
    require(model.model_config.get("extra") == "forbid", "Its jobs take unknown keys.")
    require(model.model_config.get("frozen") is True, "Its jobs can be changed.")


def job_fields_are_described(subject: Subject) -> None:
    """Every key of its jobs says what it means, however deep."""
    schema = subject.made(Study).job_model.model_json_schema()
    tables: dict[str, Any] = {"": schema, **schema.get("$defs", {})}
    silent = [
        f"{table}.{key}".strip(".")
        for table, content in tables.items()
        for key, value in content.get("properties", {}).items()
        if not value.get("description")
    ]
    require(not silent, f"These keys have no description: {', '.join(silent)}.")


def stage_names_are_distinct(subject: Subject) -> None:
    """Its stages have names, each another one."""
    names = subject.made(Study).stage_names
    require(bool(names) and all(names), f"Found the stages {names}; each needs a name.")
    require(len(set(names)) == len(names), f"Found the stages {names}; a name appears twice.")


CHECKS = (job_model_extends_the_job, job_fields_are_described, stage_names_are_distinct)
