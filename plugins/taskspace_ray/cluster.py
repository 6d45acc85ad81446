"""The way into a ray cluster: to one that runs, or to one that is started for the run."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import ray
from ray import exceptions

from taskspace.errors import ExecutorError
from taskspace_ray.surroundings import HERE

PROBE_SECONDS = 10.0
"""An address that takes no connection within this time is refused."""

OBJECT_STORE_BYTES = 80 * 2**20
"""Near the least that ray allows: reports are small, and results travel through the store."""


@contextmanager
def connected(settings: Mapping[str, Any]) -> Iterator[None]:
    """Connect this process to the cluster at the address, or to one that is started here.

    Raises:
        ExecutorError: if there is none, or it is of another version.
    """
    address = settings["address"]
    more: dict[str, Any] = {}
    if address == HERE:
        more = {
            "num_cpus": settings["cpus"],
            "include_dashboard": False,
            "object_store_memory": OBJECT_STORE_BYTES,
            "_temp_dir": settings["folder"],
        }
    else:
        _probe(address)
    try:
        ray.init(
            address,
            log_to_driver=False,
            configure_logging=False,
            runtime_env={"env_vars": settings["environment"]},
            **more,
        )
    except (OSError, RuntimeError, ValueError, exceptions.RayError) as error:
        raise _no_cluster(address, error) from error
    try:
        yield
    finally:
        ray.shutdown()


def _probe(address: str) -> None:
    """Try an address first: ray waits long where nobody listens."""
    host, _, port = address.rpartition(":")
    if not port.isdigit():
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), PROBE_SECONDS).close()
    except OSError as error:
        raise _no_cluster(address, error) from error


def _no_cluster(address: str, error: Exception) -> ExecutorError:
    reason = str(error).strip().partition("\n")[0].rstrip(".") or type(error).__name__
    if address == HERE:
        return ExecutorError(
            f"Ray cannot be started here: {reason}.", advice="Use --executor local meanwhile."
        )
    if "ersion mismatch" in str(error):
        reason = " ".join(str(error).split()).rstrip(".")
        return ExecutorError(
            f"The cluster cannot be used from this environment: {reason}.",
            where=address,
            advice="Install the cluster's versions of Python and ray here, or run on the cluster.",
        )
    return ExecutorError(
        f"There is no ray cluster to connect to: {reason}.",
        where=address,
        advice="This machine must be one of its nodes (`ray start --address=HOST:PORT`); where "
        "the cluster asks for a token, set RAY_AUTH_MODE=token.",
    )
