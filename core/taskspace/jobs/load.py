"""A job file, a job's text or a mapping to a validated job, or to everything wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from taskspace.components import JSON, ComponentSpec, Job, Study
from taskspace.errors import ComponentUnavailable, NotFound, RegistryError
from taskspace.jobs.blame import blame_arguments, blame_last_argument
from taskspace.jobs.codes import Code
from taskspace.jobs.findings import Findings
from taskspace.jobs.mistakes import ERROR_TYPE, Mistake
from taskspace.jobs.questioned_paths import question_paths
from taskspace.jobs.schemas.checker import SchemaChecker, in_full
from taskspace.jobs.schemas.component_schema import study_schema
from taskspace.jobs.schemas.shapes import shapes_of
from taskspace.jobs.schemas.structure import check_structure
from taskspace.jobs.schemas.survey import survey
from taskspace.jobs.schemas.words import shown, subject
from taskspace.jobs.text.nodes import (
    MappingNode,
    Node,
    Scalar,
    child,
    copied,
    node_at,
    place_of_key,
    place_of_value,
    plain,
    settle,
)
from taskspace.jobs.text.overrides import apply_override
from taskspace.jobs.text.places import SourcePlace, Steps
from taskspace.jobs.text.read import read_job
from taskspace.registry import Registry, nearest
from taskspace.registry.activation import made

_CODES = {
    "missing": Code.MISSING_KEY,
    "extra_forbidden": Code.UNKNOWN_KEY,
    "path_not_file": Code.NO_SUCH_FILE,
    "path_not_directory": Code.NO_SUCH_FILE,
}


@dataclass(frozen=True)
class LoadedJob:
    """A job without mistakes.

    Attributes:
        job: the study's own model.
        document: the job as plain JSON: `--set` applied, paths absolute; it loads to the same job.
        components: the components that the document names, by the steps to where it does.
        root: the tree that it was made of.
    """

    job: Job
    document: Mapping[str, JSON]
    components: Mapping[Steps, ComponentSpec]
    root: MappingNode

    def locate(self, steps: Steps) -> SourcePlace:
        """Return where the value at `steps` stands; where there is none, what would hold it."""
        return place_of_value(self.root, steps)


def load_job(
    source: Path | str | Mapping[str, Any],
    *,
    overrides: Sequence[str] = (),
    catalogue: Registry,
) -> LoadedJob:
    """Return the validated job of a file (a path), of a text (YAML) or of a mapping.

    Args:
        source: paths in a file are relative to the file, in a text or a mapping to the working
            directory.
        overrides: arguments of `--set`, each `dotted.path=YAML`, applied in turn.
        catalogue: the components that are installed.

    Raises:
        JobInvalid: with every mistake, in file order.
    """
    read = Findings()
    root = read_job(source, read)
    if root is None:
        raise read.error()
    arguments = _study_first(overrides)
    findings = read.copied()
    loaded = _loaded(root, arguments, catalogue, findings)
    if loaded is not None:
        return loaded
    if not overrides:
        raise findings.error()

    def findings_with(count: int) -> Findings:
        partial = read.copied()
        _loaded(root, arguments[:count], catalogue, partial)
        return partial

    blame_arguments(findings, arguments, findings_with)
    raise findings.error()


def _study_first(overrides: Sequence[str]) -> list[tuple[int, str]]:
    """Return the arguments with their numbers, those that name the study before the others."""
    numbered = list(enumerate(overrides, 1))
    return sorted(numbered, key=lambda pair: pair[1].partition("=")[0] != "study")


def _loaded(
    pristine: MappingNode,
    arguments: Sequence[tuple[int, str]],
    catalogue: Registry,
    findings: Findings,
) -> LoadedJob | None:
    """Return the job of a tree with the arguments of `--set`; None with what is wrong noted."""
    root = copied(pristine)
    assert isinstance(root, MappingNode)
    here = Path.cwd()
    naming = [pair for pair in arguments if pair[1].partition("=")[0] == "study"]
    for order, argument in naming:
        apply_override(root, argument, order, here, findings)
    study = _study(root, findings, catalogue)
    checker = SchemaChecker(catalogue)
    schema = study_schema(study.job_model.model_json_schema(), study.name) if study else None
    shapes = None if schema is None else shapes_of(schema, checker)
    for order, argument in arguments[len(naming) :]:
        apply_override(root, argument, order, here, findings, shapes)
    if study is None or schema is None:
        return None
    unknown = check_structure(root, plain(root), schema, checker, findings)
    found = survey(root, schema, checker)
    question_paths(root, found, findings)
    document = plain(root, found.paths)
    assert isinstance(document, dict)
    job = None
    try:
        known = plain(root, found.paths, unknown)
        job = study.job_model.model_validate(known, context={"catalogue": catalogue})
    except ValidationError as error:
        note_mistakes(error, root, findings)
    if findings or job is None:
        return None
    return LoadedJob(job, document, found.specs(document), root)


def check_components(loaded: LoadedJob, catalogue: Registry) -> None:
    """Import every component that the job names and validate its parameters in full.

    Raises:
        JobInvalid: with what no schema could say, at its place in the job.
    """
    findings = Findings()
    for steps, spec in loaded.components.items():
        try:
            plugin = catalogue.describe(spec.kind, spec.name).plugin
            cls = catalogue.activate(spec.kind, spec.name)
            made(cls, spec.parameters, plugin, catalogue.component)
        except ValidationError as error:
            before = findings.of_the_job()
            note_mistakes(error, loaded.root, findings, steps)
            blame_last_argument(findings, before, node_at(loaded.root, steps))
        except RegistryError as error:
            place = loaded.locate((*steps, "use"))
            findings.add(Code.UNAVAILABLE, in_full(error), place, steps)
    if findings:
        raise findings.error()


def _study(root: MappingNode, findings: Findings, catalogue: Registry) -> type[Study] | None:
    """Return the class of the study that the job is of; None where that cannot be known."""
    node, steps = child(root, "study"), ("study",)
    known = catalogue.names("study")
    if node is None:
        _note_missing_study(root, findings, known)
        return None
    if not isinstance(node, Scalar) or not isinstance(node.value, str):
        if not isinstance(node, Scalar) or node.is_read:
            message = f"`study` must be the name of a study: {', '.join(known)}."
            findings.add(Code.BAD_VALUE, message, node.place, steps)
        return None
    try:
        study = catalogue.activate("study", str(node.value))
    except NotFound as error:
        suggestion = nearest(node.value, known)
        message = error.what if suggestion else in_full(error)
        findings.add(Code.UNKNOWN_NAME, message, node.place, steps, suggestion)
        return None
    except ComponentUnavailable as error:
        findings.add(Code.UNAVAILABLE, in_full(error), node.place, steps)
        return None
    assert issubclass(study, Study)
    return study


def _note_missing_study(root: MappingNode, findings: Findings, known: list[str]) -> None:
    misspelt = [key for key in root.entries if nearest(key, ["study"])]
    for key in misspelt:
        message = f"The job has no key `{key}`."
        findings.add(Code.UNKNOWN_KEY, message, place_of_key(root, (key,)), (key,), "study")
    message = f"The job lacks `study`, the kind of job: {', '.join(known)}."
    findings.add(Code.MISSING_KEY, message, root.place, ("study",))


def note_mistakes(
    error: ValidationError, root: Node, findings: Findings, above: Steps = ()
) -> None:
    """Note what pydantic found, except where a mistake is known already.

    Args:
        error: from a model that was made of the value at `above`.
        root: the tree of the whole job.
    """
    for detail in error.errors(include_url=False):
        steps = settle(root, (*above, *detail["loc"]))
        if detail["type"] == ERROR_TYPE:
            for mistake in detail["ctx"]["mistakes"]:
                _note_mistake(mistake, steps, root, findings)
        else:
            _note_detail(detail, steps, root, findings)


def _note_mistake(mistake: Mistake, above: Steps, root: Node, findings: Findings) -> None:
    steps = settle(root, (*above, *mistake.steps))
    is_missing = mistake.code == Code.MISSING_KEY
    on_key = mistake.on_key or is_missing
    place = place_of_key(root, steps) if on_key else place_of_value(root, steps)
    at = (*above, *mistake.steps) if is_missing else steps
    findings.add(mistake.code, mistake.message, place, at, mistake.suggestion)


def _note_detail(detail: Any, steps: Steps, root: Node, findings: Findings) -> None:
    code = _CODES.get(detail["type"], Code.BAD_VALUE)
    key = str(detail["loc"][-1]) if code == Code.MISSING_KEY else ""
    at = (*steps, key) if key else steps
    if findings.blames(at):
        return
    if code in (Code.MISSING_KEY, Code.UNKNOWN_KEY):
        lacks = f"{subject(steps)} lacks `{key}`."
        message = lacks if key else f"There is no key {subject(steps)} here."
        findings.add(code, message, place_of_key(root, steps), at)
        return
    context: Mapping[str, Any] = detail.get("ctx", {})
    said = str(context["error"]) if detail["type"] == "value_error" else detail["msg"]
    # What contradicts each other in a mapping is named; that it is a mapping says nothing.
    value = "" if isinstance(detail["input"], Mapping) else f"; it is {shown(detail['input'])}"
    message = f"{subject(steps)}: {said.rstrip('.')}{value}."
    findings.add(code, message, place_of_value(root, steps), at)
