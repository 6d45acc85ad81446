"""Every key and value of a tree knows where its text is."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from taskspace.jobs.findings import Findings
from taskspace.jobs.text.nodes import MappingNode, place_of_key, place_of_value, plain
from taskspace.jobs.text.places import Source, Steps
from taskspace.jobs.text.yaml_tree import read_yaml

WORDS = st.text(st.sampled_from("ab 7:#-é日😀\t'\"\\{}[],&*!|>%@`?\n"), max_size=6)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**12), 10**12)
    | st.floats(allow_nan=False, allow_infinity=False)
    | WORDS
)
TREES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=12,
)
MAPPINGS = st.dictionaries(WORDS, TREES, min_size=1, max_size=5)


class Writer:
    """Writes data as YAML in a random layout and notes where each token went."""

    def __init__(self, random: Random, line_end: str) -> None:
        self.random = random
        self.line_end = line_end
        self.text = ""
        self.line = 1
        self.column = 1
        self.values: dict[Steps, tuple[int, int, str]] = {}
        self.keys: dict[Steps, tuple[int, int, str]] = {}

    def put(self, text: str) -> tuple[int, int, str]:
        at = (self.line, self.column, text)
        self.text += text
        self.column += len(text)
        return at

    def break_line(self, indent: int) -> None:
        if self.random.random() < 0.2:
            self.put(" # 日本 [comment")
        self.text += self.line_end * self.random.choice((1, 1, 1, 2))
        self.line = self.text.count(self.line_end) + 1
        self.column = 1
        self.put(" " * indent)

    def flow(self, value: object, steps: Steps) -> None:
        if isinstance(value, dict):
            self.put("{")
            for index, (key, part) in enumerate(value.items()):
                self.put(", " if index else "")
                self.keys[*steps, key] = self.put(_token(key))
                self.put(": ")
                self.flow(part, (*steps, key))
            self.put("}")
        elif isinstance(value, list):
            self.put("[")
            for index, part in enumerate(value):
                self.put(", " if index else "")
                self.flow(part, (*steps, index))
            self.put("]")
        else:
            self.values[steps] = self.put(_token(value))

    def block(self, value: object, steps: Steps, indent: int) -> None:
        """Write the parts of a collection that is not empty, from the start of a line."""
        parts = value.items() if isinstance(value, dict) else enumerate(value)
        for index, (step, part) in enumerate(parts):
            if index:
                self.break_line(indent)
            if isinstance(value, dict):
                self.keys[*steps, step] = self.put(_token(step))
                self.put(":")
            else:
                self.put("-")
            if part and isinstance(part, dict | list) and self.random.random() < 0.6:
                self.break_line(indent + 2)
                self.block(part, (*steps, step), indent + 2)
            else:
                self.put(" " * self.random.choice((1, 3)))
                self.flow(part, (*steps, step))


def _token(value: object) -> str:
    if isinstance(value, float):
        return repr(value)
    return json.dumps(value, ensure_ascii=isinstance(value, str) and len(value) % 2 == 0)


def read(text: str) -> MappingNode:
    findings = Findings()
    tree = read_yaml(text, Source.of_text(text, "t", Path("/")), findings)
    assert not findings
    assert isinstance(tree, MappingNode)
    return tree


@given(MAPPINGS, st.randoms(use_true_random=False), st.sampled_from(["\n", "\r\n"]))
def test_every_token_is_found_where_it_was_written(data, random, line_end):
    writer = Writer(random, line_end)
    writer.block(data, (), 0)
    tree = read(writer.text)
    assert plain(tree) == data
    for steps, (line, column, token) in writer.values.items():
        place = place_of_value(tree, steps)
        assert (place.line, place.column, place.width) == (line, column, len(token))
        assert place.source_line[column - 1 :].startswith(token)
    for steps, (line, column, token) in writer.keys.items():
        place = place_of_key(tree, steps)
        assert (place.line, place.column, place.width) == (line, column, len(token))


@given(MAPPINGS)
def test_json_is_yaml(data):
    assert plain(read(json.dumps(data))) == data
    assert plain(read(json.dumps(data, indent=2, ensure_ascii=False))) == data


def test_collections_are_as_wide_as_their_brackets_or_their_first_line():
    tree = read("a: [1, {b: 2}]  # c\nd:\n  e: 1  \n  f: 2\ng: {\n h: 1}\ni: |\n  x\n")
    found = {
        steps: place_of_value(tree, steps) for steps in [("a",), ("a", 1), ("d",), ("g",), ("i",)]
    }
    assert {steps: (p.line, p.column, p.width) for steps, p in found.items()} == {
        ("a",): (1, 4, 11),
        ("a", 1): (1, 8, 6),
        ("d",): (3, 3, 4),
        ("g",): (5, 4, 1),
        ("i",): (7, 4, 1),
    }
