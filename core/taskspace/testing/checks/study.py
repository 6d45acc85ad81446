"""What holds for a study, apart from what its runs compute."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Generator, Mapping
from contextlib import closing
from dataclasses import asdict
from functools import cached_property
from pkgutil import resolve_name
from typing import Any

from pydantic import ValidationError

from taskspace.components import (
    JSON,
    Cell,
    CellFunction,
    Component,
    ComponentSpec,
    Job,
    Resources,
    Stage,
    Study,
)
from taskspace.components.part import MAKE
from taskspace.components.study import ComponentT
from taskspace.registry.registry import Registry
from taskspace.testing.checks.values import with_examples
from taskspace.testing.subject import RuleBroken, Subject, mistakes, require, returned


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


def first_stage_is_planned(subject: Subject) -> None:
    """The job of its examples is valid, and `stages` asks first for cells that can be computed."""
    study = subject.made(Study)
    plan = study.stages(_example_job(study), TrialPlanner(subject.siblings), None)
    with closing(returned("stages()", plan, Generator, "a generator that yields Stage")) as steps:
        wanted = next(steps, None)
    require(wanted is not None, "It ends before its first stage.")
    stage = returned("stages()", wanted, Stage, "a generator that yields Stage")
    require(
        stage.name in study.stage_names,
        f"Its first stage is {stage.name!r}; its stage_names are {', '.join(study.stage_names)}.",
    )
    require(bool(stage.cells), f"Its first stage, {stage.name!r}, has no cells.")
    for cell in stage.cells:
        _function_is_there(returned("Stage.cells", cell, Cell, "what planner.cell() gives"))


def _example_job(study: Study) -> Job:
    model = study.job_model
    schema = model.model_json_schema()
    said = {"study": study.name, "name": "conformance"}
    whole = schema.get("examples")
    data = {**said, **whole[0]} if whole else with_examples(schema, said)
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise RuleBroken(
            f"No job to try it with: {mistakes(error)}. Give the required keys of "
            f"{model.__qualname__} Field(examples=[...]), or the model "
            'ConfigDict(json_schema_extra={"examples": [{...}]}).'
        ) from error


def _function_is_there(cell: Cell) -> None:
    target = cell.function.target
    try:
        function = resolve_name(target)
    except (ImportError, AttributeError, ValueError) as error:
        raise RuleBroken(
            f"The cell {cell.name!r} computes {target}, which cannot be imported: {error}."
        ) from error
    require(callable(function), f"The cell {cell.name!r} computes {target}, which is no function.")


class TrialPlanner:
    """Makes cells whose keys follow from what they are made of.

    Args:
        siblings: the classes of the study's own plugin as `task:rain`; other names are built-ins'.
    """

    def __init__(self, siblings: Mapping[str, type[Component]]) -> None:
        self._siblings = siblings

    def component(self, spec: ComponentSpec, kind: type[ComponentT]) -> ComponentT:
        """Return the component of a spec; raises TypeError if it is not of `kind`."""
        own = self._siblings.get(f"{spec.kind}:{spec.name.rpartition('/')[2]}")
        component = (
            self._built_ins.component(spec)
            if own is None
            else own.model_validate(dict(spec.parameters), context={MAKE: self._part})
        )
        if not isinstance(component, kind):
            raise TypeError(f"{spec.kind} {spec.name!r} is not a {kind.__name__}")
        return component

    def _part(self, spec: ComponentSpec) -> Component:
        return self.component(spec, Component)

    def cell(
        self,
        name: str,
        function: CellFunction,
        *,
        parameters: Mapping[str, JSON] | None = None,
        components: Mapping[str, Component] | None = None,
        inputs: Mapping[str, Cell] | None = None,
        batch: str | None = None,
        resources: Resources | None = None,
    ) -> Cell:
        """Return a cell with its key; raises TypeError or ValueError where it is no plain JSON."""
        specs = {slot: component.spec() for slot, component in (components or {}).items()}
        keys = {slot: cell.key for slot, cell in (inputs or {}).items()}
        parts = {
            "function": asdict(function),
            "parameters": dict(parameters or {}),
            "components": {slot: spec.as_json() for slot, spec in specs.items()},
            "inputs": keys,
        }
        text = json.dumps(parts, sort_keys=True, allow_nan=False)
        return Cell(
            name=name,
            key=hashlib.sha256(text.encode()).hexdigest(),
            function=function,
            parameters=parameters or {},
            components=specs,
            inputs=keys,
            batch=batch,
            resources=resources or Resources(),
        )

    @cached_property
    def _built_ins(self) -> Registry:
        return Registry.load(plugins=False)
