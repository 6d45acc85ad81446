"""A registry.toml that no command wrote: refused with its place, and no command breaks on it."""

from __future__ import annotations

import os

import pytest

ENTRY = """
[plugins.rain]
source = "pypi:rain==1"
version = "1"
api = ">=1,<2"
trust = "pinned"
"""
HUGE = "0x" + "f" * 6000


def changed(key: str, value: str) -> str:
    lines = [line for line in ENTRY.splitlines() if not line.startswith(f"{key} =")]
    return "schema = 1" + "\n".join([*lines, f"{key} = {value}", ""])


WRONG = {
    "a long number": (f"schema = {'9' * 5000}\n", "too long (at line 1)"),
    "a long number of 16 digits": (f"schema = {HUGE}\n", "schema: Found a number"),
    "a deep list": (f"schema = 1\nx = {'[' * 5000}{']' * 5000}\n", "too deeply (at line 2)"),
    "a deep table": (f"schema = 1\nx = {'{a=' * 3000}1{'}' * 3000}\n", "too deeply (at line 2)"),
    "a NUL": ("schema = 1\n\0", "line 2 has a NUL character"),
    "a NUL in a text": (changed("source", '"path:a\\u0000b"'), "plugins.rain.source: It has a NUL"),
    "no text": (b"schema = 1\n\xff", "not UTF-8 text: line 2 has the byte 0xff"),
    "a long text": (changed("source", f'"pypi:x=={"1" * 5000}"'), "plugins.rain.source: It has 5"),
    "a long version": (changed("api", f'">={"9" * 3000}"'), "plugins.rain.api"),
    "a number for a text": (changed("api", HUGE), "plugins.rain.api: Found a number"),
    "a number for a switch": (changed("enabled", HUGE), "plugins.rain.enabled: Found a number"),
    "a number in a list": (changed("provides", f"[{HUGE}]"), "plugins.rain.provides: Found a num"),
    "a name of a component": (changed("provides", '["task:../x"]'), "plugins.rain.provides: Found"),
    "a name of a plugin": ('schema = 1\n[plugins."../x"]\n', "No distribution has such a name"),
    "a long name": (f"schema = 1\n[plugins.{'x' * 100_000}]\n", "No distribution has such a name"),
    "a large file": ("schema = 1\n#" + "x" * (1 << 20), "more than 1 MiB"),
}


PLACES = {
    "a folder": lambda file: file.mkdir(),
    "a named pipe": os.mkfifo,
    "a link to itself": lambda file: file.symlink_to(file.name),
}


@pytest.mark.parametrize("what", PLACES)
def test_what_is_no_file_does_not_let_that_of_a_parent_count(tasks, tmp_path, monkeypatch, what):
    (tmp_path / "registry.toml").write_text("schema = 1\n" + ENTRY)
    project = tmp_path / "project"
    project.mkdir()
    monkeypatch.chdir(project)
    PLACES[what](project / "registry.toml")
    for command in (["list"], ["remove", "rain"], ["enable", "rain"]):
        said = tasks("plugin", *command)
        assert said.status == 2 and "project/registry.toml" in said.err
    assert tasks("plugin", "doctor").status == 1
    assert tasks("--no-plugins", "components").status == 0


@pytest.mark.parametrize("what", WRONG)
def test_it_is_refused_with_its_place(tasks, tmp_path, what):
    content, said_of_it = WRONG[what]
    file = tmp_path / "registry.toml"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    before = file.read_bytes()
    for command in (["list"], ["remove", "rain"], ["doctor"]):
        said = tasks("plugin", *command)
        assert "registry.toml" in said.out + said.err
        assert said_of_it in said.out + said.err
        assert said.status == (1 if command == ["doctor"] else 2)
        assert len(said.out + said.err) < 2000
    assert tasks("--no-plugins", "components").status == 0
    assert file.read_bytes() == before
