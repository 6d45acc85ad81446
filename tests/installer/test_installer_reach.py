"""Whatever RECORD, journal, ledger or a source tree say: nothing outside is touched."""

from __future__ import annotations

import json
import os
import py_compile
import socket
import sysconfig
from dataclasses import replace
from pathlib import Path

import pytest
from planted import planted

from plugin_world import RAIN, World
from taskspace.installer.doctor.startup import StartupFile, startup_files

INFO = "taskspace_weather-1.0.dist-info"


def spread(world: World) -> list[str]:
    """Put files of the user's about, and return rows of a RECORD that name them."""
    (world.home / "notes.txt").write_text("mine")
    (world.site / "mine.py").write_text("x = 1\n")
    (world.site / "others").mkdir()
    (world.site / "others/__init__.py").write_text("x = 1\n")
    (world.prefix / "bin/mine").write_text("#!/bin/sh\n")
    upwards = os.path.relpath(world.home / "notes.txt", world.site)
    return [
        f"{world.home}/notes.txt",
        upwards,
        f"taskspace_weather/../{upwards}",
        "../../../pyvenv.cfg",
        "../../../bin/mine",
        "mine.py",
        "others/__init__.py",
        "parent.pth",
        "taskspace_weather",
        "*.py",
    ]


def test_a_record_that_was_edited_deletes_and_overwrites_nothing_of_others(added):
    rows = spread(added)
    before = added.footprint()
    record = added.site / INFO / "RECORD"
    whole = record.read_text()
    record.write_text(whole + "".join(f"{row},,\n" for row in rows))
    (said,) = added.each(["plugin", "list", "--json"])
    (state,) = said.json["plugins"][1:]
    assert state["status"] == "untrusted"
    assert "outside of the environment's folders" in state["reason"]
    # An installer that uninstalls first would follow it.
    said = added.done("plugin", "add", "./weather")
    assert "names" in said.err and "stays as it is" in said.err
    assert added.footprint() == before
    record.write_text(whole + "".join(f"{row},,\n" for row in rows))
    (said,) = added.each(["plugin", "remove", "weather"])
    assert said.status == 0, said.err
    assert "stays as it is" in said.err

    def is_of_the_plugin(name: str) -> bool:
        return "registry.toml" in name or (
            name.startswith("environment") and ("taskspace" in name or name.endswith("share"))
        )

    assert added.footprint() == {k: v for k, v in before.items() if not is_of_the_plugin(k)}


def test_a_package_that_became_a_link_is_not_followed(added):
    package = added.site / "taskspace_weather"
    elsewhere = added.home / "weather"
    package.rename(elsewhere)
    package.symlink_to(elsewhere)
    mine = {path: path.read_bytes() for path in elsewhere.rglob("*.py")}
    assert len(mine) == 2
    (said,) = added.each(["plugin", "remove", "weather"])
    assert said.status == 0, said.err
    assert {path: path.read_bytes() for path in elsewhere.rglob("*.py")} == mine
    (said,) = added.each(["plugin", "add", str(planted(added.wheels))])
    assert said.status == 2
    assert "through" in said.err or "not its own" in said.err or "stand in for" in said.err
    assert {path: path.read_bytes() for path in elsewhere.rglob("*.py")} == mine


def sealed_elsewhere(state: Path) -> bytes:
    note = json.loads((state / "ledger.json").read_text())
    note["content"]["brought"]["numpy"] = ["numpy", "1", ["mine.py"]]
    return json.dumps(note).encode()


NOTES = {
    "a digit": lambda state: (state / "ledger.json").read_bytes().replace(b"1.0", b"1.1"),
    "another distribution": sealed_elsewhere,
    "no seal": lambda state: b'{"format": 2, "content": {}}',
    "nothing": lambda state: b"",
    "deep": lambda state: b"[" * 200_000,
    "a number": lambda state: b'{"format": ' + b"9" * 5000 + b"}",
    "no text": lambda state: b"\xff\0",
    "another type": lambda state: b"[]",
    "a pipe": lambda state: None,
    "a link": lambda state: "ledger",
}


@pytest.mark.parametrize("note", ["ledger", "journal"])
def test_a_forged_or_damaged_note_is_refused_with_its_place(added, note):
    state = added.prefix / "share/taskspace"
    whole = (state / "ledger.json").read_bytes()
    rows = spread(added)
    assert rows
    for damage, forge in NOTES.items():
        file = state / f"{note}.json"
        content = forge(state)
        file.unlink(missing_ok=True)
        if content is None:
            os.mkfifo(file)
        elif isinstance(content, str):
            (added.home / "note.json").write_bytes(whole)
            file.symlink_to(added.home / "note.json")
        else:
            file.write_bytes(content)
        before = added.footprint()
        (removed,) = added.each(["plugin", "remove", "weather"])
        assert (damage, removed.status) == (damage, 2)
        assert str(file) in removed.err, damage
        if damage in ("deep", "a pipe"):
            doctor, listed = added.each(["plugin", "doctor"], ["plugin", "list"])
            assert (doctor.status, listed.status) == (1, 0)
            assert str(file) in doctor.out
        assert added.footprint() == before
        file.unlink()
        (state / "ledger.json").write_bytes(whole)


def test_a_folder_of_notes_that_is_a_link_is_refused(added):
    share = added.prefix / "share"
    for place in (share, share / "taskspace", share / "taskspace/staging"):
        target = added.home / place.name
        target.mkdir()
        (target / "mine.txt").write_text("mine")
        kept = place.with_name(f"{place.name}.kept")
        if place.exists():
            place.rename(kept)
        place.symlink_to(target)
        with added.unchanged():
            said = added.each(["plugin", "remove", "weather"], ["plugin", "add", "./weather"])
        assert [one.status for one in said] == [2, 2]
        assert all(str(place) in one.err for one in said)
        place.unlink()
        if kept.exists():
            kept.rename(place)


def ring(tree: Path) -> None:
    for one, other in (("a", "b"), ("b", "a")):
        (tree / "src" / one).mkdir(parents=True, exist_ok=True)
        (tree / "src" / one / "next").symlink_to(f"../{other}")


def fan(tree: Path) -> None:
    """Twenty folders, each with two links to the next: a million ways to the last."""
    for number in range(20):
        folder = tree / f"src/d{number}"
        folder.mkdir()
        for side in "xy":
            (folder / side).symlink_to(f"../d{number + 1}")
    (tree / "src/d20").mkdir()
    (tree / "src/d20/file").touch()


def sparse(tree: Path) -> None:
    big = tree.parents[2] / "wheels/big"
    with big.open("wb") as stream:
        stream.truncate(1 << 40)
    (tree / "src/big").symlink_to(big)


TREES = {
    "its parent": lambda tree: (tree / "src/up").symlink_to("../.."),
    "itself": lambda tree: (tree / "src/self").symlink_to(tree),
    "the root": lambda tree: (tree / "src/root").symlink_to("/"),
    "a ring": ring,
    "a fan": fan,
    "a terabyte": sparse,
}


def test_a_tree_whose_links_have_no_end_is_refused(world):
    trees = []
    for number, plant in enumerate(TREES.values()):
        trees.append(world.plugin(folder=world.project / f"{number}/tree"))
        plant(trees[-1])
    with world.unchanged():
        said = world.each(*(("plugin", "add", str(tree)) for tree in trees))
    for leads, one in zip(TREES, said, strict=True):
        assert (leads, one.status) == (leads, 2), one.err
        assert any(words in one.err for words in ("in itself", "ways to", "or 256 MiB")), one.err
        assert "src/" in one.err


def test_what_is_no_file_in_a_tree_is_left_out_and_said(world):
    tree = world.plugin()
    os.mkfifo(tree / "src/taskspace_weather/pipe")
    here = Path.cwd()
    os.chdir(tree)
    with socket.socket(socket.AF_UNIX) as unix:
        unix.bind("socket")
    os.chdir(here)
    (tree / "src/nowhere").symlink_to("gone")
    (tree / "src/self").symlink_to("self")
    (tree / "src/copy.txt").symlink_to("taskspace_weather/plugin.py")
    before = world.snapshot()
    said = world.done("plugin", "add", "./weather")
    assert "weather/src/taskspace_weather/pipe is no file" in said.err
    assert "weather/socket is no file" in said.err
    assert (world.site / "copy.txt").read_text().strip() == RAIN.replace("\n    ", "\n").strip()
    world.done("plugin", "remove", "weather")
    assert world.snapshot() == before


def test_what_a_plugin_brings_along_is_judged_too(world):
    manual = {"meteo-1.0.data/data/share/man/man1/meteo.1": "meteo"}
    points = "[console_scripts]\nmeteo = meteo:main\n"
    world.wheels.joinpath("good").mkdir()
    meteo = planted(world.wheels / "good", manual, name="meteo", points=points)
    meteo.rename(world.wheels / meteo.name)
    bad = planted(world.wheels / "good", {"sitecustomize.py": ""}, name="storm")
    bad.rename(world.wheels / bad.name)
    weather = planted(world.wheels / "good", needs=["meteo"])
    stormy = planted(world.wheels / "good", needs=["storm"])
    before = world.footprint()
    refused = world.tasks("plugin", "add", str(stormy))
    assert refused.status == 2
    assert "storm==1.0 has sitecustomize.py, which would run in every Python process" in refused.err
    assert world.footprint() == before
    world.done("plugin", "add", str(weather))
    assert (world.prefix / "share/man/man1/meteo.1").read_text() == "meteo"
    assert (world.prefix / "bin/meteo").exists()
    world.done("plugin", "remove", "weather")
    assert world.footprint() == before


def test_byte_code_put_beside_a_plugin_never_runs(added):
    package = added.site / "taskspace_weather"
    evil = added.home / "evil.py"
    evil.write_text(
        f"open({str(added.home / 'ran')!r}, 'w').write('ran')\n{RAIN}".replace("\n    ", "\n")
    )
    for name in ("__init__", "plugin"):
        py_compile.compile(
            str(evil),
            str(package / f"__pycache__/{name}.cpython-311.pyc"),
            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
        )
    (added.project / "job.yaml").write_text(
        "study: taxonomy\nname: x\ndataset: digits\ntasks: [rain]\nencoder: small_conv\n"
    )
    added.done("components", "task", TASKS_CACHE=str(added.root / "cache/fresh"))
    added.done("check", "job.yaml")
    added.done("run", "job.yaml", "--dry-run")
    assert not (added.home / "ran").exists()


def test_what_every_process_runs_is_said_by_the_doctor(added):
    (added.site / "later.pth").write_text("# comment\nimport os\n")
    (added.site / "folders.pth").write_text("/nowhere\n")
    (added.site / "usercustomize.py").touch()
    (added.site / "sitecustomize").mkdir()
    (added.site / "sitecustomize/__init__.py").touch()
    (said,) = added.each(["plugin", "doctor", "--json"])
    found = [f for f in said.json["findings"] if f["about"] == "startup"]
    warned = [f["message"] for f in found if f["level"] == "warning"]
    # Debian's Python has one of its own, which comes first.
    theirs = Path(sysconfig.get_path("stdlib"), "sitecustomize.py").exists()
    for name in ("later.pth", *(() if theirs else ("sitecustomize/__init__.py",))):
        assert any(str(added.site / name) in message for message in warned)
    assert not any("folders.pth" in message for message in warned)
    assert any("setuptools" in f["message"] for f in found if f["level"] == "note")


def test_what_the_standard_library_runs_came_with_python(tmp_path, monkeypatch):
    (tmp_path / "sitecustomize.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    strange = StartupFile(tmp_path / "sitecustomize.py", None)
    assert strange in startup_files()
    monkeypatch.setattr(sysconfig, "get_path", {"stdlib": str(tmp_path)}.get)
    assert replace(strange, owner="Python") in startup_files()
