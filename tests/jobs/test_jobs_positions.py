"""Every mistake is told at its exact place, with the nearest right word, all at once."""

from __future__ import annotations

import pytest

HEAD = "study: house\nname: x\ndataset: digits\ntasks: [normals]\n"

# text, then (code, line, column, width, path, suggestion) of each problem, in order.
BROKEN = {
    "unknown key at the top": (
        "study: house\nnam: x\ndataset: digits\ntasks: [normals]\n",
        [("TSK010", 2, 1, 3, "nam", "name")],
    ),
    "misspelt study key": ("stduy: house\nname: x\n", [("TSK010", 1, 1, 5, "stduy", "study")]),
    "unknown study": ("name: x\nstudy: hause\n", [("TSK012", 2, 8, 5, "study", "house")]),
    "no study": ("# first\nname: x\n", [("TSK011", 2, 1, 7, "study", None)]),
    "study is a list": ("study: [house]\n", [("TSK013", 1, 8, 7, "study", None)]),
    "unknown names, bare and in a mapping": (
        "study: house\nname: x\ndataset: {use: digts}\ntasks:\n  - normls\n  - use: edges2d\n",
        [
            ("TSK012", 3, 16, 5, "dataset.use", "digits"),
            ("TSK012", 5, 5, 6, "tasks.0", "normals"),
            ("TSK012", 6, 10, 7, "tasks.1.use", "edges_2d"),
        ],
    ),
    "unknown parameter": (
        "study: house\nname: x\ndataset:\n  use: digits\n  imags: 3\ntasks: [normals]\n",
        [("TSK010", 5, 3, 5, "dataset.imags", "images")],
    ),
    "misspelt key of the job in a task": (
        HEAD.replace("[normals]", "[{use: normals, importence: 2}]"),
        [("TSK010", 4, 24, 10, "tasks.0.importence", "importance")],
    ),
    "a task's key on a dataset": (
        HEAD.replace("digits", "{use: digits, role: source}"),
        [("TSK010", 3, 24, 4, "dataset.role", None)],
    ),
    "parameters out of bounds, at any depth": (
        HEAD
        + "encoder:\n  use: conv\n  width: 0\n  layers:\n    - channels: 1\n    - channels: -1\n",
        [
            ("TSK013", 7, 10, 1, "encoder.width", None),
            ("TSK013", 10, 17, 2, "encoder.layers.1.channels", None),
        ],
    ),
    "missing parameter stands at the parent": (
        "study: house\nname: x\ndataset: {use: folder}\ntasks: [normals]\n",
        [("TSK011", 3, 1, 7, "dataset.root", None)],
    ),
    "missing parameter of a bare name": (
        "study: house\nname: x\ntasks: [normals]\ndataset: folder\n",
        [("TSK011", 4, 1, 7, "dataset.root", None)],
    ),
    "missing keys of the job and of a list's item": (
        "study: house\nname: x\ntasks:\n- normals\n- {importance: 1}\n",
        [("TSK011", 1, 1, 12, "dataset", None), ("TSK011", 5, 3, 15, "tasks.1.use", None)],
    ),
    "misspelt use": (
        HEAD.replace("digits", "{us: digits}"),
        [("TSK010", 3, 11, 2, "dataset.us", "use")],
    ),
    "a component must be named": (
        HEAD.replace("[normals]", "[3, {use: [a]}]"),
        [("TSK013", 4, 9, 1, "tasks.0", None), ("TSK013", 4, 18, 3, "tasks.1.use", None)],
    ),
    "wrong types and words": (
        HEAD + 'seed: "3"\ntrain:\n  epochs: 1.5\n  schedule: cosin\nsolve: 7\n',
        [
            ("TSK013", 5, 7, 3, "seed", None),
            ("TSK013", 7, 11, 3, "train.epochs", None),
            ("TSK013", 8, 13, 5, "train.schedule", "cosine"),
            ("TSK013", 9, 8, 1, "solve", None),
        ],
    ),
    "no is a word and not False": (
        HEAD + "encoder: {use: conv, layers: [{channels: 1, use_bias: no}]}\n",
        [("TSK013", 5, 55, 2, "encoder.layers.0.use_bias", None)],
    ),
    "a key twice": (
        HEAD + "train:\n  epochs: 1\n  batch: 2\n  epochs: 3\nname: y\n",
        [("TSK003", 8, 3, 6, "train.epochs", None), ("TSK003", 9, 1, 4, "name", None)],
    ),
    "a name twice": (
        HEAD.replace(
            "[normals]", "\n- normals\n- edges_2d\n- normals\n- {use: edges_2d, as: normals}\n"
        ),
        [("TSK014", 7, 3, 7, "tasks.2", None), ("TSK014", 8, 23, 7, "tasks.3.as", None)],
    ),
    "a name twice among other mistakes in the list": (
        HEAD.replace("[normals]", "[normals, 3, normals, {use: edges_2d, role: sorce}]"),
        [
            ("TSK013", 4, 18, 1, "tasks.1", None),
            ("TSK014", 4, 21, 7, "tasks.2", None),
            ("TSK013", 4, 52, 5, "tasks.3.role", "source"),
        ],
    ),
    "keys that exclude each other": (
        HEAD + "solve:\n  up_to: 3\n  budgets: [1]\n",
        [("TSK015", 6, 3, 5, "solve.up_to", None)],
    ),
    "a component that may not be used": (
        HEAD.replace("normals", "rain"),
        [("TSK016", 4, 9, 4, "tasks.0", None)],
    ),
    "anchor, alias, tag": (
        HEAD + "seed: &s 3\nnotes: {a: *s, b: !!str c, c: !x [1]}\n",
        [
            ("TSK004", 5, 7, 4, "seed", None),
            ("TSK004", 6, 12, 2, "notes.a", None),
            ("TSK004", 6, 19, 7, "notes.b", None),
            ("TSK004", 6, 31, 4, "notes.c", None),
            ("TSK013", 6, 31, 6, "notes.c", None),
        ],
    ),
    "numbers that are too large": (
        HEAD + "seed: 99999999999999999999\ntrain: {rate: 1e999, epochs: .inf}\n",
        [
            ("TSK013", 5, 7, 20, "seed", None),
            ("TSK013", 6, 15, 5, "train.rate", None),
            ("TSK013", 6, 30, 4, "train.epochs", None),
        ],
    ),
    "keys that are no text": (
        HEAD + "notes: {1: a, true: b, ~: c, [d]: e, f: 1}\n",
        [
            ("TSK013", 5, 9, 1, "notes", None),
            ("TSK013", 5, 15, 4, "notes", None),
            ("TSK013", 5, 24, 1, "notes", None),
            ("TSK013", 5, 30, 1, "notes", None),
        ],
    ),
    "two documents": (HEAD + "---\nstudy: house\n", [("TSK002", 5, 1, 3, "", None)]),
    "no YAML": (HEAD + "train: {epochs: 1\nseed: 3\n", [("TSK002", 6, 5, 1, "", None)]),
    "tab": (HEAD + "train:\n\tepochs: 1\n", [("TSK002", 6, 1, 1, "", None)]),
    "empty": ("", [("TSK011", 1, 1, 1, "", None)]),
    "only a comment": ("# nothing\n", [("TSK011", 1, 1, 1, "", None)]),
    "not a mapping": ("- study: house\n", [("TSK013", 1, 1, 14, "", None)]),
    "wide characters and a tab before the mistake": (
        HEAD + 'notes: {"日本語\t": 1, b: [2]}\n',
        [("TSK013", 5, 23, 3, "notes.b", None)],
    ),
    "carriage returns": (
        HEAD.replace("\n", "\r\n") + "sead: 3\r\n",
        [("TSK010", 5, 1, 4, "sead", "seed")],
    ),
}


@pytest.mark.parametrize("case", BROKEN, ids=lambda case: case.replace(" ", "-"))
def test_a_broken_job_is_told_at_its_exact_places(problems, case):
    text, expected = BROKEN[case]
    found = [(p.code, p.line, p.column, p.width, p.path, p.suggestion) for p in problems(text)]
    assert found == expected


def test_a_valid_job_has_no_problems(problems, valid):
    assert problems(valid) == []


def test_a_byte_order_mark_shifts_nothing(problems):
    (found,) = problems(b"\xef\xbb\xbf" + HEAD.encode() + b"sead: 3\n")
    assert (found.line, found.column) == (5, 1)
    (found,) = problems(b"\xef\xbb\xbfstduy: house\n")
    assert (found.line, found.column, found.source_line) == (1, 1, "stduy: house")


def test_bytes_that_are_no_text_are_placed(problems):
    (found,) = problems(HEAD.encode() + "notes: {ä: ".encode() + b"\xff}\n")
    assert (found.code, found.line, found.column) == ("TSK001", 5, 12)


@pytest.mark.parametrize(("character", "code"), [(b"\x00", "TSK001"), (b"\x01", "TSK002")])
def test_a_character_that_yaml_forbids_is_placed(problems, character, code):
    (found,) = problems(HEAD.encode() + b"notes: {a: " + character + b"}\n")
    assert (found.code, found.line, found.column) == (code, 5, 12)
    assert "\x00" not in found.source_line


@pytest.mark.parametrize("depth", [64, 65])
def test_depth_is_limited(problems, depth):
    (found,) = problems("[" * depth + "]" * depth)
    assert found.code == ("TSK013" if depth == 64 else "TSK005")
    assert found.column == (1 if depth == 64 else 65)


def test_size_is_limited(problems):
    (found,) = problems(HEAD + "#" * (1 << 20))
    assert (found.code, found.line, found.column) == ("TSK005", 1, 1)


def test_what_an_unread_value_should_have_been_is_not_said(problems):
    found = problems(HEAD + "train: *nowhere\n")
    assert [p.code for p in found] == ["TSK004"]


def test_problems_say_which_words_there_are_where_none_is_near(problems):
    (found,) = problems(HEAD + "train: {zzz: 1}\n")
    assert found.suggestion is None
    assert "`epochs`, `batch`, `rate`, `schedule`" in found.message
