"""What a search makes of its tasks: planted, balanced, of several classes, regulated."""

from __future__ import annotations

from dataclasses import replace
from math import isnan, log

import pytest
import torch
from discovery_searches import (
    EVERY,
    IMAGES,
    SMALL,
    clusters,
    first_pixel,
    make_network,
    make_search,
    make_sphere,
    random_images,
)
from torch import Tensor, nn

from taskspace.studies.discovery.maths.curve import learning_skill, not_learning
from taskspace.studies.discovery.maths.decodable import DecodableLabels
from taskspace.studies.discovery.maths.entropy import label_entropy
from taskspace.studies.discovery.maths.free_labels import FreeLabels
from taskspace.studies.discovery.maths.sphere import TaskSphere


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
    for keep in (first_pixel(), None):
        model = make_sphere()
        search = make_search(replace(SMALL, steps=30), model, keep=keep)
        while not search.done:
            search.step()
        heads = keep or first_pixel()
        rows = torch.arange(IMAGES)
        losses.append(heads(model(random_images(), rows), rows).item())
    assert losses[0] < 0.45 and losses[1] > 0.6


def test_missing_annotations_and_classes_of_several_heads_count_alone() -> None:
    labels = torch.tensor([[0, 2], [1, -1], [1, -1]])
    heads = DecodableLabels(labels, [2, 3], 4, coefficient=2.0)
    points = torch.randn(3, 4)
    assert heads(points, torch.arange(3)).item() == pytest.approx(log(2) + log(3))
    assert heads(points[1:], torch.tensor([1, 2])).item() == pytest.approx(log(2))


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
