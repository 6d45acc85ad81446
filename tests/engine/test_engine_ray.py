"""Whole runs on a ray cluster: plugins by name, paths instead of tensors, and a node that dies."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from taskspace.components import CellFunction, ComponentSpec, Executor, Workplace
from taskspace.engine.planner import KeyedPlanner
from taskspace.engine.run import Place, execute
from taskspace.engine.scheduler import Scheduler
from taskspace.engine.storage.store import Store
from taskspace.engine.worker import PERFORM
from taskspace.errors import RunError
from taskspace.jobs import load_job
from taskspace.registry import Registry
from taskspace.registry.distributions.digest import files_digest
from taskspace.registry.distributions.discovery import discover
from taskspace_ray.process import DriverProcess

HERE = str(Path(__file__).parent)

GLOW = '''
import os
import threading
from pathlib import Path
from typing import ClassVar

from taskspace.components import Task, VectorHead, hookimpl
from taskspace.components.losses import l2


class Glow(Task):
    """How bright the image is."""

    name: ClassVar[str] = "glow"
    metric: ClassVar[str] = "l2"

    def head(self, fields):
        return VectorHead(1)

    def target(self, sample):
        return sample["image"].mean(dim=(1, 2, 3)).unsqueeze(1)

    def loss(self, prediction, target):
        wait_to_be_killed(Path(LATCH))
        return l2(prediction, target)


def wait_to_be_killed(latch):
    """Once the test has armed the latch, whoever comes first says who it is, and waits."""
    try:
        (latch / "armed").rename(latch / "taken")
    except FileNotFoundError:
        return
    (latch / "draft").write_text(str(os.getpid()))
    (latch / "draft").rename(latch / "waiting")
    threading.Event().wait()


@hookimpl
def taskspace_tasks():
    return [Glow]
'''


@pytest.fixture
def project(tmp_path, monkeypatch) -> Iterator[Path]:
    """Return a folder whose registry.toml trusts an installed plugin with the task `glow`."""
    site, project = tmp_path / "site", tmp_path / "project"
    files = {
        "taskspace_glow/__init__.py": "",
        "taskspace_glow/plugin.py": GLOW.replace("LATCH", repr(str(project))),
        "taskspace_glow-1.0.dist-info/METADATA": "Name: taskspace-glow\nVersion: 1.0\n",
        "taskspace_glow-1.0.dist-info/entry_points.txt": (
            "[taskspace]\nplugin = taskspace_glow.plugin\n"
        ),
    }
    rows = ["taskspace_glow-1.0.dist-info/RECORD,,"]
    for name, text in files.items():
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text(text)
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest())
        rows.append(f"{name},sha256={digest.decode().rstrip('=')},{len(text)}")
    (site / "taskspace_glow-1.0.dist-info/RECORD").write_text("\n".join(rows) + "\n")
    (found,) = discover([str(site)])
    project.mkdir()
    (project / "registry.toml").write_text(
        "schema = 1\n[plugins.taskspace-glow]\n"
        f'source = "pypi:taskspace-glow==1.0"\nversion = "1.0"\n'
        f'sha256 = "{files_digest(found.metadata)}"\napi = ">=1,<2"\ntrust = "pinned"\n'
    )
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.syspath_prepend(HERE)
    paths = [str(site), HERE, os.environ.get("PYTHONPATH", "")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))
    monkeypatch.setenv("TASKS_CACHE", str(tmp_path / "cache"))
    yield project
    for name in [name for name in sys.modules if name.startswith("taskspace_glow")]:
        del sys.modules[name]


def workplace(store: Store, project: Path, digest: str) -> Workplace:
    return Workplace(store.root, "cpu", PERFORM, digest, project)


def on(cluster, registry: Registry) -> Executor:
    made = registry.component(ComponentSpec("executor", "ray", {"address": cluster.address}))
    assert isinstance(made, Executor)
    return made


def scheduled(cluster, project: Path, cells, digest: str | None = None) -> dict:
    """Return the outcomes of cells on two workers of the cluster."""
    registry = Registry.load(project)
    store = Store(project / "store")
    store.prepare()
    place = workplace(store, project, digest or registry.digest)
    open_crew = partial(on(cluster, registry).open, place, 2)
    with Scheduler(store, open_crew, lambda event: None) as scheduler:
        scheduler.run("stage", cells(KeyedPlanner(registry), registry))
        return scheduler.outcomes()


def test_a_worker_activates_a_plugin_by_name(ray_cluster, project):
    def cells(planner, registry):
        task = registry.component(ComponentSpec("task", "glow"))
        function = CellFunction("ray_cells:name_of_task", 1)
        return [planner.cell("name", function, components={"task": task})]

    (outcome,) = scheduled(ray_cluster, project, cells).values()
    assert outcome.record == {"name": "glow", "module": "taskspace_glow.plugin"}


def test_a_worker_with_other_plugins_refuses(ray_cluster, project):
    def cells(planner, registry):
        return [planner.cell("large", CellFunction("ray_cells:large", 1), parameters={"seed": 0})]

    with pytest.raises(RunError, match="plugins here are not those"):
        scheduled(ray_cluster, project, cells, digest="0" * 64)


def test_paths_travel_and_tensors_do_not(ray_cluster, project, monkeypatch):
    travelled = []
    say, listen = DriverProcess.say, os.read

    def counting_say(driver, message):
        travelled.append(len(json.dumps(message)))
        say(driver, message)

    def counting_read(descriptor, length):
        data = listen(descriptor, length)
        travelled.append(len(data))
        return data

    monkeypatch.setattr(DriverProcess, "say", counting_say)
    monkeypatch.setattr("taskspace_ray.process.os.read", counting_read)

    def cells(planner, registry):
        function = CellFunction("ray_cells:large", 1)
        first = [planner.cell(f"a{i}", function, parameters={"seed": i}) for i in range(4)]
        inputs = {f"in{i}": cell for i, cell in enumerate(first)}
        return [*first, planner.cell("sum", function, parameters={"seed": 9}, inputs=inputs)]

    outcomes = list(scheduled(ray_cluster, project, cells).values())
    stored = [outcome.array("noise") for outcome in outcomes]
    assert outcomes[-1].record["total"] == sum(float(noise.sum()) for noise in stored[:4])
    assert sum(noise.nbytes for noise in stored) == 20_000_000
    assert 0 < sum(travelled) < 20_000


JOB = {
    "study": "taxonomy",
    "name": "three-places",
    "dataset": "digits",
    "tasks": ["identity", "glow"],
    "encoder": {"use": "small_conv", "width": 8},
    "train": {"epochs": 1},
    "transfer": {"max_order": 2, "images": 100, "epochs": 2, "batch": 50},
    "solve": {"budgets": [1, 2], "random_policies": 20},
}


def ran(project: Path, executor: ComponentSpec, *listeners):
    """Return the outcome of the job in a store of its own."""
    registry = Registry.load(project)
    root = project / executor.name
    place = Place(root / "store", root / "runs", executor, workers=2, directory=project)
    loaded = load_job(JOB, catalogue=registry)
    return execute(loaded, place, registry, listeners=listeners)


class Killer:
    """A listener that kills the node which computes a cell of the transfer stage."""

    def __init__(self, cluster, latch: Path) -> None:
        self._cluster = cluster
        self._latch = latch
        self._thread = threading.Thread(target=self._kill, daemon=True)
        self.done_before = 0
        self.has_killed = False

    def __call__(self, event) -> None:
        if event.kind == "started" and event.subject == "scratch/glow" and not self._thread.ident:
            (self._latch / "armed").touch()
            self._thread.start()
        self.done_before += event.kind == "done" and not self._thread.ident

    def _kill(self) -> None:
        note, look = self._latch / "waiting", threading.Event()
        while not note.exists():
            look.wait(0.02)
        self._cluster.kill_node_of(int(note.read_text()))
        self.has_killed = True


@pytest.mark.slow
def test_one_job_on_three_executors_one_node_killed_in_the_middle(ray_cluster, project):
    inline = ran(project, ComponentSpec("executor", "inline"))
    local = ran(project, ComponentSpec("executor", "local"))
    killer = Killer(ray_cluster, project)
    spec = ComponentSpec("executor", "ray", {"address": ray_cluster.address})
    try:
        ray = ran(project, spec, killer)
    finally:
        if killer.has_killed:
            ray_cluster.add_node()
    assert killer.has_killed and 0 < killer.done_before < ray.computed
    assert not ray.answer.failures
    assert ray.answer.result == local.answer.result == inline.answer.result
    assert "glow" in json.dumps(ray.answer.result)
    lines = (ray.folder.path / "events.jsonl").read_text().splitlines()
    events = [json.loads(line) for line in lines]
    lost = [event for event in events if event["kind"] == "lost"]
    assert lost and all("its node died" in event["message"] for event in lost)
    starts = Counter(event["subject"] for event in events if event["kind"] == "started")
    assert {event["subject"] for event in lost} == {name for name, n in starts.items() if n > 1}
    assert max(starts.values()) == 2
    assert ray.computed == local.computed == inline.computed
