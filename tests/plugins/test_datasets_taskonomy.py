"""The official Taskonomy layout: rooms go out and come back; what is missing stays missing."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from pydantic import ValidationError

from taskspace.components import Dataset, Field
from taskspace.errors import DataError, InputError
from taskspace.layout.camera import camera_as_json, camera_of
from taskspace.layout.check import check_folder
from taskspace.layout.codes import CURVATURE, DEPTH, HEAT, NORMALS
from taskspace.layout.domains import SEMANTIC_NAMES
from taskspace.layout.write import export_dataset
from taskspace_plugins.datasets.rooms import Rooms
from taskspace_plugins.datasets.taskonomy_folder import TaskonomyFolder

ROOMS = Rooms(images=32, size=32)
FIRST = "building_0000/point_0_view_0_domain_"


@pytest.fixture(scope="module")
def exported(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("official") / "rooms"
    export_dataset(ROOMS, root)
    return root


@pytest.fixture
def folder(exported, tmp_path) -> Path:
    """A copy that a test may change."""
    return shutil.copytree(exported, tmp_path / "rooms")


def equal(one: torch.Tensor, other: torch.Tensor) -> bool:
    if one.dtype != other.dtype:
        return False
    return torch.equal(one.nan_to_num(-7), other.nan_to_num(-7))


def names(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def test_rooms_come_back_as_they_went(exported) -> None:
    back = TaskonomyFolder(root=exported)
    fields, expected = back.fields(), ROOMS.fields()
    assert set(fields) == set(expected)
    assert back.groups() == ROOMS.groups()
    there, here = back.read(range(32)), ROOMS.read(range(32))
    for name, field in expected.items():
        assert (fields[name].shape, fields[name].classes) == (field.shape, field.classes), name
        assert equal(there[name], here[name]), name


def test_samples_are_in_the_order_of_points_and_views(exported) -> None:
    place = TaskonomyFolder(root=exported).read(range(32), {"place"})["place"]
    assert (place[:, 0] * 2 + place[:, 1]).tolist() == list(range(32))


def test_missing_depth_is_masked(folder) -> None:
    file = folder / "depth_zbuffer" / f"{FIRST}depth_zbuffer.png"
    pixels = np.array(Image.open(file))
    pixels[3, 5] = 65535
    pixels[0, 0] = 512
    Image.fromarray(pixels).save(file)
    depth = TaskonomyFolder(root=folder).read([0], {"depth_z"})["depth_z"]
    assert depth.isnan().nonzero().tolist() == [[0, 0, 3, 5]]
    assert depth[0, 0, 0, 0] == 1


def test_a_file_that_is_not_there_is_a_missing_label(folder) -> None:
    for file in folder.rglob("point_0_view_0_*"):
        if file.parent.parent.name not in ("rgb", "point_info"):
            file.unlink()
    sample = TaskonomyFolder(root=folder).read([0, 1])
    for name in ("depth_z", "normals", "curvature", "edges_occlusion", "reshading"):
        assert sample[name][0].isnan().all() and not sample[name][1].isnan().all(), name
    for name in ("semantic", "scene_class", "object_class"):
        assert (sample[name][0] == -1).all(), name
    assert (sample["scene_class"][1] >= 0).all()


def test_a_view_without_companions_lacks_the_label_and_not_the_input(folder) -> None:
    for file in folder.rglob("point_0_view_1_*"):
        file.unlink()
    for file in folder.rglob("point_0_view_all_*"):
        file.unlink()
    sample = TaskonomyFolder(root=folder).read([0])
    for name in ("pose_fixated", "pose_nonfixated", "egomotion"):
        assert sample[name].isnan().all(), name
    assert sample["same_point"].tolist() == [-1]
    for name in ("fixated_views", "nonfixated_views", "egomotion_views"):
        views = sample[name][0]
        assert all(torch.equal(view, sample["image"][0]) for view in views), name


def test_single_views_have_no_fields_of_several(folder) -> None:
    for file in folder.rglob("*_view_1_*"):
        file.unlink()
    shutil.rmtree(folder / "nonfixated_matches")
    fields = TaskonomyFolder(root=folder).fields()
    assert "camera" in fields
    assert not set(fields) & {"fixated_views", "nonfixated_views", "egomotion", "same_point"}


def test_only_the_domains_that_are_asked_for_are_opened(folder) -> None:
    for domain in ("normal", "depth_zbuffer", "segment_semantic", "point_info"):
        for file in (folder / domain / "building_0001").iterdir():
            file.write_bytes(b"broken")
    dataset = TaskonomyFolder(root=folder)
    assert equal(dataset.read([20], {"image"})["image"], ROOMS.read([20], {"image"})["image"])
    with pytest.raises(DataError, match=r"point_10_view_0_domain_normal.png .not an image."):
        dataset.read([20], {"normals"})
    with pytest.raises(DataError, match=r"point_10_view_0_domain_point_info\.json"):
        dataset.read([20], {"pose_fixated"})


def test_unreadable_files_are_named_up_to_ten(folder) -> None:
    for file in (folder / "rgb" / "building_0000").iterdir():
        file.write_bytes(b"")
    with pytest.raises(DataError, match=r"16 files cannot be used: .*; and 6 more") as refused:
        TaskonomyFolder(root=folder, size=32).read(range(16), {"image"})
    assert str(refused.value).count("domain_rgb.png") == 10


@pytest.mark.parametrize(
    ("domain", "mode", "field"),
    [("depth_zbuffer", "L", "depth_z"), ("normal", "L", "normals"), ("rgb", "1", "image")],
)
def test_a_wrong_mode_is_refused(domain, mode, field, folder) -> None:
    file = folder / domain / f"{FIRST}{domain}.png"
    Image.new(mode, (32, 32)).save(file)
    with pytest.raises(DataError, match=rf"{file.name} .its mode is {mode}, not "):
        TaskonomyFolder(root=folder).read([0], {field})


def test_sizes_must_agree_unless_a_size_is_asked_for(folder) -> None:
    file = folder / "rgb" / "building_0001" / "point_8_view_0_domain_rgb.png"
    Image.new("RGB", (40, 36), "red").save(file)
    with pytest.raises(DataError, match="it is 36 x 40 pixels and others are 32 x 32"):
        TaskonomyFolder(root=folder).read([16], {"image"})
    smaller = TaskonomyFolder(root=folder, size=16)
    assert smaller.fields()["depth_z"].shape == (1, 16, 16)
    sample = smaller.read([16, 17])
    assert all(values.shape[1:] == smaller.fields()[name].shape for name, values in sample.items())
    red = torch.tensor([1.0, 0, 0])[:, None, None].expand(3, 16, 16)
    assert torch.equal(sample["image"][0], red)
    # Labels are taken, never mixed: every depth is one that was there.
    whole = ROOMS.read([17], {"depth_z"})["depth_z"]
    assert torch.isin(sample["depth_z"][1], whole).all()


def test_both_orders_of_folders_and_a_single_building_are_read(exported, tmp_path) -> None:
    expected = TaskonomyFolder(root=exported).read(range(32))
    turned = tmp_path / "turned"
    for domain in (path for path in exported.iterdir() if path.is_dir()):
        for building in domain.iterdir():
            # The cameras' folder is called `points` in some of the official archives.
            name = "points" if domain.name == "point_info" else domain.name
            shutil.copytree(building, turned / building.name / name)
    shutil.copy(exported / "dataset.json", turned)
    found = TaskonomyFolder(root=turned)
    assert found.groups() == ROOMS.groups()
    sample = found.read(range(32))
    assert all(equal(sample[name], values) for name, values in expected.items())
    alone = TaskonomyFolder(root=turned / "building_0001")
    assert set(alone.groups()) == {"building_0001"}
    assert equal(alone.read([3], {"image"})["image"], expected["image"][[19]])


@pytest.mark.parametrize("kept", ["camera_rotation_final_quaternion", "camera_rotation_final"])
def test_cameras_are_read_from_what_the_official_files_say(kept, exported) -> None:
    for file in (exported / "point_info").rglob("*.json"):
        info = json.loads(file.read_bytes())
        exact = camera_of(info)
        keys = ("camera_location", "field_of_view_rads", kept)
        np.testing.assert_allclose(camera_of({k: info[k] for k in keys}), exact, atol=1e-5)


def test_a_camera_in_blender_without_rotation_looks_down_with_y_up() -> None:
    info = {"camera_location": [1, 2, 3], "field_of_view_rads": 1.0}
    still = camera_of({**info, "camera_rotation_final": [0, 0, 0]})
    assert still.tolist() == [1, 2, 3, 1, 0, 0, 0, 1, 0, 0, 0, 1, 1]
    # Tilted up by a right angle about x it looks along the world's +y, and its up is z.
    level = camera_of({**info, "camera_rotation_final": [np.pi / 2, 0, 0]})
    np.testing.assert_allclose(-level[3:12].reshape(3, 3)[:, 2], [0, 1, 0], atol=1e-6)
    np.testing.assert_allclose(level[3:12].reshape(3, 3)[:, 1], [0, 0, 1], atol=1e-6)


def test_a_camera_is_written_as_it_is_read() -> None:
    draw = np.random.default_rng(0)
    for _ in range(100):
        rotation = np.linalg.qr(draw.normal(size=(3, 3)))[0]
        rotation *= np.sign(np.linalg.det(rotation))
        camera = np.array([*draw.normal(size=3), *rotation.flat, 1.0], dtype=np.float32)
        said = camera_as_json(camera)
        assert camera_of(said).tolist() == camera.tolist()
        del said["camera_rotation_matrix"]
        np.testing.assert_allclose(camera_of(said), camera, atol=1e-5)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"camera_location": None}, "'camera_location' is not a list of 3 numbers"),
        ({"camera_rotation_matrix": [1.0] * 9}, "its camera's rotation is none"),
        ({"field_of_view_rads": 4}, "'field_of_view_rads' is 4"),
        ({"room_layout": [1, 2]}, "'room_layout' is not a list of 9 numbers"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_camera_that_is_none_is_named(change, problem, folder) -> None:
    file = folder / "point_info" / f"{FIRST}point_info.json"
    file.write_text(json.dumps({**json.loads(file.read_bytes()), **change}))
    with pytest.raises(DataError) as refused:
        TaskonomyFolder(root=folder).read([0], {"camera"})
    assert problem in str(refused.value) and file.name in str(refused.value)


def test_official_files_without_our_additions_are_read(folder) -> None:
    """Names, probabilities, axes and colours as the official archives have them."""
    (folder / "dataset.json").unlink()
    rows = np.array([[0, 0, -1], [-1, 0, 0], [0, 1, 0]])
    for file in (folder / "point_info").rglob("*.json"):
        info = json.loads(file.read_bytes())
        del info["vanishing_points"], info["room_layout"]
        info["vanishing_points_gaussian_sphere"] = dict(zip("xyz", rows.tolist(), strict=True))
        file.write_text(json.dumps(info))
    for file in (folder / "class_scene").rglob("*.npy"):
        chances = np.full(365, 0.002, dtype=np.float16)
        chances[17] = 0.25
        np.save(file, chances)
    colours = np.zeros((32, 32, 3), dtype=np.uint8)
    colours[4:8], colours[20:] = (200, 10, 10), (10, 10, 250)
    for building in ("building_0000", "building_0001"):
        (folder / "segment_unsup2d" / building).mkdir(parents=True)
    Image.fromarray(colours).save(folder / "segment_unsup2d" / f"{FIRST}segment_unsup2d.png")
    semantic = np.zeros((32, 32), dtype=np.uint8)
    semantic[0, :3] = (1, 2, 17)
    shutil.rmtree(folder / "segment_semantic")
    (folder / "segment_semantic" / "building_0000").mkdir(parents=True)
    Image.fromarray(semantic).save(folder / "segment_semantic" / f"{FIRST}segmentsemantic.png")
    dataset = TaskonomyFolder(root=folder)
    fields, sample = dataset.fields(), dataset.read([0, 1])
    assert "room_layout" not in fields
    assert fields["scene_class"].classes[17] == "class_17"
    assert sample["scene_class"].tolist() == [17, 17]
    assert fields["semantic"].classes == SEMANTIC_NAMES
    assert sample["semantic"][0, 0, :4].tolist() == [0, 1, 16, -1]
    assert sample["segment_2d"][0, ::4, 0].tolist() == [0, 2, 0, 0, 0, 1, 1, 1]
    assert (sample["segment_2d"][1] == -1).all()
    assert sample["vanishing_points"][0].tolist() == [1, 0, 0, 0, 1, 0, 0, 0, 1]


def test_a_split_file_says_which_buildings_are_read(exported, tmp_path) -> None:
    split = tmp_path / "split.csv"
    split.write_text(
        "id,train,val,test\nbuilding_0000,0,1,0\nbuilding_0001,1,0,0\nelsewhere,1,0,0\n"
    )

    def read(**parameters) -> set[str]:
        return set(TaskonomyFolder(root=exported, split_file=split, **parameters).groups())

    assert read(part="val") == {"building_0000"}
    assert read(part="train") == {"building_0001"}
    assert read() == {"building_0000", "building_0001"}
    with pytest.raises(DataError, match="None of the buildings here"):
        read(part="test")
    split.write_text("id,train,val,test\nbuilding_0000,0,perhaps,0\n")
    with pytest.raises(DataError, match=r"split.csv:2: The row of 'building_0000'"):
        read(part="val")
    split.write_text("id,train\nbuilding_0000,1\n")
    with pytest.raises(DataError, match=r"split.csv:1: Its columns are"):
        read(part="train")
    with pytest.raises(ValidationError, match="`part` needs a `split_file`"):
        TaskonomyFolder(root=exported, part="train")


def test_buildings_can_be_named(exported) -> None:
    dataset = TaskonomyFolder(root=exported, buildings=["building_0001"])
    assert set(dataset.groups()) == {"building_0001"}
    with pytest.raises(DataError, match="no building 'villa'"):
        TaskonomyFolder(root=exported, buildings=["villa"]).length()


def test_a_folder_that_is_none_says_what_is_expected(tmp_path) -> None:
    with pytest.raises(DataError, match=r"There is no such folder.*<domain>/<building>"):
        TaskonomyFolder(root=tmp_path / "nowhere").length()
    with pytest.raises(DataError, match="no image in the official layout"):
        TaskonomyFolder(root=tmp_path).length()


def test_the_fingerprint_follows_the_content(folder, exported) -> None:
    def fingerprint(**parameters) -> str:
        return TaskonomyFolder(root=folder, **parameters).fingerprint()

    before = fingerprint()
    assert before == TaskonomyFolder(root=exported).fingerprint()
    assert before != fingerprint(size=16)
    assert before != fingerprint(buildings=["building_0000"])
    file = folder / "normal" / f"{FIRST}normal.png"
    file.write_bytes(file.read_bytes() + b"\0")
    assert before != fingerprint()


def test_an_interrupted_export_is_completed(exported, folder) -> None:
    whole = names(exported)
    gone = sorted(names(folder))[5::7]
    for name in gone:
        (folder / name).unlink()
    (folder / "rgb" / "building_0000" / ".point_9_view_9-abc").write_bytes(b"half")
    done = export_dataset(ROOMS, folder)
    assert done.written == len(gone)
    assert done.kept == len(whole) - 1 - len(gone)
    assert {k: v for k, v in names(folder).items() if "/.point" not in k} == whole


@pytest.mark.parametrize("images", [1, 3, 5])
def test_scenes_that_are_cut_off_are_written_without_a_fault(images, tmp_path) -> None:
    """The companions of a view may be rooms that are not among the `images`."""
    export_dataset(Rooms(images=images, size=32), tmp_path / "few")
    assert not check_folder(tmp_path / "few").findings
    read = TaskonomyFolder(root=tmp_path / "few")
    assert read.length() == images
    read.read(range(images))


def test_an_export_touches_nothing_else(folder, tmp_path) -> None:
    with pytest.raises(InputError, match="the export of another dataset"):
        export_dataset(Rooms(images=31, size=32), folder)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("do not lose")
    with pytest.raises(InputError, match="something here that is no export"):
        export_dataset(ROOMS, tmp_path / "mine")
    assert names(tmp_path / "mine") == {"thesis.txt": b"do not lose"}


class Few(Dataset):
    """Two grey-green images of which one lacks its labels."""

    name = "few"
    group: str = "house"
    gap: bool = False

    def fingerprint(self):
        return f"few {self.group} {self.gap}"

    def fields(self):
        side = (4, 4)
        return {
            "image": Field((3, *side)),
            "depth_z": Field((1, *side)),
            "reshading": Field((1, *side)),
            "segment_2d": Field(side, ("a", "b")),
            "scene_class": Field((), ("attic", "cellar")),
            "weight": Field(()),
        }

    def length(self):
        return 2

    def groups(self):
        return [self.group] * 2

    def read(self, indices, fields=None):
        depth, shade = torch.full((2, 1, 4, 4), 1.5), torch.full((2, 1, 4, 4), 0.2)
        depth[1], shade[1] = torch.nan, torch.nan
        if self.gap:
            shade[0, 0, 0, 0] = torch.nan
        segment = torch.zeros(2, 4, 4, dtype=torch.int64)
        segment[0, 0, 0], segment[1] = -1, 1
        sample = {
            "image": torch.full((2, 3, 4, 4), 0.4),
            "depth_z": depth,
            "reshading": shade,
            "segment_2d": segment,
            "scene_class": torch.tensor([1, -1]),
            "weight": torch.zeros(2),
        }
        rows = torch.as_tensor(list(indices), dtype=torch.int64)
        return {name: sample[name][rows] for name in fields or sample}


def test_any_dataset_can_be_written_and_its_missing_labels_stay_missing(tmp_path) -> None:
    done = export_dataset(Few(), tmp_path / "few")
    assert done.left_out == ("weight",)
    sample = TaskonomyFolder(root=tmp_path / "few").read([0, 1])
    assert sample["depth_z"][0].unique().tolist() == [1.5] and sample["depth_z"][1].isnan().all()
    assert sample["reshading"][1].isnan().all()
    assert sample["scene_class"].tolist() == [1, -1]
    assert sample["segment_2d"][0, 0, :2].tolist() == [-1, 0]
    assert not (
        tmp_path / "few" / "reshading" / "house" / "point_1_view_0_domain_reshading.png"
    ).exists()


def test_what_the_files_cannot_say_is_refused(tmp_path) -> None:
    with pytest.raises(DataError, match=r"house, point 0, view 0: .*'reshading' cannot be written"):
        export_dataset(Few(gap=True), tmp_path / "gap")
    with pytest.raises(DataError, match=r"'\.\./up' cannot be the name of a folder"):
        export_dataset(Few(group="../up"), tmp_path / "up")
    assert not (tmp_path / "up" / "rgb").exists()


@pytest.mark.parametrize(
    "code", [DEPTH, NORMALS, CURVATURE, HEAT], ids=["depth", "normals", "curvature", "heat"]
)
def test_decoded_codes_are_encoded_as_they_were(code) -> None:
    low = 0 if code.zero == 0 else 1
    every = np.arange(low, code.largest + 1, dtype=code.dtype)
    codes = np.stack([every, np.full_like(every, 9)])[:, None]
    assert np.array_equal(code.encode(code.decode(codes)), codes)
    if code.missing is not None:
        gone = np.full((3, 1, 1), np.nan)
        assert (code.encode(gone) == code.missing).all()
        assert np.isnan(code.decode(code.encode(gone))).all()


class Odd(Few):
    """Fields of the dictionary's names and of other forms, as a labels.csv may have them."""

    name = "odd"
    channels: int = 3
    many: bool = False

    def fields(self):
        classes = tuple(map(str, range(300 if self.many else 2)))
        return {
            "image": Field((self.channels, 4, 4)),
            "depth_z": Field(()),
            "normals": Field((1, 4, 4)),
            "scene_class": Field(()),
            "object_class": Field((4, 4), ("a", "b")),
            "semantic": Field((4, 4), classes),
            "segment_2d": Field((1, 4, 4)),
            "camera": Field(()),
            "room_layout": Field((9,), ("a", "b")),
            "place": Field(()) if self.many else Field((4,)),
        }

    def read(self, indices, fields=None):
        count, whole = len(list(indices)), {"object_class", "semantic", "room_layout"}
        return {
            name: torch.ones(
                (count, *field.shape), dtype=torch.int64 if name in whole else torch.float32
            )
            for name, field in self.fields().items()
            if fields is None or name in fields
        }


def test_a_field_of_another_form_is_left_out_and_not_written_wrong(tmp_path) -> None:
    done = export_dataset(Odd(many=True), tmp_path / "odd")
    assert set(done.left_out) == set(Odd().fields()) - {"image", "place"}
    assert set(TaskonomyFolder(root=tmp_path / "odd").fields()) == {"image", "place"}
    with pytest.raises(DataError, match=r"1 or 3 channels, not of the shape \(5, 4, 4\)"):
        export_dataset(Odd(channels=5), tmp_path / "five")
    assert not (tmp_path / "five").exists()


def test_two_samples_in_one_place_are_refused(tmp_path) -> None:
    with pytest.raises(DataError, match="Several samples are view 1 of point 1 in house"):
        export_dataset(Odd(), tmp_path / "odd")
