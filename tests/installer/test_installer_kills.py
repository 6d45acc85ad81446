"""Killed anywhere, failed anywhere, two at once: the next command finds a sound state."""

from __future__ import annotations

import signal
import tomllib

import pytest

from plugin_world import RAIN

PATCH = """
from taskspace.installer import adding, journal, removing
from taskspace.installer.pip import Pip
from taskspace.installer.registry_file import RegistryFile
from taskspace.installer.installed import site_packages

def around(owner, name, before=None, after=None):
    real = getattr(owner, name)
    def patched(*arguments, **options):
        if before: before(*arguments)
        result = real(*arguments, **options)
        if after: after()
        return result
    setattr(owner, name, patched)

def half_installed(pip, pins, wheels):
    import zipfile
    for wheel in wheels.glob("*.whl"):
        with zipfile.ZipFile(wheel) as archive:
            names = archive.namelist()
            archive.extractall(site_packages(), names[: len(names) // 2 + 1])
    die()

def half_deleted(files):
    for path in list(site_packages().glob("taskspace_weather/*.py"))[:1]: path.unlink()
    die()
"""
ADD = {
    "journal written": 'around(journal.Journal, "open", after=die)',
    "half installed": 'around(Pip, "install", before=half_installed)',
    "installed": 'around(Pip, "install", after=die)',
    "before registry.toml": 'around(RegistryFile, "write", before=die)',
    "after registry.toml": 'around(RegistryFile, "write", after=die)',
    "after the ledger": 'around(adding, "write_ledger", after=die)',
    "at the end": 'around(journal.Journal, "close", before=die)',
}
REMOVE = {
    "journal written": 'around(journal.Journal, "open", after=die)',
    "after registry.toml": 'around(RegistryFile, "write", after=die)',
    "half deleted": 'around(journal, "delete", before=half_deleted)',
    "files deleted": 'around(journal, "delete", after=die)',
    "after the ledger": 'around(journal, "write_ledger", after=die)',
    "at the end": 'around(journal.Journal, "close", before=die)',
}


SELDOM = ("journal written", "installed", "at the end", "before registry.toml", "after the ledger")


@pytest.mark.parametrize(
    "point", [pytest.param(p, marks=pytest.mark.slow if p in SELDOM else ()) for p in ADD]
)
def test_a_killed_add_is_taken_back_by_the_next_command(world, point):
    world.plugin()
    before = world.snapshot()
    world.killed(PATCH + ADD[point], "plugin", "add", "./weather")
    assert world.snapshot() != before
    # Listing never mends anything, and never breaks; the doctor says what is the case.
    world.done("plugin", "list")
    if point == "half installed":
        doctor = world.tasks("plugin", "doctor")
        assert doctor.status == 1
        assert "`tasks plugin add` of taskspace-weather is under way or was interrupted" in (
            doctor.out
        )
    said = world.tasks("plugin", "enable", "nothing")
    assert said.status == 2
    assert "interrupted `tasks plugin add` of taskspace-weather was taken back" in said.err
    assert world.snapshot() == before


@pytest.mark.parametrize(
    "point",
    ["at the end", *(pytest.param(p, marks=pytest.mark.slow) for p in ADD if p != "at the end")],
)
def test_a_killed_change_of_version_brings_the_old_one_back(added, point):
    before = added.snapshot()
    new = RAIN + "\n    print('new')\n"
    added.plugin(module=new, version="2.0", more={"src/taskspace_weather/new.py": ""})
    added.killed(PATCH + ADD[point], "plugin", "add", "./weather")
    added.done("plugin", "enable", "weather")
    assert added.snapshot() == before
    assert added.done("plugin", "list", "--json").json["plugins"][1]["status"] == "ready"


@pytest.mark.parametrize(
    "point", [pytest.param(p, marks=pytest.mark.slow if p in SELDOM else ()) for p in REMOVE]
)
def test_a_killed_remove_is_completed_by_the_next_command(added, before, point):
    added.killed(PATCH + REMOVE[point], "plugin", "remove", "weather")
    said = added.tasks("plugin", "enable", "nothing")
    assert "interrupted `tasks plugin remove` of taskspace-weather was completed" in said.err
    assert added.snapshot() == before


@pytest.mark.parametrize("failing", ["install", "registry.toml", "ledger"])
def test_an_add_that_fails_is_taken_back_at_once(world, failing):
    point = {
        "install": 'around(Pip, "install", after=fail)',
        "registry.toml": 'around(RegistryFile, "write", before=fail)',
        "ledger": 'around(adding, "write_ledger", before=fail)',
    }[failing]
    fail = (
        "def fail(*a):\n    if not hasattr(sys, 'failed'):\n"
        "        sys.failed = True\n        raise OSError(28, 'No space left on device')\n"
    )
    wheel = world.wheel("taskspace-weather")
    before = world.snapshot()
    said = world.after(f"import sys\n{PATCH}\n{fail}{point}\n", "plugin", "add", str(wheel))
    assert said.status == 1, said.err
    assert "No space left" in said.err
    assert world.snapshot() == before


def test_ctrl_c_takes_an_add_back(world):
    wheel = world.wheel("taskspace-weather")
    before = world.snapshot()
    stop = (
        f"import os, signal\n{PATCH}\n"
        "def stop(): os.kill(os.getpid(), signal.SIGINT)\n"
        'around(Pip, "install", after=stop)\n'
    )
    said = world.after(stop, "plugin", "add", str(wheel))
    assert said.status == 130, said.err
    assert world.snapshot() == before


@pytest.mark.slow
def test_a_second_ctrl_c_while_a_change_is_taken_back_loses_nothing(added):
    before = added.snapshot()
    added.plugin(version="2.0")
    stop = (
        f"{PATCH}\n"
        "def stop(*a): raise KeyboardInterrupt\n"
        'around(Pip, "install", after=stop)\n'
        'around(journal, "delete", before=stop)\n'
    )
    assert added.after(stop, "plugin", "add", "./weather").status == 130
    said = added.done("plugin", "enable", "weather")
    assert "was taken back" in said.err
    assert added.snapshot() == before


def test_a_registry_that_cannot_be_read_any_more_blocks_nobody_else(added):
    added.killed(PATCH + REMOVE["half deleted"], "plugin", "remove", "weather")
    added.registry.write_bytes(b"\xff\xfe")
    other = added.root / "other"
    other.mkdir()
    said = added.tasks("plugin", "add", "../project/weather", folder=other)
    assert said.status == 0, said.err
    assert "was completed" in said.err


def test_two_at_once_take_turns(world):
    wheels = (
        world.wheel("taskspace-weather"),
        world.wheel("taskspace-hail", module=RAIN.replace('"rain"', '"hail"')),
        world.wheel("taskspace-copycat"),  # the same task: whoever is second is refused
    )
    started = [world.fork("", "plugin", "add", str(wheel)) for wheel in wheels]
    ended = [process.wait() for process in started]
    statuses = [done.returncode for done in ended]
    assert statuses[1] == 0, ended
    assert sorted([statuses[0], statuses[2]]) == [0, 2], ended
    refused = next(done.stderr for done in ended if done.returncode == 2)
    assert "Two plugins would provide the task 'rain'" in refused
    listed = tomllib.loads(world.registry.read_text())["plugins"]
    plugins = world.done("plugin", "list", "--json").json["plugins"]
    ready = {p["distribution"] for p in plugins if p["status"] == "ready"}
    assert ready == {"taskspace", *listed}
    assert len(listed) == 2
    for name in listed:
        world.done("plugin", "remove", name)
    assert not world.registry.exists()


def test_a_killed_command_whose_installer_still_runs_is_waited_for(world):
    """The installer inherits the lock: nobody mends what is still being written."""
    world.plugin()
    before = world.snapshot()
    slow = world.root / "slow"
    code = (
        f"import os, signal, subprocess, sys\n{PATCH}\n"
        "def orphan(pip, pins, wheels):\n"
        "    waiting = 'import os, sys, time\\nopen(sys.argv[1], \"w\").close()\\n'\n"
        "    waiting += 'while not os.path.exists(sys.argv[2]): time.sleep(0.01)\\n'\n"
        "    waiting += 'os.remove(sys.argv[1])'\n"
        f"    files = [{str(slow)!r}, {str(slow) + '.go'!r}]\n"
        "    subprocess.Popen([sys.executable, '-c', waiting, *files],"
        " pass_fds=(pip._lock,), stdout=-3, stderr=-3)\n"
        f"    while not os.path.exists({str(slow)!r}): pass\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        'around(Pip, "install", before=orphan)\n'
        "sys.argv = ['tasks', 'plugin', 'add', './weather']\n"
        "from taskspace_cli.main import main\nmain()\n"
    )
    process = world.start("-c", code)
    process.communicate(timeout=600)
    assert process.returncode == -signal.SIGKILL
    second = world.start("plugin", "enable", "nothing")
    assert second.stderr is not None
    assert "waiting" in second.stderr.readline()
    assert world.snapshot() != before
    (world.root / "slow.go").touch()
    second.communicate(timeout=600)
    assert not slow.exists()
    assert world.snapshot() == before
