"""Small searches for tests: 3x3 images, a linear task sphere, networks of six hidden units."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from taskspace.studies.discovery.maths.decodable import DecodableLabels
from taskspace.studies.discovery.maths.options import Options
from taskspace.studies.discovery.maths.search import TaskSearch
from taskspace.studies.discovery.maths.sphere import TaskSphere, orthogonal_directions

IMAGES, SIDE = 48, 3
SMALL = Options(
    hypergradient="online",
    steps=3,
    inner_steps=4,
    inner_rate=0.5,
    batch=12,
    learning_rate=1e-2,
    agreement=3.0,
    uniformity=1.0,
    entropy=0.0,
    warm_up=0,
)
EVERY = ["full", "first", "xas", "online", "direct"]
DOUBLE = torch.float64


def make_network(classes: int = 2, width: int = 6) -> nn.Module:
    pixels = SIDE * SIDE
    return nn.Sequential(
        nn.Flatten(), nn.Linear(pixels, width), nn.Tanh(), nn.Linear(width, classes)
    )


def make_sphere(tasks: int = 2, classes: int = 2, dimensions: int = 4, seed: int = 0) -> TaskSphere:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = nn.Sequential(nn.Flatten(), nn.Linear(SIDE * SIDE, dimensions))
    generator = torch.Generator().manual_seed(seed)
    return TaskSphere(network, orthogonal_directions(tasks, classes, dimensions, generator))


def random_images(count: int = IMAGES, seed: int = 0) -> Tensor:
    return torch.randn(count, 1, SIDE, SIDE, generator=torch.Generator().manual_seed(seed))


def make_search(options: Options = SMALL, model: nn.Module | None = None, **parts) -> TaskSearch:
    images = parts.pop("images", random_images())
    return TaskSearch(
        model or make_sphere(),
        parts.pop("make_network", make_network),
        images,
        parts.pop("inputs", images),
        options,
        torch.Generator().manual_seed(parts.pop("seed", 0)),
        **parts,
    )


def first_pixel() -> DecodableLabels:
    """Keep the sign of the first pixel decodable."""
    return DecodableLabels((random_images()[:, 0, 0, :1] > 0).long(), [2], 4)


def clusters(count: int = 256) -> tuple[Tensor, Tensor]:
    """Images whose pixels are noise but for a sign that four of them share, and that sign."""
    draw = torch.Generator().manual_seed(3)
    images = torch.randn(count, 1, SIDE, SIDE, generator=draw)
    sign = torch.randint(2, (count,), generator=draw)
    images.view(count, -1)[:, :4] = 0.5 * images.view(count, -1)[:, :4] + 2.0 * sign[:, None] - 1
    return images, sign
