"""Checkpoints in a store: which are read, and when a training writes one."""

from __future__ import annotations

import hashlib
import pickle
import random

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from taskspace.components import Snapshot
from taskspace.engine.storage.checkpoints import StoredCheckpoint, checkpoint_file
from taskspace.engine.storage.store import Store
from taskspace.learning.fitting.fit import SHARE, SHORTEST, is_due

KEY, OTHER = "ab" * 32, "cd" * 32
SNAPSHOT = Snapshot({"step": 7}, {"weights": torch.arange(6.0).reshape(2, 3), "n": torch.tensor(3)})


def checkpoint(store: Store, key: str = KEY, *, cpus: int = 1, sound: bool = True):
    return StoredCheckpoint(store, key, "cpu", cpus, lambda: sound)


@pytest.fixture
def store(tmp_path) -> Store:
    store = Store(tmp_path / "store")
    store.prepare()
    checkpoint(store).save(SNAPSHOT)
    return store


def sealed(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode() + b"\n" + content


def test_what_is_saved_is_what_is_loaded(store):
    snapshot = checkpoint(store).load()
    assert snapshot.record == SNAPSHOT.record
    assert snapshot.tensors.keys() == SNAPSHOT.tensors.keys()
    for name, tensor in snapshot.tensors.items():
        assert torch.equal(tensor, SNAPSHOT.tensors[name])
        assert tensor.dtype == SNAPSHOT.tensors[name].dtype
    assert list((store.root / "writing").iterdir()) == []


def test_damaged_bytes_are_not_read(store):
    file = checkpoint_file(store, KEY)
    content = file.read_bytes()
    flipped = bytearray(content)
    flipped[random.Random(0).randrange(len(content))] ^= 4
    wrong = [b"", content[:-1], content[: len(content) // 2], bytes(flipped), b"\n" + content]
    wrong += [pickle.dumps(dict(SNAPSHOT.record)), sealed(b""), sealed(b"[]\n"), sealed(b"{}\n")]
    for each in wrong:
        file.write_bytes(each)
        assert checkpoint(store).load() is None
    file.write_bytes(content)
    assert checkpoint(store).load() is not None


def test_what_was_computed_elsewhere_is_not_used(store, monkeypatch):
    assert checkpoint(store, cpus=2).load() is None
    checkpoint_file(store, KEY).rename(checkpoint_file(store, OTHER))
    assert checkpoint(store, OTHER).load() is None
    checkpoint(store).save(SNAPSHOT)
    monkeypatch.setattr(torch, "__version__", "1.0")
    assert checkpoint(store).load() is None


def test_links_and_folders_lead_nowhere(store, tmp_path):
    file, outside = checkpoint_file(store, KEY), tmp_path / "outside"
    file.rename(outside)
    content = outside.read_bytes()
    file.symlink_to(outside)
    assert checkpoint(store).load() is None
    checkpoint(store).save(SNAPSHOT)
    assert not file.is_symlink() and outside.read_bytes() == content
    file.unlink()
    file.mkdir()
    saved = checkpoint(store)
    saved.save(SNAPSHOT)
    assert "Is a directory" in saved.refusal
    assert list((store.root / "writing").iterdir()) == []


def test_what_was_learned_from_a_changed_input_is_not_saved(store):
    checkpoint(store, OTHER, sound=False).save(SNAPSHOT)
    assert not checkpoint_file(store, OTHER).exists()


def test_a_checkpoint_leaves_half_of_the_free_space_to_results(store, monkeypatch):
    size = checkpoint_file(store, KEY).stat().st_size
    usage = type("Usage", (), {"free": size})
    monkeypatch.setattr("shutil.disk_usage", lambda path: usage)
    saved = checkpoint(store)
    saved.save(Snapshot({"step": 8}, SNAPSHOT.tensors))
    assert "No space left" in saved.refusal
    assert checkpoint(store).load().record == {"step": 7}


@given(cost=st.floats(1e-4, 60), steps=st.lists(st.floats(1e-3, 120), max_size=60))
def test_checkpoints_take_at_most_their_share_of_a_training(cost, steps):
    trained = since = spent = 0.0
    for step in steps:
        trained += step
        since += step
        if is_due(since, cost):
            assert since >= SHORTEST
            spent, since = spent + cost, 0.0
    assert spent <= SHARE * trained * (1 + 1e-9)


def test_a_short_training_writes_none():
    assert not is_due(SHORTEST - 0.01, 0.0)
    assert is_due(SHORTEST, 0.0)
