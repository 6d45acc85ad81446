"""The column that names images is found by its content."""

import pytest

from taskspace.errors import DataError
from taskspace_plugins.datasets.folders._label_rows import read_rows

IMAGES = ["0.png", "1.png", "2.png", "cat/3.png", "cat/4.jpg", "dog/4.jpg"]


def rows(tmp_path, text: str):
    path = tmp_path / "labels.csv"
    path.write_text(text)
    return read_rows(path, IMAGES, ())


def named(tmp_path, text: str) -> dict[str, str]:
    """Return what the column `it` says of each image."""
    read = rows(tmp_path, text)
    return {str(image): row.cells[read.fields["it"]] for image, row in read.by_image.items()}


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (",file,it\n0,0.png,a\n1,2.png,b\n2,1.png,c\n", "column 2, 'file'"),
        ("Unnamed: 0,it,file\n0,a,0.png\n1,b,2.png\n2,c,1.png\n", "column 3, 'file'"),
        ("it,file\na,0.png\nb,2.png\nc,1.png\n", "column 2, 'file'"),
        (";it;file\n0;a;photos/0.png\n1;b;photos/2.png\n2;c;photos/1.png\n", "column 3, 'file'"),
    ],
)
def test_a_column_after_the_first_is_taken_and_said(tmp_path, text: str, place: str) -> None:
    assert named(tmp_path, text) == {"0.png": "a", "2.png": "b", "1.png": "c"}
    read = rows(tmp_path, text)
    assert list(read.fields) == ["it"]
    (finding,) = read.findings
    assert finding.code == "labels-name-column" and place in finding.text


def test_an_index_that_could_be_names_without_ending_is_not_taken(tmp_path) -> None:
    text = ",it,file\n0,a,2.png\n1,b,0.png\n2,c,1.png\n"
    assert named(tmp_path, text) == {"2.png": "a", "0.png": "b", "1.png": "c"}


def test_what_was_left_out_before_it_is_said(tmp_path) -> None:
    (finding,) = rows(tmp_path, ",file,it\n0,0.png,a\n").findings
    assert "Not read: one without a name, the index of a table." in finding.text


def test_named_columns_before_it_are_fields(tmp_path) -> None:
    assert list(rows(tmp_path, "sex,file,it\nm,0.png,a\n").fields) == ["sex", "it"]


def test_the_first_column_is_taken_where_it_names_images(tmp_path) -> None:
    read = rows(tmp_path, "left,right,it\n0.png,1.png,a\n1.png,2.png,b\n")
    assert list(read.fields) == ["right", "it"] and not read.findings


@pytest.mark.parametrize(
    "names",
    [
        ["0", "cat/3", "dog/4"],
        ["photos/0.png", "photos/cat/3.png", "photos/dog/4.jpg"],
        ["/data/my photos/0.png", "/data/my photos/cat/3.png", "/data/my photos/dog/4.jpg"],
        ["C:\\photos\\0.png", "C:\\photos\\cat\\3.png", "C:\\photos\\dog\\4.jpg"],
        ["./photos/0", "./photos/cat/3", "./photos/dog/4"],
    ],
)
def test_folders_before_and_endings_do_not_matter(tmp_path, names: list[str]) -> None:
    text = "file,it\n" + "".join(f"{name},x\n" for name in names)
    assert list(named(tmp_path, text)) == ["0.png", "cat/3.png", "dog/4.jpg"]


def test_a_folder_that_holds_the_image_is_kept(tmp_path) -> None:
    assert list(named(tmp_path, "file,it\ncat/4.jpg,x\n")) == ["cat/4.jpg"]


@pytest.mark.parametrize("name", ["5.png", "4.jpg", "cat", "0.jpg"])
def test_a_name_of_no_image_is_refused_with_its_line(tmp_path, name: str) -> None:
    with pytest.raises(DataError) as caught:
        rows(tmp_path, f"file,it\n0.png,x\n{name},y\n")
    assert f"{name!r} (line 3)" in str(caught.value)


def test_a_name_without_its_ending_that_two_images_share_is_refused(tmp_path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("file,it\na,x\nb,y\n")
    with pytest.raises(DataError, match=r"'a' \(line 2\)"):
        read_rows(path, ["a.png", "a.jpg", "b.png"], ())


def test_two_spellings_of_one_name_are_two_rows_for_one_image(tmp_path) -> None:
    with pytest.raises(DataError, match=r"more than one row: '0\.png' \(line 3\)"):
        rows(tmp_path, "file,it\n./0.png,x\n0.png,y\n")


@pytest.mark.parametrize("index", ["", "Unnamed: 0"])
def test_a_column_of_ids_comes_before_an_index_that_could_be_names(tmp_path, index: str) -> None:
    text = f"{index},id,it\n0,2,a\n1,0,b\n2,1,c\n"
    assert named(tmp_path, text) == {"2.png": "a", "0.png": "b", "1.png": "c"}
    (finding,) = rows(tmp_path, text).findings
    assert "column 2, 'id', names the images" in finding.text


@pytest.mark.parametrize("header", [",it", ",rank,it", ",id,it"])
def test_an_index_names_images_where_no_column_of_ids_does(tmp_path, header: str) -> None:
    cells = {",it": "{0},x{0}", ",rank,it": "{0},{1},x{0}", ",id,it": "{0},0,x{0}"}[header]
    body = "".join(cells.format(i, 2 - i) + "\n" for i in range(3))
    assert named(tmp_path, f"{header}\n{body}") == {f"{i}.png": f"x{i}" for i in range(3)}


def test_a_name_in_another_case_is_refused_with_the_name_that_is_there(tmp_path) -> None:
    with pytest.raises(DataError, match=r"case count: '1\.PNG' is called '1\.png' there\. Write"):
        rows(tmp_path, "file,it\n0.png,a\n1.PNG,b\n")
