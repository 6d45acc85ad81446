"""Scarcity and oddity: too little space, too few files, streams that are shut, strange places."""

from __future__ import annotations

import subprocess
import sys

from catalogue import group
from scene import QUIET, Scene, expect, sound

from cli_process import command_environment
from said import Said

a_shortage = group("resources", 60)

ODD_VALUES = ("", "0", "-1", "1e9", "nan", "yes please", "\x1b[2J", "../..", "x" * 5000, "é")
VARIABLES = (
    "TASKS_WORKERS",
    "TASKS_EXECUTOR",
    "TASKS_DEVICE",
    "TASKS_FROZEN",
    "TASKS_NO_PLUGINS",
    "TASKS_BLOCK_PLUGINS",
    "TASKS_DESCRIBE_SECONDS",
    "TASKS_CACHE",
    "TASKS_STORE",
    "TASKS_RUNS",
    "COLUMNS",
    "TERM",
    "HOME",
    "TMPDIR",
    "LANG",
    "XDG_CACHE_HOME",
    "CI",
)
ODD_PLACES = (
    "a b",
    "größe→",
    "-x",
    "a\nb",
    "x" * 300,
    "a/b/c/d/e",
    "job.yaml",
    "job.yaml/x",
    "/dev/null",
    "/dev/null/x",
    "/proc/x",
    "",
    ".",
    "\x1b[2J",
)


@a_shortage(share=3)
def files_may_not_grow(scene: Scene) -> None:
    """A disk that is full at any size: what was computed stays, and the next run goes on."""
    _run_within(scene, "RLIMIT_FSIZE", int(10 ** scene.chance.uniform(0, 5.5)))


@a_shortage(share=2)
def few_files_may_be_open(scene: Scene) -> None:
    """With few descriptors a run ends as one or says what it lacks."""
    _run_within(scene, "RLIMIT_NOFILE", scene.chance.randint(12, 60))


def _run_within(scene: Scene, limit: str, most: int) -> None:
    scene.job()
    scene.ended(scene.start("run", "job.yaml", "--executor", "inline", limits={limit: most}))
    scene.expect_result(f"{limit} {most}")


@a_shortage(share=3)
def streams_are_shut(scene: Scene) -> None:
    """Without its streams a command does its work or ends with status 1."""
    scene.finished()
    shut = {
        name: scene.chance.choice([None, "/dev/full"])
        for name in scene.chance.choice([["out"], ["err"], ["out", "err"]])
    }
    command = scene.chance.choice(
        [
            ["show", "small"],
            ["show", "small", "--json"],
            ["runs"],
            ["run", "job.yaml", "--executor", "inline"],
            ["check", "job.yaml"],
            ["components"],
            ["plugin", "list"],
            ["nothing"],
            ["--help"],
        ]
    )
    said = scene.ended(scene.start(*command, streams=shut))
    wrong = {1, 2} if command == ["nothing"] else {0, 1}
    expect(said.status in wrong, f"{command} with {shut}: status {said.status}")
    if "out" not in shut and command != ["nothing"]:
        expect(said.status == 0, f"{command} without stderr: status {said.status}")
    scene.expect_result(f"{command} with {shut}")


@a_shortage(share=4)
def the_environment_is_odd(scene: Scene) -> None:
    """Odd variables are named, or nothing."""
    scene.finished()
    odd = {
        name: scene.chance.choice(ODD_VALUES)
        for name in scene.chance.sample(VARIABLES, scene.chance.randint(1, 3))
    }
    for command in (["runs"], ["plugin", "list"], ["run", "job.yaml", "--executor", "inline"]):
        said = scene.tasks(*command, **odd)
        expect(said.status != 1 or said.err.strip(), f"{command} with {odd}: status 1, no word")
    scene.expect_result(f"{odd}")


@a_shortage(share=3)
def the_place_is_odd(scene: Scene) -> None:
    """Odd names of folders work or are refused."""
    scene.job()
    option = scene.chance.choice(["--runs", "--store"])
    place = scene.chance.choice(ODD_PLACES)
    said = scene.tasks("run", "job.yaml", "--executor", "inline", option, place)
    expect(said.status in {0, 1, 2}, f"{option} {place!r}: status {said.status}")
    expect(said.status == 0 or said.err, f"{option} {place!r}: refused without a word")
    expect((scene.folder / "job.yaml").read_text(), f"{option} {place!r}: the job is gone")
    if place == "." and option == "--store":
        scene.tasks("runs", "gc", "--store", ".")
        expect((scene.folder / "job.yaml").is_file(), "`gc` has deleted the job")
    scene.expect_result(f"{option} {place!r}")


@a_shortage(share=2)
def two_run_at_once(scene: Scene) -> None:
    """Two runs of one job: one waits or is refused; neither harms the other."""
    scene.job()
    command = ["run", "job.yaml", "--executor", "inline"]
    started = [scene.start(*command) for _ in range(2)]
    statuses = sorted(scene.ended(fork).status for fork in started)
    expect(statuses in ([0, 0], [0, 1]), f"two runs ended with {statuses}")
    scene.expect_result("two runs at once")


@a_shortage(share=1)
def the_working_directory_is_gone(scene: Scene) -> None:
    """A command in a deleted folder says so."""
    inner = scene.folder / "inner"
    inner.mkdir()
    done = subprocess.run(
        ["/bin/sh", "-c", 'rmdir "$PWD"; exec "$0" -m taskspace_cli runs', sys.executable],
        cwd=inner,
        env=command_environment(QUIET),
        capture_output=True,
        text=True,
        check=False,
    )
    said = sound(Said(done.returncode, done.stdout, done.stderr), "runs")
    expect(said.status in {0, 1, 2}, f"status {said.status}")
