"""What may not be added is refused with its reason, and nothing is changed."""

from __future__ import annotations

import textwrap

import pytest

from plugin_world import RAIN

SIDE = "from taskspace.components import hookimpl\n"
MODULES = {
    "raises": (SIDE + "raise ValueError('no radar')\n", "no radar"),
    "exits": (SIDE + "import sys\nsys.exit(3)\n", "exit status 3"),
    "dies": (SIDE + "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n", "SIGKILL"),
    "hangs": (SIDE + "import time\nwhile True: time.sleep(1)\n", "more than 1 s"),
    "provides nothing": (
        SIDE + "@hookimpl\ndef taskspace_tasks():\n    return []\n",
        "no components",
    ),
    "takes a built-in's name": (
        textwrap.dedent(RAIN).replace('"rain"', '"parity"'),
        "taskspace itself and taskspace-weather 1.0",
    ),
    "takes a word of the job file": (
        textwrap.dedent(RAIN).replace("    def head", "    role: int = 1\n\n    def head"),
        "'role'",
    ),
    "is for another api": (
        textwrap.dedent(RAIN).replace(">=1,<2", ">=7"),
        "made for api >=7",
    ),
    "has a bad schema": (
        textwrap.dedent(RAIN).replace(
            "    def head",
            "    model_config = {'arbitrary_types_allowed': True}\n"
            "    it: complex = 1j\n    other: type(open) = open\n\n    def head",
        ),
        "taskspace-weather==1.0 cannot be used",
    ),
    "forges its answer": (
        textwrap.dedent(RAIN) + "import json\njson.dumps = lambda *a, **k: '[' * 200_000\n",
        "What it says of itself cannot be used: it is nested too deep",
    ),
    "has a schema without end": (
        textwrap.dedent(RAIN) + "Rain.model_json_schema = classmethod(\n"
        "    lambda cls: {'$defs': {'a': {'$ref': '#/$defs/a'}}, '$ref': '#/$defs/a'})\n",
        "refers to itself",
    ),
}


SELDOM = (
    "dies",
    "raises",
    "is for another api",
    "provides nothing",
    "takes a word of the job file",
)


@pytest.mark.parametrize(
    "fault", [pytest.param(f, marks=pytest.mark.slow if f in SELDOM else ()) for f in MODULES]
)
def test_a_plugin_that_misbehaves_is_refused(world, fault):
    module, reason = MODULES[fault]
    wheel = world.wheel("taskspace-weather", module="print('noise')\n" + module)
    before = world.snapshot()
    limit = "1" if fault == "hangs" else ""
    said = world.tasks("plugin", "add", str(wheel), "--json", TASKS_DESCRIBE_SECONDS=limit)
    assert said.status == 2, said.err
    assert reason in said.out
    assert "noise" not in said.out
    assert world.snapshot() == before


PACKAGES = {
    "no plugin": ({"entry_points": False}, "no entry point"),
    "another version of something": ({"needs": ("iniconfig==0.1",)}, "iniconfig"),
    "a file of somebody else": ({"more": {"src/numpy/__init__.py": ""}}, "numpy"),
    "a hook of the interpreter": ({"more": {"src/x.pth": "import os"}}, "x.pth"),
    "a module of ours": ({"more": {"src/taskspace/evil.py": ""}}, "taskspace"),
    "needs what is not there": ({"needs": ("no-such-thing>=1",)}, "no-such-thing"),
}


@pytest.mark.parametrize("fault", PACKAGES)
def test_a_package_that_would_change_anything_else_is_refused(world, fault):
    options, reason = PACKAGES[fault]
    if fault == "another version of something":
        world.wheel("iniconfig", version="0.1", entry_points=False)
    if fault == "a file of somebody else":
        (world.site / "numpy").mkdir()
        (world.site / "numpy/__init__.py").touch()
    wheel = world.wheel("taskspace-weather", **options)
    before = world.snapshot()
    said = world.tasks("plugin", "add", str(wheel))
    assert said.status == 2, said.err
    assert reason in said.err
    assert world.snapshot() == before


@pytest.mark.parametrize("name", ["numpy", "taskspace"])
def test_the_name_of_something_else_is_refused(world, name):
    wheel = world.wheel(name)
    before = world.snapshot()
    said = world.tasks("plugin", "add", str(wheel))
    assert said.status == 2
    assert f"{name} is installed here and is no plugin" in said.err
    assert world.snapshot() == before


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("./nowhere", "no such folder"),
        ("./empty", "no pyproject.toml"),
        ("weather", "./weather"),
        ("nothing.whl", "no such wheel"),
        ("", "no source of a plugin"),
        ("wéather==1", "no source of a plugin"),
        ("weather==", "no version"),
        ("git+file:///nowhere", "cannot be read"),
        ("https://example.org/x", "no such folder"),
        ("no-such-thing==1.0", "taskspace-no-such-thing==1.0"),
        ("--editable weather.whl", "cannot be editable"),
    ],
)
def test_a_source_that_is_none_is_explained(world, source, words):
    (world.project / "empty").mkdir()
    world.plugin()
    (world.project / "weather.whl").touch()
    before = world.snapshot()
    said = world.tasks("plugin", "add", *(source.split() or [""]))
    assert said.status == 2
    assert words in said.err
    assert world.snapshot() == before


def test_a_broken_registry_is_said_before_anything_is_built(world):
    world.plugin()
    world.registry.write_text("schema = 1\n[plugins.x]\nsource = 3\n")
    said = world.tasks("plugin", "add", "./weather")
    assert said.status == 2
    assert "plugins.x" in said.err
    assert "pip" not in said.err


def test_frozen_refuses_an_editable_plugin(world):
    world.plugin()
    said = world.tasks("plugin", "add", "--editable", "./weather", CI="true")
    assert said.status == 2
    assert "--no-frozen" in said.err
    world.done("plugin", "add", "--editable", "./weather", "--no-frozen", CI="true")


def test_one_changed_byte_is_refused_by_the_next_run(added):
    (added.project / "job.yaml").write_text(
        "study: taxonomy\nname: x\ndataset: digits\ntasks: [rain]\nencoder: small_conv\n"
    )
    file = added.site / "taskspace_weather/plugin.py"
    file.write_bytes(file.read_bytes().replace(b"zero", b"one "))
    said = added.tasks("run", "job.yaml")
    assert said.status == 2
    locked = next(line for line in added.registry.read_text().splitlines() if "sha256" in line)
    for words in ("taskspace_weather/plugin.py", "taskspace-weather 1.0", locked.split('"')[1]):
        assert words in said.err
    shown = added.tasks("plugin", "show", "weather")
    doctor = added.tasks("plugin", "doctor")
    for text in (shown.out, doctor.out):
        assert "taskspace_weather/plugin.py" in text
        assert locked.split('"')[1] in text
    added.done("plugin", "add", "./weather")
    added.done("check", "job.yaml")
