"""Single rays on single bodies, what culling leaves out, patterns and noise."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from room_scenes import entry

from taskspace_rooms.renderer import materials, noise
from taskspace_rooms.renderer.culling import seen_in_cells
from taskspace_rooms.renderer.intersect import ENTRY, HUGE
from taskspace_rooms.scene import Pattern, Shape


@pytest.mark.parametrize("shape", list(Shape))
def test_single_precision_meets_bodies_where_double_precision_does(shape: Shape) -> None:
    random = np.random.default_rng(int(shape))
    for size in ((0.4, 0.4, 0.4), (0.02, 0.005, 1.0), (0.3, 0.0, 0.05), (0.1, 0.3, 0.5)):
        extent = np.array(size if shape in (Shape.BOX, Shape.CONE) else (size[0],) * 3)
        if shape == Shape.CYLINDER:
            extent[2] = size[2]
        origins = random.normal(size=(800, 3))
        origins *= random.uniform(2, 6, (800, 1)) / np.linalg.norm(origins, axis=1, keepdims=True)
        aims = random.uniform(-1, 1, (800, 3)) * extent * 1.1
        aims[:100, :2], origins[:100] = 0.3 * extent[0], (*[0.3 * extent[0]] * 2, 3)  # along z
        expected = entry(shape, extent, origins, aims - origins)
        found = ENTRY[shape](
            torch.tensor(origins.T, dtype=torch.float32),
            torch.tensor((aims - origins).T, dtype=torch.float32),
            torch.tensor(extent, dtype=torch.float32)[:, None],
        ).numpy()
        met = expected < HUGE
        assert met.sum() > 100
        assert (met == (found < HUGE)).mean() > 0.995  # outlines may go either way
        both = met & (found < HUGE)
        assert np.quantile(np.abs(found[both] / expected[both] - 1), 0.995) < 1e-4


@pytest.mark.parametrize("shape", list(Shape))
def test_no_cell_leaves_out_a_body_that_a_ray_through_it_meets(shape: Shape) -> None:
    random = torch.Generator().manual_seed(int(shape))
    bodies, rays, grid = 300, 40, 8
    origin = torch.randn(3, bodies, generator=random) * 1.5
    size = torch.rand(3, bodies, generator=random) + 0.02
    if shape in (Shape.SPHERE, Shape.CYLINDER):
        size[1] = size[0]
    axes = torch.linalg.qr(torch.randn(bodies, 3, 3, generator=random))[0].transpose(1, 2)
    edges = torch.linspace(-0.8, 0.8, grid + 1)
    seen = seen_in_cells(shape, -origin.T, axes, size.T, edges.expand(bodies, -1))
    across, down = torch.rand(2, bodies, rays, generator=random) * 1.6 - 0.8
    u, v, w = axes.permute(1, 2, 0)[..., None]
    found = ENTRY[shape](origin[..., None], u * across + v * down + w, size[..., None])
    column, row = ((place + 0.8) / 0.2 for place in (across, down))
    met = seen[torch.arange(bodies)[:, None], row.long(), column.long()]
    assert (found < HUGE).sum() > 200
    assert met[found < HUGE].all()
    assert not seen.all(), "nothing was left out"


def test_noise_is_that_of_the_seed_and_about_normal() -> None:
    seeds = torch.tensor([3, 4, 2**31 - 2])
    drawn_noise = noise.sensor_noise(seeds, 64)
    assert torch.equal(drawn_noise[1:2], noise.sensor_noise(seeds[1:2], 64))
    flat = drawn_noise.flatten(1)
    assert flat.mean(1).abs().max() < 0.03
    assert (flat.std(1) - 1).abs().max() < 0.02
    assert (flat.abs() > 2).float().mean() == pytest.approx(0.0455, abs=0.01)
    assert torch.corrcoef(torch.cat([flat, flat.roll(1, 1)])).fill_diagonal_(0).abs().max() < 0.04


def test_patterns_are_what_their_names_say() -> None:
    u, v = torch.tensor([0.1, 0.6, 1.1, -0.4]), torch.tensor([0.1, 0.1, 0.6, 0.6])
    seed = torch.zeros(4, dtype=torch.int64)
    assert materials.stripes(u, v, seed).tolist() == [0, 1, 0, 1]
    assert materials.checker(u, v, seed).tolist() == [0, 1, 1, 0]
    joints = materials.tiles(torch.tensor([0.03, 0.5, 0.5, 1.5]), v + 0.2, seed)
    assert joints[0] == 1 and joints[1] <= 0.25 and joints[1] != joints[3]
    places = torch.rand(2, 500, generator=torch.Generator().manual_seed(0)) * 9
    zero = torch.zeros(500, dtype=torch.int64)
    for share in materials.PATTERNS.values():
        mix = share(*places, zero)
        assert mix.min() >= 0 and mix.max() <= 1 and mix.std() > 0.05
    near = materials.noise(*(places + 1e-4), zero) - materials.noise(*places, zero)
    assert near.abs().max() < 2e-3, "noise is continuous"
    assert set(materials.PATTERNS) == set(Pattern) - {Pattern.PLAIN}
