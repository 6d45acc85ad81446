"""A job without mistakes: its model, its document, its paths, its components."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from jobs_world import VALID

from taskspace import jobs
from taskspace.components import ComponentSpec, Dataset
from taskspace.errors import JobInvalid
from taskspace.jobs import TaskUse, Use, check_components, load_job

FOLDER = "{use: folder, root: images, labels: auto, extra: {masks: ../m, away: /a}}"


def test_references_know_their_component(shelf):
    job = load_job(VALID, catalogue=shelf).job
    assert job.dataset.spec() == ComponentSpec("dataset", "digits", {"images": 20})
    assert [task.name for task in job.tasks] == ["normals", "edges_2d", "thin"]
    assert job.tasks[2].spec() == ComponentSpec("task", "edges_2d", {"low": 1e-4})
    assert (job.tasks[1].importance, job.tasks[1].label_cost, job.tasks[1].role) == (0.5, 0, "both")
    assert job.tasks[0].label_cost is None


def test_references_are_made_in_python_as_in_a_file():
    assert Use[Dataset](use="digits", images=3).parameters == {"images": 3}
    assert Use[Dataset].model_validate("digits") == Use[Dataset](use="digits")
    assert TaskUse(use="weather/rain").name == "rain"
    assert TaskUse(use="rain", as_="wet").model_dump(by_alias=True)["as"] == "wet"


def test_paths_are_relative_to_the_file(shelf, tmp_path, monkeypatch):
    (tmp_path / "jobs").mkdir()
    file = tmp_path / "jobs" / "job.yaml"
    file.write_text(VALID.replace("{use: digits, images: 20}", FOLDER) + "table: t.csv\n")
    monkeypatch.chdir(tmp_path)
    loaded = load_job(Path("jobs/job.yaml"), catalogue=shelf)
    base = tmp_path / "jobs"
    assert loaded.document["dataset"] == {
        "use": "folder",
        "root": str(base / "images"),
        "labels": "auto",
        "extra": {"masks": str(base / "../m"), "away": "/a"},
    }
    assert loaded.job.dataset.parameters["root"] == str(base / "images")
    assert loaded.job.table == base / "t.csv"
    assert shelf.activate("dataset", "folder")(**loaded.job.dataset.parameters).labels == "auto"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-8"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_job_is_read_as_any_editor_saves_it(shelf, tmp_path, encoding, end):
    file = tmp_path / "job.yaml"
    file.write_bytes(VALID.replace("\n", end).encode(encoding))
    assert load_job(file, catalogue=shelf).document == load_job(VALID, catalogue=shelf).document


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        (b"study: x\nname: caf\xe9\n", 2, "has the byte 0xe9"),
        ("study: x\n".encode("utf-16-le"), 1, "UTF-16 without a byte order mark"),
        (b"PK\x03\x04", 1, "a workbook"),
        ("study: x\n".encode("utf-16") + b"\x00\xd8", 2, "not UTF-16 text"),
    ],
)
def test_a_job_that_is_no_text_says_what_it_is(shelf, tmp_path, content, line, message):
    file = tmp_path / "job.yaml"
    file.write_bytes(content)
    with pytest.raises(JobInvalid, match=message) as error:
        load_job(file, catalogue=shelf)
    assert error.value.problems[0].line == line


def test_paths_in_arguments_are_relative_to_the_working_directory(shelf, tmp_path, monkeypatch):
    file = tmp_path / "job.yaml"
    file.write_text(VALID)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("HOME", "/home/someone")
    arguments = [f"dataset={FOLDER}", "dataset.labels=l.csv", "table=~/t.csv"]
    loaded = load_job(file, overrides=arguments, catalogue=shelf)
    assert loaded.document["dataset"]["root"] == str(tmp_path / "here" / "images")
    assert loaded.document["dataset"]["labels"] == str(tmp_path / "here" / "l.csv")
    assert loaded.document["table"] == "/home/someone/t.csv"


def test_a_document_loads_to_the_same_job(shelf, tmp_path, monkeypatch):
    loaded = load_job(VALID, overrides=[f"dataset={FOLDER}"], catalogue=shelf)
    monkeypatch.chdir(tmp_path)
    again = load_job(loaded.document, catalogue=shelf)
    assert (again.job, again.document) == (loaded.job, loaded.document)


def test_components_and_places_are_known_by_their_steps(shelf):
    loaded = load_job(VALID, overrides=["encoder.width=3"], catalogue=shelf)
    assert loaded.components["tasks", 2] == ComponentSpec("task", "edges_2d", {"low": 1e-4})
    assert set(loaded.components) == {
        ("dataset",), ("tasks", 0), ("tasks", 1), ("tasks", 2), ("encoder",), ("solve", "solver"),
    }  # fmt: skip
    low, width = loaded.locate(("tasks", 2, "low")), loaded.locate(("encoder", "width"))
    assert (low.source.label, low.line, low.column) == ("<text>", 11, 10)
    assert (width.source.label, width.line, width.column) == ("--set", 1, 15)


def test_what_only_the_component_knows_is_told_at_its_place(shelf):
    loaded = load_job(VALID, overrides=["tasks.1.high=0.5", "tasks.2.high=0.5"], catalogue=shelf)
    with pytest.raises(JobInvalid) as caught:
        check_components(loaded, shelf)
    found = [(p.path, p.file, p.column, p.source_line) for p in caught.value.problems]
    assert found == [
        ("tasks.1.high", "--set", 14, "tasks.1.high=0.5"),
        ("tasks.2.high", "--set", 14, "tasks.2.high=0.5"),
    ]
    assert "one half is not allowed" in caught.value.problems[0].message
    check_components(load_job(VALID, catalogue=shelf), shelf)


def test_a_home_that_nobody_has(problems):
    (found,) = problems(VALID + "table: ~nobody-at-all/t.csv\n")
    assert (found.code, found.path, found.column) == ("TSK017", "table", 8)


def test_a_file_that_is_not_there(shelf, tmp_path):
    with pytest.raises(JobInvalid) as caught:
        load_job(tmp_path / "job.yaml", catalogue=shelf)
    (found,) = caught.value.problems
    assert (found.code, found.line, found.column) == ("TSK017", 1, 1)
    assert found.file == str(tmp_path / "job.yaml")


def test_a_file_that_cannot_be_read(shelf, tmp_path):
    for path in (tmp_path, Path("a\0b")):
        with pytest.raises(JobInvalid) as caught:
            load_job(path, catalogue=shelf)
        assert caught.value.problems[0].code == "TSK001"


def test_a_mapping_is_told_its_mistakes_by_path(shelf):
    job = {"study": "house", "name": "x", "dataset": Path("digits"), "tasks": ("normls",), "sed": 1}
    with pytest.raises(JobInvalid) as caught:
        load_job(job, catalogue=shelf)
    found = {(p.path, p.line, p.suggestion) for p in caught.value.problems}
    assert found == {("tasks.0", 0, "normals"), ("sed", 0, "seed")}


LIGHT = """
import sys
sys.path.insert(0, {tests!r})
from jobs_world import Conv, Digits, Edges, Highs, House, Normals, Shelf, VALID
from taskspace.jobs import job_schema, load_job
shelf = Shelf(Digits, Normals, Edges, Conv, Highs, House)
load_job(VALID, catalogue=shelf)
job_schema(None, shelf)
"""


def loaded_modules(code: str, *suspects: str) -> str:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            f"{code}\nimport sys\nprint(sorted(set({suspects}) & set(sys.modules)))",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_checking_a_job_imports_nothing_heavy():
    code = LIGHT.format(tests=str(Path(__file__).parent))
    assert loaded_modules(code, "torch", "scipy", "pyomo", "numpy", "sklearn") == "[]"


def test_what_writes_a_schema_imports_neither_models_nor_validators():
    code = "from taskspace.jobs import job_schema, schema_comment, render"
    assert loaded_modules(code, "torch", "numpy", "pydantic", "jsonschema", "yaml") == "[]"


def test_every_exported_name_is_what_it_says_however_often_it_is_asked_for():
    for _ in range(2):
        for name in jobs._HOME:
            assert not isinstance(getattr(jobs, name), ModuleType), name
    with pytest.raises(AttributeError, match="nothing_like_it"):
        _ = jobs.nothing_like_it
