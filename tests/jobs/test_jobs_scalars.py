"""Plain scalars mean what YAML 1.2 says, not what YAML 1.1 said."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskspace.jobs.text.scalars import BadScalar, checked_text, resolve

# The examples of YAML 1.2.2, Sec. 10.3.2, and those that 1.1 reads otherwise.
MEANINGS = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "nULL": "nULL",
    "true": True,
    "FALSE": False,
    "tRUE": "tRUE",
    "no": "no",
    "off": "off",
    "yes": "yes",
    "y": "y",
    "On": "On",
    "0": 0,
    "0o7": 7,
    "0x3A": 58,
    "-19": -19,
    "012": 12,
    "0" * 5000 + "3": 3,
    "+12": 12,
    "0b1": "0b1",
    "1_000": "1_000",
    "12:30:45": "12:30:45",
    "2020-01-01": "2020-01-01",
    "0.": 0.0,
    "-0.0": -0.0,
    ".5": 0.5,
    "+12e03": 12000.0,
    "-2E+05": -200000.0,
    "1e-4": 1e-4,
    "1e5": 1e5,
    ".": ".",
    "e3": "e3",
    "1e": "1e",
    "--1": "--1",
    "٣": "٣",
    "=": "=",
    "<<": "<<",
}


@pytest.mark.parametrize("text", MEANINGS, ids=lambda text: text[:9])
def test_a_plain_scalar_means_what_the_core_schema_says(text):
    value = resolve(text)
    assert value == MEANINGS[text]
    assert type(value) is type(MEANINGS[text])


@given(st.integers(-(2**63) + 1, 2**63 - 1))
def test_integers_of_64_bits_are_exact(number):
    assert resolve(str(number)) == number


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_floats_are_exact(number):
    read = resolve(repr(number))
    assert read == number
    assert math.copysign(1, read) == math.copysign(1, number)


@pytest.mark.parametrize(
    "text", ["9" * 19, "-" + "9" * 5000, "0x" + "f" * 5000, "1e999", "-.inf", ".NaN"]
)
def test_numbers_that_cannot_be_used_are_refused_in_words(text):
    with pytest.raises(BadScalar, match="number"):
        resolve(text)


def test_pairs_of_surrogates_are_joined_and_halves_refused():
    assert checked_text("\ud83d\ude00") == "😀"
    with pytest.raises(BadScalar, match="surrogate"):
        checked_text("a\ud83d")
