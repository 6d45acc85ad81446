"""A kind of component is a file and an entry: everything else follows."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

from taskspace.components import KINDS

ROOT = Path(__file__).parents[2]
CURRICULUM = '''"""Curriculums: an order of the images."""

from __future__ import annotations

from typing import ClassVar

from taskspace.components.base import Component


class Curriculum(Component):
    """A way to order the images of a task."""

    kind: ClassVar[str] = "curriculum"
'''


def test_a_new_kind_is_a_file_and_an_entry(tmp_path):
    roots = [tmp_path / root for root in ("core", "plugins", "cli")]
    for root in roots:
        shutil.copytree(ROOT / root.name, root, ignore=shutil.ignore_patterns("__pycache__"))
    components = roots[0] / "taskspace/components"
    (components / "curriculum.py").write_text(CURRICULUM)
    names = (components / "__init__.py").read_text()
    names = names.replace(
        "        Study,\n    )\n}", "        Study,\n        Curriculum,\n    )\n}"
    )
    names = names.replace(
        "from taskspace.components.encoder import",
        "from taskspace.components.curriculum import Curriculum\n"
        "from taskspace.components.encoder import",
    )
    (components / "__init__.py").write_text(names)
    environment = {"PYTHONPATH": ":".join(map(str, roots)), "PYTHONDONTWRITEBYTECODE": "1"}
    run = {"env": environment, "cwd": tmp_path, "capture_output": True, "text": True}
    program = Path(__file__).with_name("new_kind.py")
    done = subprocess.run([sys.executable, "-P", program], check=False, **run)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "hook": "taskspace_curriculums",
        "described": ["curriculum", "shuffled"],
        "reference": "curriculum",
        "known": True,
        "checked": [11, True],
        "kinds": len(KINDS) + 1,
    }
    listing = [sys.executable, "-P", "-m", "taskspace_cli", "components", "curriculum", "--json"]
    listed = subprocess.run(listing, check=False, **run)
    assert listed.returncode == 0, listed.stderr
    assert json.loads(listed.stdout) == {"components": []}
