"""A golden job run to its end: its result, its arrays, its cells, the networks it exports."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from golden_images import write_images
from typer.testing import CliRunner

import taskspace
from taskspace.components import Cell, ComponentSpec, Study
from taskspace.engine.planner import KeyedPlanner
from taskspace.engine.storage.store import Store
from taskspace.jobs import load_job
from taskspace.registry import Registry
from taskspace_cli.main import app

HERE = Path(__file__).parent
JOBS = sorted(path.stem for path in (HERE / "jobs").glob("*.yaml"))
EXPORTED = {"multitask-sizes": (("multi_clustering", "t0"), ("separate", "t1"))}
"""Job to the schemes and tasks of which networks are exported."""
WALL_TIMES = "seconds_per_step"
INPUTS = 4
"""On how many inputs an exported network is tried."""


@dataclass(frozen=True)
class GoldenRun:
    """What a job gave.

    Attributes:
        result: what `result.json` holds.
        arrays: what is kept for the report, but wall times.
        exports: of each exported network, what the command says of it and what it predicts.
        seeds: name and seed of each cell; None where the cell has no seed.
    """

    result: dict[str, Any]
    arrays: dict[str, np.ndarray]
    exports: dict[str, Any]
    seeds: list[tuple[str, int | None]]


@dataclass(frozen=True)
class Workplace:
    """A folder with the jobs and what they read, and a store that all of them use.

    Processes may share the store: cells are known by content, not by path.
    """

    root: Path
    store: Path

    @property
    def runs(self) -> Path:
        return self.root / "runs"

    def prepare(self) -> None:
        """Copy the jobs and the table, and write the images."""
        shutil.copytree(HERE / "jobs", self.root / "jobs")
        shutil.copy(HERE / "table.csv", self.root)
        write_images(self.root / "images")

    def run(self, name: str) -> GoldenRun:
        """Run a job; cells that another job has computed are not computed again."""
        job = self.root / "jobs" / f"{name}.yaml"
        run = taskspace.run(job, executor="inline", store=self.store, runs=self.runs, plugins=False)
        result = json.loads((run.folder / "result.json").read_text(encoding="utf-8"))
        arrays = run.folder / "arrays.npz"
        seeds = {cell.key: (cell.name, cell.parameters.get("seed")) for cell in self._cells(job)}
        return GoldenRun(
            result,
            _arrays(arrays) if arrays.exists() else {},
            {f"{s}/{task}": self._export(name, s, task) for s, task in EXPORTED.get(name, ())},
            sorted(seeds.values()),
        )

    def _cells(self, job: Path) -> Iterator[Cell]:
        """Yield the cells that the study plans when it is sent the results that are stored."""
        registry = Registry.load(plugins=False)
        loaded = load_job(job, catalogue=registry)
        study = registry.component(ComponentSpec("study", loaded.job.study))
        assert isinstance(study, Study)
        store = Store(self.store)
        stages = study.stages(loaded.job, KeyedPlanner(registry), None)
        outcomes = {}
        stage = next(stages, None)
        while stage is not None:
            yield from stage.cells
            outcomes |= {cell.key: store.get(cell.key) for cell in stage.cells}
            try:
                stage = stages.send(outcomes)
            except StopIteration:
                stage = None

    def _export(self, name: str, scheme: str, task: str) -> dict[str, Any]:
        """Return what `tasks export` says of a network, and its outputs on a few inputs."""
        out = self.root / f"{name}-{scheme}-{task}"
        options = ["--scheme", scheme, "--task", task, "--out", str(out), "--json"]
        folders = ["--store", str(self.store), "--runs", str(self.runs)]
        done = CliRunner().invoke(app, ["export", name, *options, *folders])
        assert done.exit_code == 0, done.output
        made = json.loads(done.stdout)
        inputs = torch.arange(INPUTS * int(np.prod(made["image"]))) * 37 % 64 / 64
        program = torch.export.load(made.pop("program")).module()
        made.pop("weights")
        with torch.no_grad():
            outputs = program(inputs.reshape(INPUTS, *made["image"]))
        return made | {"outputs": outputs.tolist()}


def _arrays(path: Path) -> dict[str, np.ndarray]:
    with np.load(path, allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files if name != WALL_TIMES}
