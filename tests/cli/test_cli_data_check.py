"""`tasks data check` of folders of images and of every other dataset."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from said import Said
from taskspace_cli.main import app

SOURCE = Path(__file__).with_name("noted_dataset.py")
MANY = range(3, 18)
"""Photographs that are spoilt: more than an error of a dataset names."""


@pytest.fixture
def data(tmp_path, monkeypatch):
    """`tasks data` in this process, in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> Said:
        done = CliRunner().invoke(app, ["data", *arguments], env={"COLUMNS": "300"})
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return Said(done.exit_code, done.stdout, done.stderr)

    return call


@pytest.fixture
def photos(tmp_path) -> Path:
    rows = ["file,price,breed"]
    for i in range(20):
        name = f"{'cat' if i % 4 else 'dog'}/{i:02}.jpg"
        stream = io.BytesIO()
        Image.new("RGB", (16, 16), (i, 2 * i, 3 * i)).save(stream, "JPEG")
        file = tmp_path / "photos" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(stream.getvalue())
        rows.append(f"{name},{i + 0.5 if i else ''},{'manx' if i == 7 else 'other'}")
    (tmp_path / "photos" / "labels.csv").write_text("\n".join(rows))
    return tmp_path / "photos"


REFERENCE = "{use: image_folder, root: photos, size: 16}"


@pytest.mark.parametrize("given", ["photos", "./photos/", REFERENCE])
def test_a_folder_of_images_is_read_and_summed_up(data, photos, given):
    said = data("check", given)
    assert said.status == 0, said.err
    assert "2 classes: cat 15, dog 5" in said.out
    assert "numbers, 19 different, 1.5 to 19.5" in said.out
    assert "Warning: 1 of 2 classes of 'breed' has one sample: 'manx'." in said.out
    report = data("check", given, "--json").json
    fields = {field["field"]: field for field in report["fields"]}
    assert (fields["price"]["labels"], fields["price"]["missing"]) == (19, 1)
    assert fields["class"]["classes"] == {"cat": 15, "dog": 5}
    assert [each["code"] for each in report["findings"]] == ["classes-of-one"]


@pytest.mark.parametrize("keep", [0, 60, -30])
def test_every_photograph_that_cannot_be_read_is_listed(data, photos, keep):
    spoilt = [file for file in sorted(photos.rglob("*.jpg")) if int(file.stem) in MANY]
    for file in spoilt:
        file.write_bytes(file.read_bytes()[:keep])
    said = data("check", "photos")
    assert said.status == 2
    assert f"20 samples, images 3x64x64; {len(spoilt)} of them cannot be read." in said.out
    listed = [line for line in said.out.splitlines() if line.startswith("Sample ")]
    assert all(sum(file.name in line for line in listed) == 1 for file in spoilt)
    assert said.out.count("`unreadable: skip`") == 1
    unreadable = data("check", "photos", "--json").json["unreadable"]
    assert len(unreadable) == len(spoilt)
    assert all(any(file.name in each["problem"] for each in unreadable) for file in spoilt)


def test_parameters_are_those_of_the_dataset(data, photos):
    assert data("check", "photos", "--set", "size=12", "--json").json["image"] == [3, 12, 12]
    assert "Did you mean 'size'?" in data("check", "photos", "--set", "sise=12").err


def test_arrays_in_a_file_are_checked_as_folders_are(data, tmp_path):
    codes = np.random.default_rng(0).normal(size=(12, 4)).astype("float32")
    np.savez(tmp_path / "a.npz", features=codes, kind=np.array(["a", "b"] * 5 + ["c", "b"]))
    said = data("check", "{use: features_file, file: a.npz}", "--json")
    if said.status != 0:
        pytest.fail(said.out + said.err)
    assert said.json["samples"] == 12


def test_a_folder_in_the_official_layout_is_checked_as_one(data, tmp_path):
    place = tmp_path / "root" / "rgb" / "house"
    place.mkdir(parents=True)
    Image.new("RGB", (16, 16)).save(place / "point_0_view_0_domain_rgb.png")
    assert data("check", "root").out == "1 files of 1 images: nothing is wrong.\n"
    as_it_is = data("check", "root", "--set", "size=8")
    assert as_it_is.status == 2 and "{use: taskonomy_folder, root: ...}" in as_it_is.err


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("roms", "Did you mean the dataset 'rooms'?"),
        ("nowhere/at/all", "Give a folder of images, or a dataset"),
        ("{use: image_foldr, root: photos}", "Did you mean 'image_folder'?"),
        ("{use: image_folder, root: nowhere}", "There is no such folder."),
    ],
)
def test_what_is_no_dataset_is_said(data, given, words):
    said = data("check", given)
    assert said.status == 2 and words in said.err


def test_findings_of_a_dataset_are_told_by_check_and_show(plugged, site, tmp_path):
    site.install("taskspace-noted", SOURCE.read_text("utf-8"))
    site.trust("taskspace-noted", provides='["dataset:noted"]')
    (tmp_path / "squares").mkdir()
    rows = [f"{'cat' if i % 2 else 'dog'} {i}" for i in range(8)]
    (tmp_path / "squares" / "labels.txt").write_text("\n".join(rows))
    (tmp_path / "squares" / "notes.txt").write_text("files-not-read warning Not read: a.heic.\n")
    noted = "{use: noted, root: squares}"
    checked = plugged("data", "check", noted)
    assert checked.status == 0 and "Warning: Not read: a.heic." in checked.out
    shown = plugged("data", "show", noted, "--task", "autoencoding", "--json").json
    assert [finding["text"] for finding in shown["findings"]] == ["Not read: a.heic."]
    assert "Warning: Not read: a.heic." in plugged("data", "show", noted).err
