"""Tables in terminals that are narrower than they are."""

from __future__ import annotations

import pytest

from taskspace.components import Finding
from taskspace.components.page import Table
from taskspace_cli.terminal.display import print_tables

NAMES = [f"column {n}" for n in range(9)]
ROWS = [
    [f"scheme_{row}", 100 * row, *(f"0.{row}{n}7\u00a0±\u00a00.0{n}1" for n in range(9))]
    for row in range(1, 4)
]
CAPTION = "A caption of many words, which break where the terminal ends and not within a word."
TABLE = Table("t", ["scheme", "samples", *NAMES], ROWS, CAPTION, keys=2)


@pytest.mark.parametrize("width", [40, 57, 80, 120, 200])
def test_nothing_of_a_table_is_lost_and_nothing_is_wider_than_the_terminal(
    width, monkeypatch, capsys
):
    monkeypatch.setenv("COLUMNS", str(width))
    print_tables([TABLE], [Finding("a", "note", "A note.")])
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= width
    text = "\n".join(lines)
    assert all(text.count(name) == 1 for name in NAMES)
    for row in ROWS:
        assert all(text.count(cell) == 1 for cell in row[2:])
        own = [line for line in lines if row[0] in line]
        assert own and all(f" {row[1]} " in line for line in own)
    assert CAPTION in " ".join(line.strip() for line in lines)


def test_without_a_terminal_a_table_has_a_width_of_its_own(monkeypatch, capsys):
    monkeypatch.delenv("COLUMNS", raising=False)
    print_tables([TABLE], [])
    lines = capsys.readouterr().out.splitlines()
    assert 100 < max(map(len, lines)) <= 120


def test_lists_break_between_their_words(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "40")
    words = [f"word{n}" for n in range(20)]
    table = Table("t", ["budget", "labels", "gain"], [[3, ", ".join(words), 0.5]])
    print_tables([table], [])
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 40
    assert all(word in text for word in words)
