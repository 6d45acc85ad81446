"""One world a test: a fresh one, or one in which the plugin `weather` has been added."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from cli_process import Forks
from plugin_world import World
from warm_python import Warmth


class WorldForks(Forks):
    """What runs commands of worlds, and the variables with which these find forks of their own."""

    warmth: Mapping[str, str]


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where every world is made: one Python that stays imported serves them all."""
    return tmp_path_factory.mktemp("world") / "world"


@pytest.fixture(scope="session")
def world_forks(place: Path) -> Iterator[WorldForks]:
    """Return what runs the commands of the worlds."""
    # The first world of all is there when these processes start.
    first = World(place)
    warmth = Warmth(str(first.python), first.variables())
    forks = WorldForks(first.python, first.variables(), modules=("warm_pip",))
    forks.warmth = warmth.variables
    forks.ask({"ready": 0})
    warmth.wait()
    yield forks
    forks.close()
    warmth.close()


def made(place: Path, forks: WorldForks) -> World:
    """Return a fresh world in place of the one that is there."""
    shutil.rmtree(place)
    return World(place, dict(forks.warmth), forks=forks)


@pytest.fixture
def world(place: Path, world_forks: WorldForks) -> World:
    return made(place, world_forks)


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
def kept(place: Path, world_forks: WorldForks) -> Kept:
    world = made(place, world_forks)
    world.plugin()
    before = world.snapshot()
    world.done("plugin", "add", "./weather")
    copy = place.with_name("added")
    shutil.copytree(place, copy, symlinks=True)
    return Kept(world, before, copy)


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
