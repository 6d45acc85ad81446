"""The search: equal and resumed runs, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from math import isinf

import pytest
import torch
from discovery_searches import (
    EVERY,
    SMALL,
    clusters,
    first_pixel,
    make_network,
    make_search,
    make_sphere,
    random_images,
)
from torch import nn

from taskspace.errors import CellError, InputError
from taskspace.studies.discovery.maths.curve import (
    Point,
    diverged,
    learning_skill,
    not_learning,
)


@pytest.mark.parametrize("hypergradient", EVERY)
def test_runs_of_one_seed_are_equal_and_so_is_a_resumed_one(hypergradient: str) -> None:
    options = replace(SMALL, hypergradient=hypergradient)
    whole, again, begun = (make_search(options) for _ in range(3))
    for search in (whole, again):
        while not search.done:
            search.step()
    begun.step()
    resumed = make_search(options, make_sphere(seed=5), seed=9)
    resumed.restore(begun.tensors())
    while not resumed.done:
        resumed.step()
    assert len(resumed.curve) == options.steps
    assert whole.curve == again.curve == resumed.curve
    for name, value in whole.tensors().items():
        assert torch.equal(value, again.tensors()[name]), name
        assert torch.equal(value, resumed.tensors()[name]), name
    other = make_search(options, seed=1)
    assert other.step() != whole.curve[0]


def test_a_search_resumes_with_its_frozen_pair_and_its_extra_loss() -> None:
    options = replace(SMALL, frozen_pair=True, hypergradient="first")
    whole, begun = (make_search(options, keep=first_pixel()) for _ in range(2))
    while not whole.done:
        whole.step()
    begun.step()
    resumed = make_search(options, seed=7, keep=first_pixel())
    resumed.restore(begun.tensors())
    while not resumed.done:
        resumed.step()
    assert all(torch.equal(v, resumed.tensors()[name]) for name, v in whole.tensors().items())


@pytest.mark.parametrize(("frozen", "pairs"), [(True, 1), (False, 3)])
def test_initialisations_are_fresh_unless_frozen(frozen: bool, pairs: int) -> None:
    starts = set()

    def observed() -> nn.Module:
        network = make_network()
        starts.add(network[1].weight.sum().item())
        return network

    before = torch.random.get_rng_state()
    search = make_search(replace(SMALL, frozen_pair=frozen), make_network=observed)
    while not search.done:
        search.step()
    assert len(starts) == 2 * pairs
    assert torch.equal(torch.random.get_rng_state(), before)


def test_networks_that_do_not_learn_are_seen() -> None:
    images, _ = clusters()
    curves = {}
    for rate in (0.5, 0.001):
        options = replace(SMALL, steps=8, inner_steps=12, batch=32, inner_rate=rate, agreement=1.0)
        search = make_search(options, make_sphere(tasks=1, dimensions=2), images=images)
        while not search.done:
            search.step()
        curves[rate] = search.curve
    assert not not_learning(curves[0.5])
    assert not_learning(curves[0.001])


def test_learning_is_measured_from_the_commonest_label_on_the_last_quarter() -> None:
    def curve(learnt: float, commonest: float) -> list[Point]:
        late = Point(0.5, 1.0, learnt, commonest, -1.0, 0.0)
        return [replace(late, learnt=0.0)] * 6 + [late] * 2

    assert learning_skill(curve(0.8, 0.6)) == pytest.approx(0.5)
    assert not_learning(curve(0.62, 0.6)) and not not_learning(curve(0.7, 0.6))
    assert learning_skill(curve(0.97, 0.97)) is None
    assert learning_skill([]) is None


@pytest.mark.parametrize("hypergradient", EVERY)
def test_networks_that_leave_the_finite_cost_a_step_and_leave_the_tasks(hypergradient: str) -> None:
    images = random_images()
    images[:, 0, 0, 0] = torch.inf
    search = make_search(
        replace(SMALL, hypergradient=hypergradient), images=images, inputs=random_images()
    )
    before = search.tensors()
    assert isinf(search.step().disagreement)
    assert diverged(search.curve) == 1
    after = search.tensors()
    assert all(torch.equal(after[n], before[n]) for n in before if n.startswith(("model", "adam")))


def test_a_search_whose_own_loss_is_not_finite_ends() -> None:
    inputs = random_images()
    inputs[:, 0, 0, 0] = torch.inf
    search = make_search(replace(SMALL, agreement=0.0), inputs=inputs)
    with pytest.raises(CellError, match="not finite in meta-step 1"):
        search.step()


def test_what_cannot_be_searched_is_refused() -> None:
    with pytest.raises(InputError, match="23 images, fewer than two batches of 12"):
        make_search(images=random_images(23))
    with pytest.raises(InputError, match="48 images, but its task model has 7 inputs"):
        make_search(inputs=random_images(7))
    with pytest.raises(InputError, match="xas takes 2 inner steps"):
        make_search(replace(SMALL, hypergradient="xas", inner_steps=1))
    with pytest.raises(InputError, match="Nothing moves the labels"):
        make_search(replace(SMALL, uniformity=0.0, entropy=0.0, warm_up=1))
    with pytest.raises(InputError, match="Nothing moves the labels"):
        make_search(replace(SMALL, uniformity=0.0, entropy=0.0, warm_up=0, agreement=0.0))
