"""Tasks of depth, normals, curvature and classes of pixels, against closed forms."""

import math

import pytest
import torch
from geometry_scenes import fields, sample
from hypothesis import given, settings
from hypothesis import strategies as st

from taskspace.components import DenseHead, Field, Task
from taskspace.errors import DataError
from taskspace_plugins.tasks.geometry.curvature import Curvature, compressed, expanded
from taskspace_plugins.tasks.geometry.depth_euclidean import DepthEuclidean
from taskspace_plugins.tasks.geometry.depth_z import DepthZ
from taskspace_plugins.tasks.geometry.normals import Normals
from taskspace_plugins.tasks.geometry.reshading import Reshading
from taskspace_plugins.tasks.labels._class_map import class_colours
from taskspace_plugins.tasks.labels.semantic import Semantic
from taskspace_plugins.tasks.responses.edges_occlusion import EdgesOcclusion
from taskspace_plugins.tasks.responses.keypoints_3d import Keypoints3d

PROPERTY = settings(max_examples=40, deadline=None)
SAMPLE = sample()
FIELDS = fields(SAMPLE)
MAPS = (
    DepthEuclidean(),
    DepthZ(),
    Normals(),
    Curvature(),
    EdgesOcclusion(),
    Keypoints3d(),
    Reshading(),
)
GIVEN = tuple(task for task in MAPS if task.name in FIELDS)
BY_NAME = pytest.mark.parametrize("task", MAPS, ids=lambda task: task.name)
BY_LABEL = pytest.mark.parametrize("task", GIVEN, ids=lambda task: task.name)


@BY_NAME
def test_the_best_prediction_has_no_loss_and_no_error(task: Task) -> None:
    target = task.target(SAMPLE)
    best = target.nan_to_num(0)
    assert target.shape == (4, *task.head(FIELDS).shape(FIELDS["image"].shape))
    for found in (task.loss(best, target), task.measure(best, target)):
        assert found.valid.all()
        torch.testing.assert_close(found.value, torch.zeros(4), atol=1e-4, rtol=0)
    assert (task.loss(best + 0.1, target).value > 1e-3).all()


@BY_LABEL
def test_a_missing_pixel_counts_nothing_and_gets_no_gradient(task: Task) -> None:
    label = SAMPLE[task.name].clone()
    label[0, -1, 2, 3] = torch.nan
    label[1] = torch.nan
    target = task.target({**SAMPLE, task.name: label})
    assert target[0, :, 2, 3].isnan().all() and target[0].isnan().sum() == target.shape[1]
    prediction = torch.randn(target.shape, generator=torch.Generator().manual_seed(2))
    other = prediction.clone().requires_grad_()
    with torch.no_grad():
        other[0, :, 2, 3] += 5
    for judge in (task.loss, task.measure):
        one, two = judge(prediction, target), judge(other, target)
        assert one.valid.tolist() == [True, False, True, True]
        assert torch.equal(one.value[one.valid], two.value[one.valid])
    loss = task.loss(other, target)
    (gradient,) = torch.autograd.grad(loss.value[loss.valid].sum(), other)
    assert gradient.isfinite().all()
    assert not gradient[0, :, 2, 3].any() and not gradient[1].any() and gradient[2].any()


@BY_NAME
def test_pictures_are_in_range_and_grey_where_a_label_is_missing(task: Task) -> None:
    target = task.target(SAMPLE).clone()
    target[0, :, 2, 3] = torch.nan
    wild = task.decode(20 * torch.randn(target.shape, generator=torch.Generator().manual_seed(2)))
    for values in (target, wild):
        picture = task.picture(values, SAMPLE["image"])
        assert picture is not None and picture.shape == (4, 3, 12, 12)
        assert picture.min() >= 0 and picture.max() <= 1
    shown = task.picture(target, SAMPLE["image"])
    assert shown is not None and (shown[0, :, 2, 3] == 0.5).all()


@BY_LABEL
@pytest.mark.parametrize(
    ("field", "words"),
    [
        (None, "has no field"),
        (Field((5, 12, 12)), r"has the shape \(5, 12, 12\), where the task needs"),
        (Field((1, 6, 6)), "has the shape"),
    ],
)
def test_labels_of_another_shape_are_refused(task: Task, field: Field | None, words: str) -> None:
    offered = {name: each for name, each in FIELDS.items() if "depth" not in name or not field}
    offered.pop(task.name, None)
    if field:
        offered[task.name] = field
    elif task.name == "edges_occlusion":
        offered = {"image": FIELDS["image"]}
    with pytest.raises(DataError, match=words) as caught:
        task.head(offered)
    assert f"task {task.name}" in str(caught.value)


@BY_LABEL
def test_classes_are_no_map_of_numbers(task: Task) -> None:
    field = Field(FIELDS[task.name].shape, ("a", "b"))
    with pytest.raises(DataError, match="holds classes, not numbers"):
        task.head({**FIELDS, task.name: field})


@pytest.mark.parametrize("task", [DepthEuclidean(), DepthZ()], ids=lambda task: task.name)
def test_errors_of_depth_are_shares_of_it(task: Task) -> None:
    target = task.target(SAMPLE)
    torch.testing.assert_close(target.exp(), SAMPLE[task.name])
    for factor, error in ((1.1, 0.1), (0.5, 0.5)):
        found = task.measure(target + math.log(factor), target).value
        torch.testing.assert_close(found, torch.full((4,), error), atol=1e-5, rtol=0)
        loss = task.loss(target + math.log(factor), target).value
        torch.testing.assert_close(loss, torch.full((4,), abs(math.log(factor))))
    assert task.measure(target * 0 + 200, target).value.isfinite().all()


def test_depths_that_are_not_positive_are_missing() -> None:
    depth = torch.tensor([0.0, -1.0, math.nan, 2.0]).reshape(1, 1, 2, 2)
    assert DepthZ().target({"depth_z": depth}).isnan().flatten().tolist() == [1, 1, 1, 0]


def test_near_is_bright_and_far_is_dark_on_a_fixed_scale() -> None:
    depth = torch.tensor([0.25, 0.5, 3**0.5, 6.0, 99.0]).reshape(5, 1, 1, 1)
    picture = DepthZ().picture(DepthZ().target({"depth_z": depth}), depth)
    torch.testing.assert_close(picture[:, 0, 0, 0], torch.tensor([1, 1, 0.5, 0, 0]))


@PROPERTY
@given(degrees=st.floats(0, 180), length=st.floats(0.01, 50))
def test_the_error_of_normals_is_their_angle_whatever_their_length(
    degrees: float, length: float
) -> None:
    turn = math.radians(degrees)
    up = torch.tensor([0.0, 0.0, 1.0]).reshape(1, 3, 1, 1)
    turned = torch.tensor([math.sin(turn), 0.0, math.cos(turn)]).reshape(1, 3, 1, 1) * length
    assert Normals().measure(turned, up).value.item() == pytest.approx(degrees, abs=1e-3)
    torch.testing.assert_close(Normals().decode(turned).norm(dim=1), torch.ones(1, 1, 1))


def test_predicting_no_normal_is_no_way_to_be_right() -> None:
    target = Normals().target(SAMPLE)
    assert Normals().measure(target * 0, target).value.tolist() == pytest.approx([90] * 4)


def test_normals_become_unit_vectors_and_short_ones_are_missing() -> None:
    stored = torch.tensor([[0.0, 0.0, 0.98], [0.0, 0.1, 0.1], [0.7, 0.0, 0.7]]).T.reshape(
        1, 3, 1, 3
    )
    target = Normals().target({"normals": stored})[0, :, 0]
    assert target[:, 1].isnan().all()
    torch.testing.assert_close(target[:, [0, 2]].norm(dim=0), torch.ones(2))


@PROPERTY
@given(st.floats(-900, 900))
def test_curvature_survives_its_scale(curvature: float) -> None:
    k = torch.tensor([curvature], dtype=torch.float64)
    torch.testing.assert_close(expanded(compressed(k)), k)
    assert compressed(-k) == -compressed(k)


def test_errors_of_curvature_are_per_metre() -> None:
    target = Curvature().target(SAMPLE)
    off = compressed(SAMPLE["curvature"] + 2)
    torch.testing.assert_close(
        Curvature().measure(off, target).value, torch.full((4,), 2.0), atol=1e-4, rtol=0
    )
    assert Curvature().measure(target + 500, target).value.isfinite().all()


def test_flat_is_white_convex_red_and_concave_blue() -> None:
    k = torch.tensor([[0.0, 0], [10, 10], [-10, -10], [10, -10]])[:, :, None, None]
    picture = Curvature().picture(compressed(k), k)[:, :, 0, 0]
    wanted = torch.tensor([[1.0, 1, 1], [1, 0, 0], [0, 0, 1], [0.5, 0, 0.5]])
    torch.testing.assert_close(picture, wanted)


def test_classes_of_pixels() -> None:
    task = Semantic()
    assert task.head(FIELDS) == DenseHead(5)
    ids = task.target(SAMPLE).clone()
    ids[0, :6] = -1
    ids[1] = -1
    logits = 50 * torch.nn.functional.one_hot(ids.clamp(min=0), 5).movedim(-1, 1).float()
    decoded = task.decode(logits)
    assert torch.equal(decoded[ids >= 0], ids[ids >= 0])
    found = task.measure(logits, ids)
    assert found.valid.tolist() == [True, False, True, True]
    assert (found.value[found.valid] == 1).all()
    assert (task.loss(logits, ids).value[found.valid] < 1e-6).all()
    logits[2, :, :3] = -logits[2, :, :3]
    assert task.measure(logits, ids).value[2] == 0.75


@pytest.mark.parametrize(
    ("field", "words"),
    [
        (Field((12, 12)), "numbers, not classes"),
        (Field((), ("a", "b")), "has the shape"),
        (Field((12, 12), ("a",)), "nothing to tell apart"),
    ],
)
def test_pixels_without_a_choice_of_classes_are_refused(field: Field, words: str) -> None:
    with pytest.raises(DataError, match=words):
        Semantic().head({**FIELDS, "semantic": field})


def test_a_class_has_one_colour_of_its_own() -> None:
    ids = torch.arange(-1, 48).reshape(1, 7, 7)
    picture = class_colours(ids)
    assert picture.shape == (1, 3, 7, 7) and picture.min() >= 0 and picture.max() <= 1
    colours = picture[0].flatten(1).T
    assert (colours[0] == 0.5).all()
    apart = torch.cdist(colours, colours) + 9 * torch.eye(49)
    assert apart.min() > 0.08 and apart[:20, :20].min() > 0.12
    assert torch.equal(class_colours(ids.flip(1)), picture.flip(2))
    assert torch.equal(Semantic().picture(ids, SAMPLE["image"]), picture)
