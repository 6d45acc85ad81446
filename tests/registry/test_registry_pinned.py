"""What runs of a plugin is what its hash covers: no byte code beside it, nothing in front of it."""

from __future__ import annotations

import os
import py_compile
import shutil
import sys
from pathlib import Path

import pytest

from taskspace.installer.doctor.solver_programs import missing_programs
from taskspace.registry.descriptions.description import Description
from taskspace.registry.distributions.digest import tree_digest
from taskspace.registry.distributions.from_source import import_from_source

WEATHER = "taskspace-weather"
INFO = "taskspace_weather-1.0.dist-info"


def byte_code(file: Path, source: str) -> Path:
    """Put byte code of other source beside a module, which Python is told not to check."""
    other = file.with_name("other.txt")
    other.write_text(source)
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    target = file.parent / "__pycache__" / f"{file.stem}.{sys.implementation.cache_tag}.pyc"
    py_compile.compile(str(other), str(target), invalidation_mode=mode)
    other.unlink()
    return target


def test_byte_code_in_a_cache_decides_nothing(site):
    site.install(WEATHER, more={"taskspace_weather/sky.py": "colour = 'blue'\n"})
    site.trust(WEATHER)
    package = site.folder / "taskspace_weather"
    changed = site.rain.replace("label_cost: ClassVar[float] = 2.0", "label_cost = 9.0")
    assert changed != site.rain
    byte_code(package / "plugin.py", changed)
    byte_code(package / "sky.py", "colour = 'black'\n")
    byte_code(package / "__init__.py", "raise SystemExit('byte code')\n")
    registry = site.load()
    assert registry.describe("task", "rain").facts["label_cost"] == 2.0
    assert registry.activate("task", "rain").label_cost == 2.0
    from taskspace_weather import sky

    assert sky.colour == "blue"


def test_a_package_of_its_name_that_comes_first_is_not_taken(site, tmp_path, monkeypatch):
    site.install(WEATHER)
    site.trust(WEATHER)
    other = tmp_path / "first/taskspace_weather"
    other.mkdir(parents=True)
    for name in ("__init__.py", "plugin.py"):
        (other / name).write_text("raise SystemExit('another copy')\n")
    monkeypatch.syspath_prepend(str(other.parent))
    registry = site.load()
    assert registry.source_digest("task", "rain")
    assert registry.activate("task", "rain").label_cost == 2.0


SHADOWS = {
    "a part with a module of its name": {"taskspace_weather/plugin.py": "raise SystemExit(1)\n"},
    "a package of its name": {"taskspace_weather/__init__.py": "raise SystemExit(1)\n"},
    "a package in place of a folder below": {
        "taskspace_weather/deep/__init__.py": "raise SystemExit(1)\n"
    },
}


@pytest.mark.parametrize("shadow", SHADOWS.values(), ids=SHADOWS)
def test_of_a_package_without_init_its_own_part_comes_first(site, tmp_path, monkeypatch, shadow):
    deep = {"taskspace_weather/deep/sky.py": "colour = 'blue'\n"}
    site.install(WEATHER, "from taskspace_weather.deep import sky\n" + site.rain, more=deep)
    (site.folder / "taskspace_weather/__init__.py").unlink()
    record = site.folder / INFO / "RECORD"
    rows = record.read_text().splitlines(keepends=True)
    record.write_text("".join(row for row in rows if "__init__" not in row))
    site.trust(WEATHER)
    first = tmp_path / "first"
    for path, text in {**shadow, "taskspace_weather/others.py": "x = 1\n"}.items():
        (first / path).parent.mkdir(parents=True, exist_ok=True)
        put(first / path, text)
    monkeypatch.syspath_prepend(str(first))
    assert site.load().activate("task", "rain").label_cost == 2.0
    if "taskspace_weather/__init__.py" not in shadow:
        import taskspace_weather.others

        assert taskspace_weather.others.x == 1  # of a namespace, others' parts stay reachable


def test_what_another_distribution_puts_among_its_modules_counts_as_changed(site):
    site.install(WEATHER)
    site.trust(WEATHER)
    site.install(
        "taskspace-bad",
        entry_points="[console_scripts]\nx = y:z\n",
        more={"taskspace_weather/plugin/__init__.py": "raise SystemExit('of another')\n"},
    )
    state = site.state(WEATHER)
    assert state.status == "untrusted"
    assert "taskspace_weather/plugin/__init__.py was not installed with it" in state.reason


def test_a_solver_is_asked_where_it_is_installed(site, tmp_path, monkeypatch):
    solver = "class S:\n    def missing(self):\n        return {!r}\n"
    site.install(WEATHER, solver.format("its own"))
    (tmp_path / "first").mkdir()
    put(tmp_path / "first/taskspace_weather/__init__.py")
    put(tmp_path / "first/taskspace_weather/plugin.py", solver.format("another"))
    monkeypatch.syspath_prepend(str(tmp_path / "first"))
    asked = Description(
        kind="solver",
        name="s",
        plugin=WEATHER,
        version="1.0",
        summary="",
        target="taskspace_weather.plugin:S",
        schema={},
        facts={},
        api="1.0",
    )
    assert missing_programs([asked]) == {"s": "its own"}


def test_byte_code_is_not_written_either_and_without_source_refused(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    package = tmp_path / "taskspace_bad"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "source.txt").write_text("x = 1\n")
    py_compile.compile(str(package / "source.txt"), str(package / "alone.pyc"))
    import_from_source(["taskspace_bad.alone:x"])
    import taskspace_bad

    assert not (package / "__pycache__").exists()
    with pytest.raises(ImportError, match=r"alone\.pyc is byte code without its source"):
        __import__("taskspace_bad.alone")
    assert taskspace_bad.__file__ == str(package / "__init__.py")


def fifo(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


def elsewhere(folder: Path) -> None:
    shutil.move(folder, folder.parents[1] / "elsewhere")
    folder.symlink_to(folder.parents[1] / "elsewhere")


def put(file: Path, text: str = "") -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_text(text)


def row(line: str):
    def add(folder: Path) -> None:
        with (folder / INFO / "RECORD").open("a") as record:
            record.write(line + "\n")

    return add


CHANGES = {
    "a package before a module": (
        lambda f: put(f / "taskspace_bad_module/__init__.py"),
        "taskspace_bad_module/__init__.py was not installed",
    ),
    "an extension before a module": (
        lambda f: put(f / "taskspace_bad_module.abi3.so"),
        "taskspace_bad_module.abi3.so was not installed",
    ),
    "a module before a namespace": (lambda f: put(f / "ns.py"), "ns.py was not installed"),
    "a package before a module of a namespace": (
        lambda f: put(f / "ns/rain/__init__.py"),
        "ns/rain/__init__.py was not installed",
    ),
    "a pipe in a file's place": (
        lambda f: fifo(f / "taskspace_weather/__init__.py"),
        "taskspace_weather/__init__.py is missing",
    ),
    "a package that is a link": (
        lambda f: elsewhere(f / "taskspace_weather"),
        "taskspace_weather was not installed",
    ),
    "a row upwards": (row("../../../../home/notes.txt,,"), "outside of the environment's"),
    "a row that turns round": (row("ns/../../../secret,,"), "outside of the environment's"),
    "an absolute row": (row("/etc/hostname,,"), "outside of the environment's"),
    "a console script elsewhere": (row("../../elsewhere/rain,,"), "outside of the environment's"),
    "two lines in one name": (row('"a\nb.py",,'), "names the file"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_in_front_of_its_files_or_outside_is_no_part_of_it(site, change):
    points = "[taskspace]\nplugin = taskspace_weather.plugin\n[console_scripts]\nrain = a:b\n"
    more = {"taskspace_bad_module.py": "", "ns/rain.py": ""}
    site.install(WEATHER, more=more, entry_points=points)
    site.trust(WEATHER, provides='["task:rain"]')
    change_it, reason = CHANGES[change]
    change_it(site.folder)
    state = site.state(WEATHER)
    assert state.status == "untrusted"
    assert reason in state.reason


def test_an_entry_point_of_another_distribution_is_not_followed(site):
    site.install(WEATHER)
    other = {"taskspace_bad/plugin.py": site.rain, "taskspace_bad/__init__.py": ""}
    site.install("taskspace-bad", more=other)
    points = "[taskspace]\nplugin = taskspace_bad.plugin\n"
    site.install(WEATHER, entry_points=points)
    site.trust(WEATHER)
    state = site.state(WEATHER)
    assert state.status == "quarantined"
    assert "plugin = taskspace_bad.plugin" in state.reason
    assert "hash" in state.reason


def test_what_would_run_in_every_process_is_quarantined(site):
    for name in ("weather.pth", "usercustomize.py", "sitecustomize/__init__.py"):
        site.install(WEATHER, more={name: ""})
        (site.project / "registry.toml").unlink(missing_ok=True)
        site.trust(WEATHER)
        state = site.state(WEATHER)
        assert state.status == "quarantined"
        assert f"{name}, which runs in every Python process" in state.reason
        (site.folder / name).unlink()


def test_pipes_devices_and_rings_in_a_source_tree_are_not_read(tmp_path):
    (tmp_path / "weather.py").write_text("a = 1\n")
    alone = tree_digest(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "zeros").symlink_to("/dev/zero")
    (tmp_path / "up").symlink_to("..")
    assert tree_digest(tmp_path) == alone
