"""Every mistake in labels.csv is named with its line, and what is no mistake is read."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskspace.errors import DataError
from taskspace_plugins.datasets.columns._column import classes_of
from taskspace_plugins.datasets.folders._labels import LabelTable, read_labels

IMAGES = [f"{name}.png" for name in "abcdefghijklm"]

BROKEN = {
    "empty": ("", "is empty"),
    "blank lines": ("\n , \n", "is empty"),
    "no header": ("a.png,1\nb.png,2\n", "no header"),
    "no header, names last": ("1,a.png\n2,b.png\n", "no header"),
    "only files": ("file\na.png\n", "no label"),
    "bars": ("file|age\na.png|1\n", "separated by '|'"),
    "no name": ("file,,age\na.png,1,2\n", "Column 2 has no name"),
    "image": ("file,image\na.png,1\n", "called 'image'"),
    "same name": ("file,age,age\na.png,1,2\n", "Two columns are called 'age'"),
    "too long": ("file,age\na.png,1,2\n", "The row has 3 cells; the header has 2"),
    "too short": ("file,age,sex\na.png,1\n", "The row has 2 cells; the header has 3"),
    "unknown": ("file,age\na.png,1\nz.png,2\n", "'z.png' (line 3)"),
    "twice": ("file,age\na.png,1\nb.png,1\na.png,2\n", "'a.png' (line 4)"),
    "no value": ("file,age\na.png,\nb.png,\n", "has no value"),
    "open quote": ('file,age\na.png,"1\n', "is not closed"),
}


def labels(tmp_path, text: str | bytes, **said) -> LabelTable:
    path = tmp_path / "labels.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_labels(path, IMAGES, **said)


def column(tmp_path, *cells: str):
    """Return the column `it` with these cells, from line 2 on."""
    rows = "".join(f'{name},"{cell}"\n' for name, cell in zip(IMAGES, cells, strict=False))
    return labels(tmp_path, f"file,it\n{rows}").columns["it"]


@pytest.mark.parametrize("case", BROKEN)
def test_a_mistake_is_named_with_its_place(tmp_path, case: str) -> None:
    text, words = BROKEN[case]
    with pytest.raises(DataError) as caught:
        labels(tmp_path, text)
    assert words in str(caught.value)
    assert str(caught.value.where).startswith(str(tmp_path / "labels.csv"))
    assert caught.value.advice


def test_bytes_that_are_not_text_are_refused(tmp_path) -> None:
    with pytest.raises(DataError, match="UTF-8"):
        labels(tmp_path, b"file,age\n\xe9.png,1\n")


def test_at_most_ten_wrong_rows_are_listed(tmp_path) -> None:
    with pytest.raises(DataError, match="and 4 more") as caught:
        labels(tmp_path, "file,age\n" + "".join(f"no{n}.png,1\n" for n in range(14)))
    assert "no9.png" in str(caught.value) and "no10.png" not in str(caught.value)


def test_lines_are_counted_in_the_file_when_a_value_spans_several(tmp_path) -> None:
    with pytest.raises(DataError, match=r"'z\.png' \(line 5\)"):
        labels(tmp_path, 'file,note\na.png,"one\ntwo"\n\nz.png,x\n')


@given(st.lists(st.one_of(st.none(), st.text(min_size=1, max_size=3)), max_size=20))
def test_class_ids_lead_back_to_the_words(words: list[str | None]) -> None:
    made = classes_of(words)
    assert made.classes is not None
    assert list(made.classes) == sorted(set(made.classes))
    assert [None if i < 0 else made.classes[i] for i in made.values] == words


def test_numbers_of_images_without_a_row_are_missing(tmp_path) -> None:
    values = labels(tmp_path, "file,age\nb.png,7\n").columns["age"].values
    assert values[1] == 7
    assert all(math.isnan(value) for number, value in enumerate(values) if number != 1)


@pytest.mark.parametrize(
    "text",
    [
        "file;size\na.png;1,5\n\nb.png;2\n",
        "file\tsize\na.png\t1.5\nb.png\t2\n",
        "\ufefffile,size\r\na.png,1.5\r\n,\r\nb.png,2\r\n",
        "file,size\na.png,1.5\nb.png,2\n".encode("utf-16"),
        'file, size\na.png, "1.5"\nb.png, "2"\n',
        "sep=;\nfile;size\na.png;1,5\nb.png;2\n",
        "file,size,,\na.png,1.5,,\nb.png,2,,\n",
    ],
)
def test_what_spreadsheets_save_is_read(tmp_path, text: str | bytes) -> None:
    assert labels(tmp_path, text).columns["size"].values[:2].tolist() == [1.5, 2]


@pytest.mark.parametrize(
    "text",
    ['file, kind\na.png, "big cat"\nb.png, "dog"\n', 'file,kind\na.png,  "big cat"\nb.png,dog \n'],
)
def test_quotes_after_a_space_are_no_part_of_a_class(tmp_path, text: str) -> None:
    assert labels(tmp_path, text).columns["kind"].classes == ("big cat", "dog")


class TestWholeNumbers:
    """They are numbers, and the same as classes."""

    @pytest.mark.parametrize(
        ("cells", "classes", "ids"),
        [
            (["0", "1", "2", "0"], ("0", "1", "2"), [0, 1, 2, 0]),
            (["10", "9", "", "10"], ("9", "10"), [1, 0, -1, 1]),
            (["1", "1.0", "01", "2e0"], ("1", "2"), [0, 0, 0, 1]),
            (["-1", "1", "+1", "-1"], ("-1", "1"), [0, 1, 1, 0]),
            (["3.0", "NA", "5.0", "?"], ("3", "5"), [0, -1, 1, -1]),
            (["12345678901234567890", "12345678901234567891"], None, [0, 1]),
        ],
    )
    def test_classes_are_sorted_as_numbers_and_called_like_them(
        self, tmp_path, cells, classes, ids
    ) -> None:
        made = column(tmp_path, *cells)
        assert made.classes is None and made.as_classes is not None
        assert made.as_classes.classes == (classes or tuple(cells))
        assert made.as_classes.values[: len(ids)].tolist() == ids

    @pytest.mark.parametrize("cell", ["1.5", ".25", "1e-3"])
    def test_a_fraction_among_them_is_named_with_its_line(self, tmp_path, cell: str) -> None:
        made = column(tmp_path, "1", "2", cell, "2.5")
        assert made.as_classes is None
        assert made.no_classes == f"labels.csv:4 has {cell!r}, which is no whole number"

    def test_columns_of_words_keep_them_as_they_are_written(self, tmp_path) -> None:
        made = labels(tmp_path, "file,it\na.png,01\nb.png,1\n", words=["IT"]).columns["it"]
        assert made.classes == ("01", "1")


class TestWords:
    """Columns of words, with numbers among them or without."""

    @pytest.mark.parametrize(
        ("cell", "fault", "instead"),
        [
            ("1,234", "with a thousands separator", "Write 1234.5 for 1,234.5"),
            ("12%", "with a percent sign", "Write the number alone"),
            ("12 kg", "with 'kg' after the number", "without a unit"),
            ("1,5", "with a decimal comma", "Write 0.5 for 0,5"),
            ("$5", "with '$' before the number", "without a unit"),
            ("inf", "which is no finite number", "Write a number such as 12.5"),
            ("1e39", "which is too large for a 32-bit number", ""),
            ("1_000", "with a thousands separator", "Write 1234.5 for 1,234.5"),
            ("1_0", "with an underscore", "Write a number such as 12.5"),
            ("old", "which is no number", "Write a number such as 12.5"),
        ],
    )
    def test_why_one_is_no_number_is_said_with_its_line(
        self, tmp_path, cell: str, fault: str, instead: str
    ) -> None:
        made = column(tmp_path, "7", "8", cell)
        assert made.classes == tuple(sorted(["7", "8", cell]))
        assert made.no_numbers.startswith(f"labels.csv:4 has {cell!r}, {fault}")
        assert instead in made.no_numbers

    def test_numbers_among_words_are_a_finding(self, tmp_path) -> None:
        (finding,) = labels(tmp_path, "file,it\na.png,1\nb.png,x\nc.png,2\n").findings
        assert finding.code == "labels-mixed-column" and finding.tone == "warning"
        assert "'it'" in finding.text and "2 of 3 labels are numbers" in finding.text
        assert "labels.csv:3 has 'x'" in finding.text

    def test_words_alone_are_none(self, tmp_path) -> None:
        made = labels(tmp_path, "file,it\na.png,y\nb.png,x\n")
        assert not made.findings
        assert made.columns["it"].no_numbers.startswith("labels.csv:2 has 'y', which is no number")


class TestMissing:
    """Words for a missing label."""

    @pytest.mark.parametrize("word", ["NA", "nan", "None", "?", "-", "#N/A", "<NA>", "null", ""])
    def test_they_are_no_class_and_no_number(self, tmp_path, word: str) -> None:
        assert column(tmp_path, "cat", word, "dog").values[:3].tolist() == [0, -1, 1]
        numbers = column(tmp_path, "4", word, "5").values
        assert numbers[0] == 4 and math.isnan(numbers[1]) and numbers[2] == 5

    def test_a_finding_counts_those_among_words_once(self, tmp_path) -> None:
        text = "file,it,land,age\na.png,cat,NA,NA\nb.png,None,DE,1\nc.png,none,NA,2\nd.png,,DE,?\n"
        (finding,) = labels(tmp_path, text).findings
        assert finding.code == "labels-missing-words" and finding.tone == "warning"
        assert "'it': 2 cells, None (1), none (1)" in finding.text
        assert "'land': 2 cells, NA (2)" in finding.text
        assert "'age'" not in finding.text
        assert 'Set `missing: {"it": [], land: []}` in the dataset' in finding.text

    def test_the_advice_keeps_them_as_classes(self, tmp_path) -> None:
        text = "file,land\na.png,NA\nb.png,DE\nc.png,\n"
        kept = labels(tmp_path, text, missing=[])
        assert kept.columns["land"].classes == ("DE", "NA") and not kept.findings
        assert kept.columns["land"].values[:3].tolist() == [1, 0, -1]

    def test_they_stay_missing_in_the_other_columns(self, tmp_path) -> None:
        text = "file,Land,age\na.png,NA,4\nb.png,DE,NA\nc.png,,5\n"
        kept = labels(tmp_path, text, missing={"land": []}).columns
        assert kept["Land"].classes == ("DE", "NA")
        assert kept["age"].classes is None and math.isnan(kept["age"].values[1])

    def test_each_column_can_have_words_of_its_own(self, tmp_path) -> None:
        text = "file,it,age\na.png,cat,4\nb.png,gone,-99\nc.png,-99,?\n"
        made = labels(tmp_path, text, missing={"it": ["gone"], "age": ["-99", "?"]}).columns
        assert made["it"].classes == ("-99", "cat")
        assert [math.isnan(value) for value in made["age"].values[:3]] == [False, True, True]

    def test_a_column_that_is_not_there_is_refused_with_those_that_are(self, tmp_path) -> None:
        with pytest.raises(DataError, match=r"no column 'knd'(.|\n)*Columns: 'kind', 'age'"):
            labels(tmp_path, "file,kind,age\na.png,b,1\n", missing={"knd": []})

    def test_a_column_that_lost_its_numbers_says_why(self, tmp_path) -> None:
        text = "file,kind,age\na.png,NA,4\nb.png,cat,NA\nc.png,dog,5\n"
        made = labels(tmp_path, text, missing=[])
        why = made.columns["age"].no_numbers
        assert "labels.csv:3 has 'NA', a word because of `missing` in the dataset." in why
        (finding,) = made.findings
        assert why in finding.text
        assert labels(tmp_path, text, missing={"kind": []}).columns["age"].classes is None

    def test_other_words_can_be_said(self, tmp_path) -> None:
        made = labels(
            tmp_path, "file,it\na.png,7\nb.png,-99\nc.png,Unknown\n", missing=["-99", "unknown"]
        )
        assert made.columns["it"].classes is None
        assert [math.isnan(value) for value in made.columns["it"].values[:3]] == [False, True, True]

    @pytest.mark.parametrize("missing", ["-99", "-99.0"])
    @pytest.mark.parametrize("cells", ["7,1.5,-99.0", "7,8,-99", "7,8,-9.9e1"])
    def test_a_number_that_means_missing_does_so_in_any_form(self, tmp_path, missing, cells):
        rows = "".join(f"{'abc'[i]}.png,{cell}\n" for i, cell in enumerate(cells.split(",")))
        made = labels(tmp_path, f"file,it\n{rows}", missing=[missing]).columns["it"]
        assert made.classes is None
        assert [math.isnan(value) for value in made.values[:3]] == [False, False, True]

    def test_a_column_of_them_alone_is_refused_with_both_ways_out(self, tmp_path) -> None:
        with pytest.raises(DataError, match=r"say 'None', which(.|\n)*missing: \{\"it\": \[\]\}"):
            labels(tmp_path, "file,it\na.png,None\nb.png,None\n")
