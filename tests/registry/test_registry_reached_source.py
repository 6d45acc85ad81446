"""No file that a built-in component reaches can be edited without a change of its keys."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_source_file_that_a_component_reaches_is_part_of_its_key(tmp_path):
    roots = []
    for root in ("core", "plugins"):
        shutil.copytree(ROOT / root, tmp_path / root, ignore=shutil.ignore_patterns("__pycache__"))
        roots.append(str(tmp_path / root))
    program = Path(__file__).with_name("edit_each_source.py")
    done = subprocess.run(
        [sys.executable, "-P", program],
        env={"PYTHONPATH": ":".join(roots), "PYTHONDONTWRITEBYTECODE": "1"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    *kept, count = done.stdout.splitlines()
    assert kept == []
    assert int(count.split()[0]) > 120
