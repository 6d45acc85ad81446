"""Numbers survive the way into text, files, axes and colours."""

from __future__ import annotations

import csv
import io
import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskspace.report.axis import axis
from taskspace.report.download import csv_text, file_name, json_text
from taskspace.report.numbers import brief, show

ANY_FLOAT = st.floats()
FINITE = st.floats(allow_nan=False, allow_infinity=False)


@given(st.floats(-1e300, 1e300), st.integers(1, 6))
def test_a_shown_number_is_the_number_to_its_digits(value: float, digits: int) -> None:
    relative = abs(value) * 10.0 ** -(digits - 1)
    assert abs(float(show(value, digits)) - value) <= max(0.5 * 10**-digits * 1.001, relative)


@given(FINITE.filter(lambda value: value != 0), st.integers(1, 6))
def test_a_number_that_is_not_zero_is_not_shown_as_zero(value: float, digits: int) -> None:
    assert float(show(value, digits)) != 0 or abs(value) < 1e-320  # shorter than a denormal


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "—"), (True, "yes"), (False, "no"), (3, "3"), ("x", "x"), (0.0, "0.000"),
        (-0.0, "0.000"), (0.12345, "0.123"), (0.0002, "2.00e-04"), (2e9, "2.00e+09"),
        (math.nan, "NaN"), (math.inf, "∞"), (-math.inf, "-∞"), (np.float32(0.5), "0.500"),
        (np.int64(7), "7"),
    ],
)  # fmt: skip
def test_values_show_as_people_write_them(value: object, shown: str) -> None:
    assert show(value, 3) == shown  # type: ignore[arg-type]


def test_in_drawings_small_numbers_keep_their_decimals() -> None:
    assert [brief(v, 2) for v in (0.001, -0.001, 0.5, math.nan)] == ["0.00", "0.00", "0.50", "NaN"]


NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"])).filter(
    lambda name: not name.startswith(("=", "+", "-", "@"))
)


@given(st.lists(st.tuples(NAMES, st.none() | FINITE | st.integers())))
def test_csv_reads_back_in_full_precision(rows: list[tuple[str, float | None]]) -> None:
    read = list(csv.reader(io.StringIO(csv_text(["name", "value"], rows), newline="")))
    assert read[0] == ["name", "value"]
    for (name, value), (read_name, read_value) in zip(rows, read[1:], strict=True):
        assert read_name.encode() == name.encode() or "\ufffd" in read_name
        assert (type(value)(read_value) if value is not None else None) == value


@pytest.mark.parametrize("name", ["=1+1", "+1", "-x", "@SUM(A1)", "\tx"])
def test_no_name_is_a_formula_to_a_spreadsheet(name: str) -> None:
    assert csv_text([name], [[name], [-1.5]]).splitlines() == [f"'{name}", f"'{name}", "-1.5"]


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | ANY_FLOAT | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_json_is_strict_whatever_the_numbers(value: object) -> None:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    def expected(item: object) -> object:
        if isinstance(item, float):
            return item if math.isfinite(item) else None
        if isinstance(item, list):
            return [expected(part) for part in item]
        if isinstance(item, dict):
            return {key: expected(part) for key, part in item.items()}
        return item

    text = json_text(value)
    assert text.isascii()
    assert json.loads(text, parse_constant=refuse) == expected(value)


def test_json_takes_arrays_and_paths_and_names_what_it_cannot_hold() -> None:
    held = {"a": np.array([1.5, np.nan]), "b": np.int64(2), "c": Path("x") / "y"}
    assert json.loads(json_text(held)) == {"a": [1.5, None], "b": 2, "c": "x/y"}
    with pytest.raises(TypeError, match=r"manifest\.a\[1\] is a object"):
        json_text({"a": [1, object()]}, "manifest")


@given(st.text())
def test_a_file_name_is_one_everywhere(name: str) -> None:
    made = file_name(name, "csv")
    assert made.endswith(".csv")
    assert not set(made) & set('/\\:*?"<>|\0\n')
    assert not made.startswith((".", "-"))


@given(st.lists(ANY_FLOAT) | st.lists(st.integers(-(10**9), 10**9)), st.booleans())
def test_an_axis_holds_its_values_and_has_ticks(values: list[float], rounded: bool) -> None:
    whole = all(isinstance(value, int) for value in values)
    made = axis(values, whole=whole, rounded=rounded)
    assert made.low < made.high
    assert len(made.ticks) <= 12
    assert whole or len(made.ticks) >= 2
    assert all(made.label(tick) for tick in made.ticks)
    for value in values:
        if math.isfinite(value):
            assert 0 <= made.at(value) <= 1
            if abs(value) <= 1e100 and made.high - made.low > 1e-9:
                back = made.low + made.at(value) * (made.high - made.low)
                assert back == pytest.approx(value, abs=1e-6 * (made.high - made.low))


def test_ticks_are_the_round_numbers() -> None:
    assert axis([0.31, 0.68]).ticks == pytest.approx([0.3, 0.4, 0.5, 0.6, 0.7])
    assert [axis([0, 1]).label(t) for t in axis([0, 1]).ticks] == [
        "0.0", "0.2", "0.4", "0.6", "0.8", "1.0",
    ]  # fmt: skip
    assert axis([1, 8], whole=True, rounded=False).ticks == (2, 4, 6, 8)
