"""Tables of transfers: matrices, separators, short names of columns, costs and own networks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from taskspace.errors import InputError, TableError
from taskspace.studies.taxonomy.table.affinities import read_table
from taskspace.studies.taxonomy.table.description import AffinityTable

PUBLISHED = Path(__file__).parents[3] / "shared" / "data" / "taxonomy"

MATRIX = "source,a,b,c\na,0.5,0.2,0.1\nb,0.3,0.6,\nc,0.2,0.1,0.7\n"


@pytest.fixture
def table(tmp_path):
    def write(text, name="table.csv", **options):
        file = tmp_path / name
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_table(AffinityTable(table=file, **options))

    return write


def values(found):
    return {(t.target, t.sources): t.value for t in found.transfers}


@pytest.mark.parametrize("options", [{}, {"layout": "matrix"}])
@pytest.mark.parametrize(
    "text",
    [
        MATRIX,
        MATRIX.replace("source", "").replace(",", "\t"),
        MATRIX.replace(",", ";").replace(".", ",") + ";;;\n",
        "\ufeff" + MATRIX.replace("\n", ",,\n"),
    ],
)
def test_a_matrix_has_sources_down_and_targets_across(table, text, options):
    found = table(text, **options, coefficient="affinity")
    assert values(found) == {
        ("a", ("a",)): 0.5,
        ("b", ("a",)): 0.2,
        ("c", ("a",)): 0.1,
        ("a", ("b",)): 0.3,
        ("b", ("b",)): 0.6,
        ("a", ("c",)): 0.2,
        ("b", ("c",)): 0.1,
        ("c", ("c",)): 0.7,
    }
    assert found.record.left_out == {"missing value": 1}


def test_the_cells_of_a_matrix_are_what_the_coefficient_says(table):
    assert {t.gain for t in table(MATRIX, coefficient="gain").transfers} >= {0.5, 0.2, 0.1}
    assert values(table(MATRIX))["a", ("a",)] == 0.5**0.5


def test_rows_of_a_matrix_that_are_no_target_are_sources_alone(table):
    found = table(MATRIX + "jigsaw,0.3,0.3,0.3\n")
    assert found.problem().source_only == {"jigsaw"}


@pytest.mark.skipif(not PUBLISHED.is_dir(), reason="the published tables are not there")
@pytest.mark.parametrize(
    ("matrix", "coefficient"),
    [
        ("first_order_affinity_16k.csv", "affinity"),
        ("first_order_gain_vs_pixels_16k.csv", "gain"),
        ("first_order_quality_vs_task_16k.csv", "quality"),
    ],
)
def test_the_published_matrices_say_what_the_published_list_says(matrix, coefficient):
    by_rows = AffinityTable(
        table=PUBLISHED / "taskonomy_transfers_16k.csv", max_order=1, coefficient=coefficient
    )
    by_matrix = AffinityTable(table=PUBLISHED / matrix, coefficient=coefficient)
    assert values(read_table(by_matrix)) == values(read_table(by_rows))


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        (MATRIX + "a,1,1,1\n", {}, "csv:5: The source 'a' has a row before, at line 2"),
        (MATRIX + ",1,1,1\n", {}, "csv:5: The row has no source"),
        (MATRIX.replace("c\na", "a\na"), {}, "csv:1: A target in the header .* is there twice"),
        (MATRIX.replace("0.6", "60%"), {}, "csv:3: The affinity of b -> b is '60%', with a perc"),
        (MATRIX, {"layout": "rows"}, "There is no column 'affinity_ahp'"),
        ("alone\n", {"layout": "matrix"}, "The first row is one cell, 'alone'"),
        (MATRIX, {"layout": "matrix", "columns": {"gain": "a"}}, "`affinities.columns` has no use"),
        ("to,from,worth\na,b,0.5\n", {}, "There is no column"),
    ],
)
def test_a_matrix_that_cannot_be_used_says_where(table, text, options, message):
    with pytest.raises(TableError, match=message) as error:
        table(text, **options)
    assert error.value.advice


@pytest.mark.parametrize(
    "rows",
    [
        "target,sources,value\nc++,c++,1\n",
        "target,sources,value\na,a,1\na+b,a,1\n",
        "target,sources,value\na,a,1\na,b++,1\n",
    ],
)
def test_a_name_with_the_separator_is_refused_and_another_separator_helps(table, rows):
    options = {"columns": {"affinity": "value"}, "supervised": None}
    with pytest.raises(TableError, match=r"csv:[23]: ") as error:
        table(rows, **options)
    assert "`affinities.separator`" in error.value.advice
    found = table(rows + "x,a|y,1\n", separator="|", **options)
    assert ("x", ("a", "y")) in values(found)


def test_names_in_json_lists_and_matrices_may_hold_the_separator(table):
    records = [
        {"target": "c++", "sources": ["c++"], "affinity": 1},
        {"target": "a+b", "sources": ["c++", "d"], "affinity": 0.25},
    ]
    found = table(json.dumps(records), "table.json", supervised=None)
    assert values(found) == {("c++", ("c++",)): 1, ("a+b", ("c++", "d")): 0.5}
    assert ("c++", ("c++",)) in values(table("s,c++,d\nc++,1,0.5\nd,0.5,1\n"))


@pytest.mark.parametrize(
    ("header", "coefficient", "value"),
    [
        ("target,sources,affinity,gain,quality", None, 0.5),
        ("Target,Sources,Affinity,Gain", None, 0.5),
        ("target,sources,gain", None, 0.25),
        ("target,sources,QUALITY", None, 0.25),
        ("target,sources,winrate_vs_pixels_scratch_gain", None, 0.25),
        ("target,sources,gain,quality", "quality", 0.25),
        ("target,sources,affinity,gain,quality", "affinity", 0.25),
    ],
)
def test_short_names_are_found_and_the_coefficient_follows_them(table, header, coefficient, value):
    cells = ",0.25" * (header.count(",") - 1)
    text = f"{header}\na,self{cells}\n"
    assert values(table(text, coefficient=coefficient)) == {("a", ("a",)): value}


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("target,sources,affinity,affinity_ahp", "either could be the affinity"),
        ("target,sources,affinity,gain,winrate_vs_pixels_scratch_gain", "could be the gain"),
        ("target,sources,quality,gain", "has gain and quality and no affinity"),
        ("target,sources,Gain,gain,GAIN,gain", "names the column 'gain' twice"),
    ],
)
def test_several_columns_that_could_be_meant_are_refused(table, header, message):
    text = f"{header}\na,self{',0.25' * (header.count(',') - 1)}\n"
    with pytest.raises(TableError, match=message) as error:
        table(text)
    assert error.value.advice


def test_named_columns_settle_which_is_meant(table):
    text = "target,sources,affinity,affinity_ahp\na,self,0.25,0.5\n"
    found = table(text, columns={"affinity": "affinity"}, coefficient="affinity")
    assert values(found) == {("a", ("a",)): 0.25}


PAIRS = "target,sources,affinity\nb,a,0.7\na,b,0.3\nc,a,0.4\na,c,0.2\n"


def test_pairs_without_own_rows_are_told_to_add_them_and_it_helps(table):
    with pytest.raises(TableError, match="no supervised network for 'a', 'b', 'c'") as error:
        table(PAIRS, supervised=None)
    assert "(TASK,TASK,VALUE)" in error.value.advice
    assert "a,a,VALUE" in error.value.advice
    assert "to null" not in error.value.advice
    assert len(table(PAIRS + "a,a,1\nb,b,1\nc,c,1\n", supervised=None).transfers) == 7


@pytest.mark.parametrize("options", [{}, {"supervised": None}, {"coefficient": "affinity"}])
def test_one_value_stands_for_all_networks_without_a_row(table, options):
    found = table(PAIRS, supervised_value=0.81, **options)
    expected = 0.81 if "coefficient" in options else 0.9
    own = {t.target: t.value for t in found.transfers if t.is_supervised}
    assert own == dict.fromkeys("abc", pytest.approx(expected))
    assert found.record.transfers == 4
    kept = table(PAIRS + "a,a,0.25\n", supervised_value=0.81, supervised=None)
    assert values(kept)["a", ("a",)] == 0.5


def test_one_value_beyond_a_win_rate_is_refused(table):
    with pytest.raises(InputError, match="The gain of supervised networks is 5"):
        table(PAIRS.replace("affinity", "gain"), supervised_value=5)


def test_own_rows_under_another_name_are_told_to_say_so(table):
    with pytest.raises(TableError, match="no supervised network") as error:
        table(PAIRS + "a,a,1\nb,b,1\nc,c,1\n")
    assert "(TASK,self,VALUE)" in error.value.advice and "to null" in error.value.advice


def test_an_own_row_without_a_value_is_named(table):
    with pytest.raises(TableError, match="the row of 'b' has no value"):
        table(PAIRS + "a,a,1\nb,b,NA\nc,c,1\n", supervised=None)


def test_labels_cost_what_the_job_says(table):
    found = table(PAIRS, supervised_value=1, costs={"a": 0, "c": 20})
    problem = found.problem()
    assert dict(problem.label_cost) == {"a": 0, "c": 20}
    with pytest.raises(InputError, match="There is no task 'aa' in the table") as error:
        table(PAIRS, supervised_value=1, costs={"aa": 1})
    assert (error.value.where, error.value.advice) == ("affinities.costs", "Did you mean 'a'?")
