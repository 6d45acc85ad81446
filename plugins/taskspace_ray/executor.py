"""Cells on a ray cluster; described and imported without ray."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from typing import ClassVar

from pydantic import Field

from taskspace.components import Crew, Executor, Workplace
from taskspace.errors import ExecutorError
from taskspace_ray.crew import RayCrew
from taskspace_ray.surroundings import HERE

INSTALL = "pip install 'taskspace[ray]'"


class Ray(Executor):
    """Computes cells on a ray cluster: an existing one by its address, or one started here."""

    name: ClassVar[str] = "ray"

    address: str | None = Field(
        None,
        pattern=r"^(auto|local|\S+:[0-9]+)$",
        description="An existing cluster: HOST:PORT, or auto for the one on this machine; local "
        "starts one here. By default the cluster that this process uses already, else that of "
        "RAY_ADDRESS, else one that is started here and ends with the run.",
    )
    patience: float = Field(
        60.0,
        gt=0,
        allow_inf_nan=False,
        description="Seconds to wait for the cluster to answer, and for a node that has what a "
        "cell needs; more where nodes are started on demand.",
    )

    def open(self, workplace: Workplace, workers: int | None) -> Crew:
        """Return a crew of `workers` tasks at once; by default as many as the cluster has CPUs.

        On the device `cuda` each takes one GPU, and there are as many as the cluster has GPUs.
        """
        if find_spec("ray") is None:
            raise ExecutorError("The executor 'ray' needs ray.", advice=f"Install it: {INSTALL}")
        if workplace.device.startswith("cuda:"):
            raise ExecutorError(
                f"Found the device {workplace.device!r}: which GPU a cell gets is for ray to say.",
                advice="Use --device cuda, or --executor local for one GPU of this machine.",
            )
        address = self.address or _cluster_in_use() or os.environ.get("RAY_ADDRESS") or HERE
        if "://" in address:
            raise ExecutorError(
                f"Found the address {address!r}: results cannot be streamed through ray's client.",
                advice="Start the run on a node of the cluster, with the address auto or HOST:PORT "
                "(most often port 6379).",
            )
        return RayCrew(workplace, workers, address, self.patience)


def _cluster_in_use() -> str | None:
    """Return the address of the cluster that the caller has connected this process to."""
    ray = sys.modules.get("ray")
    if ray is None or not ray.is_initialized():
        return None
    address: str = ray.get_runtime_context().gcs_address
    return address
