"""run, dry-run, show, report, rerun, runs: one small job from its start to its removal."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cli_process import command_environment


def only_run(tmp_path: Path) -> Path:
    (folder,) = (tmp_path / "runs").iterdir()
    return folder


def test_the_life_of_a_run(tasks, small_job, tmp_path):
    forecast = tasks("run", str(small_job), "--dry-run", "--json").json
    assert forecast["cells"] and not any(cell["stored"] for cell in forecast["cells"])
    assert forecast["seconds"] is None
    assert not (tmp_path / "runs").exists()

    ran = tasks("run", str(small_job), "--executor", "inline")
    assert ran.status == 0, ran.err
    assert "budget" in ran.out and "Report: runs/small-" in ran.out
    folder = only_run(tmp_path)
    assert {p.name for p in folder.iterdir()} >= {
        "manifest.json", "result.json", "report.html", "events.jsonl", "arrays.npz",
    }  # fmt: skip

    again = tasks("run", str(small_job), "--executor", "inline", "--json")
    assert again.status == 0
    assert again.json == tasks("show", "small", "--json").json
    assert "0 cells computed" in tasks("rerun", "small").out
    known = tasks("run", str(small_job), "--dry-run", "--json").json
    assert all(cell["stored"] for cell in known["cells"])

    assert "identity" in tasks("show", folder.name).out
    (folder / "report.html").unlink()
    assert tasks("report", "small", "--json").json == {"report": f"runs/{folder.name}/report.html"}
    assert (folder / "report.html").exists()

    (listed,) = tasks("runs", "--json").json["runs"]
    assert (listed["run"], listed["state"]) == (folder.name, "complete")
    assert tasks("runs", "gc", "--json").json == {"results": 0, "checkpoints": 0, "bytes": 0}
    assert tasks("runs", "remove", "small").status == 0
    freed = tasks("runs", "gc", "--dry-run", "--json").json
    assert freed["results"] > 10 and freed["bytes"] > 0
    assert tasks("runs", "gc", "--json").json == freed
    assert tasks("runs").out.startswith("No runs")


def test_gc_keeps_what_another_run_needs(tasks, small_job, ended):
    other = ("--set", "name=other", "--runs", "elsewhere")
    assert tasks("run", str(small_job), "--executor", "inline", *other).status == 0
    assert tasks("runs", "remove", "small").status == 0
    assert tasks("runs", "gc", "--json").json["results"] == 0
    assert "0 cells computed" in tasks("run", str(small_job), *other).out


def test_stages_stop_where_they_say(tasks, small_job, tmp_path):
    assert tasks("train", str(small_job), "--executor", "inline").status == 0
    events = (only_run(tmp_path) / "events.jsonl").read_text()
    assert '"train/identity"' in events and "transfer/" not in events
    assert tasks("transfer", str(small_job), "--executor", "inline").status == 0
    result = tasks("solve", str(small_job), "--executor", "inline", "--json").json
    assert result["policies"][0]["measured_on"] == "select"
    assert '"test/' not in (only_run(tmp_path) / "events.jsonl").read_text()


def test_ctrl_c_stops_cleanly_and_says_how_to_go_on(forks, small_job, tmp_path):
    long = ("run", str(small_job), "--workers", "1", "--set", "train.epochs=1000")
    process = forks.start(long, command_environment({}), directory=tmp_path)
    while process.runs():
        journal = next(tmp_path.glob("runs/*/events.jsonl"), None)
        if journal is not None and '"started"' in journal.read_text():
            break
    os.kill(process.number, signal.SIGINT)
    done = process.wait()
    assert done.returncode == 130
    assert "The same command goes on from here" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_run_that_is_under_way_is_not_started_twice(tasks, small_job, ended):
    with (ended / "lock").open("a+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        said = tasks("run", str(small_job))
        assert said.status == 1
        assert f"process {(ended / 'lock').read_text()}" in said.err
        assert "Wait for it" in said.err


def test_a_store_that_cannot_be_made(tasks, small_job, tmp_path):
    (tmp_path / "file").touch()
    said = tasks("run", str(small_job), "--store", "file/store")
    assert said.status == 1
    assert "--store" in said.err


def test_runs_that_cannot_be_made(tasks, small_job, tmp_path):
    (tmp_path / "file").touch()
    said = tasks("run", str(small_job), "--runs", "file/runs")
    assert said.status == 1
    assert "--runs" in said.err


def test_a_short_name_means_the_newest_run_and_says_so(tasks, small_job, ended, tmp_path):
    changed = tasks("run", str(small_job), "--executor", "inline", "--set", "seed=4", "--json")
    assert changed.status == 0
    listed = [row["run"] for row in tasks("runs", "--json").json["runs"]]
    said = tasks("show", "small", "--json")
    assert said.json == changed.json
    assert said.err.splitlines() == [
        f"'small' means the newest of 2 runs, {listed[0]}; the others: {listed[1]}."
    ]
    assert tasks("report", "small", "--json").json["report"] == f"runs/{listed[0]}/report.html"
    removed = tasks("runs", "remove", "small")
    assert removed.status == 2
    assert "names 2 runs" in removed.err and "Name one of them." in removed.err
    assert tasks("runs", "remove", listed[1]).status == 0
    assert tasks("show", "small").err == ""


def test_an_unknown_run_names_those_there_are(tasks, ended):
    said = tasks("show", "smell")
    assert said.status == 2
    assert "small-" in said.err


def test_an_unknown_executor_is_suggested(tasks, small_job):
    said = tasks("run", str(small_job), "--executor", "locl")
    assert said.status == 2
    assert "local" in said.err


@pytest.mark.parametrize("by", ["option", "environment"])
def test_a_mistake_in_the_executor_stops_before_anything_runs(tasks, small_job, tmp_path, by):
    use = "{use: ray, adress: auto}"
    given = ("--executor", use) if by == "option" else ()
    more = {"TASKS_EXECUTOR": use} if by == "environment" else {}
    said = tasks("run", str(small_job), *given, **more)
    assert said.status == 2
    assert "--executor:1:12: `executor` has no key `adress`" in said.err
    assert "Did you mean 'address'?" in said.err
    assert not (tmp_path / "runs").exists()


def test_an_executor_has_parameters(tasks, small_job):
    said = tasks("run", str(small_job), "--executor", "{use: ray, address: '127.0.0.1:9'}")
    assert said.status == 1
    assert "127.0.0.1:9: There is no ray cluster" in said.err


def test_a_device_that_is_not_there(tasks, small_job):
    said = tasks("run", str(small_job), "--device", "cuda:7", "--executor", "inline")
    assert said.status == 1
    assert "cuda:7" in said.err and "--device" in said.err


def test_options_come_from_the_environment(tasks, small_job, ended, tmp_path):
    (tmp_path / ".taskspace" / "store").rename(tmp_path / "s")
    place = {"TASKS_STORE": str(tmp_path / "s"), "TASKS_RUNS": str(tmp_path / "r")}
    ran = tasks("run", str(small_job), TASKS_EXECUTOR="inline", **place)
    assert ran.status == 0 and "0 cells computed" in ran.out
    assert [run.name for run in (tmp_path / "r").iterdir()] == [ended.name]
    assert not (tmp_path / ".taskspace" / "store").exists()


def test_output_into_a_closed_pipe_is_no_traceback(small_job, tmp_path):
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "taskspace_cli", "components"],
        stdout=write,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(write)
    assert "Traceback" not in done.stderr
