"""Standard streams that are closed, full or of few characters, and text from outside in them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import pytest
from cli_site import RAIN, CliSite
from hypothesis import given
from hypothesis import strategies as st

from taskspace_cli.terminal.streams import visible

CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029]")
HOSTILE = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202e\x7f"
"""Sets a terminal's title, clears it, colours it, and turns the direction of text around."""


def shell(redirections, *arguments, before="", **environment):
    command = f'{before}"{sys.executable}" -m taskspace_cli "$@" {redirections}'
    return subprocess.run(
        ["/bin/sh", "-c", command, "sh", *arguments],
        capture_output=True,
        env={**os.environ, "COLUMNS": "100", **environment},
        check=False,
    )


@given(st.text())
def test_visible_text_has_no_control_characters(text):
    assert not CONTROL.search(visible(text))
    json.dumps(visible(text), ensure_ascii=False).encode()


@given(st.text(alphabet=st.characters(blacklist_categories=())))
def test_visible_json_says_the_same(text):
    shown = visible(json.dumps(text, ensure_ascii=False))
    assert not CONTROL.search(shown)
    assert json.loads(shown) == text


@pytest.mark.parametrize("name", ["COLUMNS", "LINES", "TERMINAL_WIDTH"])
@pytest.mark.parametrize("size", ["0", "", "-5", "wide", "²", "99999999999"])
def test_a_size_that_no_terminal_has_changes_nothing(name, size):
    done = shell("", "--help", **{name: size})
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"Measure which tasks to label" in done.stdout
    assert len(done.stdout) < 20_000


@pytest.mark.parametrize("arguments", [["run", "job.yaml"], ["plugin", "list"], ["init"]])
def test_a_working_directory_that_is_gone_is_named(tmp_path, arguments):
    (tmp_path / "gone").mkdir()
    done = shell("", *arguments, before=f"cd '{tmp_path}/gone' && rmdir '{tmp_path}/gone' && ")
    assert done.returncode == 1
    assert b"The working directory is gone" in done.stderr


@pytest.mark.parametrize(
    ("redirections", "status"),
    [
        (">/dev/full", 1),
        ("2>/dev/full", 0),
        (">/dev/full 2>/dev/full", 1),
        ("2>&-", 0),
        ("<&- >&- 2>&-", 0),
    ],
)
@pytest.mark.parametrize("arguments", [["--help"], ["runs"]])
def test_streams_that_are_closed_or_full(redirections, status, arguments):
    done = shell(redirections, *arguments)
    assert done.returncode == status
    assert b"Traceback" not in done.stderr and b"Exception" not in done.stderr


@pytest.mark.parametrize(
    "redirections", [pytest.param("2>/dev/full", marks=pytest.mark.slow), "<&- >&- 2>&-"]
)
def test_a_run_goes_on_without_a_place_for_its_progress(redirections, small_job, tmp_path):
    place = ["--store", str(tmp_path / "store"), "--runs", str(tmp_path / "runs")]
    done = shell(redirections, "run", str(small_job), "--executor", "inline", *place)
    assert done.returncode == 0
    (result,) = (tmp_path / "runs").glob("*/result.json")
    assert json.loads(result.read_bytes())["study"] == "taxonomy"


@pytest.mark.parametrize(
    ("encoding", "name"), [("ascii", "gr\\xf6\\xdfe\\u2192"), ("latin-1", "größe\\u2192")]
)
def test_a_character_that_the_output_has_not_is_escaped(encoding, name, tmp_path):
    said = shell("", "runs", "--runs", str(tmp_path / "größe→"), PYTHONIOENCODING=encoding)
    assert said.returncode == 0
    assert name in said.stdout.decode(encoding)


def test_nothing_from_outside_controls_what_reads_the_output(tasks, tmp_path):
    site = CliSite(tmp_path / "site", tmp_path)
    hostile = RAIN.replace("Whether it rains.", "Whether it \\x1b[2J\\u202erains\\x9b1m.")
    site.install("taskspace-rain", hostile)
    site.install("taskspace-snow", f"raise ValueError({HOSTILE!r})")
    site.trust("taskspace-rain")
    site.trust("taskspace-snow", source='"path:\\u001b[2J\\u202e"', provides='["task:snow"]')
    job = tmp_path / f"{HOSTILE}.yaml"
    job.write_text(
        f"study: taxonomy\nname: {json.dumps(HOSTILE)}\ndataset: {json.dumps(HOSTILE)}\n"
    )
    for arguments in (
        ["plugin", "list"],
        ["plugin", "show", "taskspace-snow"],
        ["plugin", "doctor"],
        ["components"],
        ["components", "--json"],
        ["plugin", "list", "--json"],
        ["check", job.name],
        ["check", job.name, "--json"],
        ["show", HOSTILE],
        ["report", HOSTILE, "--json"],
        [HOSTILE],
    ):
        said = tasks(*arguments, **site.environment)
        assert not CONTROL.search(said.out), arguments
        assert not CONTROL.search(said.err), arguments
        if "--json" in arguments:
            assert said.json


def test_a_terminal_gets_colours_of_ours_alone(tmp_path):
    run = tmp_path / "runs" / f"{HOSTILE}-12345678"
    run.mkdir(parents=True)
    (run / "lock").write_text("1")
    reader, terminal = os.openpty()
    subprocess.run(
        [sys.executable, "-m", "taskspace_cli", "runs", "--runs", str(run.parent)],
        stdout=terminal,
        check=False,
    )
    os.close(terminal)
    said = os.read(reader, 1 << 16).decode()
    os.close(reader)
    assert "owned" in said
    assert not CONTROL.search(said.replace("\r\n", "\n"))


def test_an_enormous_number_of_mistakes_is_counted_and_an_enormous_value_is_cut(tasks, tmp_path):
    keys = "".join(f"key_{number}: 1\n" for number in range(300))
    (tmp_path / "many.yaml").write_text(f"study: taxonomy\n{keys}")
    (tmp_path / "long.yaml").write_text(f"study: {'x' * 500_000}\n")
    for name in ("many.yaml", "long.yaml"):
        said = tasks("check", name)
        assert said.status == 2 and len(said.err) < 100_000
    many = tasks("check", "many.yaml")
    assert "more; --json has them all" in many.err
    assert len(tasks("check", "many.yaml", "--json").json["errors"]) >= 300
