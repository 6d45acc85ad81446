"""Wheels with a lie in them are refused before anything of them is installed."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

from planted import planted

from plugin_world import World

INFO = "taskspace_weather-1.0.dist-info"
DATA = "taskspace_weather-1.0.data"
SITE = f"{DATA}/data/lib/python3.11/site-packages"
POINTS = "[taskspace]\nplugin = taskspace_weather.plugin\n"
LIES: dict[str, tuple[dict[str, Any], str]] = {
    # Byte code: what it does is in no source that is hashed.
    "byte code in a cache": (
        {"more": {"taskspace_weather/__pycache__/plugin.cpython-311.pyc": b"x"}},
        "byte code",
    ),
    "byte code for a module": ({"more": {"taskspace_weather/more.pyc": b"x"}}, "byte code"),
    "byte code in the data": ({"more": {f"{DATA}/purelib/x.PYO": b"x"}}, "byte code"),
    # What runs in every Python process.
    "a path file": ({"more": {"x.pth": "import os"}}, "every Python process"),
    "a path file in the data": ({"more": {f"{DATA}/platlib/x.pth": "/"}}, "every Python process"),
    "a sitecustomize": ({"more": {"sitecustomize.py": ""}}, "every Python process"),
    "an extension usercustomize": (
        {"more": {"usercustomize.abi3.so": b"x"}},
        "every Python process",
    ),
    "a package sitecustomize": (
        {"more": {f"{DATA}/purelib/sitecustomize/__init__.py": ""}},
        "every Python process",
    ),
    "a path file by another way": ({"more": {f"{SITE}/x.pth": "import os"}}, "outside of"),
    "the settings of the environment": (
        {"more": {f"{DATA}/data/pyvenv.cfg": "home = /"}},
        "outside of",
    ),
    # What stands in for something else.
    "a module of the standard library": ({"more": {"random.py": ""}}, "the standard library"),
    "a module of taskspace": ({"more": {"taskspace.py": ""}}, "taskspace"),
    "a module beside a package": ({"more": {"numpy.py": ""}}, "numpy"),
    "a module in a package of others": ({"more": {"pydantic/evil.py": ""}}, "pydantic"),
    "the installer": ({"more": {"pip/__main__.py": ""}}, "pip"),
    "a package that is not here": ({"more": {"swiglpk.py": ""}}, "swiglpk"),
    "the program python": ({"more": {f"{DATA}/scripts/python3": "#!python"}}, "python3"),
    "a console script tasks": (
        {"points": POINTS + "[console_scripts]\ntasks = taskspace_weather:x\n"},
        "tasks",
    ),
    # Files elsewhere than in the library and script folders.
    "a console script elsewhere": (
        {"points": POINTS + "[console_scripts]\n../../home/x = taskspace_weather:x\n"},
        "no plain name",
    ),
    "data": ({"more": {f"{DATA}/data/share/weather/x": "x"}}, "outside of"),
    "a header": ({"more": {f"{DATA}/headers/x.h": "x"}}, "outside of"),
    "a journal": (
        {"more": {f"{DATA}/data/share/taskspace/journal.json": "{}"}},
        "outside of",
    ),
    "a ledger": ({"more": {f"{DATA}/data/share/taskspace/ledger.json": "{}"}}, "outside of"),
    "data of no known place": ({"more": {f"{DATA}/etc/passwd": "x"}}, "no installer knows"),
    # Entries of the archive.
    "a path upwards": ({"more": {"../../evil.py": ""}}, "leads out"),
    "an absolute path": ({"more": {"/tmp/evil.py": ""}}, "absolute"),
    "a drive": ({"more": {"C:/evil.py": ""}}, "absolute"),
    "a backslash": ({"more": {"taskspace_weather\\..\\x.py": ""}}, "backslash"),
    "a line end": ({"more": {"taskspace_weather/a\nb.py": ""}}, "control characters"),
    "a dot": ({"more": {"taskspace_weather/./plugin2.py": ""}}, "'.'"),
    "a link": ({"links": {"taskspace_weather/x.py": "/etc/passwd"}}, "is a link"),
    "an entry twice": ({"twice": ["taskspace_weather/plugin.py"]}, "twice"),
    "names that differ in case": ({"more": {"taskspace_weather/PLUGIN.py": ""}}, "twice"),
    "a file that is a folder": ({"more": {"taskspace_weather": ""}}, "as a file and as the folder"),
    # Names and RECORD.
    "another name in METADATA": (
        {"more": {f"{INFO}/METADATA": "Name: other\nVersion: 1.0\n"}},
        "its METADATA says 'other'",
    ),
    "another version in METADATA": (
        {"more": {f"{INFO}/METADATA": "Name: taskspace-weather\nVersion: 1.1\n"}},
        "its METADATA says",
    ),
    "two names in METADATA": (
        {"more": {f"{INFO}/METADATA": "Name: taskspace-weather\nName: numpy\nVersion: 1.0\n"}},
        "2 times",
    ),
    "another name of the file": ({"file": "other-1.0-py3-none-any.whl"}, "named other"),
    "another version of the file": (
        {"file": "taskspace_weather-2-py3-none-any.whl"},
        "named taskspace-weather 2",
    ),
    "no name of a wheel": ({"file": "weather.whl"}, "not named as wheels are"),
    "metadata of another": ({"more": {"numpy-9.9.dist-info/METADATA": "x"}}, "one folder"),
    "data of another": ({"more": {"numpy-9.9.data/purelib/x.py": ""}}, "numpy-9.9.data"),
    "where it came from": ({"more": {f"{INFO}/direct_url.json": "{}"}}, "for installers to write"),
    "a row upwards": ({"rows": ["../../../../home/notes,,"]}, "not in it"),
    "an absolute row": ({"rows": ["/etc/passwd,,"]}, "not in it"),
    "a file without a row": ({"record": f"{INFO}/RECORD,,\n"}, "does not name"),
    "a row without a checksum": (
        {"record": "".join(f"{path},,\n" for path in (
            "taskspace_weather/__init__.py", "taskspace_weather/plugin.py", f"{INFO}/METADATA",
            f"{INFO}/WHEEL", f"{INFO}/entry_points.txt", f"{INFO}/RECORD"))},
        "no SHA-2 checksum",
    ),
    "two rows for a file": (
        {"rows": ["taskspace_weather/plugin.py,sha256=0000,1"]},
        "two things",
    ),
    # Entry points.
    "a module of another distribution": (
        {"points": "[taskspace]\nplugin = colorsys\n"},
        "no module colorsys",
    ),
    "a module that it does not have": (
        {"points": "[taskspace]\nplugin = taskspace_weather.gone:x\n"},
        "no module taskspace_weather.gone",
    ),
}  # fmt: skip


def lies(world: World) -> dict[str, Path]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # zipfile's, of entries that are there twice
        wheels = {lie: planted(world.wheels, **how) for lie, (how, _) in LIES.items()}
    noise = planted(world.wheels)
    cut = planted(world.wheels)
    cut.write_bytes(cut.read_bytes()[:-40])
    noise.write_bytes(noise.read_bytes().replace(b"VectorHead(2)", b"VectorHead(3)"))
    return wheels | {"no archive": cut, "a changed byte": noise}


def test_a_wheel_with_a_lie_in_it_is_refused_and_nothing_changes(world):
    wheels = lies(world)
    with world.unchanged():
        said = world.each(*(("plugin", "add", str(wheel)) for wheel in wheels.values()))
    reasons = {lie: reason for lie, (_, reason) in LIES.items()}
    reasons |= {"no archive": "no wheel that can be read", "a changed byte": "damaged"}
    for lie, one in zip(wheels, said, strict=True):
        assert (lie, one.status) == (lie, 2), one.out + one.err
        assert reasons[lie] in one.err, (lie, one.err)


def test_what_stands_in_an_environment_counts_from_whatever_folder(world):
    (world.site / "others").mkdir()
    (world.site / "others/__init__.py").touch()
    world.plugin(more={"src/others.py": ""}, folder=world.root)
    wheel = planted(world.wheels, {"others.py": "", "weather.libs/x.so": "x"})
    (world.root / "said").mkdir()
    for source in (str(wheel), "."):
        said = world.tasks("plugin", "add", source, folder=world.root)
        assert said.status == 2
        assert "others.py, which would stand in for others of" in said.err
