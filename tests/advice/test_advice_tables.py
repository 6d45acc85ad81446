"""Whoever does what a refused table of transfers advises has a table."""

from __future__ import annotations

import json

import pytest

from taskspace.errors import TableError
from taskspace.studies.taxonomy.table.affinities import AffinityTable, read_table

NAMES = {"affinity": "value", "gain": "won", "quality": "kept", "cost": "cost"}
HEAD = "target,sources,value,won,kept,cost\n"
A, B = "a,self,0.5,0.5,0.5,1\n", "b,self,0.5,0.5,0.5,1\n"
SOUND = HEAD + A + B + "b,a,0.3,0.5,0.5,1\n"
OWN = HEAD + "a,a,0.5,0.5,0.5,1\nb,b,0.5,0.5,0.5,1\nb,a,0.3,0.5,0.5,1\na,b,0.3,0.5,0.5,1\n"

# The table that is refused with its options, a part of the advice, and what follows it.
CASES = {
    "a unit": ((SOUND.replace("0.3", "0.3 m"), {}), "Write a number such as", (SOUND, {})),
    "no number": ((SOUND.replace("0.3", "inf"), {}), "leave the cell empty", (
        SOUND.replace("0.3", ""), {})),
    "a percentage": ((SOUND.replace("0.3,0.5", "0.3,50"), {}), "a fraction from 0 to 1", (
        SOUND, {})),
    "a row twice": ((SOUND + "b,a,0.3,0.5,0.5,1\n", {}), "Keep one of the two rows.", (SOUND, {})),
    "a cost below 0": ((SOUND.replace("0.3,0.5,0.5,1", "0.3,0.5,0.5,-1"), {}),
                       "What labels cost is at least 0.", (SOUND, {})),
    "no column": (
        (SOUND.replace("value", "strength"), {}), "Set `affinities.coefficient` to gain", (
            SOUND.replace("value", "strength"),
            {"coefficient": "gain", "columns": {"gain": "won", "quality": "kept"}})),
    "nothing left": ((SOUND, {"exclude": ["a", "b"]}), "Relax `max_order` and `exclude`", (
        SOUND, {"exclude": ["a"]})),
    "supervised by itself": ((OWN, {}), "set `affinities.supervised` to null", (
        OWN, {"supervised": None})),
    "supervised by another name": (
        (SOUND.replace("self", "own"), {"source_only": []}),
        "if one of them stands for the supervised network, in `supervised`",
        (SOUND.replace("self", "own"), {"supervised": "own"})),
    "a source that nothing serves": (
        (SOUND + "b,c,0.2,0.5,0.5,1\n", {"source_only": []}), "Name them in `source_only`", (
            SOUND + "b,c,0.2,0.5,0.5,1\n", {"source_only": ["c"]})),
    "a source that nothing serves, left out": (
        (SOUND + "b,c,0.2,0.5,0.5,1\n", {"source_only": []}), "or in `exclude`", (
            SOUND + "b,c,0.2,0.5,0.5,1\n", {"source_only": [], "exclude": ["c"]})),
    "joined with the supervised one": (
        (SOUND + "b,a+self,0.2,0.5,0.5,1\n", {}), "'self' stands alone", (SOUND, {})),
}  # fmt: skip


@pytest.fixture
def read(tmp_path):
    def table(text, options, name="table.csv"):
        file = tmp_path / name
        file.write_text(text, encoding="utf-8")
        return read_table(AffinityTable(table=file, **{"columns": NAMES, **options}))

    return table


@pytest.mark.parametrize(("refused", "advice", "followed"), CASES.values(), ids=CASES)
def test_who_does_as_advised_has_a_table(read, refused, advice, followed):
    with pytest.raises(TableError) as caught:
        read(*refused)
    assert advice in str(caught.value.advice)
    assert len(read(*followed).transfers)


def test_a_record_says_null_where_nothing_was_measured(read):
    names = {"value": 0.5, "won": 0.5, "kept": 0.5, "cost": 0}
    records = [{"target": "a", "sources": [source], **names} for source in ("self", "b")]
    del records[1]["value"]
    with pytest.raises(TableError) as caught:
        read(json.dumps(records), {}, "table.json")
    assert caught.value.advice == "A value that was not measured is null."
    records[1]["value"] = None
    assert len(read(json.dumps(records), {}, "table.json").transfers) == 1
