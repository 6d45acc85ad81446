"""A ray cluster in a process of its own: ray stays out of pytest.

A head that computes nothing, and two nodes with one CPU each.

Run as a program it is that process: orders come line by line, and each is answered by a line.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import uuid
from contextlib import suppress
from pathlib import Path

TOKEN = "TASKSPACE_TEST_TOKEN"  # an environment variable, not a secret


class RayCluster:
    """Two nodes; who kills one adds another."""

    def __init__(self) -> None:
        # Not below pytest's folders: the paths of sockets have at most 107 characters.
        self._folder = tempfile.TemporaryDirectory(prefix="ray-", ignore_cleanup_errors=True)
        self._token = uuid.uuid4().hex
        more = {
            "RAY_USAGE_STATS_ENABLED": "0",
            "RAY_AUTH_MODE": "disabled",
            "RAY_TMPDIR": self._folder.name,
            TOKEN: self._token,
        }
        self._process = subprocess.Popen(
            [sys.executable, __file__, self._folder.name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **more},
            start_new_session=True,
            text=True,
        )
        try:
            self.address = self._answer()
        except AssertionError:
            self.close()
            raise

    def kill_node_of(self, worker: int) -> None:
        """Kill the node, all at once, that a worker process belongs to."""
        assert self._ask(f"kill {worker}") == "killed"

    def add_node(self) -> None:
        """Add a node with one CPU."""
        assert self._ask("add") == "added"

    def close(self) -> None:
        """End every process of the cluster."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(20)
        for process in survivors(self._token):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        self._process.wait()
        self._process.stdout.close()
        self._folder.cleanup()

    def _ask(self, order: str) -> str:
        print(order, file=self._process.stdin, flush=True)
        return self._answer()

    def _answer(self) -> str:
        answer = self._process.stdout.readline().strip()
        assert answer, "the cluster has ended"
        return answer


def survivors(token: str) -> set[int]:
    """Return the processes that run with the token in their environment."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            ends = (folder / "stat").read_text().rpartition(")")[2].split()[0] in "ZX"
            if not ends and token.encode() in (folder / "environ").read_bytes():
                found.add(int(folder.name))
    return found


def main(folder: str) -> None:
    """Serve the cluster until standard input ends."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what ray prints must not end up among the answers
    from ray.cluster_utils import Cluster

    # A node that is lost is noticed in two seconds instead of fifteen.
    health = {"health_check_initial_delay_ms": 500, "health_check_period_ms": 500}
    cluster = Cluster(
        initialize_head=True,
        head_node_args={
            "num_cpus": 0,
            "temp_dir": f"{folder}/ray",  # where RAY_TMPDIR lets it look for addresses
            "include_dashboard": False,
            "_system_config": health,
        },
    )
    nodes = [cluster.add_node(num_cpus=1) for _ in range(2)]
    print(cluster.address, file=answers)
    for order in sys.stdin:
        what, *worker = order.split()
        if what == "add":
            nodes.append(cluster.add_node(num_cpus=1))
            print("added", file=answers)
            continue
        raylet = parent_of(int(worker[0]))
        (node,) = [n for n in nodes if n.all_processes["raylet"][0].process.pid == raylet]
        cluster.remove_node(node, allow_graceful=False)
        nodes.remove(node)
        print("killed", file=answers)
    cluster.shutdown()


def parent_of(process: int) -> int:
    """Return the number of a process's parent."""
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])


if __name__ == "__main__":
    main(sys.argv[1])
