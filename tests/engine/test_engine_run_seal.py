"""A run's seal is sound at every moment, whatever is killed when."""

from __future__ import annotations

import pytest

from taskspace.engine.folders import rundir
from taskspace.engine.folders.run_files import RESULT
from taskspace.engine.folders.rundir import RunFolder
from taskspace.errors import NotFound


class Killed(BaseException):
    """Stands for the end of the process at a chosen write."""


def test_a_kill_between_any_two_writes_leaves_every_file_sound(tmp_path, monkeypatch):
    whole = rundir.write_own
    for moment in range(8):
        folder = RunFolder(tmp_path / str(moment))
        with folder.locked():
            folder.write_json(RESULT, {"study": "a"})
            folder.conclude()
            left = iter(range(moment))

            def write(path, content, left=left):
                if next(left, None) is None:
                    raise Killed
                whole(path, content)

            monkeypatch.setattr(rundir, "write_own", write)
            try:
                for study in ("b", "c"):
                    folder.write_json(RESULT, {"study": study})
                folder.conclude()
            except Killed:
                pass
            monkeypatch.undo()
        assert folder.read_json(RESULT)["study"] in "abc"
        folder.write_json(RESULT, {"study": "d"})
        folder.conclude()
        assert folder.read_json(RESULT)["study"] == "d"


def test_what_was_concluded_admits_no_earlier_file(tmp_path):
    folder = RunFolder(tmp_path / "run")
    with folder.locked():
        folder.write_json(RESULT, {"study": "a"})
        earlier = (folder.path / RESULT).read_bytes()
        folder.write_json(RESULT, {"study": "b"})
        folder.conclude()
    (folder.path / RESULT).write_bytes(earlier)
    with pytest.raises(NotFound, match="damaged"):
        folder.read_json(RESULT)
