"""Whoever runs the command that `plugin list` advises has a plugin that is ready."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Callable

import pytest

from plugin_world import World

SINGLE = re.compile(r"tasks (plugin (?:add|enable) [^,;]+?)(?:, .*| pins .*| allows .*|)$")


def state(world: World, **more: str) -> dict[str, str]:
    (found,) = world.done("plugin", "list", "--json", **more).json["plugins"][1:]
    return found


def disabled(world: World) -> None:
    world.done("plugin", "disable", "weather")


def absent(world: World) -> None:
    shutil.rmtree(world.site / "taskspace_weather")
    (info,) = world.site.glob("taskspace_weather*.dist-info")
    shutil.rmtree(info)


def changed(world: World) -> None:
    with (world.site / "taskspace_weather/plugin.py").open("a") as stream:
        stream.write("# mine\n")


def partly_gone(world: World) -> None:
    (info,) = world.site.glob("taskspace_weather*.dist-info")
    (info / "METADATA").unlink()
    (info / "entry_points.txt").unlink()


def another_version(world: World) -> None:
    world.registry.write_text(
        world.registry.read_text().replace('version = "1.0"', 'version = "2"')
    )


def another_hash(world: World) -> None:
    text = world.registry.read_text()
    world.registry.write_text(re.sub(r'sha256 = "....', 'sha256 = "0000', text))


WAYS: dict[str, tuple[Callable[[World], None], str, str]] = {
    "disabled": (disabled, "disabled", "plugin enable taskspace-weather"),
    "absent": (absent, "absent", "plugin add"),
    "changed": (changed, "untrusted", "plugin add"),
    "partly gone": (partly_gone, "quarantined", "plugin add"),
    "another version": (another_version, "untrusted", "plugin add"),
    "another hash": (another_hash, "untrusted", "plugin add"),
}


@pytest.mark.slow
@pytest.mark.parametrize(("spoil", "status", "command"), WAYS.values(), ids=WAYS)
def test_the_command_that_is_advised_makes_the_plugin_ready(world, spoil, status, command):
    world.plugin()
    world.done("plugin", "add", "./weather")
    spoil(world)
    refused = state(world)
    assert refused["status"] == status
    advised = SINGLE.search(refused["remedy"])
    assert advised is not None, refused["remedy"]
    assert advised[1].startswith(command)
    world.done(*shlex.split(advised[1]))
    assert state(world)["status"] == "ready"


@pytest.mark.slow
def test_a_plugin_that_lost_its_registry_is_added_from_where_it_came(world):
    world.plugin()
    world.done("plugin", "add", "./weather")
    world.registry.unlink()
    refused = state(world)
    assert refused["status"] == "unlisted"
    assert refused["remedy"].startswith("tasks plugin add SOURCE, with the folder, wheel or")
    world.done("plugin", "add", "./weather")
    assert state(world)["status"] == "ready"


@pytest.mark.slow
def test_a_frozen_editable_plugin_is_pinned_as_advised(world):
    world.plugin()
    world.done("plugin", "add", "--editable", "./weather")
    refused = state(world, TASKS_FROZEN="1")
    assert refused["status"] == "untrusted"
    assert "TASKS_FROZEN=0 allows it as it is" in refused["remedy"]
    assert state(world, TASKS_FROZEN="0")["status"] == "ready"
    advised = SINGLE.search(refused["remedy"])
    assert advised is not None, refused["remedy"]
    world.done(*shlex.split(advised[1]))
    assert state(world, TASKS_FROZEN="1")["status"] == "ready"


LEFTOVERS = {
    "without a name": {},
    "of another version": {"PKG-INFO": "Name: taskspace-weather\nVersion: 0.1\n"},
    "of the same version": {"PKG-INFO": "Name: taskspace-weather\nVersion: 1.0\n"},
}


@pytest.mark.slow
@pytest.mark.parametrize("files", LEFTOVERS.values(), ids=LEFTOVERS)
def test_an_egg_info_in_an_editable_tree_is_no_second_plugin(world, files):
    tree = world.plugin()
    egg_info = tree / "src/taskspace_weather.egg-info"
    egg_info.mkdir()
    points = {"entry_points.txt": "[taskspace]\nplugin = taskspace_weather.plugin\n"}
    for name, text in {**files, **points}.items():
        (egg_info / name).write_text(text)
    world.done("plugin", "add", "--editable", "./weather")
    found = state(world)
    assert (found["distribution"], found["version"]) == ("taskspace-weather", "1.0")
    assert found["status"] == "ready"
    world.done("plugin", "remove", "weather")
    assert len(world.done("plugin", "list", "--json").json["plugins"]) == 1
