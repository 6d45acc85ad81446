"""Checkpoints inside a training: SIGKILL at any step, and the run ends with the same numbers."""

from __future__ import annotations

import fcntl
import json
import random
import signal
from pathlib import Path

import pytest

from cli_process import command_environment

JOBS = {
    # Readouts of one target train in step; early stopping keeps an epoch in the middle.
    "taxonomy": """\
study: taxonomy
name: killed
dataset: digits
tasks: [identity, odd]
encoder: {use: small_conv, width: 4}
train: {steps: 30, held_out: 0.2}
transfer: {max_order: 1, images: 100, epochs: 4, held_out: 0.2, batch: 32}
solve: {budgets: [1], random_policies: 0}
""",
    # Moving averages of gates, a policy that agents learn, a weighting with its own optimiser.
    "multitask": """\
study: multitask
name: killed
dataset: digits
tasks: [odd, identity]
schemes:
  - {use: multi_clustering, experts: 3, density_cost: 0.05}
  - {use: routing, experts: 2}
encoder: {use: conv_pool, width: 4, depth: 1}
readout: linear
weighting: gradnorm
train: {steps: 40, batch: 32, schedule: cosine, eval_every: 15}
sizes: [200]
""",
    # A study of a third party; its last epoch is cut short.
    "small": """\
study: small
name: killed
dataset: digits
tasks: [identity, odd]
encoder: {use: small_conv, width: 4}
readout: linear
train: {steps: 50, schedule: constant}
""",
}
SMALL_STUDY = Path(__file__).parents[1] / "learning" / "small_study.py"


@pytest.fixture
def killing(forks, plugged, site, tmp_path):
    """Run a job with the task `odd`, killed at the n-th of its steps if n is given."""
    source = Path(__file__).with_name("killing_plugin.py").read_text("utf-8")
    site.install("taskspace-odd", source)
    site.trust("taskspace-odd", provides='["task:odd"]')
    site.install("taskspace-small", SMALL_STUDY.read_text("utf-8"))
    site.trust("taskspace-small", provides='["study:small"]')

    def run(job: Path, store: str, kill_at: int | None = None, **options) -> int:
        """Return how many steps the task `odd` was asked for."""
        (tmp_path / "steps").unlink(missing_ok=True)
        if kill_at is not None:
            (tmp_path / "kill_at").write_text(str(kill_at))
        command = ("run", str(job), "--store", store, "--executor", "inline")
        fork = forks.start(command, command_environment(site.environment), **options)
        done = fork.wait()
        expected = 0 if kill_at is None else -signal.SIGKILL
        assert done.returncode == expected, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        run.errors = done.stderr
        return (tmp_path / "steps").stat().st_size

    return run


def results(store: Path) -> dict[str, object]:
    """Return what is stored under each key: checksums, and records without their times."""
    found = {}
    for folder in store.glob("objects/*/*"):
        files = json.loads((folder / "seal.json").read_text())["files"]
        record = json.loads((folder / "record.json").read_text())
        record.pop("timing", None)
        sums = {name: file["sha256"] for name, file in files.items() if name != "record.json"}
        found[folder.name] = (record, sums)
    return found


def checkpoints(store: Path) -> list[Path]:
    return sorted((store / "checkpoints").iterdir())


@pytest.mark.parametrize("study", sorted(JOBS))
def test_a_killed_training_ends_with_the_numbers_of_an_undisturbed_one(killing, tmp_path, study):
    job, store = tmp_path / "job.yaml", tmp_path / "killed"
    job.write_text(JOBS[study])
    total = killing(job, "undisturbed")
    expected = results(tmp_path / "undisturbed")

    first = random.Random(study).randint(2, total // 3)
    killing(job, "killed", first)
    assert len(checkpoints(store)) == 1
    # The step that was killed is asked for again, and no other.
    left = total - first + 1
    killing(job, "killed", left - 10)
    if study == "taxonomy":
        # Two readouts train in step; one has to begin again, and the other waits for it.
        damaged, _intact = checkpoints(store)
        damaged.write_bytes(damaged.read_bytes()[:-1])
        assert killing(job, "killed") < 2 * 12
    else:
        assert killing(job, "killed") == 11
    assert results(store) == expected
    assert checkpoints(store) == []


def test_gc_counts_checkpoints_and_keeps_those_that_a_run_may_need(killing, tasks, tmp_path):
    job = tmp_path / "job.yaml"
    job.write_text(JOBS["multitask"])
    killing(job, "store", 5)
    (checkpoint,) = checkpoints(tmp_path / "store")
    gc = ("runs", "gc", "--json", "--store", "store")
    assert tasks(*gc).json == {"results": 0, "checkpoints": 0, "bytes": 0}
    assert tasks("runs", "remove", "killed").status == 0
    with (tmp_path / "store" / "lock").open("a+") as held:
        fcntl.flock(held, fcntl.LOCK_SH)
        assert "A run uses the store" in tasks(*gc).out
    would = tasks(*gc, "--dry-run").json
    assert would["checkpoints"] == 1 and would["bytes"] > checkpoint.stat().st_size
    assert checkpoint.exists()
    assert tasks(*gc).json == would
    assert not checkpoint.exists()


def test_a_training_goes_on_without_checkpoints_where_the_disk_refuses_them(killing, tmp_path):
    job = tmp_path / "job.yaml"
    large = JOBS["multitask"].replace(
        "{use: conv_pool, width: 4, depth: 1}", "{use: mlp, width: 420}"
    )
    job.write_text(
        large.replace("{use: multi_clustering, experts: 3, density_cost: 0.05}", "shared")
        .replace("{use: routing, experts: 2}", "separate")
        .replace("steps: 40", "steps: 3")
    )
    killing(job, "store", limits={"RLIMIT_FSIZE": 2_400_000})
    assert killing.errors.count("no checkpoint could be written") == 1
    assert "File too large" in killing.errors
    assert checkpoints(tmp_path / "store") == []
    assert list((tmp_path / "store" / "writing").iterdir()) == []


def test_a_training_of_seconds_writes_no_checkpoint(finished):
    folder = finished / "store" / "checkpoints"
    # A file that was written and removed would have changed the time of its folder.
    assert (
        folder.stat().st_mtime_ns
        <= (finished / "store" / "taskspace-store.json").stat().st_mtime_ns
    )
