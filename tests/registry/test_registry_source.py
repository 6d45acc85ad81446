"""The source digest of a component follows what it imports of its own package."""

from __future__ import annotations

import sys

import pytest

from taskspace.errors import RegistryError
from taskspace.registry.distributions.source import packages_beside, source_digest

FILES = {
    "own/__init__.py": "",
    "own/task.py": "from own import shared\nfrom .deep import thing\nimport json\n"
    "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from own.typing_only import T\n",
    "own/shared.py": "def f():\n    from .late import x\n",
    "own/late.py": "x = 1\n",
    "own/deep/__init__.py": "from .inner import thing\n",
    "own/deep/inner.py": "from .. import other as thing\n",
    "own/other.py": "import own.task\n",
    "own/typing_only.py": "T = int\n",
    "own/unused.py": "",
}


@pytest.fixture
def tree(tmp_path, monkeypatch):
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


FOLLOWED = {
    "own/__init__.py",
    "own/task.py",
    "own/shared.py",
    "own/late.py",
    "own/deep/__init__.py",
    "own/deep/inner.py",
    "own/other.py",
}


@pytest.mark.parametrize("name", FILES)
def test_it_changes_with_exactly_what_is_imported(tree, name):
    before = source_digest("own.task")
    assert source_digest("own.task") == before
    (tree / name).write_text(FILES[name] + "# changed\n")
    assert (source_digest("own.task") != before) == (name in FOLLOWED)
    assert "own" not in sys.modules


def test_a_lone_module_is_its_own_package(tree):
    (tree / "lone.py").write_text("x = 1\n")
    before = source_digest("lone")
    (tree / "lone.py").write_text("x = 2\n")
    assert source_digest("lone") != before


@pytest.mark.parametrize("module", ["own.absent", "absent_package.task"])
def test_what_has_no_source_is_an_error(tree, module):
    with pytest.raises(RegistryError, match=r"no source file|not installed"):
        source_digest(module)


def test_what_is_not_python_is_an_error(tree):
    (tree / "own/late.py").write_text("x =")
    with pytest.raises(RegistryError, match=r"late\.py: It is not Python"):
        source_digest("own.task")


def test_other_packages_of_the_plugin_are_followed_where_they_are_named(tree):
    (tree / "second").mkdir()
    (tree / "second/__init__.py").write_text("")
    (tree / "second/maths.py").write_text("x = 1\n")
    (tree / "own/shared.py").write_text("from second import maths\n")
    alone, both = source_digest("own.task"), source_digest("own.task", {"second"})
    (tree / "second/maths.py").write_text("x = 2\n")
    assert source_digest("own.task") == alone
    assert source_digest("own.task", {"second"}) != both
    assert packages_beside("own") == {"own", "second"}
