"""The command as a user types it, in a process of its own, in an empty folder; plugins for it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cli_process import Forks
from cli_site import CliSite

from said import Said

Tasks = Callable[..., Said]


@pytest.fixture(scope="session")
def forks() -> Iterator[Forks]:
    forks = Forks()
    yield forks
    forks.close()


@pytest.fixture
def tasks(forks, tmp_path: Path, monkeypatch) -> Tasks:
    """The command in a process of its own, in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str, **environment: str) -> Said:
        done = forks.run(arguments, _variables(environment))
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
            env=_variables(environment),
            check=False,
        )
        return Said(done.returncode, done.stdout, done.stderr)

    return call


def _variables(more: dict[str, str]) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("TASKS_")}
    return {**kept, "COLUMNS": "100", "TERM": "dumb", **more}


SMALL = """\
study: taxonomy
name: small
dataset: digits
tasks: [identity, edges_2d]
encoder: {use: small_conv, width: 4}
train: {epochs: 1}
transfer: {max_order: 1, images: 60, epochs: 1}
solve: {budgets: [1], random_policies: 5}
"""


@pytest.fixture
def small_job(tmp_path: Path) -> Path:
    path = tmp_path / "job.yaml"
    path.write_text(SMALL)
    return path


@pytest.fixture(scope="session")
def finished(forks, tmp_path_factory) -> Path:
    """A folder with `store` and `runs` of the small job, run once for all tests: copy it."""
    folder = tmp_path_factory.mktemp("finished")
    (folder / "job.yaml").write_text(SMALL)
    places = ("--store", str(folder / "store"), "--runs", str(folder / "runs"))
    done = forks.run(
        ("run", str(folder / "job.yaml"), *places, "--executor", "inline"), _variables({})
    )
    assert done.returncode == 0, done.stderr
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
