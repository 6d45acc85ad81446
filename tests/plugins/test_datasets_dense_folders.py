"""Folders of maps and masks beside a user's images become fields, or errors that name the files."""

from pathlib import Path

import numpy as np
import pydantic
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from taskspace.components import DenseHead
from taskspace.components.exchanged.class_fields import own_fields
from taskspace.errors import DataError
from taskspace_plugins.datasets.folders.dense._label_arrays import fit_ids, fit_map
from taskspace_plugins.datasets.folders.image_folder import ImageFolder
from taskspace_plugins.tasks.labels.dense_classification import DenseClassification
from taskspace_plugins.tasks.labels.dense_regression import DenseRegression

SIZE = 8


def folder(root: Path, **parameters) -> ImageFolder:
    return ImageFolder(root=root, **{"size": SIZE, **parameters})


def save(path: Path, numbers: np.ndarray, **options) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".npy":
        np.save(path, numbers)
    else:
        Image.fromarray(numbers).save(path, **options)
    return path


@pytest.fixture
def house(tmp_path: Path, write_image) -> Path:
    """Three images, two with depth in millimetres, two with masks."""
    for seed, name in enumerate(("a.jpg", "rooms/b.png", "rooms/c.png")):
        write_image(f"rgb/{name}", SIZE, SIZE, seed)
    depth = np.arange(SIZE * SIZE, dtype=np.uint16).reshape(SIZE, SIZE) * 100
    save(tmp_path / "depth/a.png", depth)
    save(tmp_path / "depth/rooms/b.npy", depth.astype(np.float32) + 0.5)
    ids = np.zeros((SIZE, SIZE), np.uint8)
    ids[:, 4:], ids[0, 0] = 2, 255
    save(tmp_path / "masks/a.png", ids)
    save(tmp_path / "masks/rooms/c.tif", ids)
    return tmp_path


DEPTH = {"depth_z": {"folder": "../depth", "unit": 0.001, "missing": 0}}
MASKS = {"semantic": "../masks"}


def test_maps_are_numbers_in_their_unit_and_nan_where_missing(house: Path) -> None:
    dataset = folder(house / "rgb", maps=DEPTH)
    assert dataset.fields()["depth_z"].shape == (1, SIZE, SIZE)
    depth = dataset.read([0, 1, 2])["depth_z"]
    assert depth.dtype == torch.float32
    expected = torch.arange(SIZE * SIZE).reshape(SIZE, SIZE) * 0.1
    torch.testing.assert_close(depth[0, 0].nan_to_num(0), expected)
    assert depth[0, 0, 0, 0].isnan() and depth[0].isnan().sum() == 1
    torch.testing.assert_close(depth[1, 0], expected + 0.0005)
    assert depth[2].isnan().all()


def test_masks_are_class_ids_and_minus_one_where_missing(house: Path) -> None:
    dataset = folder(house / "rgb", masks=MASKS)
    assert dataset.fields()["semantic"].classes == ("0", "1", "2")
    ids = dataset.read([2, 1])["semantic"]
    assert ids.dtype == torch.int64 and ids.shape == (2, SIZE, SIZE)
    assert ids[0, 0, 0] == -1 and ids[0, 1, 0] == 0 and (ids[0, :, 4:] == 2).all()
    assert (ids[1] == -1).all()


def test_classes_are_named_line_by_line(house: Path) -> None:
    (house / "masks/classes.txt").write_text("wall\nfloor\nsofa\nlamp\n")
    dataset = folder(house / "rgb", masks=MASKS)
    assert dataset.fields()["semantic"].classes == ("wall", "floor", "sofa", "lamp")
    assert dataset.read([0])["semantic"].max() == 2


def test_palettes_are_ids_and_another_id_may_mean_missing(tmp_path: Path, write_image) -> None:
    write_image("x.png", SIZE, SIZE)
    picture = Image.fromarray(np.eye(SIZE, dtype=np.uint8)).convert("P")
    picture.putdata(np.eye(SIZE, dtype=np.uint8).ravel().tolist())
    picture.putpalette([255, 0, 0, 0, 255, 0])
    (tmp_path / "m").mkdir()
    picture.save(tmp_path / "m/x.png")
    ids = folder(tmp_path, masks={"m": {"folder": "m", "missing": 0}}).read([0])["m"][0]
    assert torch.equal(ids, torch.eye(SIZE).long() * 2 - 1)


def test_maps_of_colours_have_three_channels(tmp_path: Path, write_image) -> None:
    write_image("x.png", SIZE, SIZE)
    codes = np.full((SIZE, SIZE, 3), 127, np.uint8)
    codes[0, 0], codes[1, 1], codes[2, 2] = (254, 127, 0), (128, 128, 128), (128, 127, 127)
    save(tmp_path / "n/x.png", codes)
    said = {"normals": {"folder": "n", "zero": 127, "unit": 1 / 127, "missing": 128}}
    normals = folder(tmp_path, maps=said).read([0])["normals"][0]
    assert normals[:, 0, 0].tolist() == [1, 0, -1]
    assert normals[:, 1, 1].isnan().all() and normals.isnan().sum() == 3


def test_label_folders_below_the_root_hold_no_images(house: Path) -> None:
    (house / "rgb").rename(house / "photos")
    said = {"maps": {"d": "depth"}, "masks": {"m": "masks"}}
    with pytest.raises(DataError, match="belong to no image"):
        folder(house, **said).fields()
    for name in ("a.jpg", "rooms"):
        (house / "photos" / name).rename(house / name)
    dataset = folder(house, **said)
    assert dataset.length() == 3
    assert dataset.fields()["class"].classes == ("rooms",)
    assert set(dataset.fields()) == {"image", "class", "d", "m"}


def test_only_what_is_asked_is_read(house: Path) -> None:
    dataset = folder(house / "rgb", maps=DEPTH, masks=MASKS)
    whole = dataset.read([0])
    assert set(whole) == {"image", "class", "depth_z", "semantic"}
    for path in house.glob("*/a.*"):
        path.write_bytes(b"")
    save(house / "masks/a.png", np.zeros((SIZE, SIZE), np.uint8))
    assert set(dataset.read([0], {"semantic"})) == {"semantic"}
    with pytest.raises(DataError, match=r"a\.png \(the file is empty\) cannot be used\."):
        dataset.read([0], {"depth_z"})


def test_the_fingerprint_follows_labels_and_not_the_names_of_folders(house: Path) -> None:
    def made() -> ImageFolder:
        return folder(house / "rgb", maps=DEPTH, masks=MASKS)

    first = made()
    seen = {folder(house / "rgb").fingerprint(), first.fingerprint()}
    (house / "depth").rename(house / "d")
    moved = folder(
        house / "rgb", maps={"depth_z": {**DEPTH["depth_z"], "folder": "../d"}}, masks=MASKS
    )
    assert moved.identity() == first.identity()
    (house / "d").rename(house / "depth")
    other = {"depth_z": {**DEPTH["depth_z"], "unit": 0.01}}
    seen.add(folder(house / "rgb", maps=other, masks=MASKS).fingerprint())
    (house / "masks/classes.txt").write_text("a\nb\nc\n")
    seen.add(made().fingerprint())
    save(house / "depth/a.png", np.ones((SIZE, SIZE), np.uint16))
    seen.add(made().fingerprint())
    (house / "masks/rooms/c.tif").unlink()
    seen.add(made().fingerprint())
    assert len(seen) == 6


def test_the_order_of_a_job_s_lines_decides_nothing(house: Path) -> None:
    """Workers make a dataset of its parameters as JSON, sorted."""
    written = {"depth_z": DEPTH["depth_z"], "a_map": {"folder": "../depth"}}
    first, sorted_one = (
        folder(house / "rgb", maps=maps, masks=MASKS)
        for maps in (written, dict(sorted(written.items())))
    )
    assert list(written) != sorted(written)
    assert first.fingerprint() == sorted_one.fingerprint()
    assert first.fields() == sorted_one.fields()


def test_what_is_missing_does_not_bleed_into_what_is_there() -> None:
    values = np.full((40, 60, 1), 7.0, np.float32)
    values[:, 25:] = np.nan
    fitted = fit_map(values, 10)[0]
    # The centred square starts at column 10; 15 of its 40 columns are there.
    np.testing.assert_allclose(fitted[:, :4], 7.0, rtol=1e-6)
    assert np.isnan(fitted[:, 4:]).all()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 99), st.integers(2, 30), st.integers(2, 30), st.integers(2, 12))
def test_resized_labels_are_of_the_pixels_that_are_there(
    seed: int, height: int, width: int, size: int
) -> None:
    generator = np.random.default_rng(seed)
    values = generator.uniform(3, 4, (height, width, 2)).astype(np.float32)
    values[generator.random((height, width)) < 0.3] = np.nan
    fitted = fit_map(values, size)
    present = fitted[~np.isnan(fitted)]
    assert fitted.shape == (2, size, size)
    assert (present > 3 - 1e-4).all() and (present < 4 + 1e-4).all()
    assert (np.isnan(fitted[0]) == np.isnan(fitted[1])).all()
    whole = fit_map(np.full((height, width, 1), 2.5, np.float32), size)
    np.testing.assert_allclose(whole, 2.5, rtol=1e-5)
    ids = generator.integers(-1, 5, (height, width))
    assert set(np.unique(fit_ids(ids, size))) <= set(np.unique(ids))
    square = generator.integers(-1, 5, (size, size))
    np.testing.assert_array_equal(fit_ids(square, size), square)
    np.testing.assert_array_equal(fit_ids(square.repeat(3, 0).repeat(3, 1), size), square)


def test_labels_are_cut_as_their_images_are(tmp_path: Path) -> None:
    ramp = np.broadcast_to(np.arange(48, dtype=np.uint8) * 5, (24, 48))
    save(tmp_path / "x.png", ramp)
    save(tmp_path / "m/x.png", ramp)
    save(tmp_path / "i/x.png", ramp)
    dataset = folder(tmp_path, channels=1, maps={"m": "m"}, masks={"i": "i"})
    sample = dataset.read([0])
    torch.testing.assert_close(sample["m"] / 255, sample["image"], atol=1 / 255, rtol=0)
    # Classes are the ids that occur: 0, 5, 10, ...
    assert (sample["i"][0] * 5 - sample["m"][0, 0]).abs().max() <= 8


WRONG = {
    "wrong size": (
        lambda p: save(p, np.zeros((5, 9), np.uint16)),
        r"x\.png \(9x5 pixels for an image of 9x12",
    ),
    "no picture": (lambda p: p.write_bytes(b"text"), r"x\.png \(not an image"),
    "channels": (
        lambda p: save(p, np.zeros((12, 9, 3), np.uint8)),
        r"x\.png \(3 channels, where the first file has 1",
    ),
    "transparency": (
        lambda p: save(p, np.zeros((12, 9, 4), np.uint8)),
        r"mode RGBA, not one of",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_map_that_cannot_be_used_is_named(tmp_path: Path, write_image, case: str) -> None:
    plant, words = WRONG[case]
    write_image("a.png")
    write_image("x.png")
    save(tmp_path / "d/a.png", np.zeros((12, 9), np.uint16))
    plant(tmp_path / "d/x.png")
    dataset = folder(tmp_path, maps={"d": "d"})
    with pytest.raises(DataError, match=words):
        dataset.fingerprint()


@pytest.mark.parametrize(
    ("kind", "values", "words"),
    [
        ("maps", np.full((12, 9), 1e300), r"x\.npy \(numbers beyond"),
        ("maps", b"\x93NUMPY\x01\x00\x09\x00{garbage(", r"x\.npy \(not a whole array"),
        ("masks", np.full((12, 9), 10**9), r"x\.npy \(id 1000000000, and classes are"),
        ("masks", np.full((12, 9), 2**63 + 5, np.uint64), r"x\.npy \(id 9223372036854775813"),
    ],
    ids=["enormous", "garbage", "id", "unsigned id"],
)
def test_enormous_numbers_are_refused_and_not_allocated(
    tmp_path: Path, write_image, kind: str, values, words: str
) -> None:
    write_image("x.png")
    (tmp_path / "d").mkdir()
    if isinstance(values, bytes):
        (tmp_path / "d/x.npy").write_bytes(values)
    else:
        save(tmp_path / "d/x.npy", values)
    with pytest.raises(DataError, match=words):
        folder(tmp_path, **{kind: {"d": "d"}}).read([0], {"d"})


def test_lossy_object_and_wordy_files_are_refused(tmp_path: Path, write_image) -> None:
    for name in ("a.png", "b.png", "c.png"):
        write_image(name)
    save(tmp_path / "d/a.jpg", np.zeros((12, 9), np.uint8))
    save(tmp_path / "d/b.npy", np.array([["x"]]))
    np.save(tmp_path / "d/c.npy", np.array([[{}]]), allow_pickle=True)
    with pytest.raises(DataError, match="does not keep numbers"):
        folder(tmp_path, maps={"d": "d"}).fields()
    save(tmp_path / "d/a.png", np.zeros((12, 9), np.uint8))
    (tmp_path / "d/a.jpg").unlink()
    with pytest.raises(DataError) as caught:
        folder(tmp_path, maps={"d": "d"}).fingerprint()
    assert "2 files" in str(caught.value)
    assert "b.npy (an array of <U1" in str(caught.value) and "c.npy (Object" in str(caught.value)


def test_at_most_ten_wrong_files_are_named(tmp_path: Path, write_image) -> None:
    for number in range(12):
        write_image(f"{number:02}.png")
        save(tmp_path / f"d/{number:02}.png", np.zeros((5, 9), np.uint8))
    for said in ({"maps": {"d": "d"}}, {"masks": {"d": "d"}}):
        with pytest.raises(DataError) as caught:
            folder(tmp_path, **said).fingerprint()
        message = str(caught.value)
        assert "12 files" in message and "2 more" in message
        assert "09.png" in message and "10.png" not in message


def test_an_id_beyond_the_classes_is_named_when_checked_and_when_read(house: Path) -> None:
    (house / "masks/classes.txt").write_text("wall\nfloor\n")
    dataset = folder(house / "rgb", masks=MASKS)
    for attempt in (dataset.fingerprint, lambda: dataset.read(range(3))):
        with pytest.raises(DataError, match=r"2 files.*a\.png \(id 2, where there are 2 classes"):
            attempt()


def test_a_class_may_not_have_the_id_of_what_is_missing(house: Path) -> None:
    (house / "masks/classes.txt").write_text("\n".join(f"class {n}" for n in range(300)))
    with pytest.raises(DataError, match="'class 255' as well"):
        folder(house / "rgb", masks=MASKS).fields()


@pytest.mark.parametrize(
    ("text", "words"), [("", "no name"), ("a\n\nb\n", "blank"), ("a\na\n", "twice")]
)
def test_names_of_classes_are_checked(house: Path, text: str, words: str) -> None:
    (house / "masks/classes.txt").write_text(text)
    with pytest.raises(DataError, match=words):
        folder(house / "rgb", masks=MASKS).fields()


def test_masks_in_which_all_is_missing_are_refused(tmp_path: Path, write_image) -> None:
    write_image("x.png", SIZE, SIZE)
    save(tmp_path / "m/x.png", np.full((SIZE, SIZE), 255, np.uint8))
    with pytest.raises(DataError, match="Every pixel"):
        folder(tmp_path, masks={"m": "m"}).fields()


def test_folders_that_are_not_there_are_empty_or_hold_the_images_are_refused(house: Path) -> None:
    (house / "empty").mkdir()
    for where, words in (
        ("../gone", "no folder"),
        ("../empty", "no map"),
        (".", "themselves"),
        ("..", "themselves"),
    ):
        with pytest.raises(DataError, match=words):
            folder(house / "rgb", maps={"d": where}).fields()


def test_files_that_could_be_of_two_images_and_two_files_of_one_are_refused(
    house: Path, write_image
) -> None:
    save(house / "depth/a.npy", np.zeros((SIZE, SIZE)))
    with pytest.raises(DataError, match=r"about one image: 'a\.npy', 'a\.png'"):
        folder(house / "rgb", maps=DEPTH).fields()
    write_image("rgb/a.png")
    with pytest.raises(DataError, match=r"share their labels: 'a\.jpg', 'a\.png'"):
        folder(house / "rgb", masks=MASKS).fields()


def test_names_of_fields_are_their_own(house: Path) -> None:
    with pytest.raises(pydantic.ValidationError, match="among the maps and among the masks"):
        folder(house / "rgb", maps={"d": "x"}, masks={"d": "y"})
    with pytest.raises(pydantic.ValidationError, match="'image'"):
        folder(house / "rgb", maps={"image": "x"})
    (house / "rgb/labels.csv").write_text("file,depth_z\na.jpg,1\n")
    with pytest.raises(DataError, match="a column 'depth_z'"):
        folder(house / "rgb", maps=DEPTH).fields()
    with pytest.raises(DataError, match="class subfolders"):
        folder(house / "rgb", maps={"class": "../depth"}).fields()


def test_images_are_grouped_by_a_column_or_by_subfolder(house: Path) -> None:
    assert folder(house / "rgb").groups() is None
    by_folder = folder(house / "rgb", group_by="folder")
    assert by_folder.groups() == ("a.jpg", "rooms", "rooms")
    (house / "rgb/labels.csv").write_text(
        "file,patient,age\na.jpg,12,1\nrooms/b.png,12b,2\nrooms/c.png,12,3\n"
    )
    dataset = folder(house / "rgb", group_by="patient")
    assert dataset.groups() == ("12", "12b", "12")
    assert set(own_fields(dataset.fields())) == {"image", "class", "age"}
    before = dataset.fingerprint()
    text = (house / "rgb/labels.csv").read_text().replace("12b", "13")
    (house / "rgb/labels.csv").write_text(text)
    assert folder(house / "rgb", group_by="patient").fingerprint() != before


def test_a_group_that_is_not_said_is_refused(house: Path) -> None:
    (house / "rgb/labels.csv").write_text("file,patient\na.jpg,1\nrooms/b.png,\n")
    with pytest.raises(DataError, match=r"no 'patient': rooms/b\.png, rooms/c\.png\."):
        folder(house / "rgb", group_by="patient").groups()
    (house / "rgb/labels.csv").write_text("file,patient\na.jpg,1\nrooms/b.png,NA\nrooms/c.png,2\n")
    with pytest.raises(DataError, match=r"rooms/b\.png\.(.|\n)*`missing: \{patient: \[\]\}`"):
        folder(house / "rgb", group_by="patient").groups()
    assert folder(house / "rgb", group_by="patient", missing=[]).groups() == ("1", "NA", "2")
    with pytest.raises(DataError, match=r"no column 'building'.*'patient'"):
        folder(house / "rgb", group_by="building").groups()


def test_any_map_and_any_mask_is_a_task(house: Path) -> None:
    dataset = folder(house / "rgb", maps=DEPTH, masks=MASKS)
    fields, sample = dataset.fields(), dataset.read(range(3))
    depth = DenseRegression(field="depth_z", offset=3, scale=2)
    assert depth.needs(fields) == {"image", "depth_z"}
    assert depth.head(fields) == DenseHead(1)
    target = depth.target(sample)
    right = target.nan_to_num(0)
    assert depth.loss(right, target).valid.tolist() == [True, True, False]
    assert (depth.loss(right, target).value == 0).all()
    torch.testing.assert_close(depth.measure(right + 1, target).value[:2], torch.tensor([2.0, 2.0]))
    picture = depth.picture(target, sample["image"])
    assert picture.shape == (3, 3, SIZE, SIZE) and (picture[2] == 0.5).all()
    assert (picture[1, 0].flatten().diff() > 0).all()
    masks = DenseClassification(field="semantic")
    assert masks.needs(fields) == {"image", "semantic"}
    assert masks.head(fields) == DenseHead(3)
    ids = masks.target(sample)
    logits = torch.nn.functional.one_hot(ids.clamp(min=0), 3).movedim(-1, 1) * 50.0
    assert torch.equal(masks.decode(logits)[ids >= 0], ids[ids >= 0])
    assert masks.loss(logits, ids).value.max() < 1e-6
    assert masks.measure(logits, ids).value[[0, 2]].tolist() == [1, 1]
    assert masks.loss(logits, ids).valid.tolist() == [True, False, True]
    assert (masks.picture(ids, sample["image"])[1] == 0.5).all()


@pytest.mark.parametrize(
    ("task", "words"),
    [
        (
            DenseRegression(field="semantic"),
            "use the task `dense_classification`. Fields with maps: 'image', 'depth_z'",
        ),
        (DenseRegression(field="class"), "holds classes"),
        (DenseRegression(field="gone"), "no field 'gone'"),
        (DenseClassification(field="depth_z"), "holds numbers"),
        (DenseClassification(field="class"), "1 class"),
    ],
)
def test_what_is_no_map_is_refused(house: Path, task, words: str) -> None:
    with pytest.raises(DataError) as caught:
        task.head(folder(house / "rgb", maps=DEPTH, masks=MASKS).fields())
    assert words in str(caught.value)
