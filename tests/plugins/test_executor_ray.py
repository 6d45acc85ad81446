"""The executor `ray`, beside what all executors promise (tests/contract)."""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from pathlib import Path

import executor_cells
import pytest

from ray_cluster import TOKEN, survivors
from taskspace.components import Assignment, Workplace, worker_environment
from taskspace.errors import ExecutorError
from taskspace_ray import executor as executor_module
from taskspace_ray.executor import Ray
from taskspace_ray.worker import compute

CPUS = len(os.sched_getaffinity(0))


def place(folder: Path, *, device: str = "cpu", perform: str = executor_cells.PERFORM) -> Workplace:
    return Workplace(folder, device, perform, "test", folder)


def computed(crew, *what: str, cpus: int = 1) -> list:
    """Return the reports of cells that do as they are told, one assignment."""
    cells = tuple(executor_cells.cell(name, cpus) for name in what)
    crew.submit(Assignment(0, cells))
    reports: list = []
    while len(reports) < len(cells):
        reports += crew.reports(1.0)
    return reports


@pytest.fixture
def cells_are_found(monkeypatch):
    here = str(Path(__file__).parent)
    monkeypatch.setenv("PYTHONPATH", here + os.pathsep + os.environ.get("PYTHONPATH", ""))


# Without a cluster


def test_describing_it_imports_no_ray():
    code = (
        "import sys\n"
        "from taskspace.registry.descriptions.describing import describe_plugin\n"
        "import taskspace_ray.plugin as plugin\n"
        "print([d.name for d in describe_plugin('p', '1', [plugin])], 'ray' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['ray'] False"


def test_without_ray_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr(executor_module, "find_spec", lambda name: None)
    with pytest.raises(ExecutorError, match=r"pip install 'taskspace\[ray\]'"):
        Ray().open(place(tmp_path), 1)


@pytest.mark.parametrize(
    ("address", "device", "workers", "said"),
    [
        (None, "cuda:1", 1, "'cuda:1'.*--device cuda"),
        ("ray://10.0.0.1:10001", "cpu", 1, "ray://10.0.0.1:10001.*HOST:PORT"),
        (None, "cpu", 0, "Found 0 workers"),
    ],
)
def test_what_cannot_be_is_refused_at_once(tmp_path, address, device, workers, said):
    with pytest.raises(ExecutorError, match=said):
        Ray(address=address).open(place(tmp_path, device=device), workers)


def test_an_address_where_nobody_listens_is_named(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
    with pytest.raises(ExecutorError, match=f"{address}: There is no ray cluster.*refused"):
        Ray(address=address).open(place(tmp_path), 1)


def test_an_address_that_never_answers_costs_no_more_than_patience(tmp_path, monkeypatch):
    token = uuid.uuid4().hex
    monkeypatch.setenv(TOKEN, token)
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(ExecutorError, match=f"{address}: .*did not answer within 3 s"):
            Ray(address=address, patience=3).open(place(tmp_path), 1)
    assert survivors(token) <= {os.getpid()}
    assert list(tmp_path.iterdir()) == []


def test_the_address_of_the_environment_counts(tmp_path, monkeypatch):
    monkeypatch.setenv("RAY_ADDRESS", "127.0.0.1:9")
    with pytest.raises(ExecutorError, match=r"127\.0\.0\.1:9: There is no ray cluster"):
        Ray().open(place(tmp_path), 1)


def test_a_node_with_another_disk_refuses(tmp_path):
    order = json.dumps(Assignment(7, (executor_cells.cell("nothing"),)).as_json())
    said = compute(json.dumps(place(tmp_path).as_json()), order, str(tmp_path / "no such mark"))
    worker, refusal = (json.loads(line) for line in said)
    assert str(os.getpid()) in worker["worker"]
    assert refusal["report"]["event"] == "refused"
    assert f"{tmp_path}: " in refusal["report"]["message"]
    assert "--store" in refusal["report"]["message"]


# A cluster that is started here


@pytest.mark.usefixtures("cells_are_found")
def test_a_cluster_started_here_leaves_no_trace(tmp_path, tmp_path_factory, monkeypatch, capfd):
    home, token = tmp_path / "home", uuid.uuid4().hex
    project = tmp_path_factory.mktemp("project")
    for name in ("random", "queue", "json", "typing", "numpy", "pip", "sitecustomize"):
        (project / f"{name}.py").write_text(f"open({str(project / 'imported')!r}, 'a')\n1 / 0\n")
    monkeypatch.chdir(project)
    home.mkdir()
    for name, value in {"HOME": str(home), TOKEN: token, "TASKS_CACHE": "here"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    before = [signal.getsignal(number) for number in signal.valid_signals()], dict(os.environ)
    loggers = set(logging.root.manager.loggerDict), list(logging.root.handlers)
    crew = Ray().open(place(tmp_path), None)
    try:
        assert crew.size == CPUS and len(survivors(token)) > 3
        assert [report.event for report in computed(crew, "tell", "nothing")] == ["done", "done"]
        told = json.loads((tmp_path / "told").read_text())
        assert told == worker_environment() | {
            "TASKS_CACHE": "here",
            "TASKS_BLOCK_PLUGINS": None,
        }
        with pytest.raises(ExecutorError, match=r"needs 999 CPUs.*no node has them"):
            computed(crew, "nothing", cpus=999)
    finally:
        crew.close()
    after = [signal.getsignal(number) for number in signal.valid_signals()], dict(os.environ)
    assert after == before
    assert (set(logging.root.manager.loggerDict), list(logging.root.handlers)) == loggers
    assert "ray" not in sys.modules
    assert capfd.readouterr() == ("", "")
    assert {file.name for file in tmp_path.iterdir()} == {"home", "told"}
    assert list(home.iterdir()) == []
    assert not (project / "imported").exists()
    assert not outlive(token)


NOTEBOOK = """
import sys
import tempfile
from pathlib import Path

import ray
from taskspace.components import Assignment, Workplace
from taskspace.testing.checks.performing import TARGET, cell
from taskspace_ray.executor import Ray

if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="ray-", dir="/tmp") as folder:
        ray.init("local", num_cpus=1, include_dashboard=False, _temp_dir=folder)
        address = ray.get_runtime_context().gcs_address
        crew = Ray().open(Workplace(Path(folder), "cpu", TARGET, "test", Path(folder)), None)
        assert crew.size == 1
        crew.submit(Assignment(0, (cell("a", "done"),)))
        while not (reports := crew.reports(1.0)):
            pass
        nodes = len([node for node in ray.nodes() if node["Alive"]])
        crew.close()
        assert ray.is_initialized() and ray.get_runtime_context().gcs_address == address
        print("found", reports[0].event, nodes, ray.get(ray.put(3)))
        ray.shutdown()
"""


@pytest.mark.slow
def test_the_cluster_of_a_notebook_is_used_and_kept(tmp_path):
    script = tmp_path / "notebook.py"
    script.write_text(NOTEBOOK)
    done = subprocess.run(
        [sys.executable, str(script)],
        capture_output=True,
        text=True,
        env={**os.environ, "HOME": str(tmp_path), "RAY_USAGE_STATS_ENABLED": "0"},
        check=False,
    )
    assert "found done 1 3" in done.stdout, done.stderr


def outlive(token: str, seconds: float = 600.0) -> set[int]:
    """Return the processes with the token that do not end by themselves within the time."""
    look, deadline = threading.Event(), time.monotonic() + seconds
    while (left := survivors(token) - {os.getpid()}) and time.monotonic() < deadline:
        look.wait(0.02)
    return left


# A cluster that was there


@pytest.mark.usefixtures("cells_are_found")
def test_a_cluster_that_was_there_stays(tmp_path, ray_cluster):
    for _ in range(2):
        crew = Ray(address=ray_cluster.address).open(place(tmp_path), None)
        assert [report.event for report in computed(crew, "nothing")] == ["done"]
        crew.close()


@pytest.mark.slow
@pytest.mark.usefixtures("cells_are_found")
def test_the_size_follows_the_cluster(tmp_path, ray_cluster):
    def wait_for_size(size: int) -> bool:
        deadline = time.monotonic() + 600
        while crew.size != size and time.monotonic() < deadline:
            assert not crew.reports(0.5)
        return crew.size == size

    crew = Ray(address=ray_cluster.address).open(place(tmp_path), None)
    try:
        computed(crew, "say_who")
        ray_cluster.kill_node_of(int((tmp_path / "who").read_text()))
        try:
            assert wait_for_size(1)
        finally:
            ray_cluster.add_node()
        assert wait_for_size(2)
        assert [report.event for report in computed(crew, "nothing")] == ["done"]
    finally:
        crew.close()


@pytest.mark.slow
@pytest.mark.usefixtures("cells_are_found")
def test_what_no_node_has_is_refused_when_patience_is_over(tmp_path, ray_cluster):
    crew = Ray(address=ray_cluster.address, patience=8).open(place(tmp_path, device="cuda"), None)
    try:
        assert crew.size == 1
        with pytest.raises(ExecutorError, match="1 GPUs, and no node has them"):
            computed(crew, "nothing")
    finally:
        crew.close(now=True)


@pytest.mark.parametrize(
    ("perform", "said"),
    [
        ("no_such_module:perform", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("json:no_such_function", "AttributeError: .*no_such_function"),
    ],
)
def test_workers_that_cannot_import_end_the_run(tmp_path, ray_cluster, perform, said):
    crew = Ray(address=ray_cluster.address).open(place(tmp_path, perform=perform), 1)
    try:
        with pytest.raises(ExecutorError, match=f"process [0-9]+ on .*{said}.*on every node"):
            computed(crew, "nothing")
    finally:
        crew.close(now=True)


def test_a_cluster_that_is_lost_ends_the_run(tmp_path, ray_cluster, monkeypatch):
    """The process that speaks with ray ends with the head of the cluster; so it does here."""
    crew = Ray(address=ray_cluster.address).open(place(tmp_path), 1)
    os.killpg(crew._driver._process.pid, signal.SIGKILL)
    with pytest.raises(ExecutorError, match=r"connection to the ray cluster was lost.*goes on"):
        computed(crew, "nothing")
    crew.close(now=True)


ENDED_BY_SHUTDOWN = """
import os
from contextlib import contextmanager
from taskspace.errors import ExecutorError
from taskspace_ray import cluster, driver, tasks

@contextmanager
def connected(settings):
    try:
        yield
    finally:
        os._exit(7)

class Tasks:
    def __init__(self, *given):
        pass

    def serve(self):
        raise ExecutorError("No node has them.")

cluster.connected, tasks.Tasks = connected, Tasks
driver.main()
"""


def test_a_refusal_is_out_before_ray_shuts_down_and_ends_the_process():
    done = subprocess.run(
        [sys.executable, "-c", ENDED_BY_SHUTDOWN],
        input="{}\n",
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 7
    assert json.loads(done.stdout)["refusal"]["what"] == "No node has them."
