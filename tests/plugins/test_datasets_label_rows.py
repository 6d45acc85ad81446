"""Rows of labels.csv about files that are no images, or are not there."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from taskspace.components import Finding
from taskspace.errors import DataError
from taskspace_plugins.datasets.folders.image_folder import ImageFolder

HEIC = b"\0\0\0\x18ftypheic" * 4
SKIP = {"rows_without_image": "skip"}


def told(dataset: ImageFolder, code: str) -> list[Finding]:
    return [finding for finding in dataset.findings() if finding.code == code]


@pytest.fixture
def photos(tmp_path: Path, write_image) -> Path:
    """Two images in a folder, and a file that is none."""
    write_image("cat/1.png")
    write_image("cat/2.png", seed=1)
    (tmp_path / "cat/3.HEIC").write_bytes(HEIC)
    return tmp_path


def folder(root: Path, rows: str, **parameters) -> ImageFolder:
    (root / "labels.csv").write_text(f"file,age\n{rows}")
    return ImageFolder(root=root, size=8, **parameters)


def ages(dataset: ImageFolder) -> list[float]:
    return dataset.read(range(dataset.length()), {"age"})["age"].tolist()


@pytest.mark.parametrize(
    "third", ["cat/3.HEIC", "./cat/3.HEIC", "cat\\3.HEIC"], ids=["plain", "dot", "backslash"]
)
def test_the_row_of_a_file_that_is_not_read_is_left_out_and_told(photos, third):
    dataset = folder(photos, f"cat/1.png,5\n{third},word\ncat/2.png,6\n")
    assert ages(dataset) == [5, 6]
    (finding,) = told(dataset, "rows-not-read")
    assert finding.tone == "warning"
    assert finding.text == (
        f"Not read: 1 row of labels.csv, '{third}' (line 3), because the file is not read as an "
        "image."
    )


@pytest.mark.parametrize("before", ["", "cat/", "photos/cat/"])
def test_it_is_found_as_images_are(photos, before):
    """Without its ending, and behind further folders that all rows have."""
    root = photos if "cat" in before else photos / "cat"
    rows = "".join(f"{before}{name},5\n" for name in ("1", "2", "3"))
    dataset = folder(root, rows)
    assert ages(dataset) == [5, 5] and told(dataset, "rows-not-read")


def test_another_file_of_the_same_name_does_not_hide_an_image(photos):
    (photos / "cat/1.xmp").write_text("x")
    dataset = folder(photos, "cat/1,5\ncat/2,6\n")
    assert ages(dataset) == [5, 6] and not told(dataset, "rows-not-read")


def test_who_removes_broken_images_as_advised_can_leave_out_their_rows(photos):
    (photos / "cat/2.png").write_bytes(b"x")
    rows = "cat/1.png,5\ncat/2.png,6\n"
    with pytest.raises(DataError) as broken:
        folder(photos, rows).fingerprint()
    assert "`unreadable: skip`" in broken.value.advice and "remove" in broken.value.advice
    assert ages(folder(photos, rows, unreadable="skip")) == [5]
    (photos / "cat/2.png").unlink()
    with pytest.raises(DataError, match=r"no image for these rows: 'cat/2.png' \(l") as gone:
        folder(photos, rows).fields()
    assert "`rows_without_image: skip`" in gone.value.advice
    dataset = folder(photos, rows, **SKIP)
    assert ages(dataset) == [5]
    (finding,) = told(dataset, "rows-without-image")
    assert "1 row of labels.csv, 'cat/2.png' (line 3), because there is no image" in finding.text


def test_many_rows_are_counted(photos):
    rows = "cat/1.png,5\n" + "".join(f"gone/{n}.png,5\n" for n in range(1234))
    (finding,) = told(folder(photos, rows, **SKIP), "rows-without-image")
    assert "1,234 rows of labels.csv, for example 'gone/0.png' (line 3), " in finding.text
    assert finding.text.count("line") == 3


def test_where_no_row_names_an_image_nothing_is_skipped(photos):
    with pytest.raises(DataError, match="no image for these rows"):
        folder(photos, "a,5\nb,6\n", **SKIP).fields()


def test_left_out_rows_are_in_no_key(photos, tmp_path_factory):
    without = tmp_path_factory.mktemp("without") / "photos"
    shutil.copytree(photos, without)
    left = folder(photos, "cat/1.png,5\ngone.png,7\n", **SKIP)
    plain = folder(without, "cat/1.png,5\n")
    assert left.identity() == plain.identity() and left.fingerprint() == plain.fingerprint()


def test_a_backslash_is_told_as_it_is_written(photos):
    with pytest.raises(DataError, match=r"'dog\\0011.png' \(line 3\)"):
        folder(photos, "cat\\1.png,5\ndog\\0011.png,6\n").fields()
