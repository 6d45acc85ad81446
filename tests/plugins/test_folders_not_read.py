"""Every file below a folder of images is read, or named with the reason why it is not."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from taskspace.components import Finding
from taskspace.errors import DataError
from taskspace_plugins.datasets.folders.files._endings import readable_endings
from taskspace_plugins.datasets.folders.files._first_bytes import named_by
from taskspace_plugins.datasets.folders.image_folder import ImageFolder

ALL_ENDINGS = {
    "jfif": "JPEG", "jpe": "JPEG", "JPG": "JPEG", "Png": "PNG", "apng": "PNG", "dib": "DIB",
    "tif": "TIFF", "TIFF": "TIFF", "webp": "WEBP", "tga": "TGA", "ppm": "PPM", "pnm": "PPM",
    "pcx": "PCX", "jp2": "JPEG2000", "gif": "GIF", "qoi": "QOI", "ico": "ICO",
}  # fmt: skip


def folder(root: Path, **parameters) -> ImageFolder:
    return ImageFolder(root=root, **{"size": 8, **parameters})


def told(dataset: ImageFolder) -> dict[str, list[Finding]]:
    findings: dict[str, list[Finding]] = {}
    for finding in dataset.findings():
        findings.setdefault(finding.code, []).append(finding)
    return findings


def names(dataset: ImageFolder) -> list[str]:
    return [image.name for image in dataset._images]


def image_bytes(form: str = "PNG", seed: int = 0) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 256, (16, 16, 3), dtype=np.uint8)
    with tempfile.TemporaryFile() as file:
        Image.fromarray(pixels).save(file, form)
        file.seek(0)
        return file.read()


def touch(root: Path, *files: str, content: bytes = b"x") -> None:
    for name in files:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)


@pytest.mark.parametrize("ending", ALL_ENDINGS)
def test_every_usual_ending_is_read_in_any_case(tmp_path, ending):
    form = ALL_ENDINGS[ending]
    if f".{ending.lower()}" not in readable_endings():
        pytest.skip(f"This Pillow reads no {form}.")
    touch(tmp_path, f"cat/1.{ending}", content=image_bytes("BMP" if form == "DIB" else form))
    dataset = folder(tmp_path)
    assert dataset.length() == 1 and dataset.findings() == ()
    if form not in ("DIB", "QOI"):
        assert dataset.read([0])["image"].shape == (1, 3, 8, 8)


def test_a_class_in_an_unusual_ending_is_a_class(tmp_path, write_image):
    write_image("cat/1.png")
    touch(tmp_path, "dog/1.jfif", content=image_bytes("JPEG"))
    assert folder(tmp_path).fields()["class"].classes == ("cat", "dog")


def test_formats_that_cannot_be_read_are_counted_with_advice(tmp_path, write_image):
    write_image("cat/1.png")
    touch(tmp_path, "cat/a.heic", "cat/b.HEIC", "dog/c.HEIF", "d.svg", "e.CR2")
    (finding,) = folder(tmp_path).findings()
    assert finding.code == "files-not-read" and finding.tone == "warning"
    assert finding.text.startswith(
        "Not read: 5 files, for example cat/a.heic, cat/b.HEIC, d.svg, because they are in formats "
        "that cannot be read (HEIC 3, SVG 1, camera raw 1). Convert them to JPEG or PNG"
    )


def test_each_reason_is_a_finding_of_its_own(tmp_path, write_image):
    write_image("1.png")
    touch(tmp_path, "a.heic", "b.mov", "notes.txt", "c.zip", "d.jpg.part", ".own", "deep/x.json")
    findings = folder(tmp_path).findings()
    assert [(each.code, each.tone) for each in findings] == [
        ("files-not-read", "warning"),  # HEIC
        ("files-not-read", "warning"),  # archive
        ("files-not-read", "warning"),  # unfinished
        ("files-not-read", "note"),  # video
        ("files-not-read", "note"),  # documents
        ("hidden-not-read", "note"),
    ]
    assert "deep/x.json, notes.txt, because they are no images (JSON 1, TXT 1)" in findings[4].text


def test_labels_of_the_folder_itself_are_read(tmp_path, write_image):
    write_image("1.png")
    touch(tmp_path, "labels.csv", content=b"file,age\n1.png,3\n")
    assert folder(tmp_path).findings() == ()


def test_a_file_of_labels_in_a_class_is_told(tmp_path, write_image):
    write_image("cat/1.png")
    touch(tmp_path, "cat/labels.csv", content=b"file,age\n1.png,3\n")
    assert "cat/labels.csv" in folder(tmp_path).findings()[0].text


@pytest.mark.parametrize(
    "name", ["IMG_0001", "photo.jpg_large", "cat.jpeg!d", "12345.0", "a.unheard"]
)
def test_the_first_bytes_decide_where_the_ending_says_nothing(tmp_path, name):
    touch(tmp_path, name, content=image_bytes("JPEG"))
    dataset = folder(tmp_path)
    assert names(dataset) == [name] and dataset.findings() == ()
    assert dataset.read([0])["image"].shape == (1, 3, 8, 8)


@pytest.mark.parametrize(
    ("content", "form"),
    [
        (b"\0\0\0\x18ftypheic\0\0\0\0", "HEIC"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0", "HEIC"),
        (b"\0\0\0\x18ftypisom\0\0\0\0", "MP4"),
        (b"%PDF-1.7", "PDF"),
        (b"PK\x03\x04\0\0", "ZIP"),
        (b"BM is not always a bitmap", "text"),
    ],
)
def test_other_first_bytes_are_named(tmp_path, write_image, content, form):
    write_image("1.png")
    touch(tmp_path, "unknown", content=content)
    dataset = folder(tmp_path)
    assert dataset.length() == 1
    assert "1 file, unknown, because" in dataset.findings()[0].text
    assert f"({form} 1)" in dataset.findings()[0].text


def test_every_format_that_pillow_writes_is_known_by_its_first_bytes():
    for form in ("JPEG", "PNG", "GIF", "TIFF", "BMP", "WEBP", "JPEG2000"):
        assert named_by(image_bytes(form)[:64]) is None, form


def test_empty_files_are_named(tmp_path, write_image):
    write_image("1.png")
    touch(tmp_path, "nothing", content=b"")
    assert "nothing, because it is empty" in folder(tmp_path).findings()[0].text
    touch(tmp_path, "2.png", content=b"")
    with pytest.raises(DataError, match=r"2\.png \(the file is empty\).*`unreadable: skip`"):
        folder(tmp_path).fingerprint()


def test_a_heic_file_called_jpg_is_named_as_what_it_is(tmp_path, write_image):
    write_image("1.png")
    touch(tmp_path, "2.jpg", content=b"\0\0\0\x18ftypheic" + b"\0" * 40)
    with pytest.raises(DataError, match=r"2\.jpg \(HEIC, whatever its ending says\)"):
        folder(tmp_path).fingerprint()


def test_what_systems_leave_is_skipped_silently(tmp_path, write_image):
    write_image("cat/1.png")
    for name in (
        *(".DS_Store", "cat/Thumbs.db", "__MACOSX/cat/1.png", "cat/@eaDir/1.png/small.jpg"),
        *(".ipynb_checkpoints/1.png", "Desktop.ini", "cat/._1.png", ".git/x.png"),
    ):
        touch(tmp_path, name, content=image_bytes())
    dataset = folder(tmp_path)
    assert names(dataset) == ["cat/1.png"] and dataset.findings() == ()


def test_hidden_files_of_the_user_are_counted(tmp_path, write_image):
    for name in ("cat/1.png", "cat/.2.png", ".private/3.png", ".private/4.png"):
        write_image(name)
    (finding,) = folder(tmp_path).findings()
    assert finding.tone == "note"
    assert finding.text == (
        "Not read: 2 hidden files or folders, .private, cat/.2.png, because their names begin with "
        "a dot."
    )


def test_a_folder_without_an_image_says_what_it_holds(tmp_path):
    touch(tmp_path, "a.heic", "b.heic", "c.pdf")
    with pytest.raises(DataError, match=r"no image in this folder\. Not read: 3 files.*HEIC 2"):
        folder(tmp_path).length()


@pytest.mark.skipif(os.name == "nt", reason="Windows refuses such names.")
def test_names_that_are_no_text_are_refused(tmp_path):
    try:
        touch(tmp_path, "caf\udce9.png", content=image_bytes())
    except (OSError, UnicodeError):
        pytest.skip("This file system takes names in UTF-8 only.")
    with pytest.raises(DataError, match=r"cannot be written as text: caf\\xe9\.png") as caught:
        folder(tmp_path).length()
    str(caught.value).encode()
    touch(tmp_path, "1.png", content=image_bytes())
    (tmp_path / "caf\udce9.png").rename(tmp_path / "caf\udce9.heic")
    assert r"caf\xe9.heic" in folder(tmp_path).findings()[0].text


class TestLinks:
    """Links are followed, and each folder is read once."""

    def test_a_linked_folder_is_read_as_if_it_were_there(self, tmp_path, write_image):
        write_image("elsewhere/1.png")
        write_image("root/dog/2.png", seed=2)
        (tmp_path / "root/cat").symlink_to(tmp_path / "elsewhere")
        dataset = folder(tmp_path / "root")
        assert names(dataset) == ["cat/1.png", "dog/2.png"] and dataset.findings() == ()

    def test_loops_end(self, tmp_path, write_image):
        write_image("a/1.png")
        (tmp_path / "a/up").symlink_to(tmp_path)
        (tmp_path / "a/self").symlink_to(tmp_path / "a")
        dataset = folder(tmp_path)
        assert names(dataset) == ["a/1.png"]
        (finding,) = told(dataset)["folders-read-once"]
        assert "2 folders, a/self, a/up" in finding.text

    def test_a_folder_with_two_names_is_read_under_the_one_without_links(
        self, tmp_path, write_image
    ):
        write_image("z/1.png")
        (tmp_path / "a").symlink_to(tmp_path / "z")
        assert names(folder(tmp_path)) == ["z/1.png"]

    def test_of_two_links_the_first_name_counts(self, tmp_path, write_image):
        write_image("elsewhere/1.png")
        (tmp_path / "root").mkdir()
        for name in ("b", "a"):
            (tmp_path / "root" / name).symlink_to(tmp_path / "elsewhere")
        dataset = folder(tmp_path / "root")
        assert names(dataset) == ["a/1.png"]
        assert "1 folder, b," in told(dataset)["folders-read-once"][0].text

    def test_a_link_above_the_root_is_not_followed(self, tmp_path, write_image):
        write_image("root/1.png")
        write_image("other/2.png")
        (tmp_path / "root/up").symlink_to(tmp_path)
        dataset = folder(tmp_path / "root")
        assert names(dataset) == ["1.png"]
        assert told(dataset)["links-not-followed"][0].tone == "warning"

    def test_links_to_nothing_and_to_themselves_are_named(self, tmp_path, write_image):
        write_image("1.png")
        (tmp_path / "gone").symlink_to(tmp_path / "nowhere")
        (tmp_path / "round").symlink_to(tmp_path / "round")
        (finding,) = folder(tmp_path).findings()
        assert finding.text.startswith("Not read: 2 links, gone, round, because they lead nowhere.")

    def test_a_link_into_a_folder_of_masks_holds_no_images(self, tmp_path, write_image):
        write_image("1.png", 8, 8)
        Image.new("L", (8, 8)).save(tmp_path / "m.png")
        (tmp_path / "masks").mkdir()
        (tmp_path / "m.png").rename(tmp_path / "masks/1.png")
        (tmp_path / "again").symlink_to(tmp_path / "masks")
        assert names(folder(tmp_path, masks={"m": "masks"})) == ["1.png"]


STEMS = st.sampled_from(["a", "b", "Ä", "猫", "IMG 1", "a.b", ".hidden", "x_mask", "Thumbs"])
ENDINGS = st.sampled_from(
    ["", ".png", ".PNG", ".jfif", ".heic", ".txt", ".db", ".mp4", ".odd", ".part", ".npy", ".zip"]
)
FOLDERS = st.sampled_from(["", "cat/", "dog/", "cat/deep/", ".own/", "__MACOSX/", "train/", "Cat/"])
CONTENTS = st.sampled_from([b"", b"text", b"\0\1\2", image_bytes(), image_bytes("JPEG", 1)])
FILES = st.dictionaries(
    st.builds("{0}{1}{2}".format, FOLDERS, STEMS, ENDINGS), CONTENTS, min_size=1, max_size=8
)


def plant(root: Path, files: Iterable[tuple[str, bytes]]) -> None:
    for name, content in files:
        touch(root, name, content=content)


def expected_silence(name: str) -> bool:
    return "__MACOSX" in name or name.rpartition("/")[2] == "Thumbs.db"


def is_image(name: str, content: bytes) -> bool:
    ending = Path(name).suffix.lower()
    usual = ending in ("", ".png", ".jfif", ".odd", ".b")
    return usual and "/." not in f"/{name}" and content.startswith((b"\x89PNG", b"\xff\xd8"))


@settings(max_examples=1000, deadline=None)
@given(FILES, st.sampled_from(["refuse", "skip"]), st.sampled_from([1, 2, -1]))
def test_every_file_is_read_or_named(files, unreadable, level):
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        plant(root, files.items())
        dataset = folder(root, unreadable=unreadable, class_level=level)
        owed = {name for name in files if not expected_silence(name)}
        images = {name for name in owed if is_image(name, files[name])}
        try:
            listing, broken = dataset._listing, {name for name, _ in dataset._broken}
            findings = dataset.findings()
        except DataError:
            assert not images  # nothing to read
            return
        read = set(names(dataset))
        assert read == images if unreadable == "skip" else read >= images
        unread = {each.name for each in listing.unread}
        for name in owed:
            ways = [
                name in names(dataset),
                name in broken,
                name in unread,
                any(name.startswith(f"{folder}/") for folder in unread),
            ]
            assert sum(ways) == 1, name
        counted = sum(
            int(finding.text.split()[2]) for finding in findings if finding.text.startswith("Not r")
        )
        assert counted == len(unread) + len(broken)
        assert dataset.length() == len(names(dataset))
        classes = dataset.fields().get("class")
        inside = {name for name in names(dataset) if dataset._layout.class_of(name) is not None}
        assert (classes is not None) == bool(inside)
        if unreadable == "skip":
            assert dataset.read(range(dataset.length()))["image"].shape[0] == dataset.length()
            assert len(dataset.fingerprint()) == 64


@pytest.mark.parametrize(
    ("name", "because"),
    [
        ("a.heic", "because it is in a format that cannot be read (HEIC 1)."),
        ("a.zip", "because it is an archive (ZIP 1)."),
        ("a.txt", "because it is no image (TXT 1)."),
        (".a.png", "because its name begins with a dot."),
    ],
)
def test_one_file_is_told_as_one(tmp_path, name, because):
    touch(tmp_path, "b.png", content=image_bytes())
    touch(tmp_path, name)
    (finding,) = folder(tmp_path).findings()
    assert because in finding.text
