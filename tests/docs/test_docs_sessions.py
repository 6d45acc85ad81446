"""The pages on plugins as somebody reads them: what they show is typed, in order, and works."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from plugin_world import World

ROOT = Path(__file__).parents[2]
SESSIONS = ("plugins.md", "plugin-authors.md")

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
NAMED = re.compile(r"# (\S+/\S+\.(?:py|yaml))\n(.*)", re.DOTALL)


@pytest.mark.parametrize("page", [SESSIONS[0], pytest.param(SESSIONS[1], marks=pytest.mark.slow)])
def test_a_page_on_plugins_works_as_written(page, tmp_path):
    world = World(tmp_path)
    world.index_setuptools()
    shutil.copytree(ROOT / "examples", world.project / "examples")
    command = world.prefix / "bin/tasks"
    command.write_text(f'#!/bin/sh\nexec {world.python} -m taskspace_cli "$@"\n')
    command.chmod(0o755)
    before = world.snapshot()
    path = f"{command.parent}:{world.variables()['PATH']}"
    # Builds find setuptools in this environment (0 is how pip spells "no" here), and runs start
    # no workers: each would import torch again.
    quick = {"PIP_NO_BUILD_ISOLATION": "0", "TASKS_EXECUTOR": "inline"}
    typed, changed = 0, []
    for language, text in BLOCK.findall((ROOT / "docs" / page).read_text()):
        if language in ("python", "yaml") and (named := NAMED.match(text)):
            (world.project / named[1]).write_text(named[2])
            changed.append(named[1])
        elif language == "python":
            compile(text, page, "exec")
        elif language == "toml":
            tomllib.loads(text)
        for line in text.splitlines() if language == "console" else ():
            # Networks that learn for less long are trained by the same command.
            for job in world.project.rglob("job.yaml") if "tasks run" in line else ():
                job.write_text(re.sub(r"epochs: \d+", "epochs: 1", job.read_text()))
            done = subprocess.run(
                line.removeprefix("$ "),
                shell=True,
                cwd=world.project,
                env=world.variables(PATH=path, CI="", **quick),
                capture_output=True,
                text=True,
                stdin=subprocess.DEVNULL,
                check=False,
            )
            typed += 1
            said = f"{line}\n{done.stdout}\n{done.stderr}"
            assert done.returncode == 0, said
    assert typed >= 8
    assert world.snapshot() == before
    for file in (file for file in changed if "/tests/" in file):
        tree = (world.project / file).parents[1]
        done = subprocess.run(
            [world.python, "-m", "pytest", "-q", "-p", "no:cacheprovider", world.project / file],
            cwd=tree,
            env=world.variables(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout
