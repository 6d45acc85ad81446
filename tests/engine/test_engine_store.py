"""The store keeps what it was given, or says that it did not."""

from __future__ import annotations

import json
import os

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from taskspace.components import Result
from taskspace.engine.forecast import forecast
from taskspace.engine.keys import digest
from taskspace.engine.run import Place
from taskspace.engine.storage.store import Store
from taskspace.errors import ArtifactDamaged, StoreError
from taskspace.jobs import LoadedJob, load_job
from taskspace.registry import Registry

KEY = digest("a key")
REGISTRY = Registry.load(plugins=False)


@pytest.fixture
def store(tmp_path) -> Store:
    made = Store(tmp_path)
    made.prepare()
    return made


@given(
    array=hnp.arrays(
        st.sampled_from([np.float32, np.int64, np.uint8]), hnp.array_shapes(min_dims=0, max_dims=4)
    ),
    record=st.dictionaries(st.text(), st.integers(-(2**60), 2**60) | st.text() | st.none()),
)
def test_what_is_put_is_what_is_got(tmp_path_factory, array, record):
    store = Store(tmp_path_factory.mktemp("store"))
    store.prepare()
    weights = {"layer.weight": torch.arange(6.0).reshape(2, 3)}
    store.put(KEY, Result(record, {"a": array}, weights), {"seconds": 1.0})
    stored = store.get(KEY)
    assert stored.record == record
    np.testing.assert_array_equal(stored.array("a"), array)
    assert stored.array("a").dtype == array.dtype
    assert torch.equal(stored.weights()["layer.weight"], weights["layer.weight"])


def test_the_first_of_two_writers_stays(store):
    store.put(KEY, Result({"value": 1}), {})
    store.put(KEY, Result({"value": 2}), {})
    assert store.get(KEY).record == {"value": 1}
    assert not list((store.root / "writing").iterdir())


def test_a_pickle_is_never_written_nor_read(store):
    with pytest.raises(ValueError, match="Object arrays cannot be saved"):
        store.put(KEY, Result(arrays={"a": np.array([object()])}), {})
    assert not store.has(KEY)


@pytest.mark.parametrize("file", ["record.json", "a.npy", "weights.safetensors", "seal.json"])
def test_every_changed_byte_is_seen(store, file):
    store.put(KEY, Result({"v": 1}, {"a": np.ones(3)}, {"w": torch.ones(2)}), {})
    path = store.folder(KEY) / file
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(ArtifactDamaged):
        store.get(KEY).verify()


def test_a_missing_result_is_a_key_error(store):
    with pytest.raises(KeyError):
        store.get(KEY)


def test_a_place_that_cannot_be_made_is_explained(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"--store"):
        Store(tmp_path / "file" / "store").prepare()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_an_unwritable_place_is_explained(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(StoreError, match=r"--store"):
        Store(tmp_path / "store").prepare()


def test_keys_do_not_depend_on_order_and_depend_on_everything_else():
    assert digest({"a": 1, "b": [1, 2]}) == digest({"b": [1, 2], "a": 1})
    assert digest({"a": 1}) != digest({"a": 1.5}) != digest({"b": 1})
    assert digest([1, 2]) != digest([2, 1])


def test_a_folder_without_a_seal_gives_way(store):
    store.put(KEY, Result({"value": 1}), {})
    (store.folder(KEY) / "seal.json").unlink()
    assert not store.has(KEY)
    store.put(KEY, Result({"value": 2}), {})
    assert store.get(KEY).record == {"value": 2}
    assert not list((store.root / "writing").iterdir())


@pytest.mark.parametrize("shelf", [False, True])
def test_a_file_in_the_place_of_a_result_gives_way(store, shelf):
    folder = store.folder(KEY)
    place = folder.parent if shelf else folder
    place.parent.mkdir(parents=True, exist_ok=True)
    place.touch()
    assert not store.has(KEY)
    store.put(KEY, Result({"value": 2}), {})
    assert store.get(KEY).record == {"value": 2}
    assert not list((store.root / "writing").iterdir())


@pytest.mark.parametrize("shelf", [False, True])
def test_a_file_in_the_place_of_a_result_can_be_discarded(store, shelf):
    folder = store.folder(KEY)
    place = folder.parent if shelf else folder
    place.parent.mkdir(parents=True, exist_ok=True)
    place.touch()
    store.discard(KEY)
    assert not folder.exists()
    assert not list((store.root / "writing").iterdir())


@pytest.mark.parametrize(
    "seal",
    [
        "[]",
        "{}",
        '{"files": {}}',
        '{"files": []}',
        '{"files": {"record.json": {}}}',
        '{"files": {"record.json": 3}}',
        '{"files": {"record.json": {"bytes": "2", "sha256": ""}}}',
        "[" * 100_000,
    ],
    ids=lambda seal: seal[:40],
)
def test_a_seal_that_seals_nothing_is_damage(store, seal):
    store.put(KEY, Result({"value": 1}), {})
    (store.folder(KEY) / "seal.json").write_text(seal)
    for reads in (store.get(KEY).verify, lambda: store.get(KEY).bytes):
        with pytest.raises(ArtifactDamaged):
            reads()


def test_what_is_no_result_has_no_key(store):
    store.put(KEY, Result({"value": 1}), {})
    (store.root / "objects" / "notes.txt").touch()
    (store.root / "objects" / "ab").touch()
    (store.folder(KEY).parent / "notes.txt").touch()
    assert list(store.keys()) == [KEY]


@pytest.mark.parametrize("damage", ["record", "seal", "cost", "file"])
def test_a_forecast_counts_damaged_results_as_missing(store, tmp_path, damage):
    loaded = load_job(
        {"study": "taxonomy", "name": "small", "dataset": "digits", "tasks": ["identity"]},
        catalogue=REGISTRY,
    )
    place = Place(store=store.root, runs=tmp_path / "runs", directory=tmp_path)
    _, cell, stored = forecast(loaded, place, REGISTRY).cells[0]
    assert not stored
    store.put(cell.key, Result({"value": 1}), {"seconds": 1.0, "function": cell.function.target})
    assert _says_stored(loaded, place, cell.key)
    folder = store.folder(cell.key)
    if damage == "record":
        (folder / "record.json").write_text("x")
    elif damage == "seal":
        (folder / "seal.json").write_text('{"files": {}}')
    elif damage == "cost":
        seal = json.loads((folder / "seal.json").read_text())
        (folder / "seal.json").write_text(json.dumps(seal | {"cost": {"seconds": "?"}}))
        (folder / "record.json").write_text("x")
    else:
        store.discard(cell.key)
        folder.touch()
    assert not _says_stored(loaded, place, cell.key)


def _says_stored(loaded: LoadedJob, place: Place, key: str) -> bool:
    cells = forecast(loaded, place, REGISTRY).cells
    return next(stored for _, cell, stored in cells if cell.key == key)
