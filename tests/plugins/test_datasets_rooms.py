"""Rooms are a dataset: declared without rendering, rendered once, shared by processes."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional

from taskspace.errors import DataError
from taskspace_plugins.datasets.rooms import Rooms
from taskspace_rooms.cache import SUMS, ArrayFile, Chunks, data_folder
from taskspace_rooms.chunk import main_objects
from taskspace_rooms.classes import OBJECT_CLASSES, SEMANTIC_CLASSES
from taskspace_rooms.views import (
    enlarged_centre,
    relative_pose,
    room_layout,
    rotation_vector,
    shows_same_point,
    vanishing_points,
)

ROOMS = Rooms(images=32, size=16)
FILES = {"a": ArrayFile((4, 3), "uint8"), "b": ArrayFile((4,), "float32")}


def turned(axis, angle) -> np.ndarray:
    """Return a rotation by Rodrigues' formula."""
    x, y, z = np.array(axis, dtype=float) / np.linalg.norm(axis)
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross


def camera(position, rotation, field_of_view=1.0) -> np.ndarray:
    return np.array([*position, *np.ravel(rotation), field_of_view])


def world_axes(numbers) -> tuple[np.ndarray, np.ndarray]:
    values = np.asarray(numbers, dtype=np.float64)
    return values[:3], values[3:12].reshape(3, 3)


def test_what_is_declared_needs_neither_torch_nor_rendering(tmp_path) -> None:
    code = (
        "import sys\n"
        "from taskspace_plugins.datasets.rooms import Rooms\n"
        "rooms = Rooms(images=5, size=16)\n"
        "rooms.fields(), rooms.groups(), rooms.length(), rooms.identity()\n"
        "print('torch' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={"TASKS_DATA": str(tmp_path / "data")},
        check=True,
    )
    assert done.stdout.strip() == "False"
    assert not (tmp_path / "data").exists()


def test_every_parameter_is_in_the_fingerprint() -> None:
    others = [
        Rooms(images=31, size=16),
        Rooms(images=32, size=17),
        Rooms(images=32, size=16, seed=1),
    ]
    prints = {rooms.fingerprint() for rooms in (ROOMS, Rooms(images=32, size=16), *others)}
    assert len(prints) == 4


def test_sixteen_views_are_a_building() -> None:
    groups = Rooms(images=33, size=16).groups()
    assert groups == ["building_0000"] * 16 + ["building_0001"] * 16 + ["building_0002"]


def test_samples_are_the_codes_that_are_stored() -> None:
    sample = ROOMS.read([0, 7, 31])
    assert set(sample) == set(ROOMS.fields())
    for name, values in sample.items():
        assert values.shape == (3, *ROOMS.fields()[name].shape), name
        floating = ROOMS.fields()[name].classes is None
        assert values.dtype == (torch.float32 if floating else torch.int64), name
    for name, steps in (("image", 255), ("depth_z", 512), ("depth_euclidean", 512)):
        whole = (sample[name] * steps).round()
        assert torch.equal(whole / steps, sample[name]), name
        assert whole.min() >= 0 and whole.max() > 0
    length = sample["normals"].norm(dim=1)
    assert (length - 1).abs().max() < 0.02
    assert (sample["depth_euclidean"] >= sample["depth_z"] - 1 / 256).all()
    assert (sample["semantic"] >= 0).all()


def test_a_larger_dataset_begins_with_the_smaller_one_and_renders_nothing_again() -> None:
    first = ROOMS.read([3], {"image"})["image"]
    folder = ROOMS._chunks._folder / "0"
    made = folder.stat().st_ino
    larger = Rooms(images=40, size=16)
    assert torch.equal(larger.read([3], {"image"})["image"], first)
    assert folder.stat().st_ino == made


def test_companions_are_the_views_that_their_numbers_say() -> None:
    images, views = ROOMS.read(range(32), {"image"})["image"], [0, 5, 14, 31]
    several = {name for name in ROOMS.fields() if name.endswith("_views")}
    sample = ROOMS.read(views, several | {"same_point"})
    for row, view in enumerate(views):
        ego = torch.stack([images[view], images[view ^ 1], images[view ^ 2]])
        assert torch.equal(sample["egomotion_views"][row], ego)
        assert torch.equal(sample["fixated_views"][row], ego[[0, 1]])
        assert torch.equal(sample["nonfixated_views"][row], ego[[0, 2]])
        pair = ego[[0, 1]] if sample["same_point"][row] == 1 else ego[[0, 2]]
        assert torch.equal(
            sample["point_views"][row], torch.from_numpy(enlarged_centre(pair.numpy()))
        )


def test_the_last_view_has_companions_beyond_the_dataset() -> None:
    one = Rooms(images=1, size=16).read([0], {"fixated_views", "place"})
    pair = ROOMS.read([0, 1], {"image"})["image"]
    assert torch.equal(one["fixated_views"][0], pair)
    assert one["place"].tolist() == [[0, 0, 1, 0]]


def test_fixated_views_look_at_one_point() -> None:
    cameras = ROOMS.read(range(32), {"camera"})["camera"].numpy()
    for first, second in zip(cameras[::2], cameras[1::2], strict=True):
        (p, r), (q, s) = world_axes(first), world_axes(second)
        # Where the two optical axes come nearest to each other.
        along = np.stack([-r[:, 2], s[:, 2]], axis=1)
        ahead, gap, *_ = np.linalg.lstsq(along, q - p, rcond=None)
        assert (ahead > 0).all()
        assert gap[0] ** 0.5 < 1e-3


def test_poses_lead_from_one_camera_to_the_other() -> None:
    sample = ROOMS.read(range(8), {"camera", "pose_fixated", "pose_nonfixated", "egomotion"})
    cameras = sample["camera"].numpy()
    assert torch.equal(sample["egomotion"][:, :6], sample["pose_fixated"])
    assert torch.equal(sample["egomotion"][:, 12:], sample["pose_nonfixated"])
    for view, pose in enumerate(sample["pose_fixated"].numpy().astype(np.float64)):
        (p, r), (q, s) = world_axes(cameras[view]), world_axes(cameras[view ^ 1])
        np.testing.assert_allclose(p + r @ pose[:3], q, atol=1e-4)
        turn = turned(pose[3:], np.linalg.norm(pose[3:]))
        np.testing.assert_allclose(r @ turn, s, atol=1e-4)


def test_the_rotation_vector_is_of_least_angle() -> None:
    draw = np.random.default_rng(0)
    for angle in (0.0, 1e-9, 0.3, 3.0, np.pi - 1e-9):
        axis = draw.normal(size=3)
        vector = rotation_vector(turned(axis, angle))
        np.testing.assert_allclose(vector, axis / np.linalg.norm(axis) * angle, atol=1e-7)
    assert np.linalg.norm(rotation_vector(turned((1, 2, 3), 4.0))) == pytest.approx(2 * np.pi - 4)


def test_a_camera_relative_to_itself_has_not_moved() -> None:
    here = camera((1, 2, 3), turned((1, 1, 0), 2.0))
    np.testing.assert_allclose(relative_pose(here, here), 0, atol=1e-7)


def test_the_layout_says_where_the_room_is_however_the_camera_is_turned() -> None:
    room, draw = np.array([5.0, 4.0, 2.5]), np.random.default_rng(1)
    for _ in range(40):
        rotation = turned(draw.normal(size=3), draw.uniform(0, np.pi))
        seen = camera(draw.uniform(0.2, 2.2, 3), rotation)
        layout = room_layout(room, seen)
        frame = turned(layout[6:] + 1e-12, np.linalg.norm(layout[6:]))
        corners = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]) / 2
        found = seen[:3] + (layout[:3] + (corners * layout[3:6]) @ frame.T) @ rotation.T
        expected = (corners + 0.5) * room
        assert {tuple(np.round(c, 6) + 0) for c in found} == {tuple(c) for c in expected}
        # No frame of a box is farther from the camera than 62.8 degrees (Mackenzie 1958).
        assert np.linalg.norm(layout[6:]) < np.radians(62.81)
        directions = vanishing_points(seen).reshape(3, 3)
        np.testing.assert_allclose(directions @ directions.T, np.eye(3), atol=1e-9)
        assert (np.diag(directions) >= 0).all()
        np.testing.assert_allclose(np.abs(directions.T), np.abs(frame), atol=1e-9)


@pytest.mark.parametrize("side", [16, 17, 30, 32])
def test_the_centre_is_enlarged_as_torch_does(side) -> None:
    images = torch.rand(2, 3, side, side, generator=torch.Generator().manual_seed(0))
    half, first = side // 2, (side - side // 2) // 2
    crop = images[..., first : first + half, first : first + half]
    expected = functional.interpolate(crop, (side, side), mode="bilinear", align_corners=False)
    np.testing.assert_allclose(enlarged_centre(images.numpy()), expected.numpy(), atol=1e-6)


def test_half_of_the_pairs_are_of_one_point() -> None:
    same = [shows_same_point(point, view) for point in range(500) for view in range(2)]
    assert 450 < sum(same) < 550


def test_the_main_object_is_the_one_in_the_middle() -> None:
    wall, rug = (SEMANTIC_CLASSES.index(name) for name in ("wall", "rug"))
    table, chair = (SEMANTIC_CLASSES.index(name) for name in ("table", "chair"))
    semantic, instance = np.full((4, 16, 16), wall), np.zeros((4, 16, 16), dtype=np.int64)
    semantic[0, 6:10, 6:10], instance[0, 6:10, 6:10] = chair, 2
    semantic[0, :, :2], instance[0, :, :2] = table, 1  # more pixels, at the border
    semantic[1, 4:12, 4:12], instance[1, 4:12, 4:12] = rug, 1  # is no object
    semantic[2, 0, 0], instance[2, 0, 0] = table, 1  # too little of it
    semantic[3, 6:10, 4:8], instance[3, 6:10, 4:8] = chair, 1
    semantic[3, 6:10, 8:9], instance[3, 6:10, 8:9] = table, 2
    found = main_objects(semantic, instance).tolist()
    chair_number = OBJECT_CLASSES.index("chair")
    assert found == [chair_number, -1, -1, chair_number]


def made_up(chunk: int) -> dict[str, np.ndarray]:
    return {"a": np.full((4, 3), chunk, dtype=np.uint8), "b": np.full(4, chunk, dtype=np.float32)}


def chunks(folder: Path, make=made_up, count: int = 4) -> Chunks:
    return Chunks(folder, FILES, make, count)


def never(chunk: int) -> dict[str, np.ndarray]:
    raise AssertionError(f"chunk {chunk} is made again")


def test_a_chunk_is_made_once_and_read_from_disk_afterwards(tmp_path) -> None:
    chunks(tmp_path).require([2, 0], "a")
    again = chunks(tmp_path, never)
    again.require([0, 2], "a")
    assert again.array(2, "a").tolist() == made_up(2)["a"].tolist()
    assert not again.array(2, "a").flags.writeable


DAMAGE = {
    "gone": lambda file: file.unlink(),
    "empty": lambda file: file.write_bytes(b""),
    "cut short": lambda file: file.write_bytes(file.read_bytes()[:-1]),
    "longer": lambda file: file.write_bytes(file.read_bytes() + b"more"),
    "no array": lambda file: file.write_bytes(b"no array at all"),
    "no header": lambda file: file.write_bytes(file.read_bytes().replace(b"{", b"(")),
    "other shape": lambda file: np.save(file, np.zeros((4, 4), dtype=np.uint8)),
    "other type": lambda file: np.save(file, np.zeros((4, 3), dtype=np.int8)),
    "other numbers": lambda file: np.save(file, np.zeros((4, 3), dtype=np.uint8)),
    "a folder": lambda file: (file.unlink(), file.mkdir()),
    "no sums": lambda file: file.with_name(SUMS).unlink(),
    "a file for the chunk": lambda file: (
        shutil.rmtree(file.parent),
        file.parent.write_bytes(b"in the way"),
    ),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_chunk_is_made_again(damage, tmp_path) -> None:
    chunks(tmp_path).require([1], "a")
    DAMAGE[damage](tmp_path / "1" / "a.npy")
    repaired = chunks(tmp_path)
    repaired.require([1], "a")
    assert repaired.array(1, "a").tolist() == made_up(1)["a"].tolist()


def test_processes_share_the_work(tmp_path) -> None:
    made: list[int] = []
    together = threading.Barrier(3)

    def make(chunk: int) -> dict[str, np.ndarray]:
        made.append(chunk)
        return made_up(chunk)

    def read() -> float:
        mine = chunks(tmp_path, make, 12)
        together.wait()
        mine.require(range(12), "b")
        return sum(float(mine.array(chunk, "b")[0]) for chunk in range(12))

    # A lock belongs to an open file, so threads exclude each other as processes do.
    with ThreadPoolExecutor(3) as pool:
        results = [pool.submit(read) for _ in range(3)]
    assert {result.result() for result in results} == {66.0}
    assert sorted(made) == list(range(12))


def test_who_finds_a_chunk_locked_makes_the_later_ones_and_then_waits(tmp_path) -> None:
    made: list[int] = []
    later_made = threading.Event()

    def make(chunk: int) -> dict[str, np.ndarray]:
        made.append(chunk)
        if chunk == 3:
            later_made.set()
        return made_up(chunk)

    with (tmp_path / "1.lock").open("ab") as another:
        fcntl.flock(another, fcntl.LOCK_EX)
        mine = chunks(tmp_path, make, 4)
        reader = threading.Thread(target=mine.require, args=([1], "a"))
        reader.start()
        assert later_made.wait(30)
        assert 1 not in made
    # The other one died without making it: its lock is gone with it.
    reader.join(30)
    assert made == [2, 3, 1]


def test_what_a_killed_process_leaves_is_cleared_away(tmp_path) -> None:
    half = tmp_path / ".0-deadbeef"
    half.mkdir()
    (half / "a.npy").write_bytes(b"half")
    chunks(tmp_path).require([0], "a")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0", "0.lock"]


def test_an_interrupted_chunk_leaves_nothing(tmp_path) -> None:
    def interrupted(chunk: int) -> dict[str, np.ndarray]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        chunks(tmp_path, interrupted).require([0], "a")
    assert [path.name for path in tmp_path.iterdir()] == ["0.lock"]
    chunks(tmp_path).require([0], "a")


def test_a_folder_that_cannot_be_written_is_an_error_with_advice(tmp_path, monkeypatch) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("TASKS_DATA", str(tmp_path / "file"))
    with pytest.raises(DataError, match=r"cannot be kept: .* set TASKS_DATA to a folder"):
        Rooms(images=1, size=16).read([0], {"image"})


def test_a_full_disk_is_an_error_with_advice_and_leaves_nothing(tmp_path, monkeypatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "save", full)
    with pytest.raises(DataError, match=r"No space left on device.*TASKS_DATA"):
        chunks(tmp_path).require([0], "a")
    assert [path.name for path in tmp_path.iterdir()] == ["0.lock"]


def test_without_a_home_folder_the_error_says_what_to_set(monkeypatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", homeless)
    with pytest.raises(DataError, match=r"no home folder\. Set TASKS_DATA"):
        data_folder({})
    assert data_folder({"TASKS_DATA": "/x"}) == Path("/x")


def test_generated_data_goes_where_the_environment_says() -> None:
    assert data_folder({"TASKS_DATA": "/x"}) == Path("/x")
    assert data_folder({"XDG_CACHE_HOME": "/y"}) == Path("/y/taskspace")
    assert data_folder({"XDG_CACHE_HOME": "y"}) == Path.home() / ".cache" / "taskspace"
    assert data_folder({}) == Path.home() / ".cache" / "taskspace"
