"""The command as a user types it, in a process of its own, in an empty folder; plugins for it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_site import CliSite

from cli_process import command_environment
from said import Said
from small_job import SMALL_JOB

Tasks = Callable[..., Said]


@pytest.fixture
def tasks(forks, tmp_path: Path, monkeypatch) -> Tasks:
    """The command in a process of its own, in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str, **environment: str) -> Said:
        done = forks.run(arguments, command_environment(environment))
        assert "Traceback" not in done.stderr + done.stdout, done.stderr
        return Said(done.returncode, done.stdout, done.stderr)

    return call


@pytest.fixture
def started(tmp_path: Path, monkeypatch) -> Tasks:
    """The command in a process that has imported nothing before: for what that takes."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str, **environment: str) -> Said:
        done = subprocess.run(
            [sys.executable, "-m", "taskspace_cli", *arguments],
            capture_output=True,
            text=True,
            env=command_environment(environment),
            check=False,
        )
        return Said(done.returncode, done.stdout, done.stderr)

    return call


@pytest.fixture
def small_job(tmp_path: Path) -> Path:
    path = tmp_path / "job.yaml"
    path.write_text(SMALL_JOB)
    return path


@pytest.fixture
def light_job(tmp_path: Path) -> Path:
    """A job that no worker needs PyTorch for: a policy from a table."""
    rows = ["target,sources,affinity", "a,self,0.9", "b,self,0.9", "b,a,0.4", "a,b,0.2"]
    (tmp_path / "table.csv").write_text("\n".join(rows))
    path = tmp_path / "light.yaml"
    path.write_text(
        "study: taxonomy\nname: light\nsolve: {budgets: [1], random_policies: 0}\n"
        "affinities: {table: table.csv, columns: {affinity: affinity}, supervised: self}\n"
    )
    return path


@pytest.fixture(scope="session")
def finished(forks, tmp_path_factory) -> Path:
    """A folder with `store` and `runs` of the small job, run once for all tests: copy it."""
    folder = tmp_path_factory.mktemp("finished")
    (folder / "job.yaml").write_text(SMALL_JOB)
    places = ("--store", str(folder / "store"), "--runs", str(folder / "runs"))
    done = forks.run(
        ("run", str(folder / "job.yaml"), *places, "--executor", "inline"), command_environment({})
    )
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def ended(finished: Path, tmp_path: Path) -> Path:
    """The folder of a run of the small job that has ended in this test's folder: a copy."""
    shutil.copytree(finished / "runs", tmp_path / "runs")
    shutil.copytree(finished / "store", tmp_path / ".taskspace" / "store")
    (folder,) = (tmp_path / "runs").iterdir()
    return folder


@pytest.fixture
def site(tmp_path) -> CliSite:
    (tmp_path / "site").mkdir()
    return CliSite(tmp_path / "site", tmp_path)


@pytest.fixture
def plugged(tasks, site):
    """The command with the site's plugins; more variables may be given."""

    def call(*arguments, **environment):
        return tasks(*arguments, **{**site.environment, **environment})

    return call


@pytest.fixture(scope="module")
def kept(tmp_path_factory) -> dict[str, str]:
    """Results that are computed once for all tests here."""
    return {"TASKS_STORE": str(tmp_path_factory.mktemp("store")), "TASKS_EXECUTOR": "inline"}


@pytest.fixture
def needing(small_job, tmp_path):
    path = tmp_path / "needing.yaml"
    path.write_text(small_job.read_text().replace("edges_2d", "rain"))
    return path
