"""Kills: of whole runs, of single workers, of commands that clean up, at any moment."""

from __future__ import annotations

import os
import shutil
import signal
import time

from catalogue import group
from scene import Scene, children, expect, kill_group

a_kill = group("kills", 210)


@a_kill(share=6)
def a_run_is_killed_again_and_again(scene: Scene) -> int:
    """A run with its workers, killed at up to six moments; the next one goes on."""
    scene.job()
    kills = scene.chance.randint(2, 6)
    for _ in range(kills):
        process = scene.start("run", "job.yaml", "--executor", "inline")
        time.sleep(scene.chance.uniform(0.0, scene.stage.seconds))
        kill_group(process)
    scene.expect_result(f"{kills} kills")
    return kills


@a_kill(share=3)
def a_worker_is_killed(scene: Scene) -> int:
    """Single workers die, also while they start; the run replaces them and finds the same."""
    scene.job()
    process = scene.start("run", "job.yaml", "--workers", "2")
    wanted, kills = scene.chance.randint(1, 2), 0
    until = time.monotonic() + scene.chance.uniform(0.0, 4.0)
    while process.runs() and kills < wanted:
        workers = children(process.number)
        if workers and time.monotonic() > until:
            kill_one(scene.chance.choice(workers))
            kills += 1
            until = time.monotonic() + scene.chance.uniform(1.5, 4.0)
        time.sleep(0.01)
    said = scene.ended(process)
    if said.status != 0:
        # A worker that dies before it is ready ends the run; nothing is lost.
        expect("Error: " in said.err, f"status {said.status} without an error: {said.err[-300:]}")
    scene.expect_result(f"{kills} killed workers")
    return max(kills, 1)


def kill_one(process: int) -> None:
    try:
        os.kill(process, signal.SIGKILL)
    except ProcessLookupError:
        return


@a_kill(share=2)
def a_run_is_told_to_stop(scene: Scene) -> None:
    """Ctrl-C or a polite kill at any moment: the run says so, and the next one goes on."""
    scene.job()
    process = scene.start("run", "job.yaml", "--executor", "inline")
    time.sleep(scene.chance.uniform(0.0, scene.stage.seconds))
    number = scene.chance.choice([signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
    os.kill(process.number, number)
    status = process.wait().returncode
    expect(status in {0, 1, 130, -number}, f"{number.name} ended the run with {status}")
    scene.expect_result(number.name)


@a_kill(share=1)
def cleaning_is_killed(scene: Scene) -> None:
    """A killed `gc` or `remove` leaves what runs need, or nothing of the run that was removed."""
    run = scene.finished()
    other = scene.folder / "runs" / f"other-{run.name.rpartition('-')[2]}"
    shutil.copytree(run, other)
    command = scene.chance.choice(
        [["runs", "gc"], ["runs", "remove", other.name], ["report", run.name]]
    )
    process = scene.start(*command)
    time.sleep(scene.chance.uniform(0.0, 0.4))
    kill_group(process)
    expect(scene.tasks("runs").status == 0, "runs cannot be listed")
    scene.expect_result(f"a killed `tasks {' '.join(command)}`")
