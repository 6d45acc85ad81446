"""A file that is written as a whole is the old one or the new one, never a part."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from taskspace import whole_file
from taskspace.whole_file import write_whole


def test_a_new_file_has_the_mode_of_any_new_file_and_an_old_one_keeps_its_own(tmp_path):
    usual, file = tmp_path / "usual", tmp_path / "file"
    usual.touch()
    write_whole(file, b"one", durable=True)
    assert file.stat().st_mode == usual.stat().st_mode
    file.chmod(0o640)
    write_whole(file, b"two")
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (b"two", 0o640)


@pytest.mark.parametrize("failing", ["open", "replace", "fsync"])
def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch, failing):
    file = tmp_path / "file"
    file.write_bytes(b"old")

    def refuse(*arguments, **options):
        raise OSError(28, os.strerror(28))

    owner = whole_file.os if failing == "fsync" else Path
    monkeypatch.setattr(owner, failing, refuse)
    with pytest.raises(OSError, match="No space") as raised:
        write_whole(file, b"new", durable=True)
    assert raised.value.filename == str(file)
    monkeypatch.undo()
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("file", b"old")]


def test_what_is_no_file_stays_what_it_is(tmp_path):
    pipe, folder = tmp_path / "pipe", tmp_path / "folder"
    os.mkfifo(pipe)
    folder.mkdir()
    with os.fdopen(os.open(pipe, os.O_RDONLY | os.O_NONBLOCK), "rb") as reader:
        write_whole(pipe, b"picture")
        assert pipe.is_fifo()
        assert reader.read() == b"picture"
    with pytest.raises(IsADirectoryError) as raised:
        write_whole(folder, b"picture")
    assert raised.value.filename == str(folder)
    assert sorted(tmp_path.iterdir()) == [folder, pipe]
