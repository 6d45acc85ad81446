"""The search: gradients that reach the task model, equal and resumed runs, what it finds."""

from __future__ import annotations

import weakref
from copy import deepcopy
from dataclasses import replace
from math import isnan, log

import pytest
import torch
from torch import Tensor, nn

from taskspace.errors import InputError
from taskspace.studies.discovery.maths.curve import Point, learning_skill, not_learning
from taskspace.studies.discovery.maths.entropy import label_entropy
from taskspace.studies.discovery.maths.free_labels import FreeLabels
from taskspace.studies.discovery.maths.inner import cross_entropy, disagreement, label_gradients
from taskspace.studies.discovery.maths.online import OnlinePair, consensus_gradient
from taskspace.studies.discovery.maths.options import Options
from taskspace.studies.discovery.maths.search import TaskSearch
from taskspace.studies.discovery.maths.sphere import TaskSphere, orthogonal_directions

IMAGES, SIDE = 48, 3
SMALL = Options(
    hypergradient="online",
    steps=3,
    inner_steps=4,
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


class Decodable(nn.Module):
    """Keeps the sign of the first pixel decodable from the points."""

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(4, 2)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)
        self.labels = (random_images()[:, 0, 0, 0] > 0).long()

    def forward(self, points: Tensor, rows: Tensor) -> Tensor:
        return nn.functional.cross_entropy(self.head(points), self.labels[rows])


# Gradients


@pytest.mark.parametrize(
    ("hypergradient", "steps"), [("full", 3), ("xas", 3), ("online", 1), ("first", 1)]
)
def test_the_task_model_moves_by_the_gradient_of_finite_differences(
    hypergradient: str, steps: int
) -> None:
    """Of the whole objective, by its weights; `online` and `first` claim it for a single step."""
    options = replace(SMALL, hypergradient=hypergradient, inner_steps=steps)

    def first_step(change: tuple[int, float] | None) -> tuple[TaskSearch, float]:
        model = make_sphere().double()
        if change:
            with torch.no_grad():
                model.network[1].weight.view(-1)[change[0]] += change[1]
        search = make_search(
            options,
            model,
            images=random_images().double(),
            make_network=lambda: make_network().double(),
        )
        point = search.step()
        return search, point.loss + options.agreement * point.disagreement

    # After its first step Adam's mean is a tenth of the gradient.
    gradient = 10 * first_step(None)[0].tensors()["adam.0.mean"].flatten()
    width = 1e-5
    for place in (0, 13, 35):
        ends = [first_step((place, sign * width))[1] for sign in (1, -1)]
        assert gradient[place].item() == pytest.approx((ends[0] - ends[1]) / (2 * width), abs=2e-6)
    assert gradient.abs().max() > 1e-2


def test_online_gradient_is_that_of_one_step_of_moving_networks() -> None:
    """The second step's labels, from the weights that the first has left."""
    torch.manual_seed(0)
    networks = [make_network().double() for _ in range(2)]
    starts = [[weight.detach().clone() for weight in n.parameters()] for n in networks]
    first, second, third = random_images(36).double().split(12)
    labels = torch.randn(2, 12, 2, dtype=DOUBLE).softmax(2)
    pair = OnlinePair(networks, 0.5, first)
    pair.learn(labels[0], second)
    loss = pair.learn(labels[1], third)
    gradients = pair.label_gradient()

    free = labels[1].clone().requires_grad_()
    logs = []
    for start in starts:
        weights = [weight.requires_grad_() for weight in start]
        for images, wanted in ((first, labels[0]), (second, free)):
            own = cross_entropy(applied(weights, images), wanted)
            moves = torch.autograd.grad(own, weights, create_graph=True)
            weights = [w - 0.5 * g for w, g in zip(weights, moves, strict=True)]
        logs.append(applied(weights, third))
    expected = disagreement(*logs)
    assert loss == pytest.approx(expected.item())
    torch.testing.assert_close(
        gradients, torch.autograd.grad(expected, free)[0], rtol=1e-4, atol=1e-8
    )


def test_direct_gradient_is_that_of_labels_beside_predictions() -> None:
    logs = [log.log_softmax(1) for log in torch.randn(2, 12, 3, dtype=DOUBLE)]
    labels = torch.rand(12, 3, dtype=DOUBLE, requires_grad=True)
    loss = (cross_entropy(logs[0], labels) + cross_entropy(logs[1], labels)) / 2
    (expected,) = torch.autograd.grad(loss, labels)
    torch.testing.assert_close(consensus_gradient(logs), expected)


def test_direct_search_draws_labels_to_predictions_made_before_they_are_learnt() -> None:
    networks, rows = [], []

    def observed() -> nn.Module:
        networks.append(make_network().double())
        starts.append(deepcopy(networks[-1]))
        return networks[-1]

    class Spied(TaskSphere):
        def forward(self, inputs: Tensor, numbers: Tensor) -> Tensor:
            rows.append(numbers)
            return super().forward(inputs, numbers)

    starts: list[nn.Module] = []
    sphere = make_sphere(tasks=1)
    model = Spied(sphere.network, sphere.directions).double()
    options = replace(SMALL, hypergradient="direct", inner_steps=1, uniformity=0.0)
    images = random_images().double()
    before = deepcopy(model)
    search = make_search(options, model, images=images, make_network=observed)
    search.step()
    batch = images[rows[-1]]
    labels = before.logits(before(batch, rows[-1]))[:, 0].softmax(1)
    losses = [cross_entropy(start(batch).log_softmax(1), labels) for start in starts]
    expected = options.agreement * torch.stack(losses).mean()
    (gradient,) = torch.autograd.grad(expected, [before.network[1].weight])
    torch.testing.assert_close(10 * search.tensors()["adam.0.mean"], gradient)


def applied(weights: list[Tensor], images: Tensor) -> Tensor:
    hidden = torch.tanh(images.flatten(1) @ weights[0].T + weights[1])
    return (hidden @ weights[2].T + weights[3]).log_softmax(1)


def held_bytes(steps: int, width: int, batch: int) -> int:
    """Return the most bytes that a full unroll keeps for derivatives at any moment."""
    held = most = 0

    class Kept:
        def __init__(self, tensor: Tensor) -> None:
            nonlocal held, most
            self.tensor = tensor
            size = tensor.numel() * tensor.element_size()
            held += size
            most = max(most, held)
            weakref.finalize(self, release, size)

    def release(size: int) -> None:
        nonlocal held
        held -= size

    torch.manual_seed(0)
    networks = [make_network(width=width) for _ in range(2)]
    images = torch.randn(steps, batch, 1, SIDE, SIDE)
    labels = torch.full((steps, batch, 2), 0.5)
    with torch.autograd.graph.saved_tensors_hooks(Kept, lambda kept: kept.tensor):
        label_gradients(networks, images, labels, images[0], rate=0.1)
    return most


def test_activations_of_one_step_are_kept_at_a_time() -> None:
    """Over K only weights are kept, and no derivative holds those: 40 steps are as 2 are."""
    assert held_bytes(40, 8, 64) == held_bytes(2, 8, 64)
    assert held_bytes(2, 8, 256) > 3 * held_bytes(2, 8, 64)


# Runs


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
    whole, begun = (make_search(options, keep=Decodable()) for _ in range(2))
    while not whole.done:
        whole.step()
    begun.step()
    resumed = make_search(options, seed=7, keep=Decodable())
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


# What is searched for


def clusters(count: int = 256) -> tuple[Tensor, Tensor]:
    """Images whose pixels are noise but for a sign that four of them share, and that sign."""
    draw = torch.Generator().manual_seed(3)
    images = torch.randn(count, 1, SIDE, SIDE, generator=draw)
    sign = torch.randint(2, (count,), generator=draw)
    images.view(count, -1)[:, :4] = 0.5 * images.view(count, -1)[:, :4] + 2.0 * sign[:, None] - 1
    return images, sign


def agreement_with(model: TaskSphere, images: Tensor, labels: Tensor) -> float:
    with torch.no_grad():
        sides = model.logits(model(images, torch.arange(len(images))))[:, 0].argmax(1)
    match = (sides == labels).float().mean().item()
    return max(match, 1 - match)


@pytest.mark.parametrize("hypergradient", ["online", "direct"])
def test_a_planted_task_is_discovered_and_uniformity_alone_does_not_see_it(
    hypergradient: str,
) -> None:
    images, sign = clusters()
    shares = []
    for coefficient in (5.0, 0.0):
        model = make_sphere(tasks=1, dimensions=2, seed=2)
        options = replace(
            SMALL,
            hypergradient=hypergradient,
            steps=12,
            inner_steps=15,
            batch=32,
            agreement=coefficient,
        )
        search = make_search(options, model, images=images)
        while not search.done:
            search.step()
        shares.append(agreement_with(model, images, sign))
    assert shares[0] > 0.95 and shares[1] < 0.85


def test_without_agreement_no_network_is_made() -> None:
    def refuse() -> nn.Module:
        raise AssertionError

    for hypergradient in EVERY:
        options = replace(SMALL, agreement=0, hypergradient=hypergradient, steps=20)
        search = make_search(options, make_network=refuse)
        while not search.done:
            search.step()
        assert search.curve[-1].uniformity < search.curve[0].uniformity - 0.1
        assert not not_learning(search.curve)


@pytest.mark.parametrize("hypergradient", EVERY)
def test_tasks_have_several_classes(hypergradient: str) -> None:
    model = make_sphere(tasks=2, classes=3, dimensions=4)
    options = replace(SMALL, hypergradient=hypergradient, steps=10)
    search = make_search(options, model, make_network=lambda: make_network(3))
    while not search.done:
        search.step()
    labels = model.logits(model(random_images(), torch.arange(IMAGES))).argmax(2)
    assert all(len(column.unique()) == 3 for column in labels.T)


def test_task_model_sees_codes_where_networks_see_images() -> None:
    codes = torch.randn(IMAGES, 5)
    model = TaskSphere(nn.Linear(5, 3), make_sphere(1, 2, 3).directions)
    before = model.network.weight.detach().clone()
    search = make_search(model=model, inputs=codes)
    search.step()
    assert not torch.equal(model.network.weight, before)


def test_an_extra_loss_keeps_a_label_decodable() -> None:
    losses = []
    for keep in (Decodable(), None):
        model = make_sphere()
        search = make_search(replace(SMALL, steps=30), model, keep=keep)
        while not search.done:
            search.step()
        heads = keep or Decodable()
        rows = torch.arange(IMAGES)
        losses.append(heads(model(random_images(), rows), rows).item())
    assert losses[0] < 0.45 and losses[1] > 0.6


def test_free_labels_discover_a_planted_task() -> None:
    images, sign = clusters()
    model = FreeLabels(len(images), 1, 2, torch.Generator().manual_seed(0))
    options = replace(
        SMALL,
        steps=30,
        inner_steps=15,
        batch=32,
        learning_rate=0.1,
        agreement=30.0,
        uniformity=0.0,
        entropy=5.0,
    )
    search = make_search(options, model, images=images)
    while not search.done:
        search.step()
    sides = model.logits(model.table)[:, 0].argmax(1)
    match = (sides == sign).float().mean().item()
    assert max(match, 1 - match) > 0.95


def test_entropy_balances_labels() -> None:
    model = FreeLabels(IMAGES, 1, 2, torch.Generator().manual_seed(0))
    with torch.no_grad():
        model.table[:, 0] += 3
    options = replace(SMALL, steps=60, agreement=0.0, uniformity=0.0, entropy=1.0)
    search = make_search(replace(options, learning_rate=0.1), model)
    while not search.done:
        search.step()
    assert label_entropy(model.logits(model.table)).item() == pytest.approx(0.6931, abs=0.01)


def test_label_entropy_is_of_pairs_of_tasks() -> None:
    def logits(*tasks: list[int]) -> Tensor:
        return 50 * nn.functional.one_hot(torch.tensor(tasks).T, 2).float()

    bit = log(2)
    one, same, other = [0, 0, 1, 1], [1, 1, 0, 0], [0, 1, 0, 1]
    assert label_entropy(logits(one)).item() == pytest.approx(bit)
    assert label_entropy(logits(one, other)).item() == pytest.approx(2 * bit)
    assert label_entropy(logits(one, same)).item() == pytest.approx(bit)
    assert label_entropy(logits(one, same, other)).item() == pytest.approx(5 / 3 * bit)
    assert label_entropy(logits([0, 0, 0, 0], one)).item() == pytest.approx(bit)


def test_free_tasks_come_apart_by_entropy() -> None:
    draw = torch.Generator().manual_seed(0)
    model = FreeLabels(IMAGES, 2, 2, draw)
    with torch.no_grad():
        model.table[:, 2:] = model.table[:, :2] + 0.1 * model.table[:, 2:]
    options = replace(SMALL, steps=60, agreement=0.0, uniformity=0.0, entropy=1.0)
    search = make_search(replace(options, learning_rate=0.1), model)
    while not search.done:
        search.step()
    one, other = model.logits(model.table).argmax(2).T
    assert 0.35 < (one == other).float().mean() < 0.65


def test_agreement_does_not_count_in_the_warm_up() -> None:
    search = make_search(replace(SMALL, warm_up=2))
    while not search.done:
        search.step()
    assert [isnan(point.agreed) for point in search.curve] == [True, True, False]
    assert learning_skill(search.curve) == learning_skill(search.curve[2:])


# Refusals


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


def test_what_cannot_be_searched_is_refused() -> None:
    with pytest.raises(InputError, match="23 images, fewer than two batches of 12"):
        make_search(images=random_images(23))
    with pytest.raises(InputError, match="48 images, but its task model has 7 inputs"):
        make_search(inputs=random_images(7))
    with pytest.raises(InputError, match="xas takes 2 inner steps"):
        make_search(replace(SMALL, hypergradient="xas", inner_steps=1))
