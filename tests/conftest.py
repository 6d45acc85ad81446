"""What tests of several folders share: one thread, processes, a cluster, `rooms`, Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from cli_process import Forks
from ray_cluster import RayCluster
from taskspace.registry.processes import supervised
from warm_python import Warmth, use

# Nothing here may depend on how busy the machine is.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")

# Read when PyTorch is imported, here and in what tests start. The arrays of tests are small: a
# second thread doubles their CPU time, since it spins while it waits, on the core of another test.
os.environ |= {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


def pytest_configure() -> None:
    """Let the processes that tests start hear Ctrl-C, though this one runs in the background.

    A shell lets its background jobs ignore SIGINT, and what they start inherits that.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def ray_cluster() -> Iterator[RayCluster]:
    """Return a cluster of two nodes with one CPU each."""
    cluster = RayCluster()
    yield cluster
    cluster.close()


@pytest.fixture(scope="session")
def forks() -> Iterator[Forks]:
    """Return what starts `tasks ...` without importing PyTorch each time."""
    forks = Forks()
    yield forks
    forks.close()


@pytest.fixture(scope="session", autouse=True)
def warm_python() -> Iterator[None]:
    """Have contained children start as forks of a process that has imported what they need."""
    warmth = Warmth(sys.executable, os.environ)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in warmth.variables.items():
            patch.setenv(name, value)
        patch.setattr(supervised, "subprocess", supervised.subprocess)
        use()
        yield
    warmth.close()


@pytest.fixture
def cold_python(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have contained children of this process start as fresh interpreters, as users' do."""
    monkeypatch.setattr(supervised, "subprocess", subprocess)


@pytest.fixture(scope="session", autouse=True)
def generated_data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Have `rooms` keep what it renders in a folder of this session, and return the folder."""
    base = tmp_path_factory.getbasetemp()
    # The processes of one session (pytest-xdist) share it, as workers do.
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "generated"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TASKS_DATA", str(folder))
        yield folder
