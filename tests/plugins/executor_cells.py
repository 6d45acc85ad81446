"""What workers perform in the tests of executors: cells that start other programs, or tell."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from taskspace.components import Cell, CellFunction, Report

PERFORM = "executor_cells:perform"
TOLD = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "MALLOC_MMAP_THRESHOLD_",
    "MALLOC_TRIM_THRESHOLD_",
    "PYTHONPATH",
    "PYTHONSAFEPATH",
    "TASKS_CACHE",
    "TASKS_BLOCK_PLUGINS",
)


def perform(assignment, workplace):
    """Do what each cell's parameter `do` says."""
    for cell in assignment.cells:
        globals()[cell.parameters["do"]](workplace.directory)
        yield Report("done", assignment.number, cell.key)


def cell(what: str, cpus: int = 1) -> Cell:
    from taskspace.components import Resources

    return Cell(
        name=what,
        key=what.encode().hex().ljust(64, "0"),
        function=CellFunction(PERFORM, version=1),
        parameters={"do": what},
        components={},
        inputs={},
        resources=Resources(cpus=cpus),
    )


def nothing(folder: Path) -> None:
    """Be done."""


def say_who(folder: Path) -> None:
    """Write down the number of this process."""
    note(folder / "who", str(os.getpid()))


def leave_a_program(folder: Path) -> None:
    """Start a program that runs for long, and forget it."""
    _program(folder)


def wait_for_a_program(folder: Path) -> None:
    """Wait for a program as solvers do: it is killed when the cell is interrupted."""
    program = _program(folder)
    try:
        program.wait()
    finally:
        program.kill()
        program.wait()
        note(folder / "cleaned", "")


def defy_with_a_program(folder: Path) -> None:
    """Let nothing end the wait for a program."""
    program = _program(folder)
    while True:
        with suppress(KeyboardInterrupt):
            program.wait()
            time.sleep(100)


def tell(folder: Path) -> None:
    """Write down what the worker finds around it."""
    note(folder / "told", json.dumps({name: os.environ.get(name) for name in TOLD}))


def take_and_free(folder: Path) -> None:
    """Write down how many pages the system had to clear for what a step takes, after the first."""

    def step() -> None:
        for block in [bytearray(8_000_000) for _ in range(5)]:
            block[:] = b"1" * len(block)

    step()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(10):
        step()
    note(folder / "cleared", str(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before))


def _program(folder: Path) -> subprocess.Popen[bytes]:
    wait = "import time; time.sleep(100)"
    program = subprocess.Popen([sys.executable, "-c", wait])
    note(folder / "program", str(program.pid))
    return program


def note(file: Path, text: str) -> None:
    """Write a file, all at once."""
    draft = file.with_suffix(".draft")
    draft.write_text(text)
    draft.rename(file)
