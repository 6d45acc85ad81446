"""Folders in the official layout as people have them: other folders, one building, other depths."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from taskspace.errors import DataError
from taskspace.layout.check import check_folder
from taskspace.learning.splits import split_indices
from taskspace_plugins.datasets.taskonomy_folder import TaskonomyFolder

SIZE = 8
SHARES = {"train": 0.4, "transfer": 0.2, "select": 0.2, "test": 0.2}


def write(
    root: Path, folder: str, suffix: str, pixels: np.ndarray, point: int = 0, view: int = 0
) -> Path:
    path = root / folder / f"point_{point}_view_{view}_domain_{suffix}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    return path


@pytest.fixture
def hall(tmp_path: Path) -> Path:
    """One building: six points with two views each, and their depths in millimetres."""
    draw = np.random.default_rng(0)
    for number in range(12):
        at = {"point": number // 2, "view": number % 2}
        image = draw.integers(0, 256, (SIZE, SIZE, 3), dtype=np.uint8)
        write(tmp_path, "rgb/hall", "rgb", image, **at)
        depth = draw.integers(500, 4000, (SIZE, SIZE)).astype(np.uint16)
        depth[0] = 0
        write(tmp_path, "depth_zbuffer/hall", "depth_zbuffer", depth, **at)
    return tmp_path


def found(root: Path, code: str, **parameters) -> list[str]:
    findings = TaskonomyFolder(root=root, **parameters).findings()
    return [finding.text for finding in findings if finding.code == code]


@pytest.mark.parametrize(
    ("folder", "meant"),
    [
        ("segmentsemantic", "segment_semantic"),
        ("normals", "normal"),
        ("depth-zbuffer", "depth_zbuffer"),
        ("Reshading", "reshading"),
        ("keypoint2d", "keypoints2d"),
        ("class_places", "class_scene"),
        ("photographs", None),
    ],
)
def test_a_folder_of_no_domain_is_named_with_the_nearest(hall: Path, folder, meant) -> None:
    write(hall, f"{folder}/hall", folder, np.zeros((SIZE, SIZE), np.uint8))
    guess = f"; did you mean {meant}?" if meant else ""
    (text,) = found(hall, "files-not-read")
    assert text.startswith(f"Not read: 1 folder, {folder} (1 file): no domain is called")
    assert not any(finding.details for finding in TaskonomyFolder(root=hall).findings())
    assert f"{folder}{guess}" in text
    problems = {problem.file: problem.problem for problem in check_folder(hall).findings}
    assert problems[folder] == f"this folder is not read: no domain is called {folder}{guess}"


def test_folders_are_named_in_the_other_order_and_without_buildings(tmp_path: Path) -> None:
    pixels = np.zeros((SIZE, SIZE, 3), np.uint8)
    write(tmp_path, "a/hall/rgb", "rgb", pixels)
    write(tmp_path, "a/hall/segmentsemantic", "segmentsemantic", pixels)
    write(tmp_path, "a/notes/normal", "normal", pixels)
    (tmp_path / "a/splits").mkdir()
    (text,) = found(tmp_path / "a", "files-not-read")
    assert text.startswith("Not read: 3 folders, for example hall/segmentsemantic (1 file)")
    write(tmp_path, "b/rgb", "rgb", pixels)
    write(tmp_path, "b/edges_texture", "edge_texture", pixels)
    (text,) = found(tmp_path / "b", "files-not-read")
    assert "edges_texture (1 file)" in text and "did you mean edge_texture?" in text


def test_a_building_without_images_is_named(hall: Path) -> None:
    write(hall, "normal/attic", "normal", np.zeros((SIZE, SIZE, 3), np.uint8))
    (text,) = found(hall, "files-not-read")
    assert "normal/attic (1 file): the building attic has no images" in text


def test_stray_files_are_counted(hall: Path) -> None:
    assert not found(hall, "files-not-read")
    for name in ("rgb/hall/notes.txt", "rgb/hall/point_9_view_0_domain_rgb.jpg", "README"):
        (hall / name).write_text("x")
    (text,) = found(hall, "files-not-read")
    assert text.startswith("Not read: 3 files, for example README, because of their names")
    assert TaskonomyFolder(root=hall).length() == 12


def test_one_building_says_what_four_splits_need(hall: Path) -> None:
    dataset = TaskonomyFolder(root=hall)
    with pytest.raises(DataError, match=r"4 splits .* at least 4 groups.* there is 1: 'hall'") as e:
        split_indices(dataset.length(), dataset.groups(), SHARES, 0)
    assert "`group_by`" in str(e.value)


def test_points_of_one_building_are_groups_and_their_views_stay_together(hall: Path) -> None:
    dataset = TaskonomyFolder(root=hall, group_by="point")
    groups = dataset.groups()
    assert len(set(groups)) == 6 and groups[:2] == ["hall/point_0"] * 2
    parts = split_indices(dataset.length(), groups, SHARES, 0)
    for one in parts.values():
        assert {row ^ 1 for row in one.tolist()} == set(one.tolist())
    (finding,) = [f for f in dataset.findings() if f.code == "taskonomy-points"]
    assert finding.tone == "warning" and "not in new ones" in finding.text


def test_points_as_groups_offer_no_views_of_other_points(hall: Path) -> None:
    camera = {
        "camera_location": [0, 0, 1],
        "camera_rotation_final": [0, 0, 0],
        "field_of_view_rads": 1.0,
    }
    for number in range(12):
        name = f"point_{number // 2}_view_{number % 2}_domain_point_info.json"
        file = hall / "point_info/hall" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(camera))
    matches = hall / "nonfixated_matches/hall/point_0_view_all_domain_nonfixated_matches.json"
    matches.parent.mkdir(parents=True)
    matches.write_text('[{"point_uuid": 1, "view_id": 0}]')
    by_building = TaskonomyFolder(root=hall).fields()
    by_point = TaskonomyFolder(root=hall, group_by="point").fields()
    assert "nonfixated_views" in by_building
    assert set(by_building) - set(by_point) == {
        "nonfixated_views", "pose_nonfixated", "egomotion_views", "egomotion", "point_views",
        "same_point",
    }  # fmt: skip


def test_the_unit_of_depth_and_what_is_missing_can_be_said(hall: Path) -> None:
    stored = TaskonomyFolder(root=hall).read([0], {"depth_z"})["depth_z"] * 512
    dataset = TaskonomyFolder(root=hall, depth_unit=0.001, depth_missing=0)
    metres = dataset.read([0], {"depth_z"})["depth_z"]
    assert metres[0, 0, 0].isnan().all() and not metres[0, 0, 1:].isnan().any()
    np.testing.assert_allclose(metres[0, 0, 1:], stored[0, 0, 1:] / 1000, rtol=1e-6)


@pytest.mark.parametrize("size", [3, 5, 16])
def test_missing_depth_is_taken_out_before_it_is_resized(hall: Path, size: int) -> None:
    dataset = TaskonomyFolder(root=hall, size=size, depth_unit=0.001, depth_missing=0)
    depth = dataset.read(range(12), {"depth_z"})["depth_z"]
    known = depth[~depth.isnan()]
    assert known.min() >= 0.5 and known.max() <= 4


def test_zeros_of_depth_that_stand_apart_are_said(hall: Path) -> None:
    (text,) = found(hall, "maps-missing")
    assert text.startswith("Maps `depth_z`: 12 % of the pixels of 12 maps are 0,")
    assert "Set `depth_missing: 0` where it means missing." in text
    assert not found(hall, "maps-missing", depth_missing=0)


def test_only_what_is_set_is_in_keys(hall: Path) -> None:
    usual = TaskonomyFolder(root=hall)
    assert not {"depth_unit", "depth_missing", "group_by"} & set(usual.identity())
    metric = TaskonomyFolder(root=hall, depth_unit=0.001)
    assert metric.identity()["depth_unit"] == 0.001
    assert metric.fingerprint() != usual.fingerprint()
    assert TaskonomyFolder(root=hall, depth_unit=1 / 512).identity() == usual.identity()


NAMES = {
    "no text": (b"caf\xe9.png", r"caf\\xe9\.png"),
    "new line": (b"a\nb.png", r"a\\nb\.png"),
    "escape": (b"a\x1b[31m.png", r"a\\x1b\[31m\.png"),
    "line separator": ("a\u2028b.png".encode(), r"a\\u2028b\.png"),
}


@pytest.mark.parametrize("case", NAMES)
@pytest.mark.parametrize("place", ["images", "maps", "rgb"])
def test_names_that_cannot_be_written_are_refused_as_they_can(
    hall: Path, tmp_path: Path, write_image, case: str, place: str
) -> None:
    from taskspace_plugins.datasets.folders.image_folder import ImageFolder

    name, words = NAMES[case]
    (tmp_path / "photos/d").mkdir(parents=True)
    write_image("photos/a.png")
    write_image("photos/d/a.png")
    folder = {"images": "photos", "maps": "photos/d", "rgb": "rgb/hall"}[place]
    try:
        with open(bytes(hall / folder) + b"/" + name, "wb"):  # noqa: PTH123  a name in bytes
            pass
    except (OSError, UnicodeError):
        pytest.skip("This file system takes names in UTF-8 only.")
    with pytest.raises(DataError, match=rf"1 name of files cannot be written.*{words}") as caught:
        if place == "rgb":
            TaskonomyFolder(root=hall).length()
        else:
            ImageFolder(root=tmp_path / "photos", size=8, maps={"d": "d"}).fields()
    str(caught.value).encode("utf-8")
