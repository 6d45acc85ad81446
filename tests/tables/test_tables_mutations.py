"""Whatever a table, registry.toml or job holds, it is read or refused with what is wrong."""

from __future__ import annotations

import pytest
from text_mutations import CASES, run

SHARE = 150
"""Mutants of the ten thousand of `text_mutations.py`."""


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[3].__name__}-{case[2][:6]}")
def test_what_is_mutated_is_read_before(tmp_path, case):
    _, name, text, entry = case
    (tmp_path / name).write_text(text)
    entry(tmp_path / name)


def test_mutants_are_read_or_refused(tmp_path):
    outcomes, faults = run(SHARE, 0, tmp_path)
    assert faults == []
    assert sum(outcomes.values()) == SHARE
    assert {name.partition(": ")[2] for name in outcomes} == {"read", "refused"}
