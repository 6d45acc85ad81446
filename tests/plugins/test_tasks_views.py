"""The whole dictionary, and the tasks of it that are vectors, classes and several views."""

import math

import numpy as np
import pytest
import torch
from geometry_scenes import fields, sample
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

import taskspace_plugins.plugin as built_ins
from taskspace.components import DenseHead, Field, Task, VectorHead
from taskspace.errors import DataError
from taskspace_plugins.tasks.geometry._directions import angle, rotate, rotation_between
from taskspace_plugins.tasks.geometry._vector_label import VectorLabelTask
from taskspace_plugins.tasks.geometry.egomotion import Egomotion
from taskspace_plugins.tasks.geometry.point_matching import PointMatching
from taskspace_plugins.tasks.geometry.pose_fixated import PoseFixated
from taskspace_plugins.tasks.geometry.pose_nonfixated import PoseNonfixated
from taskspace_plugins.tasks.geometry.room_layout import RoomLayout, corners
from taskspace_plugins.tasks.geometry.vanishing_points import VanishingPoints
from taskspace_plugins.tasks.labels.object_class import ObjectClass
from taskspace_plugins.tasks.labels.scene_class import SceneClass

PROPERTY = settings(max_examples=40, deadline=None)
SAMPLE = sample()
FIELDS = fields(SAMPLE)
DENSE, VECTOR = DenseHead, VectorHead
DICTIONARY = {
    "autoencoding": (1, DENSE),
    "colorization": (1, DENSE),
    "curvature": (1, DENSE),
    "denoising": (1, DENSE),
    "depth_euclidean": (1, DENSE),
    "depth_z": (1, DENSE),
    "edges_2d": (1, DENSE),
    "edges_occlusion": (1, DENSE),
    "egomotion": (3, VECTOR),
    "inpainting": (1, DENSE),
    "jigsaw": (1, VECTOR),
    "keypoints_2d": (1, DENSE),
    "keypoints_3d": (1, DENSE),
    "normals": (1, DENSE),
    "object_class": (1, VECTOR),
    "point_matching": (2, VECTOR),
    "pose_fixated": (2, VECTOR),
    "pose_nonfixated": (2, VECTOR),
    "random_projection": (1, VECTOR),
    "reshading": (1, DENSE),
    "room_layout": (1, VECTOR),
    "scene_class": (1, VECTOR),
    "segment_2d": (1, DENSE),
    "segment_25d": (1, DENSE),
    "semantic": (1, DENSE),
    "vanishing_points": (1, VECTOR),
}
SOURCE_ONLY = {"colorization", "inpainting", "jigsaw", "random_projection"}
VECTORS = (
    RoomLayout(),
    VanishingPoints(),
    PoseFixated(),
    PoseNonfixated(),
    Egomotion(),
)
CLASSES = (SceneClass(), ObjectClass(), PointMatching())
SEVERAL = (PoseFixated(), PoseNonfixated(), Egomotion(), PointMatching())
AXES = st.tuples(*[st.floats(-1, 1)] * 3).filter(lambda axis: math.hypot(*axis) > 0.1)


def named(task: Task) -> str:
    return task.name


def rotvec(axis: tuple[float, float, float], turn: float) -> torch.Tensor:
    """Return the rotation vector of a turn in radians, in 64 bits."""
    direction = torch.tensor(axis, dtype=torch.float64)
    return direction / direction.norm() * turn


@pytest.mark.parametrize("name", DICTIONARY)
def test_the_dictionary_has_this_task(name: str) -> None:
    found = {task.name: task for task in built_ins.taskspace_tasks()}
    task = found[name]()
    assert isinstance(task, Task)
    assert (task.views, type(task.head(FIELDS))) == DICTIONARY[name]
    assert task.source_only == (name in SOURCE_ONLY)
    assert task.plain_input or task.views > 1 or name in {*SOURCE_ONLY, "denoising"}
    assert task.needs(FIELDS) <= set(FIELDS)
    assert task.views == 1 or "image" not in task.needs(FIELDS)


def test_the_dictionary_has_26_tasks() -> None:
    assert len(DICTIONARY) == 26


@pytest.mark.parametrize("task", SEVERAL, ids=named)
def test_the_input_is_the_views(task: Task, generator: torch.Generator) -> None:
    example = task.example(SAMPLE, generator)
    (shown,) = task.inputs
    assert example.input.shape == (4, task.views, 3, 12, 12)
    assert torch.equal(example.input, SAMPLE[shown])
    assert not task.plain_input
    assert task.picture(example.target, example.input) is None
    for wrong in (None, Field((task.views + 1, 3, 12, 12)), Field((task.views, 3, 6, 6))):
        offer = {name: field for name, field in FIELDS.items() if name != shown}
        with pytest.raises(DataError, match=shown):
            task.head(offer | ({shown: wrong} if wrong else {}))


@pytest.mark.parametrize("task", VECTORS, ids=named)
def test_vectors_keep_their_units_through_the_scales(task: VectorLabelTask) -> None:
    label = SAMPLE[task.name]
    target = task.target(SAMPLE)
    assert task.head(FIELDS) == VectorHead(label.shape[1])
    torch.testing.assert_close(target * torch.tensor(task.scales), label)
    for judge in (task.loss, task.measure):
        found = judge(target, target)
        assert found.valid.all() and found.value.abs().max() < 1e-2
        assert (judge(target + 0.3, target).value > 0.01).all()
    torch.testing.assert_close(
        task.measure(target, target).value, torch.zeros(4), atol=1e-3, rtol=0
    )


@pytest.mark.parametrize("task", VECTORS, ids=named)
def test_a_vector_with_a_gap_masks_its_sample(task: VectorLabelTask) -> None:
    label = SAMPLE[task.name].clone()
    label[1, 2] = math.nan
    target = task.target({**SAMPLE, task.name: label})
    prediction = torch.zeros_like(target).requires_grad_()
    found = task.loss(prediction, target)
    assert found.valid.tolist() == [True, False, True, True]
    assert task.measure(prediction, target).valid.tolist() == [True, False, True, True]
    found.value.sum().backward()
    assert prediction.grad is not None and prediction.grad.isfinite().all()
    assert not prediction.grad[1].any() and prediction.grad[0].any()
    words = task.words(target, FIELDS)
    assert [line == "missing" for line in words] == [False, True, False, False]


@pytest.mark.parametrize("task", VECTORS, ids=named)
@pytest.mark.parametrize("field", [None, Field((7,)), Field((9, 12)), Field((), ("a", "b"))])
def test_labels_that_are_no_such_vector_are_refused(task: Task, field: Field | None) -> None:
    offer = {name: each for name, each in FIELDS.items() if name != task.name}
    with pytest.raises(DataError, match=f"task {task.name}.*{task.name!r}"):
        task.head(offer | ({task.name: field} if field else {}))


@pytest.mark.parametrize("task", CLASSES, ids=named)
def test_classes_have_logits_and_names(task: Task, generator: torch.Generator) -> None:
    label = "same_point" if task.name == "point_matching" else task.name
    names = FIELDS[label].classes
    assert names is not None and task.head(FIELDS) == VectorHead(len(names))
    ids = SAMPLE[label].clone()
    ids[1] = -1
    example = task.example({**SAMPLE, label: ids}, generator)
    assert torch.equal(example.target, ids)
    logits = 50 * torch.nn.functional.one_hot(ids.clamp(min=0), len(names)).float()
    assert task.measure(logits, ids).valid.tolist() == [True, False, True, True]
    assert (task.measure(logits, ids).value[ids >= 0] == 1).all()
    assert (task.loss(logits, ids).value[ids >= 0] < 1e-6).all()
    assert task.words(ids, FIELDS) == [names[i] if i >= 0 else "missing" for i in ids]
    assert torch.equal(task.decode(logits)[ids >= 0], ids[ids >= 0])
    with pytest.raises(DataError, match=label):
        task.head({**FIELDS, label: Field((12, 12), names)})
    with pytest.raises(DataError, match="holds numbers"):
        task.head({**FIELDS, label: Field(())})


@PROPERTY
@given(axis=AXES, turn=st.floats(0, math.pi), other=AXES, back=st.floats(0, math.pi))
def test_rotations_are_those_of_scipy(
    axis: tuple[float, float, float], turn: float, other: tuple[float, float, float], back: float
) -> None:
    first, second = rotvec(axis, turn), rotvec(other, back)
    a, b = (Rotation.from_rotvec(each.numpy()) for each in (first, second))
    apart = (a.inv() * b).magnitude()
    assert rotation_between(first, second).item() == pytest.approx(apart, abs=1e-6)
    points = np.array([[1.0, 2, 3], [-1, 0, 0.5]])
    np.testing.assert_allclose(
        rotate(first[None], torch.from_numpy(points)), a.apply(points), atol=1e-9
    )


@PROPERTY
@given(axis=AXES, turn=st.floats(0, math.pi))
def test_a_rotation_from_nothing_is_its_angle_even_if_it_is_tiny(
    axis: tuple[float, float, float], turn: float
) -> None:
    nothing = torch.zeros(3, dtype=torch.float64)
    for size in (turn, turn * 1e-6, 0.0):
        found = rotation_between(nothing, rotvec(axis, size)).item()
        assert found == pytest.approx(size, rel=1e-6, abs=1e-12)
    # A whole turn more is the same rotation.
    assert rotation_between(rotvec(axis, turn), rotvec(axis, turn + 2 * math.pi)) < 1e-6


def test_angles_between_directions() -> None:
    x = torch.tensor([1.0, 0, 0], dtype=torch.float64)
    for turn in (0.0, 1e-7, 0.3, math.pi / 2, 3.0, math.pi):
        turned = torch.tensor([math.cos(turn), math.sin(turn), 0], dtype=torch.float64)
        assert angle(x, 7 * turned).item() == pytest.approx(turn, rel=1e-6, abs=1e-12)
    assert angle(x, 0 * x).item() == pytest.approx(math.pi / 2)


@pytest.mark.parametrize("task", [PoseFixated(), Egomotion()], ids=named)
def test_errors_of_poses_are_degrees_of_their_rotations(task: VectorLabelTask) -> None:
    poses = len(task.scales) // 6
    truth = torch.zeros(2, poses, 6)
    wrong = truth.clone()
    wrong[0, :, 3] = math.radians(30)
    wrong[1, 0, 3:] = rotvec((1, 1, 1), math.radians(90)).float()
    wrong[:, :, :3] = 5.0
    scales = torch.tensor(task.scales)
    found = task.measure(wrong.flatten(1) / scales, truth.flatten(1)).value
    torch.testing.assert_close(found, torch.tensor([30.0, 90.0 / poses]), atol=1e-3, rtol=0)


def test_poses_in_words() -> None:
    pose = [0.5, 0.0, -1.25, 0.0, math.radians(90), 0.0]
    (words,) = PoseFixated().words(
        PoseFixated().target({"pose_fixated": torch.tensor([pose])}), FIELDS
    )
    assert words == "moved (0.50, 0.00, -1.25) m, turned 90°"
    (words,) = Egomotion().words(
        Egomotion().target({"egomotion": torch.tensor([3 * pose])}), FIELDS
    )
    assert words.split("; ") == 3 * ["moved (0.50, 0.00, -1.25) m, turned 90°"]


def test_a_layout_has_its_corners_where_the_room_has_them() -> None:
    turn = math.pi / 2
    layout = torch.tensor([[1.0, 0, -3, 4, 2.5, 6, 0, 0, 0], [1.0, 0, -3, 4, 2.5, 6, 0, turn, 0]])
    found = corners(layout)
    low, high = found.amin(dim=1), found.amax(dim=1)
    torch.testing.assert_close(high - low, torch.tensor([[4, 2.5, 6], [6, 2.5, 4]]))
    torch.testing.assert_close((high + low) / 2, layout[:, :3])


def test_the_error_of_a_layout_is_how_far_its_corners_are_off() -> None:
    task = RoomLayout()
    truth = torch.tensor([[1.0, 0, -3, 4, 2, 6, 0.2, 0.4, 0]])
    scales = torch.tensor(task.scales)

    def error(**changed: float) -> float:
        wrong = truth.clone()
        for place, by in changed.items():
            wrong[0, int(place[1:])] += by
        return task.measure(wrong / scales, truth / scales).value.item()

    assert error(_0=3, _1=-4) == pytest.approx(5)
    assert error(_3=1.0) == pytest.approx(0.5)
    assert task.words(truth / scales, FIELDS) == ["4.0 x 2.0 x 6.0 m, turned 26°"]


@PROPERTY
@given(degrees=st.floats(0, 180))
def test_vanishing_points_are_lines_without_a_sign(degrees: float) -> None:
    turn = math.radians(degrees)
    axes = torch.eye(3, dtype=torch.float64)
    about_z = torch.stack([rotate(rotvec((0, 0, 1), turn), axis) for axis in axes])
    found = VanishingPoints().measure(5 * about_z.reshape(1, 9), axes.reshape(1, 9))
    wanted = 2 * min(degrees, 180 - degrees) / 3
    assert found.value.item() == pytest.approx(wanted, abs=1e-5)
    decoded = VanishingPoints().decode(5 * about_z.reshape(1, 9)).reshape(3, 3)
    torch.testing.assert_close(decoded, about_z)


def test_a_plan_shows_the_room_around_the_camera() -> None:
    task, input = RoomLayout(), torch.zeros(2, 3, 64, 64)
    layout = torch.tensor([[1.75, 0, -1.75, 3.5, 2.5, 3.5, 0, 0, 0], [math.nan, *[1.0] * 8]])
    picture, missing = task.picture(layout / torch.tensor(task.scales), input)
    assert (missing == 0.5).all()
    rows, columns = (picture < 0.9).any(dim=0).nonzero().unbind(dim=1)
    # Seven metres are half of the picture: the box goes from the middle to half way up and right.
    assert (rows.min(), columns.max()) == (15, 48)
    red, _, blue = picture
    assert red[15, 40] > blue[15, 40] and blue[20, 48] > red[20, 48]


def test_the_axes_are_drawn_from_the_middle_as_the_camera_sees_them() -> None:
    input = torch.ones(2, 1, 64, 64)
    values = torch.stack([torch.eye(3).flatten(), torch.full((9,), math.nan)])
    (red, green, blue), missing = VanishingPoints().picture(values, input)
    assert (missing == 0.5).all()
    assert red[32, 50] > 0.8 > blue[32, 50]
    assert green[12, 32] > red[12, 32]
    assert red[32, 10] == red[50, 32] == blue[50, 50] == 1


def test_vanishing_points_in_words() -> None:
    assert VanishingPoints().words(torch.eye(3).reshape(1, 9), FIELDS) == [
        "(1.00, 0.00, 0.00) (0.00, 1.00, 0.00) (0.00, 0.00, 1.00)"
    ]
