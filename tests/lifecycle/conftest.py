"""One world a test: a fresh one, or one in which the plugin `weather` has been added."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from plugin_world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@dataclass
class Kept:
    """A world as it was after `tasks plugin add ./weather`, to start from again and again.

    Attributes:
        before: the snapshot before that.
        copy: all of its files after it.
    """

    world: World
    before: dict[str, str]
    copy: Path


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    root = tmp_path_factory.mktemp("added")
    world = World(root / "world")
    world.plugin()
    before = world.snapshot()
    world.done("plugin", "add", "./weather")
    shutil.copytree(world.root, root / "copy", symlinks=True)
    return Kept(world, before, root / "copy")


@pytest.fixture
def added(kept: Kept) -> World:
    """Return the one world in which `weather` is added, whatever the last test made of it."""
    shutil.rmtree(kept.world.root)
    shutil.copytree(kept.copy, kept.world.root, symlinks=True)
    return kept.world


@pytest.fixture
def before(kept: Kept) -> dict[str, str]:
    """Return the snapshot of `added` before that."""
    return kept.before
