"""What a worker finds around it, and what that is for."""

from __future__ import annotations

import json
import os
import platform
from pathlib import Path

import executor_cells
import pytest

from taskspace.components import Assignment, Workplace, worker_environment
from taskspace_plugins.executors.local import Local

PAGES_OF_A_BLOCK = 8_000_000 // 4096


@pytest.fixture
def compute(tmp_path, monkeypatch):
    """Return a function: the cell `what` is computed by a worker of `local`."""
    here = str(Path(__file__).parent)
    monkeypatch.setenv("PYTHONPATH", here + os.pathsep + os.environ.get("PYTHONPATH", ""))
    for name in [name for name in os.environ if name.startswith("MALLOC_")]:
        monkeypatch.delenv(name)
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        monkeypatch.setenv(name, "2")  # a worker has one thread whatever its executor has

    def compute(what: str) -> None:
        crew = Local().open(Workplace(tmp_path, "cpu", executor_cells.PERFORM, "test", tmp_path), 1)
        crew.submit(Assignment(0, (executor_cells.cell(what),)))
        while not (reports := crew.reports(1.0)):
            pass
        crew.close()
        assert [report.event for report in reports] == ["done"]

    return compute


def test_a_worker_is_told_what_every_executor_tells(compute, tmp_path):
    compute("tell")
    assert json.loads((tmp_path / "told").read_text()).items() >= worker_environment().items()


def test_what_the_user_has_said_of_memory_counts(compute, tmp_path, monkeypatch):
    monkeypatch.setenv("MALLOC_TRIM_THRESHOLD_", "1000000")
    compute("tell")
    assert json.loads((tmp_path / "told").read_text())["MALLOC_TRIM_THRESHOLD_"] == "1000000"


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the allocator of glibc is set")
def test_a_worker_keeps_the_memory_that_every_step_takes(compute, tmp_path):
    compute("take_and_free")
    assert int((tmp_path / "cleared").read_text()) < PAGES_OF_A_BLOCK / 10
