"""Runs' folders and the cleaning of stores: damage is named, nothing that is needed is freed."""

from __future__ import annotations

import json
import os
import shutil
from contextlib import closing
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

from file_limit import largest_file
from taskspace.components import Result
from taskspace.engine.events import Event, EventJournal
from taskspace.engine.folders.run_files import ARRAYS, CELLS, MANIFEST, RESULT
from taskspace.engine.folders.run_removal import remove_run
from taskspace.engine.folders.rundir import RunFolder
from taskspace.engine.folders.runs_folder import find_run, run_folders, runs_named
from taskspace.engine.keys import digest
from taskspace.engine.storage.clean import collect
from taskspace.engine.storage.store import Store
from taskspace.engine.storage.storelock import shared
from taskspace.errors import InputError, NotFound, RunError, StoreError

NEEDED, SPARE = digest("needed"), digest("spare")
SOUND = {"job": {"study": "taxonomy"}, "state": "complete", "started": "now", "attempts": []}
DIGITS = digest(SOUND["job"])[:8]


@pytest.fixture
def store(tmp_path) -> Store:
    made = Store(tmp_path / "store")
    made.prepare()
    for key in (NEEDED, SPARE):
        made.put(key, Result({"key": key}), {})
    return made


@pytest.fixture
def run(tmp_path, store) -> RunFolder:
    """A run that needs one of the two results."""
    folder = RunFolder(tmp_path / "runs" / f"small-{DIGITS}")
    with folder.locked(), shared(store, folder.path):
        folder.write_json(MANIFEST, SOUND)
        folder.needs([NEEDED])
        folder.write_json(RESULT, {"study": "taxonomy"})
        folder.write_arrays({"a": np.arange(100)})
        folder.conclude()
    return folder


# Cleaning a store


def test_a_dry_run_forgets_no_run(store, run, tmp_path):
    shutil.move(run.path, tmp_path / "aside")
    assert collect(store, dry_run=True).results == 2
    shutil.move(tmp_path / "aside", run.path)
    assert collect(store).results == 1
    assert set(store.keys()) == {NEEDED}


def test_what_runs_out_of_sight_need_is_kept(store, run, tmp_path):
    shutil.move(run.path.parent, tmp_path / "aside")
    for dry_run in (True, False):
        with pytest.raises(RunError, match=r"runs cannot be seen.* `tasks rerun small-.* delete"):
            collect(store, dry_run=dry_run)
    assert set(store.keys()) == {NEEDED, SPARE}
    shutil.move(tmp_path / "aside", run.path.parent)
    assert collect(store).results == 1


def renamed(project: Path, run: RunFolder) -> Path:
    run.path.rename(run.path.with_name(f"paper-{DIGITS}"))
    return project


def copied(project: Path, run: RunFolder) -> Path:
    shutil.copytree(run.path, run.path.with_name(f"copy-{DIGITS}"))
    shutil.rmtree(run.path)
    return project


def moved(project: Path, run: RunFolder) -> Path:
    return project.rename(project.with_name("moved"))


def moved_and_begun_anew(project: Path, run: RunFolder) -> Path:
    place = moved(project, run)
    run.path.parent.mkdir(parents=True)
    return place


def copied_as_a_whole(project: Path, run: RunFolder) -> Path:
    place = shutil.copytree(project, project.with_name("copy"))
    shutil.rmtree(run.path)
    return place


def moved_and_renamed(project: Path, run: RunFolder) -> Path:
    renamed(project, run)
    return moved_and_begun_anew(project, run)


@pytest.mark.parametrize(
    "change",
    [renamed, copied, moved, moved_and_begun_anew, copied_as_a_whole, moved_and_renamed],
)
def test_what_a_run_needs_is_kept_wherever_it_went_with_its_store(tmp_path, change):
    project = tmp_path / "project"
    store = Store(project / ".taskspace/store")
    store.prepare()
    for key in (NEEDED, SPARE):
        store.put(key, Result({"key": key}), {})
    run = RunFolder(project / "runs" / f"small-{DIGITS}")
    with run.locked(), shared(store, run.path):
        run.write_json(MANIFEST, SOUND)
        run.needs([NEEDED])
    place = change(project, run)
    now = Store(place / ".taskspace/store")
    assert collect(now).results == 1
    assert set(now.keys()) == {NEEDED}
    assert collect(now).results == 0


def test_the_note_of_a_run_that_is_gone_for_good_can_be_deleted(store, run):
    shutil.rmtree(run.path.parent)
    with pytest.raises(RunError) as caught:
        collect(store)
    Path(caught.value.where).unlink()
    assert collect(store).results == 2


def test_a_removed_run_is_forgotten(store, run):
    remove_run(run.path.parent, run)
    assert collect(store).results == 2
    assert not list((store.root / "roots").iterdir())


def test_strays_in_a_store_do_no_harm(store, run):
    (store.root / "roots" / "folder").mkdir()
    (store.root / "roots" / ("0" * 16)).mkdir()
    (store.root / "roots" / "notes.txt").write_bytes(b"\xff\x00")
    (store.root / "objects" / "notes.txt").touch()
    (store.root / "objects" / "no").touch()
    (store.root / "objects" / NEEDED[:2] / ".DS_Store").touch()
    left = store.draft(SPARE[:12])
    left.mkdir()
    (left / "record.json").touch()
    assert collect(store).results == 1
    assert set(store.keys()) == {NEEDED}
    assert not list((store.root / "writing").iterdir())


@pytest.mark.parametrize("content", [b"", b"relative", b"\xff\xfe"])
def test_a_damaged_note_of_a_run_frees_nothing(store, run, content):
    (root,) = (store.root / "roots").iterdir()
    root.write_bytes(content)
    with pytest.raises(RunError, match=r"damaged"):
        collect(store)
    assert set(store.keys()) == {NEEDED, SPARE}


def test_a_store_that_is_not_there_is_not_made(tmp_path):
    with pytest.raises(InputError, match="There is no store"):
        collect(Store(tmp_path / "nothere"))
    assert not (tmp_path / "nothere").exists()


# Runs that are removed


def test_a_removal_after_an_interrupted_one(run):
    left = run.path.with_name(f".removed-{run.name}-{'0' * 32}")
    left.mkdir()
    (left / MANIFEST).write_text(json.dumps(SOUND))
    assert [f.name for f in run_folders(run.path.parent)] == [run.name]
    remove_run(run.path.parent, run)
    assert list(run.path.parent.iterdir()) == []


def test_a_removal_that_the_system_refuses(run):
    hidden = run.path.with_name(f".removed-{run.name}-{'0' * 32}")
    (hidden / "folder").mkdir(parents=True)
    with pytest.raises(RunError, match="cannot be removed"):
        remove_run(run.path.parent, run)


# Runs that are found


def test_a_run_is_found_by_the_path_of_its_folder(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    elsewhere = tmp_path / "elsewhere"
    assert find_run(elsewhere, str(run.path)).path == run.path
    assert find_run(elsewhere, f"runs/{run.name}").path == run.path
    assert find_run(Path("runs"), str(run.path)).path == Path("runs") / run.name
    monkeypatch.chdir(run.path)
    assert find_run(elsewhere, ".").name == run.name


def test_the_whole_name_of_a_job_means_no_longer_one(run):
    runs = run.path.parent
    longer = RunFolder(runs / f"small-again-{DIGITS}")
    with longer.locked():
        longer.write_json(MANIFEST, SOUND)
    assert find_run(runs, "small").name == run.name
    assert find_run(runs, "small-a").name == longer.name
    with pytest.raises(NotFound, match="names 2 runs"):
        find_run(runs, "smal")


def test_a_short_name_means_all_runs_of_one_job_the_newest_first(run):
    runs = run.path.parent
    later = RunFolder(runs / f"small-{DIGITS[::-1]}")
    other = RunFolder(runs / f"other-{DIGITS}")
    for number, folder in enumerate((later, other), 1):
        with folder.locked():
            folder.write_json(MANIFEST, SOUND)
        then = run.path.lstat().st_mtime + 100 * number
        os.utime(folder.path / MANIFEST, (then, then))
    for name in ("small", "sma", "s"):
        assert [folder.name for folder in runs_named(runs, name)] == [later.name, run.name]
        with pytest.raises(NotFound, match="names 2 runs"):
            find_run(runs, name)
    assert [folder.name for folder in runs_named(runs, run.name)] == [run.name]
    assert [folder.name for folder in runs_named(runs, "o")] == [other.name]


def test_no_name_names_no_run(run, monkeypatch):
    monkeypatch.chdir(run.path)
    with pytest.raises(NotFound, match=run.name):
        find_run(run.path.parent, "")
    with pytest.raises(NotFound):
        find_run(run.path.parent, "x" * 5000)


# Damaged files


@pytest.mark.parametrize("name", [MANIFEST, RESULT])
@pytest.mark.parametrize("content", [b"{}", b"[]", b"1", b"\xff\x00", b"", b"[" * 100_000])
def test_a_damaged_file_says_how_to_write_it_again(run, name, content):
    (run.path / name).write_bytes(content)
    with pytest.raises(NotFound, match=r"damaged.*`tasks run JOB`"):
        run.read_json(name)
    assert run.attempts() == []


@pytest.mark.parametrize(
    "broken",
    [{"job": {}}, {"job": []}, {"state": 1}, {"started": None}, {"attempts": [{}]}],
    ids=str,
)
def test_a_manifest_without_what_is_read_from_it_is_damaged(run, broken):
    run.write_json(MANIFEST, SOUND | broken)
    with pytest.raises(NotFound, match="damaged"):
        run.read_json(MANIFEST)


@pytest.mark.parametrize(
    "content", [b"garbage", b"", b"PK\x03\x04garbage", b"PK\x05\x06", b"\x93NUMPY\x01\x00"], ids=str
)
def test_damaged_arrays_are_named(run, content):
    (run.path / ARRAYS).write_bytes(content)
    with pytest.raises(NotFound, match=r"arrays\.npz .* damaged"):
        run.read_arrays()


def test_an_array_where_arrays_should_be_is_named(run):
    content = BytesIO()
    np.save(content, np.arange(3))
    run._write(ARRAYS, content.getvalue())
    with pytest.raises(NotFound, match="damaged"):
        run.read_arrays()


def test_a_result_holds_any_name(run):
    result = {"study": "taxonomy", "classes": ["caf\udce9", "\U0001f600", "\0"]}
    run.write_json(RESULT, result)
    assert run.read_json(RESULT) == result


def test_lines_that_are_no_keys_are_ignored(run):
    (run.path / CELLS).write_bytes(f"{NEEDED}\n\xff\x00\nshort\n{SPARE[:9]}".encode("latin-1"))
    assert run.keys() == [NEEDED]
    run.needs([SPARE])
    assert run.keys() == [NEEDED, SPARE]


def test_keys_that_cannot_be_read_are_not_taken_for_none(store, run):
    (run.path / CELLS).unlink()
    (run.path / CELLS).mkdir()
    with pytest.raises(RunError, match="cannot be read"):
        collect(store)


# Full disks


def test_a_full_disk_stops_the_run_before_a_key_is_lost(run):
    with largest_file(70), pytest.raises(RunError, match=r"File too large.*--runs"):
        run.needs([SPARE])
    assert run.keys() == [NEEDED]


def test_a_lock_that_cannot_be_written_is_explained(run):
    refused = pytest.raises(RunError, match=r"lock cannot be written.*--runs")
    with refused, largest_file(0), run.locked():
        pass


def test_a_lock_that_is_no_file_is_explained(run):
    (run.path / "lock").unlink()
    (run.path / "lock").mkdir()
    assert not run.is_locked()
    with pytest.raises(RunError, match="cannot be written"), run.locked():
        pass


def test_what_goes_wrong_under_a_lock_is_not_the_lock(run, store):
    with pytest.raises(FileNotFoundError), run.locked(), shared(store, run.path):
        raise FileNotFoundError


def test_a_run_that_cannot_be_noted_is_explained(store, run):
    with largest_file(5), pytest.raises(StoreError, match="--store"), shared(store, run.path):
        pass


def test_a_journal_on_a_full_disk_is_explained(tmp_path):
    journal = EventJournal(tmp_path / "events")
    with largest_file(0), pytest.raises(RunError, match=r"File too large.*--runs"):
        journal(Event("done", "a cell"))
    journal.close()


def test_a_journal_holds_any_name(tmp_path):
    with closing(EventJournal(tmp_path / "events")) as journal:
        journal(Event("done", "caf\u00e9 \udcff"))
    line = (tmp_path / "events").read_text(encoding="utf-8")
    assert "caf\u00e9" in line and json.loads(line)["subject"] == "caf\u00e9 \udcff"


def test_a_journal_that_is_no_file_is_explained(tmp_path):
    with pytest.raises(RunError, match="journal cannot be written"):
        EventJournal(tmp_path)
