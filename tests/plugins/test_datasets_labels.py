"""Every mistake in labels.csv is named with its line."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskspace.errors import DataError
from taskspace_plugins.datasets.folders._labels import _number, classes_of, read_labels

IMAGES = [f"{name}.png" for name in "abcdefghijklm"]

BROKEN = {
    "empty": ("", "is empty"),
    "blank lines": ("\n , \n", "is empty"),
    "no header": ("a.png,1\nb.png,2\n", "no header"),
    "only files": ("file\na.png\n", "no label"),
    "semicolons": ("file;age\na.png;1\n", "not semicolons"),
    "no name": ("file,age,\na.png,1,2\n", "Column 3 has no name"),
    "image": ("file,image\na.png,1\n", "called 'image'"),
    "same name": ("file,age,age\na.png,1,2\n", "Two columns are called 'age'"),
    "too long": ("file,age\na.png,1,2\n", "'a.png' (line 2)"),
    "too short": ("file,age,sex\na.png,1\n", "'a.png' (line 2)"),
    "unknown": ("file,age\na.png,1\nz.png,2\n", "'z.png' (line 3)"),
    "twice": ("file,age\na.png,1\nb.png,1\na.png,2\n", "'a.png' (line 4)"),
    "mixed": ("file,age\nb.png,1\na.png,old\n", "line 2 has '1' and line 3 has 'old'"),
    "not finite": ("file,age\na.png,1\nb.png,nan\n", "line 3 has 'nan'"),
    "no value": ("file,age\na.png,\nb.png,\n", "has no value"),
    "open quote": ('file,age\na.png,"1\n', "cannot be read"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_mistake_is_named_with_its_place(tmp_path, case: str) -> None:
    text, words = BROKEN[case]
    path = tmp_path / "labels.csv"
    path.write_text(text)
    with pytest.raises(DataError) as caught:
        read_labels(path, IMAGES)
    assert words in str(caught.value)
    assert str(caught.value.where).startswith(str(path))
    assert caught.value.advice


def test_bytes_that_are_not_text_are_refused(tmp_path) -> None:
    path = tmp_path / "labels.csv"
    path.write_bytes(b"file,age\n\xff\xfe,1\n")
    with pytest.raises(DataError, match="UTF-8"):
        read_labels(path, IMAGES)


def test_at_most_ten_wrong_rows_are_listed(tmp_path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("file,age\n" + "".join(f"no{n}.png,1\n" for n in range(14)))
    with pytest.raises(DataError, match="and 4 more") as caught:
        read_labels(path, IMAGES)
    assert "no9.png" in str(caught.value) and "no10.png" not in str(caught.value)


def test_lines_are_counted_in_the_file_when_a_value_spans_several(tmp_path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text('file,note\na.png,"one\ntwo"\n\nz.png,x\n')
    with pytest.raises(DataError, match=r"'z\.png' \(line 5\)"):
        read_labels(path, IMAGES)


@given(st.lists(st.one_of(st.none(), st.text(min_size=1, max_size=3)), max_size=20))
def test_class_ids_lead_back_to_the_words(words: list[str | None]) -> None:
    labels = classes_of(words)
    assert labels.classes is not None
    assert list(labels.classes) == sorted(set(labels.classes))
    assert [None if i < 0 else labels.classes[i] for i in labels.values] == words


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_every_finite_number_is_a_number(value: float) -> None:
    assert _number(repr(value)) == value


@pytest.mark.parametrize("text", ["nan", "inf", "-inf", "1_000", "1e39", "x", "", "1,5"])
def test_what_no_float_can_hold_is_a_word(text: str) -> None:
    assert _number(text) is None


def test_numbers_of_images_without_a_row_are_missing(tmp_path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("file,age\nb.png,7\n")
    values = read_labels(path, IMAGES)["age"].values
    assert values[1] == 7
    assert all(math.isnan(value) for number, value in enumerate(values) if number != 1)
