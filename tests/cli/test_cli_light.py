"""What only lists answers fast, and imports nothing heavy."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from processor_time import needed_imports, processor_time

HEAVY = ("torch", "scipy", "pyomo", "sklearn")
LIGHT = [("--help",), ("components",), ("components", "task"), ("plugin", "list"),
         ("plugin", "show", "taskspace")]  # fmt: skip
JOBS = Path(__file__).parents[2] / "jobs"
CHECKING = [("schema",), ("schema", "--result", "multitask"), ("check", "job.yaml"),
            *(("check", str(JOBS / f"{name}.yaml"))
              for name in ("multitask-toy", "recommend-digits", "zeroshot-rooms"))]  # fmt: skip
"""A job of every study, `job.yaml` being a taxonomy."""
MOST = 2.4
"""0.3 s on a machine where the imports alone take 0.13 s."""


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


@pytest.mark.slow  # measures processor time
@pytest.mark.parametrize("arguments", LIGHT, ids=" ".join)
def test_listing_answers_at_once(arguments, tmp_path):
    # In units of imports, so that neither a slow machine nor a busy one decides.
    cost = processor_time(["-m", "taskspace_cli", *arguments], tmp_path)
    assert cost < MOST * needed_imports()
