"""What a run on ray needs around it: a mark in the store, a folder, environments."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from taskspace.components import JSON, Workplace, worker_environment

HERE = "local"
"""The address of a cluster that is started here."""

LAST_CALL_SECONDS = 20.0
"""After this time a process that should have closed is killed."""

SHORT_PATH = 40
"""Ray's sockets are 67 characters deeper than its folder, and their paths have at most 107."""


@contextmanager
def marked(store: Path) -> Iterator[str]:
    """Yield a file in the store, by which a node knows that it sees the same store."""
    descriptor, name = tempfile.mkstemp(prefix="ray-", dir=store)
    os.close(descriptor)
    try:
        yield name
    finally:
        Path(name).unlink(missing_ok=True)


@contextmanager
def cluster_folder() -> Iterator[str]:
    """Yield a folder for the files of a cluster that is started here."""
    usual = tempfile.gettempdir()
    with tempfile.TemporaryDirectory(
        prefix="ray-",
        dir=usual if len(usual) + len("/ray-12345678") <= SHORT_PATH else "/tmp",  # noqa: S108
        ignore_cleanup_errors=True,
    ) as folder:
        yield folder


def driver_environment(*, starts_cluster: bool) -> dict[str, str]:
    """Return the environment of the process that speaks with ray."""
    more = {"RAY_USAGE_STATS_ENABLED": "0", **worker_environment()}
    if starts_cluster and "RAY_AUTH_MODE" not in os.environ:
        # Without a token, whoever can reach the machine could run code on our cluster; and ray's
        # own would be written into the home folder.
        more |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
    return {**os.environ, **more}


def task_environment(workplace: Workplace) -> dict[str, JSON]:
    """Return what is set in the environment of workers, on every node.

    The registry's digest is in it because ray shares a worker among those with one environment:
    one that has imported a plugin as it was before is not for us.
    """
    ours = {
        name: value
        for name, value in os.environ.items()
        if name.startswith("TASKS_") or name == "PYTHONPATH"
    }
    return {**ours, **worker_environment(), "TASKSPACE_RAY_REGISTRY": workplace.registry}
