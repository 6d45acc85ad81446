"""What only lists answers fast, and imports nothing heavy."""

from __future__ import annotations

import resource
import subprocess
import sys

import pytest

HEAVY = ("torch", "scipy", "pyomo", "sklearn")
LIGHT = [("--help",), ("components",), ("components", "task"), ("plugin", "list"),
         ("plugin", "show", "taskspace")]  # fmt: skip
CHECKING = [("schema",), ("check", "job.yaml")]
SECONDS = 0.3


@pytest.mark.parametrize(
    ("arguments", "unwanted"),
    [(a, (*HEAVY, "numpy")) for a in LIGHT] + [(a, HEAVY) for a in CHECKING],
    ids=lambda value: " ".join(value) if value in LIGHT + CHECKING else "",
)
def test_listing_and_checking_import_nothing_heavy(arguments, unwanted, tmp_path, small_job):
    code = (
        "import sys, atexit\n"
        f"heavy = set({unwanted!r})\n"
        "atexit.register(lambda: print(sorted(heavy & set(sys.modules)), file=sys.stderr))\n"
        f"sys.argv = ['tasks', *{arguments!r}]\n"
        "from taskspace_cli.main import main\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.strip().endswith("[]")


@pytest.mark.parametrize("arguments", LIGHT, ids=" ".join)
def test_listing_answers_at_once(arguments, tmp_path):
    # Processor time, and the least of several: what else the machine does is not our time.
    times = []
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            [sys.executable, "-m", "taskspace_cli", *arguments],
            stdout=subprocess.DEVNULL,
            cwd=tmp_path,
            check=True,
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert min(times) < SECONDS
