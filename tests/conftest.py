"""What tests of several folders share: a ray cluster, and a folder for what `rooms` renders."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ray_cluster import RayCluster


@pytest.fixture(scope="session")
def ray_cluster() -> Iterator[RayCluster]:
    """Return a cluster of two nodes with one CPU each."""
    cluster = RayCluster()
    yield cluster
    cluster.close()


@pytest.fixture(scope="session", autouse=True)
def generated_data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Have `rooms` keep what it renders in a folder of this session, and return the folder."""
    base = tmp_path_factory.getbasetemp()
    # The processes of one session (pytest-xdist) share it, as workers do.
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "generated"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TASKS_DATA", str(folder))
        yield folder
