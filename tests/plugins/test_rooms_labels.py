"""Labels against each other, over two views of each of 200 generated rooms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
import torch
from room_scenes import some_views
from torch import Tensor

from taskspace_rooms.furnishing.world import generate
from taskspace_rooms.renderer.rays import pixel_centres
from taskspace_rooms.renderer.render import Rendered, render
from taskspace_rooms.renderer.shading import REACH
from taskspace_rooms.scene import Scenes
from taskspace_rooms.views import relative_pose, room_layout, vanishing_points

ROOMS, SIZE = 200, 40
ALONG, DOWN = (0, 1), (1, 0)


@dataclass(frozen=True)
class Album:
    """Views 0 and 1 of every room, by turns, their labels and the points [V, 3, S, S] they show."""

    scenes: Scenes
    seen: Rendered
    rays: Tensor
    points: Tensor


@pytest.fixture(scope="module")
def album() -> Album:
    every = generate(range(ROOMS), seed=11)
    scenes = some_views(every, [4 * room + view for room in range(ROOMS) for view in (0, 1)])
    seen = render(scenes, SIZE, supersampling=1)
    half = torch.tan(scenes.cameras.field_of_view / 2)[:, None, None].double()
    places = pixel_centres(SIZE, half.device).double()
    x, y = half * places, -half * places[:, None]
    x, y = x.expand(-1, SIZE, SIZE), y.expand(-1, SIZE, SIZE)
    rays = torch.stack([x, y, -torch.ones_like(x)], 1)
    return Album(scenes, seen, rays, rays * seen.depth_z[:, None])


def _pairs(image: Tensor, way: tuple[int, int]) -> tuple[Tensor, Tensor]:
    """Return every pixel that has a neighbour in a direction, and that neighbour."""
    down, across = way
    rows, columns = image.shape[-2:]
    return image[..., : rows - down, : columns - across], image[..., down:, across:]


def test_both_depths_are_of_one_point(album: Album) -> None:
    ratio = album.seen.depth_euclidean / album.seen.depth_z
    torch.testing.assert_close(ratio.double(), album.rays.norm(dim=1), rtol=1e-5, atol=0)
    assert (album.seen.depth_z > 0.05).all()


def test_normals_have_unit_length_and_face_the_camera(album: Album) -> None:
    normals = album.seen.normals.double()
    torch.testing.assert_close(normals.norm(dim=1), torch.ones(len(normals), SIZE, SIZE).double(),
                               atol=1e-4, rtol=0)  # fmt: skip
    assert ((normals * album.rays).sum(1) < 1e-4).all()


def test_normals_are_the_gradient_of_depth_where_surfaces_are_flat(album: Album) -> None:
    seen, points = album.seen, album.points
    across, down = (points[..., 1:-1, 2:] - points[..., 1:-1, :-2],
                    points[..., :-2, 1:-1] - points[..., 2:, 1:-1])  # fmt: skip
    cross = torch.linalg.cross(across, down, dim=1)
    normals = seen.normals[..., 1:-1, 1:-1].double()
    off = 1 - (normals * cross / cross.norm(dim=1, keepdim=True)).sum(1)
    # One plane across all nine pixels: one normal, one body, no step.
    bend = torch.nn.functional.max_pool2d(seen.normals, 3, 1) + torch.nn.functional.max_pool2d(
        -seen.normals, 3, 1
    )
    step = torch.nn.functional.max_pool2d(seen.edges_occlusion, 3, 1)
    flat = (bend.amax(1) < 1e-5) & (step < 1e-3)
    assert flat.float().mean() > 0.5
    assert off[flat].quantile(0.9999) < 1e-5
    assert off[flat].max() < 1e-3


def test_normals_turn_along_a_surface_as_its_curvature_says(album: Album) -> None:
    seen, points, checked = album.seen, album.points, 0
    for way in (ALONG, DOWN):
        one, other = _pairs(seen.normals.double(), way)
        here, there = _pairs(points, way)
        instances, curvatures = _pairs(seen.instance, way), _pairs(seen.curvature.double(), way)
        turn, move = other - one, there - here
        square = (move * move).sum(1)
        # Normal curvature in the direction of the move lies between the principal ones.
        bend = (turn * move).sum(1) / square
        largest = torch.maximum(curvatures[0][:, 0], curvatures[1][:, 0])
        least = torch.minimum(curvatures[0][:, 1], curvatures[1][:, 1])
        steps = torch.minimum(*_pairs(seen.edges_occlusion, way))
        same = (instances[0] == instances[1]) & (instances[0] > 0) & (steps < 1e-4)
        same &= (curvatures[0] - curvatures[1]).abs().amax(1) < 1e-3 * largest + 1e-6
        round_ = same & (largest > 0) & (square.sqrt() * largest < 0.5)
        inside = (bend <= 1.05 * largest) & (bend >= 0.9 * least - 1e-3)
        assert inside[round_].double().mean() > 0.97
        checked += int(round_.sum())
    assert checked > 2000


def test_flat_things_have_no_curvature_and_curvatures_are_ordered(album: Album) -> None:
    first, second = album.seen.curvature.unbind(1)
    assert (first >= second).all() and (second >= 0).all()
    assert (first[album.seen.instance == 0] == 0).all()
    assert (first > 0).any(dim=(1, 2)).float().mean() > 0.2


def test_reshading_follows_from_normals_and_depth(album: Album) -> None:
    normals, distance = album.seen.normals.double(), album.seen.depth_euclidean.double()
    facing = -(normals * album.rays).sum(1) / album.rays.norm(dim=1)
    expected = facing.clamp(0, 1) / (1 + (distance / REACH) ** 2)
    torch.testing.assert_close(album.seen.reshading.double(), expected, atol=1e-4, rtol=0)


def test_where_the_class_changes_there_is_a_step_a_crease_or_a_flush_joint(album: Album) -> None:
    seen, borders, joints = album.seen, 0, 0
    for way in (ALONG, DOWN):
        classes, normals = _pairs(seen.semantic, way), _pairs(seen.normals, way)
        instances = _pairs(seen.instance, way)
        step = torch.maximum(*_pairs(seen.edges_occlusion, way)) > 1e-4
        crease = (normals[0] * normals[1]).sum(1) < 0.999
        border = classes[0] != classes[1]
        # Without step and crease both pixels show one plane: two kitchen units in a row.
        joint = border & ~step & ~crease
        assert (torch.minimum(*instances)[joint] > 0).all()
        assert (instances[0] != instances[1])[joint].all()
        borders, joints = borders + int(border.sum()), joints + int(joint.sum())
    assert borders > 20_000
    assert joints < 5e-3 * borders


def test_an_object_has_one_class_and_the_room_has_its_own(album: Album) -> None:
    seen = album.seen
    scene = album.scenes.cameras.scene[:, None, None]
    objects = ((scene << 20) + (seen.instance << 8) + seen.semantic)[seen.instance > 0].unique()
    assert len(objects) > 4 * ROOMS
    assert len((objects >> 8).unique()) == len(objects)
    assert seen.semantic[seen.instance == 0].unique().tolist() == [0, 1, 2]


def test_points_of_one_view_lie_on_the_surfaces_of_the_other_or_behind(album: Album) -> None:
    met = asked = lost = 0
    cameras = _cameras(album.scenes)
    for first in range(0, 2 * ROOMS, 2):
        pose = relative_pose(cameras[first], cameras[first + 1])
        turn = _turned_by(pose[3:])
        points = (album.points[first].flatten(1).T.numpy() - pose[:3]) @ turn
        half = np.tan(cameras[first + 1][12] / 2)
        depth = -points[:, 2]
        ahead = depth > 0.05
        column, row = (
            (sign * points[ahead][:, axis] / depth[ahead] / half + 1) * SIZE / 2
            for axis, sign in ((0, 1), (1, -1))
        )
        depth, points = depth[ahead], points[ahead]
        there = (column >= 1) & (column < SIZE - 1) & (row >= 1) & (row < SIZE - 1)
        depth, points = depth[there], points[there]
        row, column = row[there].astype(int), column[there].astype(int)
        # The nearest thing that the nine pixels around, each continued as a plane, show there.
        nearest, on = np.full(len(depth), np.inf), np.zeros(len(depth), dtype=bool)
        shown, normals = album.points[first + 1].numpy(), album.seen.normals[first + 1].numpy()
        for down in (-1, 0, 1):
            for across in (-1, 0, 1):
                place = (slice(None), row + down, column + across)
                normal = normals[place]
                rays = points / depth[:, None]
                along = (normal * rays.T).sum(0)
                plane = (normal * shown[place]).sum(0) / np.where(along < -1e-3, along, np.nan)
                on |= np.abs(plane - depth) < 2e-2 * depth
                nearest = np.fmin(nearest, np.minimum(plane, -shown[place][2]))
        # All but what is too thin for any of the other view's rays.
        floating = ~on & (nearest > 1.02 * depth)
        assert floating.sum() <= max(3, 0.03 * len(on)), f"views {first}, {first + 1}"
        met, asked, lost = met + int(on.sum()), asked + len(on), lost + int(floating.sum())
    assert asked > 100_000
    assert met > 0.6 * asked
    assert lost < 1e-3 * asked


def test_rooms_have_the_corners_and_directions_that_the_cameras_labels_say(album: Album) -> None:
    cameras = _cameras(album.scenes)
    for view in range(0, 2 * ROOMS, 7):
        scene = int(album.scenes.cameras.scene[view])
        layout = room_layout(album.scenes.room[scene].numpy(), cameras[view])
        frame = _turned_by(layout[6:])
        ways = vanishing_points(cameras[view]).reshape(3, 3)
        own = album.seen.instance[view] == 0
        points = album.points[view][:, own].T.numpy()
        # In the room's frame its surfaces lie at half its extents, and their normals along an axis.
        inside = np.abs((points - layout[:3]) @ frame) - layout[3:6] / 2
        assert np.abs(inside.max(1)).max() < 1e-3
        normals = album.seen.normals[view][:, own].double().T.numpy()
        np.testing.assert_allclose(np.abs(normals @ ways.T).max(1), 1, atol=1e-4)


def _cameras(scenes: Scenes) -> np.ndarray:
    table = scenes.cameras
    parts = [table.position, table.rotation.flatten(1), table.field_of_view[:, None]]
    return torch.cat(parts, 1).double().numpy()


def _turned_by(vector: np.ndarray) -> np.ndarray:
    """Return the rotation [3, 3] about an axis by its length, after Rodrigues."""
    angle = np.linalg.norm(vector)
    x, y, z = vector / max(angle, 1e-12)
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    turned: np.ndarray = np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross
    return turned
