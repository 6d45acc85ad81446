"""What the benchmark of discovery compares with does what it claims to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
import torch
from torch import Tensor, nn

from taskspace.studies.discovery.maths.options import Options
from taskspace.studies.discovery.maths.search import TaskSearch
from taskspace.studies.discovery.maths.sphere import TaskSphere, orthogonal_directions

IMAGES = torch.randn(40, 1, 3, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
OPTIONS = Options(
    "full", steps=4, inner_steps=5, inner_rate=0.5, batch=10, learning_rate=1e-2, warm_up=1
)


@pytest.fixture(scope="module")
def unroll() -> Iterator[ModuleType]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(Path(__file__).parents[2] / "benchmarks")
        import discovery_unroll

        yield discovery_unroll


def make_network() -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.Linear(9, 6), nn.Tanh(), nn.Linear(6, 2)).double()


def make_sphere() -> TaskSphere:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Flatten(), nn.Linear(9, 4)).double()
    generator = torch.Generator().manual_seed(0)
    return TaskSphere(network, orthogonal_directions(2, 2, 4, generator).double())


def moves(search: type, *rest: Tensor) -> list[Tensor]:
    """Return the task model's weights after each meta-step."""
    model = make_sphere()
    generator = torch.Generator().manual_seed(3)
    under_way = search(model, make_network, IMAGES, *rest, OPTIONS, generator)
    weights = []
    for _ in range(OPTIONS.steps):
        under_way.step()
        weights.append(model.network[1].weight.detach().clone())
    return weights


def test_a_plain_unroll_and_the_option_full_make_the_same_meta_steps(unroll: ModuleType) -> None:
    plain, full = moves(unroll.PlainUnroll), moves(TaskSearch, IMAGES)
    for one, other in zip(plain, full, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-9, atol=1e-11)
    assert not torch.equal(plain[0], plain[-1])
