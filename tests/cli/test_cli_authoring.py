"""`tasks plugin new` writes whole plugins or nothing; `tasks plugin check` says what is wrong."""

from __future__ import annotations

import errno
import os
import re
from pathlib import Path

import pytest
from cli_site import CliSite
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from taskspace.errors import InputError
from taskspace.registry import Registry
from taskspace.registry.descriptions.describing import NAME_PATTERN
from taskspace_cli.main import app
from taskspace_cli.scaffold import write_plugin
from taskspace_cli.scaffold.naming import LONGEST, checked_names


def invoke(*arguments):
    return CliRunner().invoke(app, ["plugin", *arguments])


def test_new_says_what_it_wrote_and_what_to_type_next(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = invoke("new", "weather", "--kind", "executor")
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    files = {str(p.relative_to(tmp_path)) for p in Path(tmp_path).rglob("*") if p.is_file()}
    assert {line.removeprefix("wrote ") for line in lines if line.startswith("wrote")} == files
    for file in (
        "pyproject.toml",
        "README.md",
        "job.yaml",
        ".gitignore",
        ".github/workflows/ci.yml",
    ):
        assert f"weather/{file}" in files
    assert "weather/src/taskspace_weather/py.typed" in files
    assert lines[-3:] == [
        "  tasks plugin add ./weather",
        "  tasks run weather/job.yaml --executor weather",
        "  tasks plugin check ./weather",
    ]
    assert not [p for p in tmp_path.iterdir() if p.name != "weather"]


WRONG_NAMES = {
    "1st": "start with a letter",
    "Weather": "How about 'weather'",
    "wéther": "How about 'wether'",
    "my thing": "How about 'my-thing'",
    "天気": "must be lower-case letters",
    "weather-": "How about 'weather'",
    "../weather": "How about 'weather'",
    "": "must be lower-case letters",
    "class": "a word of Python or of YAML",
    "null": "a word of Python or of YAML",
    "plugin": "a meaning of its own",
    "taskspace": "a meaning of its own",
    "plugins": "a package taskspace_plugins is installed",
    "edges-2d": "a built-in task 'edges_2d'",
    "taskspace-rotation": "a built-in task 'rotation'",
    "task": "called Task, which its code needs",
    "value-error": "called ValueError",
    "testing": "which pytest would take for tests",
    "a" * (LONGEST + 1): f"at most {LONGEST}",
}


@pytest.mark.parametrize("name", WRONG_NAMES, ids=repr)
def test_a_name_that_cannot_be_is_refused_and_nothing_is_written(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = invoke("new", "--kind", "task", "--", name)
    assert done.exit_code == 2
    assert WRONG_NAMES[name] in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_name_that_another_kind_has_is_free(tmp_path):
    assert write_plugin("digits", "task", tmp_path / "new").names.component == "digits"


@given(st.text(max_size=30) | st.from_regex(r"[a-z][a-z0-9_.-]{0,12}", fullmatch=True))
def test_every_name_that_is_taken_can_be_one_everywhere(name):
    registry = Registry.load(plugins=False)
    try:
        names = checked_names(name, "task", registry)
    except InputError:
        return
    assert NAME_PATTERN.fullmatch(names.component)
    assert names.component.isidentifier()
    assert names.cls.isidentifier()
    assert names.package == names.distribution.replace("-", "_")
    assert re.fullmatch("taskspace(-[a-z0-9]+)+", names.distribution)


def test_an_unknown_kind_is_refused_with_the_nearest(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = invoke("new", "weather", "--kind", "tsk")
    assert done.exit_code == 2
    assert "Did you mean 'task'?" in done.stderr
    assert not list(tmp_path.iterdir())


def test_an_empty_folder_is_filled_and_another_never_touched(tmp_path):
    folder = tmp_path / "here"
    folder.mkdir()
    identity = folder.stat().st_ino
    write_plugin("weather", "task", folder)
    assert folder.stat().st_ino == identity
    before = {file: file.stat().st_mtime_ns for file in folder.rglob("*")}
    with pytest.raises(InputError, match="no empty folder"):
        write_plugin("weather", "task", folder)
    assert {file: file.stat().st_mtime_ns for file in folder.rglob("*")} == before


@pytest.mark.parametrize("exists", [True, False], ids=("into", "beside"))
def test_nothing_stays_behind_where_writing_fails(exists, tmp_path, monkeypatch):
    folder = tmp_path / "weather"
    if exists:
        folder.mkdir()
    write = Path.write_text
    room = 4

    def fills_up(self, *arguments, **named):
        nonlocal room
        room -= 1
        if room < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(self, *arguments, **named)

    monkeypatch.setattr(Path, "write_text", fills_up)
    done = invoke("new", "weather", "--folder", str(folder))
    assert done.exit_code == 2
    assert "No space left on device" in done.stderr
    assert list(tmp_path.rglob("*")) == ([folder] if exists else [])


def test_a_folder_that_cannot_be_made_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    done = invoke("new", "weather", "--folder", str(tmp_path / "file/weather"))
    assert done.exit_code == 2
    assert "--folder DIR" in done.stderr


@pytest.mark.parametrize(
    ("folder", "shown"),
    [
        ("deep/down", "./deep/down"),
        (".", "."),
        ("../beside", "../beside"),
        ("a b", "'./a b'"),
    ],
)
def test_what_to_type_next_names_the_folder_as_a_path(folder, shown, tmp_path, monkeypatch):
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    done = invoke("new", "weather", "--folder", folder)
    assert done.exit_code == 0, done.stderr
    assert (here / folder / "pyproject.toml").exists()
    assert f"  tasks plugin add {shown}" in done.stdout.splitlines()


def test_the_folders_above_go_again_where_writing_fails(tmp_path, monkeypatch):
    def full(self, *_, **__):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_text", full)
    assert invoke("new", "weather", "--folder", str(tmp_path / "a/b/c")).exit_code == 2
    assert not list(tmp_path.iterdir())


def test_check_reports_for_people_and_for_machines(tasks, tmp_path):
    write_plugin("gaze", "study", tmp_path / "gaze")
    only = ("--only", "stage_names_are_distinct")
    done = tasks("plugin", "check", "gaze", *only)
    assert done.status == 0
    assert done.out.splitlines() == [
        "study:gaze: 1 run, 0 skipped, 0 excused, 0 failed",
        "taskspace-gaze 0.1.0 conforms: 1 component, 1 check run, 0 skipped, 0 excused, 0 failed.",
    ]
    assert "study:gaze: 0 of 1 checks done" in done.err
    module = tmp_path / "gaze/src/taskspace_gaze/gaze.py"
    module.write_text(module.read_text().replace('("labels", "compare")', '("labels", "labels")'))
    machine = tasks("plugin", "check", "./gaze", "--json", *only)
    assert machine.status == 1
    assert not machine.err
    assert machine.json["ok"] is False
    assert machine.json["counts"] == {"passed": 0, "failed": 1, "skipped": 0, "excused": 0}
    (outcome,) = machine.json["components"]["study:gaze"]
    assert outcome["status"] == "failed"
    assert "a name appears twice" in outcome["reason"]


SOLVER = """
class Absent(Solver):
    'A solver whose program nobody has.'
    name: ClassVar[str] = "absent"
    def missing(self):
        return "install foo"
    def solve(self, model, limits):
        raise NotImplementedError
"""


def test_a_verdict_says_what_was_not_tried(tasks, tmp_path):
    site = CliSite(tmp_path / "site", tmp_path)
    module = (
        "from typing import ClassVar\n"
        f"from taskspace.components import Solver, hookimpl\n{SOLVER}\n"
        "@hookimpl\ndef taskspace_solvers():\n    return [Absent]\n"
    )
    site.install("taskspace-weather", module)
    site.trust("taskspace-weather", provides="")
    done = tasks("plugin", "check", "weather", **site.environment)
    assert done.status == 0, done.out
    assert done.out.splitlines()[-1] == (
        "taskspace-weather 1.0 conforms as far as it was tried (6 checks of solver:absent were "
        "skipped: install foo): 1 component, 12 checks run, 6 skipped, 0 excused, 0 failed."
    )


def test_check_wants_an_installed_plugin_to_be_trusted(tasks, tmp_path):
    site = CliSite(tmp_path / "site", tmp_path)
    site.install("taskspace-weather")
    strange = tasks("plugin", "check", "weather", **site.environment)
    assert strange.status == 2
    assert "taskspace-weather 1.0: It is unlisted" in strange.err
    assert "tasks plugin check PATH" in strange.err
    missing = tasks("plugin", "check", "wether", **site.environment)
    assert missing.status == 2
    assert "Did you mean 'taskspace-weather'?" in missing.err
    site.trust("taskspace-weather")
    trusted = tasks("plugin", "check", "weather", "--only", "name_is_a_word", **site.environment)
    assert trusted.status == 0, trusted.err
    assert "taskspace-weather 1.0 conforms" in trusted.out


def test_check_wants_what_it_is_given_to_exist(tasks, tmp_path):
    (tmp_path / "empty").mkdir()
    for folder in ("./empty", "empty", "./nowhere"):
        refused = tasks("plugin", "check", folder)
        assert refused.status == 2
        assert "pyproject.toml" in refused.err
    wrong = tasks("plugin", "check", "taskspace", "--component", "task:edges", "--json")
    assert wrong.status == 2
    assert "task:edges_2d" in wrong.json["errors"][0]["suggestion"]
