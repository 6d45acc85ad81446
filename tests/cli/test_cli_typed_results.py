"""What results hold is declared: stored runs open, new ones have their keys, a schema says it."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from taskspace.components import ComponentSpec
from taskspace.registry import Registry

BEFORE = Path(__file__).with_name("stored_run_before")
"""Runs that a version without typed results made, and what `tasks show` printed of them."""

STUDIES = ("multitask", "taxonomy")

ADDED = {
    ".tasks[].floor.gain",
    ".tasks[].floor.quality",
    ".evidence[].against",
    ".null[].cost",
    ".null[].exact",
}
"""Keys that results have had since; all of them may be absent."""


def opened(name: str, place: Path) -> Path:
    """A copy of a stored run, since a report is written into its folder."""
    return Path(shutil.copytree(BEFORE / name, place / "runs" / name))


def keys(part: Any, path: str = "") -> Iterator[str]:
    """Every key of a result with its place, in order; a list counts once for equal parts."""
    if isinstance(part, dict):
        for key, value in part.items():
            yield f"{path}.{key}"
            yield from keys(value, f"{path}.{key}")
    elif isinstance(part, list):
        yield from dict.fromkeys(key for item in part for key in keys(item, f"{path}[]"))


@pytest.mark.parametrize("study", STUDIES)
def test_a_stored_run_of_before_opens(study, tasks, tmp_path):
    folder = opened(study, tmp_path)
    assert tasks("show", study).out == (BEFORE / study / "shown.txt").read_text()
    said = tasks("show", study, "--json")
    assert json.dumps(said.json) == json.dumps(json.loads((folder / "result.json").read_text()))
    assert tasks("report", study).status == 0
    assert "</html>" in (folder / "report.html").read_text()


@pytest.mark.parametrize("study", STUDIES)
def test_a_new_run_has_the_keys_of_before_in_their_order(study, tasks, tmp_path):
    job = json.loads((BEFORE / study / "manifest.json").read_text())["job"]
    Path("job.yaml").write_text(json.dumps(job))
    assert tasks("run", "job.yaml", "--executor", "inline").status == 0
    (file,) = tmp_path.glob("runs/*/result.json")
    text, before = file.read_text(), json.loads((BEFORE / study / "result.json").read_text())
    new = [key for key in keys(json.loads(text)) if key not in ADDED]
    assert new == list(keys(before))
    written = model(study).model_validate_json(text).as_json()
    assert json.dumps(written, indent=1, ensure_ascii=False) + "\n" == text


@pytest.mark.parametrize("study", STUDIES)
def test_the_schema_of_results_describes_every_field(study, tasks):
    schema = tasks("schema", "--result", study).json
    tables = {"": schema, **schema["$defs"]}
    fields = [part for table in tables.values() for part in table.get("properties", {}).values()]
    assert fields and all(part.get("description") for part in fields)
    stored = json.loads((BEFORE / study / "result.json").read_text())
    validator = jsonschema.Draft202012Validator(schema)
    validator.validate(stored)
    assert list(validator.iter_errors(stored | {"rumour": 1}))


def test_a_schema_of_results_that_is_not_to_be_had_is_refused(tasks):
    assert "needs the name of a study" in tasks("schema", "--result").err
    said = tasks("schema", "--result", "multitasks")
    assert said.status == 2 and "multitask" in said.err


def test_a_result_of_another_version_shows_what_is_known_or_names_what_is_not(tasks, tmp_path):
    folder = opened("multitask", tmp_path)
    result = json.loads((folder / "result.json").read_text())
    shown = tasks("show", "multitask").out
    result["trials"][0]["mood"] = "good"
    reseal(folder, result)
    assert tasks("show", "multitask").out == shown
    assert tasks("show", "multitask", "--json").json["trials"][0]["mood"] == "good"
    del result["trials"][0]["seed"]
    reseal(folder, result)
    refused = tasks("show", "multitask")
    assert refused.status == 2
    assert "`trials.0.seed`" in refused.err and "tasks rerun" in refused.err


@pytest.mark.parametrize("findings", ["zz", [{"code": "x", "tone": "note", "text": "No details."}]])
def test_findings_of_another_form_are_named(findings, tasks, tmp_path):
    folder = opened("taxonomy", tmp_path)
    result = json.loads((folder / "result.json").read_text())
    reseal(folder, result | {"findings": findings})
    for command in ("show", "report"):
        refused = tasks(command, "taxonomy")
        assert refused.status == 2 and "`findings" in refused.err and "Traceback" not in refused.err


def reseal(folder: Path, result: dict[str, Any]) -> None:
    """Write a result as a run of another version would have."""
    (folder / "result.json").write_text(json.dumps(result))
    seal = json.loads((folder / "seal.json").read_text())
    digest = hashlib.sha256((folder / "result.json").read_bytes()).hexdigest()
    seal["files"]["result.json"] = [digest]
    (folder / "seal.json").write_text(json.dumps(seal))


def model(study: str) -> Any:
    return Registry.load(plugins=False).component(ComponentSpec("study", study)).result_model
