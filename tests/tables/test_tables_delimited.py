"""Tables as text: encodings, separators, headers, rows and quotes."""

from __future__ import annotations

import itertools
import os
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskspace.errors import DataError, TableError
from taskspace.tables import UndecodableText, data_errors, decoded, open_delimited


@pytest.fixture
def read(tmp_path):
    def parsed(content, expected=()):
        file = tmp_path / "table.csv"
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        with open_delimited(file, "Give a table.", expected) as table:
            return table.header.names, list(table.rows)

    return parsed


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_tables_are_read_as_any_program_saves_them(read, encoding, mark, end):
    text = end.join(["name,größe", "a,1", "b,2", ""]).replace(",", mark)
    assert read(text.encode(encoding)) == (("name", "größe"), [(2, ["a", "1"]), (3, ["b", "2"])])


def test_big_endian_utf16_is_read():
    assert decoded("\ufeffa,é".encode("utf-16-be")) == "a,é"


@pytest.mark.parametrize(
    ("content", "message", "line"),
    [
        ("a,b\n1,2\ncafé,3\n".encode("latin-1"), "line 3 has the byte 0xe9", 3),
        (
            ("a,b\n" + "1,2\n" * 50_000).encode() + b"\xff,1\n",
            "line 50002 has the byte 0xff",
            50002,
        ),
        ("a,b\n".encode("utf-16-le"), "line 1 has a NUL character, as UTF-16 without", 1),
        ("a,b\n".encode("utf-32"), "UTF-32", 1),
        (b"PK\x03\x04anything", "a workbook", 1),
        (b"\x1f\x8banything", "compressed with gzip", 1),
        ("a,b\n1,2\n".encode("utf-16") + b"\x00\xd8", "not UTF-16 text", 3),
    ],
)
def test_bytes_that_are_no_text_say_what_they_are_and_what_to_do(read, content, message, line):
    with pytest.raises(TableError, match=message) as error:
        read(content)
    assert error.value.where.endswith(f"table.csv:{line}") and error.value.advice
    with pytest.raises(UndecodableText, match=message) as fault:
        decoded(content)
    assert fault.value.line == line


@pytest.mark.parametrize(
    ("header", "names"),
    [
        ("a;b", ("a", "b")),
        ('"a;b",c', ("a;b", "c")),
        ('c,"a;b"', ("c", "a;b")),
        ('c, "a;b"', ("c", "a;b")),
        ("sep=;\na,x;b", ("a,x", "b")),
        ("sep=,\na,x;b", ("a", "x;b")),
        ('"two\nlines",b', ("two\nlines", "b")),
        ('5" screen;b', ('5" screen', "b")),
        ("alone", ("alone",)),
        ("\n;;\n;a;b", ("", "a", "b")),
        ("a,b,,", ("a", "b")),
    ],
)
def test_the_separator_is_found_from_the_header(read, header, names):
    assert read(header + "\n")[0] == names


def test_expected_names_tell_separators_apart(read):
    assert read("Target,note;x\n", ["target"])[0] == ("Target", "note;x")
    assert read("task;a,b;model\n", ["task", "model"])[0] == ("task", "a,b", "model")


@pytest.mark.parametrize("header", ["a;b,c", "a\tb;c", "a,b\tc;d"])
def test_a_header_with_two_separators_is_refused_and_the_advice_helps(read, header):
    with pytest.raises(TableError, match="either could part its columns") as error:
        read(header + "\n")
    assert "`sep=,`" in error.value.advice
    assert len(read("sep=;\n" + header + "\n")[0]) == header.count(";") + 1


def test_cells_parted_by_bars_are_refused(read):
    with pytest.raises(TableError, match=r"separated by '\|'"):
        read("a|b\n1|2\n")


def test_blank_rows_are_skipped_and_lines_still_count(read):
    assert read("a,b\n\n,\n  , \n1,2\n\n3,4\n,,,,\n")[1] == [(5, ["1", "2"]), (7, ["3", "4"])]


def test_blank_cells_beyond_the_header_are_no_part_of_a_row(read):
    assert read("a,b,,\n1,2,,\n3,4\n5,6, ,,,\n")[1] == [
        (2, ["1", "2"]),
        (3, ["3", "4"]),
        (4, ["5", "6"]),
    ]


@pytest.mark.parametrize(
    ("rows", "line", "message"),
    [
        ("1,2,3\n", 2, "The row has 3 cells; the header has 2"),
        ("1,2\n1\n", 3, "The row has 1 cells; the header has 2"),
        ('1,"2\n3"\n1,2,,4\n', 4, "The row has 4 cells"),
        ('1,2\n"a"b,2\n', 3, "text follows a quote that ends a cell in line 3"),
        ('1,2\n\n"a,2\n3,4\n', 4, "a quote that is opened in the row of line 4 is not closed"),
        ('1,2\n"' + "a,2\n" * 50_000, 3, "opened in the row of line 3 is not closed"),
    ],
)
def test_a_bad_row_is_named_by_the_line_where_it_begins(read, rows, line, message):
    with pytest.raises(TableError, match=message) as error:
        read("a,b\n" + rows)
    assert error.value.where.endswith(f"table.csv:{line}") and error.value.advice


def test_quotes_after_a_space_are_quotes(read):
    assert read('a, b\nx, "1, 2"\ny,  "3"\n')[1] == [(2, ["x", "1, 2"]), (3, ["y", "3"])]


def test_what_is_no_file_is_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    cases = {
        "absent": "no such table",
        "pipe": "not a file",
        ".": "directory",
        "n" * 300: "too long",
    }
    for name, message in cases.items():
        with pytest.raises(TableError, match=message):
            _open(tmp_path / name)


def test_a_long_table_is_never_in_memory(tmp_path):
    file = tmp_path / "long.csv"
    file.write_text("a,b\n" + "x,1\n" * 500_000)
    tracemalloc.start()
    with open_delimited(file, "Give a table.") as table:
        last = max(line for line, _ in itertools.islice(table.rows, 100_000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert last == 100_001
    assert peak < 2**20


def test_columns_are_found_whatever_their_case(tmp_path):
    file = tmp_path / "table.csv"
    file.write_text(" Task ,MODEL,model,x,X\n")
    with open_delimited(file, "Give a table.") as table:
        header = table.header
    assert [header.find(name) for name in ("task", "TASK ", "model", "MODEL", "absent")] == [
        *(0, 0, 2, 1),
        None,
    ]
    assert header.needed("x", "") == 3
    with pytest.raises(TableError, match=r"no column 'y'; the columns are 'Task', 'MODEL'"):
        header.needed("y", "")
    with pytest.raises(TableError, match="names the column 'Model' twice"):
        header.find("Model")


def test_the_tables_of_a_dataset_fail_as_data(tmp_path):
    with pytest.raises(DataError, match="no such table") as error, data_errors():
        _open(tmp_path / "absent.csv")
    assert error.value.advice == "Give a table."


def _open(file):
    with open_delimited(file, "Give a table.") as table:
        return table


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(content):
    try:
        decoded(content)
    except UndecodableText as error:
        assert error.advice and error.line >= 1 and 0 <= error.start <= len(content)
