"""What tests of several folders share: a ray cluster, for as long as the tests of one process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ray_cluster import RayCluster


@pytest.fixture(scope="session")
def ray_cluster() -> Iterator[RayCluster]:
    """Return a cluster of two nodes with one CPU each."""
    cluster = RayCluster()
    yield cluster
    cluster.close()
