"""The multitask jobs that ship, each run to its end: fewer samples and steps, all else as it is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import taskspace

JOBS = sorted((Path(__file__).parents[2] / "jobs").glob("multitask-*.yaml"))
SHORT = {
    "multitask-toy": ("dataset.samples=60", "sizes=[40]", "train.steps=3"),
    "multitask-digits": ("sizes=[40]", "train.epochs=1"),
    "multitask-cifar10": ("dataset.partial=true", "sizes=[60]", "train={steps: 2}"),
    "multitask-cifar100": ("dataset.partial=true", "sizes=[200]", "train={steps: 2}"),
}
NARROW = ("encoder.width=4", "encoder.depth=1", "seeds=1")


@pytest.fixture
def archive(tmp_path) -> Path:
    """Return a folder in the binary layouts of both CIFARs, with two images of each class."""
    draw = np.random.default_rng(0)
    image = 3 * 32 * 32
    ten = [f"data_batch_{number}.bin" for number in range(1, 6)] + ["test_batch.bin"]
    for name in ten:
        records = b"".join(bytes([label % 10]) + draw.bytes(image) for label in range(20))
        (tmp_path / name).write_bytes(records)
    coarse = {}
    from taskspace_plugins.datasets.cifar100 import Cifar100

    for number, classes in enumerate(Cifar100.tasks.values()):
        coarse |= dict.fromkeys(classes, number)
    for name in ("train.bin", "test.bin"):
        pairs = [(coarse[fine], label) for label, fine in enumerate(Cifar100.classes)]
        records = b"".join(bytes(pair) + draw.bytes(image) for pair in pairs * 2)
        (tmp_path / name).write_bytes(records)
    return tmp_path


def test_every_job_is_here():
    assert [job.stem for job in JOBS] == sorted(SHORT)


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.stem)
def test_a_job_that_ships_runs(job, archive):
    path = (f"dataset.path={archive}",) if "cifar" in job.stem else ()
    made = taskspace.run(
        job, overrides=(*SHORT[job.stem], *NARROW, *path), executor="inline",
        store=archive / "store", runs=archive / "runs",
    )  # fmt: skip
    assert made.result["missing"] == []
    schemes = [scheme["name"] for scheme in made.result["schemes"]]
    assert [row["scheme"] for row in made.result["trials"]] == schemes and len(schemes) >= 4
    assert all(task["base_rate"] is not None for task in made.result["tasks"])
    if "cifar" in job.stem:
        # One task an image: the labels of all tasks together are as many as there are images.
        assert sum(t["train"] for t in made.result["tasks"]) == made.result["samples"]["train"]
