"""The renderer against a second one in double precision, and against what is known by hand."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
import torch
from room_scenes import (
    cast,
    drawn,
    pixel_directions,
    placed,
    plain,
    quiet,
    some_views,
    trace,
    turned,
)

from taskspace_rooms.furnishing.world import generate
from taskspace_rooms.renderer.render import STEP, Rendered, portion, render
from taskspace_rooms.scene import Scenes, Shape

SIZE = 40
LABELS = [field.name for field in fields(Rendered) if field.name != "image"]
WHOLE = {"semantic", "instance"}


@pytest.fixture(scope="module")
def world() -> Scenes:
    return generate(range(40, 46), seed=5)


@pytest.fixture(scope="module")
def rendered(world: Scenes) -> Rendered:
    return render(world, SIZE)


def _inner(numbers: np.ndarray) -> np.ndarray:
    """Return where a pixel shows what its eight neighbours show; the border counts as differing."""
    same = np.zeros(numbers.shape, dtype=bool)
    same[1:-1, 1:-1] = True
    for row in (-1, 0, 1):
        for column in (-1, 0, 1):
            same &= numbers == np.roll(numbers, (row, column), (0, 1))
    return same


@pytest.mark.parametrize("size", [24, 33])
def test_hand_drawn_things_are_seen_as_by_the_reference(size: int) -> None:
    scenes = drawn()
    depth, target = cast(scenes, 0, size)
    seen = render(scenes, size)
    assert len(np.unique(target)) >= 10
    np.testing.assert_array_equal(seen.instance[0].numpy(), np.maximum(target - 5, 0))
    np.testing.assert_allclose(seen.depth_z[0].numpy(), depth, rtol=1e-5)
    room = np.array([0, 0, 0, 0, 1, 2])
    semantic = np.where(target < 6, room[np.minimum(target, 5)], target - 3)
    np.testing.assert_array_equal(seen.semantic[0].numpy(), semantic)


def test_generated_rooms_are_seen_as_by_the_reference(world: Scenes, rendered: Rendered) -> None:
    unlike = 0
    for view, scene in enumerate(world.cameras.scene.tolist()):
        depth, target = cast(world, view, SIZE)
        own = world.primitives.instance[world.primitives.scene == scene].numpy()
        instance = np.concatenate([np.zeros(6, dtype=np.int64), own])[target]
        same = rendered.instance[view].numpy() == instance
        assert same[_inner(instance)].all(), f"view {view}: a body is missing or invented"
        unlike += int((~same).sum())
        near = np.isclose(rendered.depth_z[view].numpy(), depth, rtol=1e-4)
        assert near[_inner(target)].all(), f"view {view}: depth"
    assert unlike <= 2e-4 * rendered.instance.numel()


def test_a_wall_that_is_faced_straight_has_its_distance_and_points_back() -> None:
    seen = render(drawn((), rotations=(turned(0.0),), field_of_view=0.4), 16)
    torch.testing.assert_close(seen.depth_z, torch.full((1, 16, 16), 4.4))
    rays = torch.tensor(pixel_directions(drawn(field_of_view=0.4), 0, 16)).float()
    torch.testing.assert_close(seen.depth_euclidean[0], 4.4 * rays.norm(dim=-1))
    ahead = torch.tensor([0.0, 0.0, 1.0])[None, :, None, None].expand(1, 3, 16, 16)
    torch.testing.assert_close(seen.normals, ahead, atol=1e-6, rtol=0)
    assert (seen.semantic == 0).all() and (seen.instance == 0).all()
    assert (seen.curvature == 0).all() and (seen.edges_occlusion < 1e-4).all()


def test_curvatures_are_those_of_the_bodies() -> None:
    scenes = drawn()
    seen = render(scenes, 96)
    depth, target = cast(scenes, 0, 96)
    position, rotation = placed(scenes, 0)
    points = position + (pixel_directions(scenes, 0, 96) * depth[..., None]) @ rotation.T
    first, second = seen.curvature[0].double().numpy()
    normals = np.moveaxis(seen.normals[0].double().numpy(), 0, -1) @ rotation.T
    upright = np.abs(normals[..., 2]) > 0.999
    table = scenes.primitives
    for number, shape in enumerate(table.shape.tolist()):
        here = (target == 6 + number) & ~(upright & (shape != Shape.SPHERE))
        assert here.sum() > 20
        offset = points[here] - table.centre[number].double().numpy()
        below, above, half = table.size[number].double().tolist()
        if shape == Shape.BOX:
            expected = np.zeros(here.sum()), 0.0
        elif shape == Shape.SPHERE:
            expected = np.full(here.sum(), 1 / below), 1 / below
            np.testing.assert_allclose(normals[here], offset / below, atol=1e-4)
        elif shape == Shape.CYLINDER:
            expected = np.full(here.sum(), 1 / below), 0.0
        else:
            slant = np.hypot(2 * half, below - above)
            radius = below + (above - below) * (offset[:, 2] + half) / (2 * half)
            expected = (2 * half / slant) / np.maximum(radius, 1e-3), 0.0
        np.testing.assert_allclose(first[here], expected[0], rtol=2e-3, err_msg=str(shape))
        np.testing.assert_allclose(second[here], expected[1], rtol=1e-5, err_msg=str(shape))
    assert (seen.curvature[0][:, torch.tensor(target < 6)] == 0).all()


def test_the_picture_is_the_formula_with_shadows_by_the_reference(world: Scenes) -> None:
    scenes = plain(quiet(some_views(world, [1, 6, 14])))
    image = render(scenes, 24, supersampling=1).image.double().numpy()
    for view, scene in enumerate(scenes.cameras.scene.tolist()):
        depth, target = cast(scenes, view, 24)
        expected = _lit(scenes, view, scene, depth, target)
        inner = _inner(target)
        off = np.abs(image[view] - expected).max(0)[inner]
        # Where a shadow ends within a hundredth of a pixel, precision decides.
        assert (off < 2e-3).mean() > 0.995
        assert expected.std() > 0.02


def _lit(
    scenes: Scenes, view: int, scene: int, depth: np.ndarray, target: np.ndarray
) -> np.ndarray:
    """Return a picture of plain surfaces [3, S, S], one ray a pixel, one ray a light."""
    position, rotation = placed(scenes, view)
    size = len(depth)
    rays = pixel_directions(scenes, view, size) @ rotation.T
    points = position + rays * depth[..., None]
    normals = np.moveaxis(render(scenes, size).normals[view].double().numpy(), 0, -1) @ rotation.T
    table = scenes.primitives
    rows = (table.scene == scene).nonzero()[:, 0]
    colours = torch.cat(
        [scenes.surfaces.first[6 * scene : 6 * scene + 6], table.material.first[rows]]
    )
    light = np.broadcast_to(scenes.ambient[scene].double().numpy(), points.shape).copy()
    for number in (scenes.lights.scene == scene).nonzero()[:, 0].tolist():
        lamp = scenes.lights.position[number].double().numpy()
        way = lamp - points
        far = np.linalg.norm(way, axis=-1)
        start = points + 1e-4 * normals
        distances, _ = trace(scenes, scene, start.reshape(-1, 3), (lamp - start).reshape(-1, 3))
        free = (distances >= 1).reshape(size, size)
        facing = np.maximum((normals * way).sum(-1) / far, 0)
        colour = scenes.lights.colour[number].double().numpy()
        light += colour * (free * facing / far**2)[..., None]
    shade = colours.double().numpy()[target] * light * float(scenes.cameras.exposure[view])
    return np.moveaxis(shade.clip(0, 1) ** (1 / 2.2), -1, 0)


def test_a_body_between_light_and_floor_casts_a_shadow_of_the_known_size() -> None:
    plate = ((Shape.CYLINDER, (2.0, 2.5, 1.0), (0.3, 0.3, 0.01)),)
    scenes = drawn(
        plate, lights=((2.0, 2.5, 2.0),), positions=((2.0, 0.5, 0.6),),
        rotations=(turned(0.0, -0.3),),
    )  # fmt: skip
    seen = render(scenes, 64, supersampling=1)
    depth, target = cast(scenes, 0, 64)
    position, rotation = placed(scenes, 0)
    points = position + (pixel_directions(scenes, 0, 64) * depth[..., None]) @ rotation.T
    # From two metres up, a disc of 0.3 at half the height darkens twice that radius.
    away = np.hypot(points[..., 0] - 2.0, points[..., 1] - 2.5)
    ambient = (scenes.surfaces.first[4] * scenes.ambient[0]) ** (1 / 2.2)
    dark = np.abs(seen.image[0].numpy() - ambient.numpy()[:, None, None]).max(0) < 1e-4
    floor = target == 4
    np.testing.assert_array_equal(dark[floor & (away < 0.59)], True)
    np.testing.assert_array_equal(dark[floor & (away > 0.62)], False)
    assert (floor & (away < 0.59)).sum() > 50


def test_a_lamp_within_its_shade_shines_and_the_shade_does_not() -> None:
    shade = ((Shape.CYLINDER, (2.0, 2.5, 2.0), (0.3, 0.3, 0.2)),)
    lamp = ((2.0, 2.5, 2.0),)
    within = render(drawn(shade, lights=lamp), 16, supersampling=1)
    without = render(drawn((), lights=lamp), 16, supersampling=1)
    room = (within.instance == 0)[:, None].expand_as(within.image)
    torch.testing.assert_close(within.image[room], without.image[room])
    assert not room.all()


def test_supersampling_is_what_a_larger_picture_averages_to(world: Scenes) -> None:
    scenes = quiet(some_views(world, [0, 5, 10, 15]))
    light = render(scenes, 2 * SIZE, supersampling=1).image ** 2.2
    average = torch.nn.functional.avg_pool2d(light, 2) ** (1 / 2.2)
    # Where light saturates, the average of clipped sub-rays is another one.
    unclipped = torch.nn.functional.max_pool2d(light, 2) < 0.99
    off = (render(scenes, SIZE).image - average).abs()[unclipped]
    assert off.quantile(0.95) < 2e-3
    assert off.mean() < 3e-3
    plain = (render(scenes, SIZE, supersampling=1).image - average).abs()[unclipped]
    assert off.mean() < 0.3 * plain.mean()


@pytest.mark.parametrize("supersampling", [1, 3])
def test_labels_do_not_depend_on_supersampling(
    world: Scenes, rendered: Rendered, supersampling: int
) -> None:
    few = some_views(world, list(range(4)))
    other = render(few, SIZE, supersampling=supersampling)
    for name in LABELS:
        assert torch.equal(getattr(other, name), getattr(rendered, name)[:4]), name


def test_a_view_is_the_same_alone_and_in_company(world: Scenes, rendered: Rendered) -> None:
    for view in (0, 7, 23):
        alone = render(portion(world, view, view + 1), SIZE)
        for field in fields(Rendered):
            mine, theirs = getattr(alone, field.name)[0], getattr(rendered, field.name)[view]
            if field.name in WHOLE:
                assert torch.equal(mine, theirs), field.name
            else:
                off = (mine - theirs).abs()
                assert off.quantile(0.999) < 1e-4, field.name


def test_a_large_view_is_cut_into_portions_that_change_nothing(
    monkeypatch: pytest.MonkeyPatch, world: Scenes, rendered: Rendered
) -> None:
    monkeypatch.setattr("taskspace_rooms.renderer.render.PIXELS", 3 * SIZE**2)
    cut = render(world, SIZE)
    assert cut.image.shape == (24, 3, SIZE, SIZE)
    assert torch.equal(cut.instance, rendered.instance)
    assert (cut.image - rendered.image).abs().quantile(0.999) < 1e-4


def test_edges_tell_how_far_one_plate_stands_before_another() -> None:
    plate = ((Shape.BOX, (2.0, 3.0, 1.25), (0.5, 0.25, 0.5)),)
    scenes = drawn(
        plate, positions=((2.0, 0.5, 1.25),), rotations=(turned(0.0),), field_of_view=0.8
    )
    seen = render(scenes, 32)
    response = 1 - np.exp(-(1 - 2.25 / 4.5) / STEP)
    edge = _inner(seen.instance[0].numpy())[1:-1, 1:-1]
    found = seen.edges_occlusion[0, 1:-1, 1:-1].numpy()
    np.testing.assert_allclose(found[found > 1e-4], response, rtol=1e-4)
    assert (found[edge] < 1e-4).all() and (found > 1e-4).sum() > 40


def test_creases_and_round_bodies_are_no_edges_but_outlines_are() -> None:
    empty = render(drawn((), rotations=(turned(0.7, -0.4),)), 48)
    assert len(empty.semantic.unique()) == 2 and len(empty.normals[0, 0].unique()) > 2
    assert (empty.edges_occlusion < 1e-3).all()
    ball = ((Shape.SPHERE, (2.0, 2.5, 1.2), (0.5, 0.5, 0.5)),)
    seen = render(drawn(ball), 48)
    instance, edges = seen.instance[0].numpy(), seen.edges_occlusion[0].numpy()
    assert (edges[_inner(instance)] < 1e-3).all()
    outline = instance[:, 1:] != instance[:, :-1]
    assert (np.minimum(edges[:, 1:], edges[:, :-1])[outline] > 0.5).mean() > 0.95
