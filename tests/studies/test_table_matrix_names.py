"""Matrices of affinities from spreadsheets: names that are no tasks, and what looks like one."""

from __future__ import annotations

import pytest

from taskspace.errors import TableError
from taskspace.studies.taxonomy.table.affinities import read_table
from taskspace.studies.taxonomy.table.description import AffinityTable

ROWS = "depth;0,9;0,7;0,2\nnormals;0,3;0,8;0,5\nedges;0,4;0,1;0,6\n"
MATRIX = "source;depth;normals;edges\n" + ROWS


@pytest.fixture
def table(tmp_path):
    def write(text, **options):
        file = tmp_path / "table.csv"
        file.write_text(text, encoding="utf-8")
        return read_table(AffinityTable(table=file, **options))

    return write


def with_column(name):
    first, *rows = MATRIX.splitlines()
    return "\n".join([f"{first};{name}", *(f"{row};0,5" for row in rows)]) + "\n"


@pytest.mark.parametrize("name", ["Mean", "sum", "TOTAL:", "Grand total", "Mittelwert"])
def test_a_row_or_column_of_totals_is_no_task(table, name):
    row = f"{name};0,53;0,53;0,4\n"
    for text, line in ((MATRIX + row, 5), (with_column(name), 1)):
        with pytest.raises(TableError, match=f"csv:{line}: .*called like one that is comp") as own:
            table(text)
        assert f"`affinities.exclude: [{name}]`" in own.value.advice
        assert table(text, exclude=[name]).record.targets == ["depth", "edges", "normals"]


@pytest.mark.parametrize("options", [{}, {"layout": "matrix"}])
def test_rows_without_names_are_refused(table, options):
    text = "depth;normals;edges\n0,9;0,7;0,2\n0,3;0,8;0,5\n0,4;0,1;0,6\n"
    with pytest.raises(TableError, match=r"csv:2: The row begins with the number '0,9'"):
        table(text, **options)


def test_tasks_may_be_called_by_numbers(table):
    found = table("source,1,2\n1,0.5,0.25\n2,0.5,0.25\n3,0.5,0.25\n", source_only=["3"])
    assert found.record.targets == ["1", "2"] and found.findings == ()


@pytest.mark.parametrize(
    "text",
    [
        MATRIX.replace("source;depth", "source;Depth"),
        MATRIX.replace("\nedges", "\nEDGES"),
        MATRIX.replace("normals;edges", "surface normals;edges").replace("\nno", "\nsurface_no"),
        MATRIX + "Depth;0,1;0,2;0,3\n",
    ],
)
def test_names_that_differ_in_spelling_alone_are_refused(table, text):
    with pytest.raises(TableError, match="differ in case, spaces or hyphens alone"):
        table(text)


@pytest.mark.parametrize("options", [{}, {"layout": "matrix"}])
def test_a_matrix_whose_first_cell_says_target_is_not_read_the_other_way(table, options):
    text = MATRIX.replace("source", "Target")
    with pytest.raises(TableError, match="The first cell is 'Target', and a matrix has sources d"):
        table(text, **options)


@pytest.mark.parametrize("corner", ["sources", "", "from/to"])
def test_other_first_cells_are_read_as_sources_down(table, corner):
    text = MATRIX.replace("source", corner)
    assert list(table(text).transfers) == list(table(MATRIX).transfers)


def test_a_row_table_that_lacks_its_sources_is_no_matrix(table):
    with pytest.raises(TableError, match="There is no column 'sources'"):
        table("target,affinity\na,0.5\nb,0.25\n")


def test_what_keeps_a_matrix_from_being_read_is_told_of_its_cell(table):
    text = "source;depth;normals\ndepth;90%;70%\nnormals;30%;80%\n"
    with pytest.raises(TableError, match="affinity of depth -> depth is '90%'") as refused:
        table(text)
    assert refused.value.advice == "Write a fraction, such as 0.9 for 90%."


@pytest.mark.parametrize("text", [MATRIX, "target;sources;affinity\na;self;0,5\n"])
@pytest.mark.parametrize("title", ["Affinities 2026;;;\n", "Affinities 2026;\n\n"])
def test_a_title_above_the_header_is_called_one(table, text, title):
    with pytest.raises(TableError, match="The first row is one cell, 'Affinities 2026'") as own:
        table(title + text)
    assert "Remove titles above the header" in own.value.advice


def test_names_that_are_only_rows_or_only_columns_are_told(table):
    assert table(MATRIX).findings == ()
    (found,) = table(MATRIX + "jigsaw;0,3;0,3;0,3\n").findings
    assert (found.code, found.tone) == ("matrix-rows-without-column", "warning")
    assert "1 row of the matrix has no column" in found.text and "jigsaw" in found.text
    assert table(MATRIX + "jigsaw;0,3;0,3;0,3\n", source_only=["jigsaw"]).findings == ()
    (found,) = table(with_column("motion")).findings
    assert (found.code, found.tone) == ("matrix-columns-without-row", "note")
    assert "motion" in found.text
    misspelt = table(MATRIX.replace("\nedges", "\nedgs")).findings
    assert [own.tone for own in misspelt] == ["warning", "warning"]
