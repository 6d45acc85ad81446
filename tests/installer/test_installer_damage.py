"""Plugins of which parts are gone, odd packages, and settings of pip that would mislead it."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest

from plugin_world import JOB, RAIN

GONE = {
    "its entry points": ["*.dist-info/entry_points.txt"],
    "METADATA": ["*.dist-info/METADATA"],
    "RECORD": ["*.dist-info/RECORD"],
    "all of its metadata": ["*.dist-info"],
    "its package": ["taskspace_weather"],
}


@pytest.mark.parametrize(
    "part",
    [
        pytest.param(part, marks=pytest.mark.slow if part in ("METADATA", "its package") else ())
        for part in GONE
    ],
)
def test_a_plugin_that_is_half_gone_is_said_repaired_and_removed(added, before, part):
    whole = added.snapshot()
    registry = added.registry.read_bytes()
    (added.project / "job.yaml").write_text(JOB)

    def damage() -> None:
        for pattern in GONE[part]:
            for path in added.site.glob(pattern):
                shutil.rmtree(path) if path.is_dir() else path.unlink()

    damage()
    (state,) = added.done("plugin", "list", "--json").json["plugins"][1:]
    assert state["distribution"] == "taskspace-weather"
    assert state["status"] in ("quarantined", "untrusted", "absent")
    assert added.tasks("check", "job.yaml").status == 2
    added.done("plugin", "add", "./weather")
    assert added.snapshot() == whole
    assert added.registry.read_bytes() == registry
    damage()
    added.done("plugin", "remove", "weather")
    assert added.snapshot() == before


@pytest.mark.parametrize(
    "setting",
    [
        "target = /nowhere",
        pytest.param("PIP_NO_DEPS=1", marks=pytest.mark.slow),
        pytest.param("PIP_PYTHON=/nowhere/bin/python", marks=pytest.mark.slow),
        pytest.param("PIP_DRY_RUN=1", marks=pytest.mark.slow),
        pytest.param("user = true", marks=pytest.mark.slow),
    ],
)
def test_settings_of_pip_that_would_mislead_an_add_do_not(world, setting):
    world.wheel("helper", entry_points=False)
    world.plugin(needs=("helper",))
    variables = {}
    if " = " in setting:
        # Where things come from counts, in files too.
        config = world.root / "pip.conf"
        config.write_text(f"[global]\nfind-links = {world.wheels}\n[install]\n{setting}\n")
        variables = {"PIP_CONFIG_FILE": str(config), "PIP_FIND_LINKS": ""}
    else:
        name, _, value = setting.partition("=")
        variables = {name: value}
    world.done("plugin", "add", "./weather", **variables)
    assert (world.site / "helper").is_dir()
    assert (world.site / "taskspace_weather").is_dir()


def test_folders_named_build_are_packages_below_the_root_and_links_out_are_followed(world):
    tree = world.plugin(more={"src/taskspace_weather/build/__init__.py": "", "build/x.py": ""})
    shared = world.root / "shared"
    shared.mkdir()
    (shared / "common.py").write_text("x = 1\n")
    (tree / "src/taskspace_weather/shared").symlink_to("../../../../shared")
    world.done("plugin", "add", "./weather")
    assert (world.site / "taskspace_weather/build/__init__.py").exists()
    assert (world.site / "taskspace_weather/shared/common.py").read_text() == "x = 1\n"
    assert not (world.site / "build").exists()


@pytest.mark.slow
def test_plugins_may_share_a_namespace(world):
    for name in ("rain", "hail"):
        module = RAIN.replace('"rain"', f'"{name}"')
        tree = world.plugin(f"taskspace-{name}", module)
        package = tree / f"src/taskspace_{name}"
        shared = tree / "src/weather_ns" / name
        shared.mkdir(parents=True)
        shutil.move(package / "plugin.py", tree / f"src/weather_ns/{name}_plugin.py")
        project = tree / "pyproject.toml"
        project.write_text(
            project.read_text().replace(f"taskspace_{name}.plugin", f"weather_ns.{name}_plugin")
        )
        world.done("plugin", "add", f"./{name}")
    plugins = world.done("plugin", "list", "--json").json["plugins"]
    assert [p["status"] for p in plugins] == ["ready"] * 3
    (world.site / "weather_ns/stranger.py").touch()
    plugins = world.done("plugin", "list", "--json").json["plugins"]
    assert [p["status"] for p in plugins] == ["ready", "untrusted", "untrusted"]


@pytest.mark.slow
def test_a_requirement_that_names_an_address_is_had_from_there(world):
    world.wheel("dep", entry_points=False)
    mine = world.root / "mine"
    mine.mkdir()
    shutil.move(world.wheels / "dep-1.0-py3-none-any.whl", mine)
    wheel = mine / "dep-1.0-py3-none-any.whl"
    world.wheel("dep", entry_points=False, more={"src/dep/which.py": "index = 1\n"})
    world.plugin(needs=(f"dep @ file://{wheel}",))
    world.done("plugin", "add", "./weather")
    assert (world.site / "dep").is_dir()
    assert not (world.site / "dep/which.py").exists()
    world.done("plugin", "add", "./weather")


@pytest.mark.slow
def test_an_editable_plugin_without_its_link_is_not_ready(world):
    world.plugin()
    world.done("plugin", "add", "--editable", "./weather")
    (path,) = world.site.glob("__editable__*.pth")
    path.unlink()
    (state,) = world.done("plugin", "list", "--json").json["plugins"][1:]
    assert state["status"] == "quarantined"
    assert path.name in state["reason"]
    assert world.tasks("plugin", "doctor").status == 1
    world.done("plugin", "add", "--editable", "./weather")
    assert world.tasks("plugin", "doctor").status == 0


@pytest.mark.slow
def test_a_registry_that_was_there_stays_whatever_it_says(world):
    from taskspace.installer.registry_file import FRESH

    world.registry.write_text(FRESH)
    world.plugin()
    before = world.snapshot()
    world.done("plugin", "add", "./weather")
    world.done("plugin", "remove", "weather")
    assert world.snapshot() == before


def test_a_removal_that_cannot_be_written_down_removes_nothing(added):
    added.plugin("taskspace-hail", RAIN.replace('"rain"', '"hail"'))
    added.done("plugin", "add", "./hail")
    before = added.snapshot()
    refuse = (
        "from taskspace.installer import registry_file\n"
        "def refuse(*a, **k): raise OSError(30, 'Read-only file system')\n"
        "registry_file.write_whole = refuse\n"
    )
    said = added.after(refuse, "plugin", "remove", "weather")
    assert said.status == 2
    assert "It is as it was" in said.err
    assert added.snapshot() == before


@pytest.mark.slow
def test_a_plugin_of_a_subfolder_of_a_repository(world):
    tree = world.plugin(folder=world.root / "repository/plugins/weather")
    root = world.root / "repository"
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "one"]):
        subprocess.run(
            ["git", "-c", "user.name=a", "-c", "user.email=a@b", *words], cwd=root, check=True
        )
    assert tree.is_dir()
    address = f"git+file://{root}#subdirectory=plugins/weather"
    added = world.done("plugin", "add", address, "--json").json["added"]
    assert added["source"].endswith("#subdirectory=plugins/weather")
    assert world.done("plugin", "list", "--json").json["plugins"][1]["status"] == "ready"
    world.done("plugin", "add", added["source"], "--frozen")


@pytest.mark.slow
def test_a_blocked_plugin_is_not_looked_into_even_to_add_it(world):
    world.plugin(module="import pathlib\npathlib.Path('/').joinpath('x').nothing()\n")
    said = world.tasks("plugin", "add", "./weather", TASKS_BLOCK_PLUGINS="weather")
    assert said.status == 2
    assert "TASKS_BLOCK_PLUGINS blocks taskspace-weather" in said.err


@pytest.mark.slow
def test_odd_circumstances_are_answered_in_words(world):
    world.plugin()
    for arguments, variables, words in (
        (("plugin", "add", "~nosuchuser/x"), {}, "home folder of nobody"),
        (("plugin", "list"), {"TASKS_FROZEN": "maybe"}, "must be 1 or 0"),
        (("plugin", "list"), {"TASKS_NO_PLUGINS": "maybe"}, "must be 1 or 0"),
        (("plugin", "add", "./weather/usual"), {}, "no such folder"),
    ):
        said = world.tasks(*arguments, **variables)
        assert said.status == 2, said.err
        assert words in said.err
    listed = world.done("plugin", "list", "--json", TASKS_NO_PLUGINS="0").json
    assert len(listed["plugins"]) == 1
    code = "import os\nos.close(0)\nos.execv(sys.executable, [sys.executable, *arguments])"
    words = ["-m", "taskspace_cli", "plugin", "add", "./weather"]
    process = world.start("-c", f"import sys\narguments = {json.dumps(words)}\n{code}")
    _, err = process.communicate(timeout=600)
    assert process.returncode == 0, err
