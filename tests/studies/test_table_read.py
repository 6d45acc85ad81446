"""Tables of transfers: what is read, what is left out, and what is wrong where."""

from __future__ import annotations

import json

import pytest

from taskspace.errors import TableError
from taskspace.studies.taxonomy.table.affinities import AffinityTable, read_table

HEADER = "target,sources,order,affinity_ahp,winrate_vs_pixels_scratch_gain,"
HEADER += "winrate_vs_task_fully_supervised_quality\n"
ROWS = """a,self,1,0.5,0.9,0.5
b,self,1,0.36,0.8,0.5
a,a,1,0.3,0.7,0.4
a,b,1,0.25,0.6,0.3
b,a+c,2,0.16,0.5,0.2
b,c,1,,0.4,
"""


@pytest.fixture
def table(tmp_path):
    def write(text, name="table.csv", **options):
        file = tmp_path / name
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_table(AffinityTable(table=file, **options))

    return write


def test_rows_become_transfers_and_what_is_left_out_is_counted(table):
    found = table(HEADER + ROWS)
    assert {(t.target, t.sources): t.value for t in found.transfers} == {
        ("a", ("a",)): pytest.approx(0.5**0.5),
        ("b", ("b",)): 0.6,
        ("a", ("b",)): 0.5,
        ("b", ("a", "c")): 0.4,
    }
    assert (found.record.targets, found.record.sources) == (["a", "b"], ["a", "b", "c"])
    assert (found.problem().source_only, found.problem().target_only) == ({"c"}, set())
    assert found.record.transfers == 2
    assert found.record.left_out == {"missing value": 1, "own encoder": 1}
    assert {t.gain for t in found.transfers} == {0.9, 0.8, 0.6, 0.5}


def test_another_coefficient_keeps_other_rows(table):
    found = table(HEADER + ROWS, coefficient="gain")
    assert found.record.left_out == {"own encoder": 1}
    (kept,) = (t for t in found.transfers if t.sources == ("c",))
    assert (kept.value, kept.quality) == (0.4, None)


def test_orders_and_excluded_tasks_are_left_out(table):
    assert table(HEADER + ROWS, max_order=1).record.left_out == {
        "missing value": 1,
        "order": 1,
        "own encoder": 1,
    }
    found = table(HEADER + ROWS, exclude=["c"])
    assert found.record.sources == ["a", "b"] and found.record.left_out["excluded"] == 2


def test_a_table_without_a_name_for_the_supervised_network_names_it_by_its_target(table):
    found = table(HEADER + "a,a,1,0.5,,\nb,b,1,0.5,,\na,b,1,0.2,,\n", supervised=None)
    assert [t.is_supervised for t in found.transfers] == [True, True, False]


def test_a_spreadsheet_of_ones_own_names_its_columns(table):
    found = table(
        '\ufeffto,from,worth\ny,"x + z",0.25\n\nx,x,1\nz,z,1\n',
        columns={"target": "to", "sources": "from", "affinity": "worth"},
        coefficient="affinity",
        supervised=None,
    )
    assert found.transfers[0].sources == ("x", "z")
    assert found.transfers[0].gain is None
    assert found.problem().target_only == {"y"}


@pytest.mark.parametrize(
    "text",
    [
        "target;sources;value\na;a;0,5\n;;\nb;b;0,25\nb;a;0,75\n;;\n",
        "target\tsources\tvalue\na\ta\t0.5\nb\tb\t.25\nb\ta\t0.75\n\t\t\n",
        "Target, SOURCES ,Value,,\na,a,0.5,,\nb,b,0.25,,\nb,a,0.75\na,b,#DIV/0!\n",
        "sep=;\ntarget;sources;value\na;a;0.5\nb;b;0.25\nb;a;0.75\n",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_tables_of_spreadsheets_are_read_like_others(table, text, encoding):
    options = {"columns": {"affinity": "value"}, "coefficient": "affinity", "supervised": None}
    found = table(text.encode(encoding), **options)
    assert [t.value for t in found.transfers] == [0.5, 0.25, 0.75]


def test_keys_of_json_records_are_found_whatever_their_case(table):
    records = [{"Target": "a", " sources": "self", "AFFINITY_AHP": 0.25}]
    assert [t.value for t in table("\ufeff" + json.dumps(records), "t.json").transfers] == [0.5]


def test_json_records_are_read_as_rows_are(table):
    records = [
        {"target": "a", "sources": "self", "affinity_ahp": 0.5},
        {"target": "b", "sources": ["self"], "affinity_ahp": 0.36},
        {"target": "b", "sources": ["a", "c"], "affinity_ahp": None},
        {"target": "b", "sources": "a", "affinity_ahp": 0.16},
    ]
    for content in (records, {"transfers": records}):
        found = table(json.dumps(content), "table.json")
        assert [t.sources for t in found.transfers] == [("a",), ("b",), ("a",)]
        assert found.record.left_out == {"missing value": 1}


@pytest.mark.parametrize(
    ("rows", "line", "message"),
    [
        ("a,b,1,much,,\n", 8, "affinity of b -> a is 'much'"),
        ("a,b,1,inf,,\n", 8, "no finite number"),
        ("a,b,1,-0.5,,\n", 8, "affinity is -0.5"),
        ("a,c,1,0.5,30,\n", 8, "gain of c -> a is 30"),
        ("a,b,1,0.5\n", 8, "The row has 4 cells; the header has 6"),
        ("a,b,1,0.5,,\n", 8, "b -> a was there before, at .*table.csv:5"),
        ("a,,1,0.5,,\n", 8, "a name is empty"),
        ("a,b+b,1,0.5,,\n", 8, "there twice"),
        ("a,self+b,1,0.5,,\n", 8, "join the supervised network with others"),
        ('\n\na,"b,1\n', 10, "This is no CSV"),
        ('"d\nd","e\n",1,x,,\n', 8, "which is no number"),
    ],
)
def test_a_bad_row_is_named_by_its_line(table, rows, line, message):
    with pytest.raises(TableError, match=message) as error:
        table(HEADER + ROWS + rows)
    assert error.value.where.endswith(f"table.csv:{line}")


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("", {}, "There is no column"),
        (HEADER, {}, "No row is left"),
        (
            "target,sources\na,b\n",
            {},
            "There is no column 'affinity_ahp'; the columns are 'target'",
        ),
        (HEADER, {"columns": {"quality": "q"}}, "There is no column 'q'"),
        (HEADER.replace("order", "target"), {}, "names the column 'target' twice"),
        (HEADER + ROWS, {"source_only": []}, "how to serve 'c'"),
        (HEADER + ROWS, {"supervised": None}, "no supervised network for 'b'"),
        (b"\xff\xfe\x00", {}, "not UTF-16 text"),
    ],
)
def test_a_table_that_cannot_be_used_says_why(table, text, options, message):
    with pytest.raises(TableError, match=message) as error:
        table(text, **options)
    assert "table.csv" in error.value.where


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[1", "This is no JSON"),
        ("{}", "no list of records"),
        ("[1]", "There is no column 'affinity_ahp'; the columns are none"),
        ('[{"target": "a"}]', "There is no column 'affinity_ahp'; the columns are 'target'"),
        (
            '[{"target": "a", "sources": "b", "gain": 1}, {"target": "a"}]',
            "record 2: The record does not have all of gain, sources, target",
        ),
        ('[{"target": "a", "sources": "b", "gain": 1}, 2]', "record 2: .* does not have all"),
        ('[{"target": 1, "sources": "b", "affinity_ahp": 1}]', "The target is 1"),
        ('[{"target": "a", "sources": {}, "affinity_ahp": 1}]', "the sources are {}"),
        ('[{"target": "a", "sources": [1], "affinity_ahp": 1}]', "a name is empty"),
        ('[{"target": "a", "sources": "b", "affinity_ahp": true}]', "is True"),
        ('[{"target": "a", "sources": "b", "affinity_ahp": Infinity}]', "is inf"),
        ("[" * 100_000, "nested too deeply"),
        (f'[{{"target": "a", "sources": "b", "affinity_ahp": {"9" * 400}}}]', "no finite number"),
        ("9" * 5000, "thousands of digits"),
    ],
)
def test_json_that_is_no_table_says_where(table, text, message):
    with pytest.raises(TableError, match=message) as error:
        table(text, "table.json")
    assert "table.json" in error.value.where


def test_an_absent_table_says_where_the_official_one_is(tmp_path):
    with pytest.raises(TableError, match="StanfordVL/taskonomy") as error:
        read_table(AffinityTable(table=tmp_path / "absent.csv"))
    assert error.value.exit_code == 2
    with pytest.raises(TableError, match="cannot be read: Is a directory"):
        read_table(AffinityTable(table=tmp_path))


def test_rows_into_source_only_tasks_are_left_out(table):
    found = table(HEADER + ROWS + "c,self,1,0.5,,\nc,a,1,0.2,,\n", source_only=["c"], exclude=[])
    assert (
        found.record.targets == ["a", "b"] and found.record.left_out["into a source-only task"] == 2
    )
