"""Removing runs and freeing space touches what the tool wrote; links lead out of nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from taskspace.engine.folders.run_files import MANIFEST, RESULT
from taskspace.engine.folders.rundir import RunFolder
from taskspace.engine.keys import digest
from taskspace.engine.storage.store import Store

SOUND = {"job": {"study": "taxonomy"}, "state": "complete", "started": "2026", "attempts": []}
NAME = f"sound-{digest(SOUND['job'])[:8]}"


def made(runs: Path) -> Path:
    """Write a run as the engine does."""
    folder = RunFolder(runs / NAME)
    with folder.locked():
        folder.write_json(MANIFEST, SOUND)
        folder.write_json(RESULT, {"study": "taxonomy"})
        folder.write_arrays({})
        folder.conclude()
    return folder.path


def planted(folder: Path) -> Path:
    """Write a file of the user's that looks like that of a run."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MANIFEST).write_text("x")
    return folder


# tasks runs remove


def test_what_is_no_run_of_the_folder_of_runs_is_not_removed(tasks, tmp_path):
    made(tmp_path / "other")
    made(tmp_path / "linked")
    planted(tmp_path / "ext")
    planted(tmp_path)
    planted(tmp_path / "runs" / "ext")
    planted(tmp_path / "runs" / "data-20260101")
    (tmp_path / "runs" / NAME).symlink_to(tmp_path / "linked" / NAME)
    before = sorted(tmp_path.rglob("*"))
    outside = [".", "ext", "runs", f"other/{NAME}", str(tmp_path / "ext"), "../", "/"]
    inside = ["runs/ext", "ext", "data-20260101", "runs/data-20260101", NAME]
    for name in [*outside, *inside]:
        said = tasks("runs", "remove", name)
        assert said.status == 2, (name, said.out, said.err)
        assert sorted(tmp_path.rglob("*")) == before
    assert "--runs" in tasks("runs", "remove", f"other/{NAME}").err


def test_a_run_that_holds_files_of_the_user_says_so_and_stays(tasks, tmp_path):
    folder = made(tmp_path / "runs")
    before = sorted(folder.iterdir())
    for name in ("notes.txt", "report.html/page"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("mine")
        said = tasks("runs", "remove", NAME)
        assert said.status == 2
        assert Path(name).parts[0] in said.err and "Move it elsewhere" in said.err
        assert (folder / name).read_text() == "mine"
        shutil.move(folder / Path(name).parts[0], tmp_path / "elsewhere")
        shutil.rmtree(tmp_path / "elsewhere", ignore_errors=True)
        (tmp_path / "elsewhere").unlink(missing_ok=True)
        assert sorted(folder.iterdir()) == before
    assert tasks("runs", "remove", NAME).status == 0
    assert list((tmp_path / "runs").iterdir()) == []


@pytest.mark.parametrize("damage", ["garbage", "absent", "of another job"])
def test_a_run_with_a_damaged_manifest_can_be_removed(tasks, tmp_path, damage):
    manifest = made(tmp_path / "runs") / MANIFEST
    if damage == "absent":
        manifest.unlink()
    else:
        text = manifest.read_text()
        manifest.write_text("x" if damage == "garbage" else text.replace("taxonomy", "multitask"))
    assert tasks("runs", "--json").json["runs"][0]["state"] == "damaged"
    assert tasks("runs", "remove", NAME).status == 0
    assert list((tmp_path / "runs").iterdir()) == []


# tasks runs gc


def test_freeing_space_spares_what_a_store_did_not_write(tasks, tmp_path):
    key, other = digest("theirs"), digest("others")
    theirs = [
        tmp_path / "writing" / "novel.txt",
        tmp_path / "writing" / "book" / "novel.txt",
        tmp_path / "roots" / "carrot.txt",
        tmp_path / "objects" / "vase.txt",
        tmp_path / "objects" / key[:2] / key / "photo.jpg",
        tmp_path / "objects" / other[:2] / other / "album" / "record.json",
    ]
    for file in theirs:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("theirs")
    said = tasks("runs", "gc", "--store", ".")
    assert said.status == 2 and "There is no store" in said.err
    Store(tmp_path).prepare()
    left = Store(tmp_path).draft(key[:12])
    left.mkdir()
    assert tasks("runs", "gc", "--store", ".", "--json").json["results"] == 0
    assert not left.exists()
    assert all(file.read_text() == "theirs" for file in theirs)


def test_a_store_of_an_earlier_version_is_known_by_its_layout(tasks, tmp_path):
    store = Store(tmp_path / "store")
    store.prepare()
    (store.root / "taskspace-store.json").unlink()
    (store.root / "lock").touch()
    assert tasks("runs", "gc", "--store", "store").status == 0
    assert (store.root / "taskspace-store.json").is_file()


# Links


@pytest.mark.parametrize("name", ["lock", "manifest.json", "result.json", "events.jsonl", "."])
def test_a_link_in_a_run_leads_nowhere(tasks, small_job, tmp_path, finished, name):
    runs, outside = tmp_path / "runs", tmp_path / "bashrc"
    shutil.copytree(finished / "runs", runs)
    (run,) = runs.iterdir()
    link = run / name
    if name == ".":
        link = run
        outside = tmp_path / "outside"
        run.rename(outside)
        before = {file: file.read_bytes() for file in outside.iterdir()}
    else:
        link.unlink()
        outside.write_text("alias ll='ls -l'")
        before = {outside: outside.read_bytes()}
    link.symlink_to(outside)
    said = tasks("run", str(small_job), "--store", str(finished / "store"))
    assert said.status == 1, said.out
    assert (
        "it is a link" in said.err and f"Delete the link {link.relative_to(tmp_path)}" in said.err
    )
    assert before == {file: file.read_bytes() for file in before}
    link.unlink()
    said = tasks("run", str(small_job), "--store", str(finished / "store"))
    assert said.status == 0, said.err


@pytest.mark.parametrize("name", ["lock", "objects", "writing", "roots", "checkpoints"])
def test_a_link_in_a_store_leads_nowhere(tasks, small_job, tmp_path, finished, name):
    store, outside = tmp_path / "store", tmp_path / "outside"
    shutil.copytree(finished / "store", store)
    (store / name).rename(outside)
    before = sorted(outside.rglob("*"))
    (store / name).symlink_to(outside)
    for command in (["run", str(small_job)], ["runs", "gc"]):
        said = tasks(*command, "--store", "store")
        assert said.status == 1
        assert f"Delete the link {store / name}" in said.err
        assert sorted(outside.rglob("*")) == before
    if outside.is_file():
        assert outside.read_bytes() == (finished / "store" / name).read_bytes()


def test_links_in_the_place_of_results_are_replaced_and_lead_nowhere(
    tasks, small_job, tmp_path, finished
):
    store = Store(tmp_path / "store")
    shutil.copytree(finished / "store", store.root)
    key, other = list(store.keys())[:2]
    folder, file = store.folder(key), store.folder(other) / "record.json"
    for path, outside in ((folder, tmp_path / "folder"), (file, tmp_path / "file")):
        path.rename(outside)
        path.symlink_to(outside)
    before = {path: path.read_bytes() for path in (tmp_path / "folder").iterdir()}
    said = tasks("run", str(small_job), "--store", "store", "--executor", "inline")
    assert said.status == 0, said.err
    assert "2 cells computed" in said.out
    assert before == {path: path.read_bytes() for path in before}
    assert not folder.is_symlink() and not file.is_symlink()


def test_the_folders_themselves_may_be_links(tasks, small_job, tmp_path, finished):
    shutil.copytree(finished, tmp_path / "disk")
    (tmp_path / "runs").symlink_to(tmp_path / "disk" / "runs")
    (tmp_path / "store").symlink_to(tmp_path / "disk" / "store")
    assert "0 cells computed" in tasks("run", str(small_job), "--store", "store").out
    assert tasks("runs", "gc", "--store", "store").status == 0
    assert tasks("runs", "remove", "small").status == 0
