"""Numbers of tables: how they are written, which cells have none, and what is wrong with others."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskspace.errors import TableError
from taskspace.tables import NoNumber, Numbers, is_missing


@pytest.mark.parametrize(
    "cell",
    [
        "",
        "  ",
        "NA",
        "nan",
        "-NaN",
        "N/A",
        "null",
        "None",
        "?",
        "-",
        "#N/A",
        "#DIV/0!",
        "<NA>",
        "–",
    ],
)
def test_words_for_missing_are_missing(cell):
    assert is_missing(cell)
    assert Numbers().parse(f" {cell} ") is None
    assert Numbers(decimal_comma=True).parse(cell) is None


def test_what_pandas_takes_for_missing_is_missing():
    # https://pandas.pydata.org/docs/reference/api/pandas.read_csv.html, `na_values`
    cells = "#N/A,#N/A N/A,#NA,-1.#IND,-1.#QNAN,-NaN,-nan,1.#IND,1.#QNAN,<NA>,N/A,NA,NULL,NaN,None"
    assert all(is_missing(cell) for cell in [*cells.split(","), "", "n/a", "nan", "null"])


@pytest.mark.parametrize(
    ("cell", "fault"),
    [
        ("1,234", "with a thousands separator"),
        ("1,234,567.5", "with a thousands separator"),
        ("1.234.567", "with a thousands separator"),
        ("-12 345", "with a thousands separator"),
        ("1'234.5", "with a thousands separator"),
        ("1_000", "with a thousands separator"),
        ("12\N{NARROW NO-BREAK SPACE}345", "with a thousands separator"),
        ("1,00,000", "with a thousands separator"),
        ("0,5", "with a decimal comma"),
        ("-12,3456", "with a decimal comma"),
        (",5e-3", "with a decimal comma"),
        ("12%", "with a percent sign"),
        ("12.5 %", "with a percent sign"),
        ("%5", "with a percent sign"),
        ("12 kg", "with 'kg' after the number"),
        ("3.5ms", "with 'ms' after the number"),
        ("5 \N{EURO SIGN}", "with '\N{EURO SIGN}' after the number"),
        ("$5.00", "with '$' before the number"),
        ("\N{MINUS SIGN}5", "with a minus sign that is no hyphen"),
        ("1_0", "with an underscore"),
        ("inf", "which is no finite number"),
        ("1e999", "which is no finite number"),
        ("much", "which is no number"),
        ("2024-01-05", "which is no number"),
    ],
)
def test_a_cell_that_is_no_number_says_why(cell, fault):
    with pytest.raises(NoNumber) as error:
        Numbers().parse(cell)
    assert error.value.fault == fault and error.value.advice


def test_decimal_commas_are_read_where_semicolons_part_cells():
    numbers = Numbers(decimal_comma=True)
    cells = ["0,5", "-1,25", "3", ",5", "1,5e2", ""]
    assert [numbers.parse(cell) for cell in cells] == [0.5, -1.25, 3.0, 0.5, 150.0, None]
    with pytest.raises(NoNumber, match="thousands"):
        numbers.parse("1.234,5")


@pytest.mark.parametrize(("first", "second"), [("0,5", "1.234"), ("1.5", "2,5"), ("1.0", "1,0")])
def test_a_file_does_not_mix_points_and_decimal_commas(first, second):
    numbers = Numbers(decimal_comma=True)
    numbers.parse(first)
    with pytest.raises(NoNumber, match="one has a decimal comma, the other a point"):
        numbers.parse(second)


def test_values_of_json_are_numbers_or_missing():
    assert [Numbers().parse(value) for value in (None, math.nan, 2, 0.5, "0.5")] == [
        *(None, None, 2.0, 0.5, 0.5)
    ]
    for value in (True, math.inf, 10**400, [1], {}):
        with pytest.raises(NoNumber, match="no finite number"):
            Numbers().parse(value)


def test_a_table_names_the_cell_that_is_no_number():
    with pytest.raises(TableError, match="The cost of a is '1,5', with a decimal comma") as error:
        Numbers().cell("1,5", "cost of a", "t.csv:3")
    assert error.value.where == "t.csv:3" and "0.5 for 0,5" in error.value.advice


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_is_read_as_it_was_written(number):
    assert Numbers().parse(repr(number)) == number
    assert Numbers(decimal_comma=True).parse(repr(number).replace(".", ",")) == number


@given(st.text(max_size=30))
def test_any_text_is_a_number_missing_or_named(text):
    for numbers in (Numbers(), Numbers(decimal_comma=True)):
        try:
            found = numbers.parse(text)
        except NoNumber as error:
            assert error.fault and error.advice
        else:
            assert found is None or math.isfinite(found)
