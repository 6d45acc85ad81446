"""Labels that follow from depth: planes have none of them, steps and corners do."""

import math

import pytest
import torch
from geometry_scenes import euclidean, fields, half, plane, rays, sample
from hypothesis import given, settings
from hypothesis import strategies as st

from taskspace.components import DenseHead, Field, Task
from taskspace.errors import DataError
from taskspace_plugins.datasets.rooms import Rooms
from taskspace_plugins.tasks.responses._from_depth import STEP, keypoints, occlusion_edges
from taskspace_plugins.tasks.responses.edges_occlusion import EdgesOcclusion
from taskspace_plugins.tasks.responses.keypoints_3d import Keypoints3d
from taskspace_plugins.tasks.responses.segment_25d import Segment25d

PROPERTY = settings(max_examples=40, deadline=None)
SAMPLE = sample()
FIELDS = fields(SAMPLE)
UNIT = st.floats(-1, 1)


def known(values: torch.Tensor) -> torch.Tensor:
    return values[~values.isnan()]


def walls(side: int, count: int = 3) -> torch.Tensor:
    """Return depth_z of planes that meet in the corner (0.1, 0.1, -3), as a room's do."""
    facing = [(-1.0, -1.0, 1.0), (1.0, -1.0, 1.0), (0.0, 1.2, 1.0)][:count]
    depths = [plane(normal, (0.1, 0.1, -3.0), side) for normal in facing]
    return torch.cat(depths, dim=1).nan_to_num(math.inf).amin(dim=1, keepdim=True)


@PROPERTY
@given(x=UNIT, y=UNIT, z=UNIT, distance=st.floats(0.5, 20))
def test_a_plane_has_no_edge_and_no_corner_at_any_slant(
    x: float, y: float, z: float, distance: float
) -> None:
    length = math.hypot(x, y, z) or 1.0
    depth = plane((x / length, y / length, z / length), (0.0, 0.0, -distance), 24)
    # Beyond this the plane is seen so much from its side that 32 bits do not hold its depth.
    depth = torch.where(depth < 200, depth, torch.nan)
    assert (known(occlusion_edges(depth)) < 1e-3).all()
    assert (known(keypoints(depth)) < 2e-3).all()


@pytest.mark.parametrize(
    "normal", [(0.0, 0.0, 1.0), (0.7, 0.0, 0.7), (0.0, 1.0, 0.3), (0.4, -0.8, 0.3)]
)
def test_a_plane_has_next_to_none_by_its_euclidean_distances(
    normal: tuple[float, float, float],
) -> None:
    depth = plane(normal, (0.0, 0.0, -3.0), 64)
    distance = euclidean(torch.where(depth < 20, depth, torch.nan))
    assert known(occlusion_edges(distance)[..., 2:-2, 2:-2]).max() < 0.06
    assert known(keypoints(distance)).max() < 0.03


def test_a_ball_bends_without_an_edge() -> None:
    x, y, _ = rays(64)
    # Where the ray (x, y, -1) meets the sphere of radius 3 about (0, 0, -4).
    half_b, c = 4.0, 4.0**2 - 3.0**2
    square = x * x + y * y + 1
    depth = (half_b - (half_b**2 - square * c).sqrt()) / square
    assert known(occlusion_edges(depth[None, None])[..., 2:-2, 2:-2]).max() < 1e-3


@PROPERTY
@given(near=st.floats(0.5, 5), behind=st.floats(0.1, 10), slope=st.floats(0, 6.3))
def test_a_step_is_as_strong_as_the_share_that_it_jumps(
    near: float, behind: float, slope: float
) -> None:
    before = half(slope, 16)
    depth = torch.where(before, near, near + behind)[None, None]
    edges = occlusion_edges(depth)[0, 0]
    jump = 1 - math.exp(-(1 - near / (near + behind)) / STEP)
    torch.testing.assert_close(edges.unique(), torch.tensor([0, jump]), atol=1e-5, rtol=1e-4)
    touching = torch.nn.functional.max_pool2d(before[None].float(), (3, 1), 1, (1, 0))
    assert not edges[~before & (touching[0] == 0) & ~_beside(before)].any()
    assert edges[before & _beside(~before)].all() and edges[~before & _beside(before)].all()


def _beside(pixels: torch.Tensor) -> torch.Tensor:
    """Return which pixels have one of these among their four neighbours."""
    padded = torch.nn.functional.pad(pixels, (1, 1, 1, 1))
    rows, columns = padded[:, 1:-1], padded[1:-1]
    return rows[:-2] | rows[2:] | columns[:, :-2] | columns[:, 2:]


@pytest.mark.parametrize("column", [0, 1, 5, 10, 11])
def test_a_thin_pole_is_an_edge_anywhere(column: int) -> None:
    depth = torch.full((1, 1, 12, 12), 4.0)
    depth[..., column] = 1
    edges = occlusion_edges(depth)[0, 0, 6]
    marked = {max(column - 1, 0), column, min(column + 1, 11)}
    jump = 1 - math.exp(-0.75 / STEP)
    wanted = [jump if place in marked else 0.0 for place in range(12)]
    assert edges.tolist() == pytest.approx(wanted)


def test_a_step_between_slanted_planes_is_marked_on_both_sides_and_nowhere_else() -> None:
    left = half(0.0, 32)
    depth = torch.where(
        left, plane((1.0, 0.3, 1.0), (0, 0, -2.0), 32), plane((-1.0, 0.2, 1.0), (0, 0, -5.0), 32)
    )
    edges = occlusion_edges(depth)[0, 0]
    at_step = (_beside(left) & ~left) | (_beside(~left) & left)
    assert edges[at_step].min() > 0.99 and edges[~at_step].max() < 1e-4


def test_where_walls_meet_is_no_occlusion_but_a_corner_where_three_meet() -> None:
    # Beyond the border no slope is known, so a crease beside it may be a small step as well.
    assert occlusion_edges(walls(64))[..., 2:-2, 2:-2].max() < 1e-3
    assert known(keypoints(walls(64, count=2))).max() < 1e-3
    corner = keypoints(walls(64))[0, 0]
    strongest = divmod(int(corner.nan_to_num(0).argmax()), 64)
    seen = 0.1 / 3 / math.tan(0.5)
    assert corner[strongest] > 0.1
    assert strongest == pytest.approx((32 * (1 - seen), 32 * (1 + seen)), abs=4)


@pytest.mark.parametrize("slope", [0.0, 0.3, 0.5, 1.0])
def test_the_corner_of_a_thing_is_a_keypoint_and_its_edge_is_not(slope: float) -> None:
    edge = torch.where(half(slope, 64), 2.0, 4.0)[None, None]
    quarter = half(slope, 64) & half(slope + math.pi / 2, 64)
    corner = torch.where(quarter, 2.0, 4.0)[None, None]
    inner = (..., slice(10, -10), slice(10, -10))
    assert keypoints(edge)[inner].max() < 0.06
    found = keypoints(corner)
    row, column = divmod(int(found.argmax()), 64)
    assert found.max() > 0.6 and abs(row - 31.5) < 3 and abs(column - 31.5) < 3


@PROPERTY
@given(st.floats(0.1, 50))
def test_neither_depends_on_the_unit_of_depth(scale: float) -> None:
    depth = SAMPLE["depth_z"]
    for label in (occlusion_edges, keypoints):
        torch.testing.assert_close(label(scale * depth), label(depth), atol=1e-4, rtol=1e-3)
        assert label(depth).min() >= 0 and label(depth).max() <= 1


def test_missing_depth_is_masked_with_what_depends_on_it_and_changes_nothing_else() -> None:
    depth = torch.where(half(0.4, 24), 2.0, 4.0).repeat(2, 1, 1, 1)
    holed = depth.clone()
    holed[0, 0, 8, 9], holed[0, 0, 8, 10], holed[1] = math.nan, 0.0, -1.0
    edges, corners = occlusion_edges(holed), keypoints(holed)
    assert edges[1].isnan().all() and corners[1].isnan().all()
    hidden = torch.zeros(24, 24, dtype=torch.bool)
    hidden[8, 8:12] = hidden[7, 9:11] = hidden[9, 9:11] = True
    assert torch.equal(edges[0, 0].isnan(), hidden)
    assert corners[0, 0].isnan().nonzero().tolist() == [[8, 9], [8, 10]]
    assert torch.equal(edges[0, 0][~hidden], occlusion_edges(depth)[0, 0][~hidden])
    assert torch.equal(corners[0, 0, 14:], keypoints(depth)[0, 0, 14:])


@pytest.mark.parametrize(
    ("shape", "enough"), [((1, 1), True), ((1, 6), True), ((2, 3), False), ((4, 9), True)]
)
def test_what_is_too_small_for_a_slope_or_a_keypoint_has_none(
    shape: tuple[int, int], enough: bool
) -> None:
    depth = torch.full((2, 1, *shape), 3.0)
    assert keypoints(depth).isnan().all()
    wanted = torch.full_like(depth, 0.0 if enough else math.nan)
    torch.testing.assert_close(occlusion_edges(depth), wanted, equal_nan=True)


DERIVED = pytest.mark.parametrize(
    "task", [EdgesOcclusion(), Keypoints3d(), Segment25d()], ids=lambda task: task.name
)


@DERIVED
def test_the_label_is_the_datasets_or_else_from_the_depth_that_there_is(task: Task) -> None:
    image, flat = FIELDS["image"], FIELDS["depth_z"]
    label = Field((12, 12), ("a", "b")) if task.name == "segment_25d" else Field((1, 12, 12))
    assert task.needs({"image": image, "depth_z": flat}) == {"image", "depth_z"}
    both = {"image": image, "depth_z": flat, "depth_euclidean": flat}
    assert task.needs(both) == {"image", "depth_euclidean"}
    assert task.needs({**both, "normals": FIELDS["normals"], task.name: label}) == {
        "image",
        task.name,
    }
    assert task.needs({"image": image}) == {"image", "depth_euclidean"}
    for offer in ({"image": image, "depth_z": flat}, {"image": image, task.name: label}):
        assert isinstance(task.head(offer), DenseHead)
    told = torch.full((4, *label.shape), 1 if label.classes else 0.25)
    assert torch.equal(task.target({**SAMPLE, task.name: told}), told)
    part = {name: SAMPLE[name] for name in ("image", "depth_z")}
    swapped = {"image": SAMPLE["image"], "depth_euclidean": SAMPLE["depth_z"]}
    assert torch.equal(task.target(part), task.target(swapped))


@DERIVED
@pytest.mark.parametrize("name", ["depth_euclidean", "own"])
def test_depth_and_labels_of_another_size_are_refused(task: Task, name: str) -> None:
    name = task.name if name == "own" else name
    with pytest.raises(DataError, match=rf"{name}.*\(1, 6, 6\)"):
        task.head({"image": FIELDS["image"], name: Field((1, 6, 6))})


def test_things_of_one_colour_are_told_apart_by_depth_and_by_direction() -> None:
    left = half(0.0, 24).expand(1, 24, 24)
    grey = torch.full((1, 3, 24, 24), 0.5)
    far = torch.full((1, 1, 24, 24), 3.0)
    normals = torch.zeros(1, 3, 24, 24)
    normals[:, 2] = 1
    turned = torch.where(left[:, None], normals, normals.roll(1, dims=1))
    step = torch.where(left[:, None], 1.0, far)
    plain = {"image": grey, "depth_z": far}
    assert Segment25d().target(plain).unique().numel() == 1
    for more in ({"depth_z": step}, {"normals": turned}):
        ids = Segment25d(sigma=0).target({**plain, **more})
        assert ids[left].unique().numel() == ids[~left].unique().numel() == 1
        assert ids.unique().numel() == 2
    blind = Segment25d(sigma=0, depth_weight=0, normals_weight=0)
    assert blind.target({**plain, "depth_z": step, "normals": turned}).unique().numel() == 1


def test_pixels_without_depth_belong_to_no_segment() -> None:
    depth, normals = SAMPLE["depth_z"].clone(), SAMPLE["normals"].clone()
    depth[0, 0, 2, 3], depth[0, 0, 2, 4], depth[1] = math.nan, 0.0, math.nan
    normals[0, :, 5, 5], normals[2] = math.nan, math.nan
    ids = Segment25d().target({"image": SAMPLE["image"], "depth_z": depth, "normals": normals})
    assert (ids[0] < 0).nonzero().tolist() == [[2, 3], [2, 4]]
    assert (ids[1] == -1).all() and (ids[2:] >= 0).all()


def test_edges_from_the_depth_of_rooms_are_those_that_were_rendered_with_the_geometry() -> None:
    views = Rooms(images=16, size=32).read(range(16), {"depth_z", "edges_occlusion"})
    derived, rendered = occlusion_edges(views["depth_z"]) > 0.5, views["edges_occlusion"] > 0.5
    assert 0.05 < rendered.float().mean() < 0.4
    assert (derived == rendered).float().mean() > 0.97
