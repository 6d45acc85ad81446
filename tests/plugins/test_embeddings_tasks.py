"""What Task2Vec and DOMAIN2VEC say of tasks that are made for it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pydantic
import pytest
import torch
from embedding_networks import PROBES, probe, striped
from scipy.stats import spearmanr
from torch import nn

from taskspace.components import LabelledImages
from taskspace.errors import InputError
from taskspace.learning.statistics import interval
from taskspace_plugins.embeddings.domain2vec import Domain2Vec, moments
from taskspace_plugins.embeddings.task2vec import Task2Vec

LEVELS = (0.0, 0.2, 0.4, 0.6, 0.8)


def embedded(embedding, task, network, seed=0):
    return embedding.embed(network, task, torch.Generator().manual_seed(seed))


def wide(seed: int) -> nn.Module:
    """A probe with more features than the tasks below have images, as pretrained ones have."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        layers = [nn.Conv2d(3, 16, 3, padding=1), nn.Conv2d(16, 128, 3, stride=2, padding=1)]
        for layer in layers:
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
    return nn.Sequential(layers[0], nn.ReLU(), layers[1], nn.ReLU()).eval()


@pytest.mark.parametrize("name", PROBES)
def test_exact_embeddings_follow_neither_names_of_classes_nor_order_nor_batches(name):
    network, task = probe(name), striped(45, 3, flipped=0.2)
    wanted = embedded(Task2Vec(), task, network).vector
    renamed = replace(task, labels=torch.tensor([2, 0, 1])[task.labels])
    order = torch.randperm(45, generator=torch.Generator().manual_seed(0))
    turned = LabelledImages(task.images[order], task.labels[order], 3)
    for other in (
        embedded(Task2Vec(), renamed, network),
        embedded(Task2Vec(), turned, network, seed=1),
        embedded(Task2Vec(batch=7), task, network),
    ):
        assert np.linalg.norm(other.vector - wanted) < 1e-4 * np.linalg.norm(wanted)


def test_batches_of_the_public_form_change_its_scale():
    network, task = probe("plain"), striped(128, 3, flipped=0.2)
    small, large = (
        Task2Vec(labels="batch_gradient", batch=size, draws=20).difficulty(
            embedded(Task2Vec(labels="batch_gradient", batch=size, draws=20), task, network)
        )
        for size in (8, 32)
    )
    assert 3 < small / large < 5
    one_each = Task2Vec().difficulty(embedded(Task2Vec(), task, network))
    assert 32 * large == pytest.approx(one_each, rel=0.3)


@pytest.mark.parametrize("planted", ["flipped", "overlap"])
def test_the_norm_rises_with_planted_difficulty(planted):
    correlations = []
    for seed in range(5):
        network = wide(seed)
        norms = [
            Task2Vec().difficulty(
                embedded(Task2Vec(), striped(60, 2, seed=seed, **{planted: level}), network)
            )
            for level in LEVELS
        ]
        correlations.append(float(spearmanr(LEVELS, norms).statistic))
    found = interval(correlations)
    assert found.mean > 0.7
    assert found.low is None or found.low > 0.4


@pytest.mark.parametrize("name", PROBES)
def test_two_labelings_of_the_same_images_are_told_apart_by_task2vec_alone(name):
    network = probe(name)
    # Two draws of images, each labelled by direction and by tint.
    tasks = [striped(90, 3, by=by, seed=seed) for seed in (0, 1) for by in ("direction", "tint")]
    assert torch.equal(tasks[0].images, tasks[1].images)
    domains = [embedded(Domain2Vec(), task, network) for task in tasks]
    of_domain = Domain2Vec().distances(domains, domains)
    assert np.allclose(of_domain[:2, :2], 0, atol=1e-12)
    assert np.allclose(of_domain[0, 2], of_domain[0, 3])
    told = [embedded(Task2Vec(), task, network) for task in tasks]
    of_task = Task2Vec().distances(told, told)
    assert of_task[0, 1] > 0.05
    # Nearer to the same question about other images than to another question about the same.
    assert of_task[0, 2] < of_task[0, 3] and of_task[1, 3] < of_task[1, 2]


def test_moments_are_those_of_the_codes():
    features = torch.tensor([[1.0, 2.0], [3.0, 0.0]], dtype=torch.float64)
    assert moments(features, "none").tolist() == [2, 1]
    assert moments(features, "diagonal").tolist() == [2, 1, 5, 2]
    assert moments(features, "full").tolist() == pytest.approx([2, 1, 5, 2**0.5, 2])


@pytest.mark.parametrize("second", ["none", "diagonal", "full"])
def test_domains_are_compared_by_the_angles_of_their_moments(second):
    embedding = Domain2Vec(second_moment=second)
    network, tasks = nn.Identity(), [striped(8, 2, seed=seed) for seed in (0, 1)]
    dark = replace(tasks[1], images=tasks[1].images * torch.tensor([0.1, 1, 1])[:, None, None])
    first, second_, third = (embedded(embedding, task, network) for task in (*tasks, dark))
    found = embedding.distances([first], [first, second_, third])[0]
    assert found[0] == pytest.approx(0, abs=1e-12)
    assert found[1] < found[2]


def test_of_several_draws_the_mean_is_taken():
    network, task = probe("plain"), striped(40, 3, flipped=0.3)
    exact = embedded(Task2Vec(), task, network).vector
    off = []
    for draws in (1, 100):
        found = embedded(Task2Vec(labels="sampled", draws=draws), task, network).vector
        off.append(np.linalg.norm(found - exact) / np.linalg.norm(exact))
    assert off[1] < 0.2 and off[1] < off[0]


def test_the_record_says_what_was_fitted_and_which_entries_are_of_which_layer():
    network, task = probe("plain"), striped(20, 2)
    found = embedded(Task2Vec(layers="all"), task, network)
    assert found.record["layers"] == [["0.weight", 8], ["3.weight", 16], ["7.weight", 10]]
    assert len(found.vector) == 34
    assert 0 < found.record["head_loss"] < np.log(2)


def test_distances_to_a_prior_need_a_method_that_has_one():
    for distance in ("kl", "symmetric_kl", "asymmetric"):
        with pytest.raises(pydantic.ValidationError, match="set method: variational"):
            Task2Vec(distance=distance)
        Task2Vec(distance=distance, method="variational")
    without = embedded(Task2Vec(), striped(20, 2), probe("plain"))
    with pytest.raises(InputError, match="1 of 1 embeddings have no trivial task"):
        Task2Vec(method="variational", distance="asymmetric").distances([without], [without])


REFUSED = {
    "one image": (lambda t: LabelledImages(t.images[:1], t.labels[:1], 2), "The task has 1 image;"),
    "no image": (lambda t: LabelledImages(t.images[:0], t.labels[:0], 2), "has 0 images"),
    "one class": (
        lambda t: replace(t, labels=torch.ones_like(t.labels)),
        "All 12 images have the class 1",
    ),
    "missing labels": (lambda t: replace(t, labels=t.labels - 1), "labels are from -1 to 0"),
    "too many labels": (lambda t: replace(t, labels=t.labels + 1), "labels are from 1 to 2"),
    "labels of others": (lambda t: replace(t, labels=t.labels[:5]), "labels of the shape (5,)"),
    "holes": (
        lambda t: replace(t, images=t.images.index_fill(0, torch.tensor([3, 7]), torch.nan)),
        "2 of 12 images hold NaN or infinite numbers; the first is image 3",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_an_unusable_task_is_refused_before_the_network_sees_it(case):
    def forward(images):
        raise AssertionError("the network was used")

    change, said = REFUSED[case]
    network = probe("plain")
    network.forward = forward
    with pytest.raises(InputError) as refused:
        embedded(Task2Vec(), change(striped(12, 2)), network)
    assert said in refused.value.what and refused.value.advice


def test_a_probe_without_convolutions_is_refused_with_what_it_has():
    flat = nn.Sequential(nn.Flatten(), nn.Linear(192, 8), nn.ReLU(), nn.Linear(8, 4)).eval()
    task = striped(12, 2)
    with pytest.raises(InputError) as refused:
        embedded(Task2Vec(), task, flat)
    assert "it has 1 Flatten, 2 Linear, 1 ReLU" in refused.value.what
    assert "layers: all" in refused.value.advice
    assert len(embedded(Task2Vec(layers="all"), task, flat).vector) == 12
    with pytest.raises(InputError, match="has 1 Identity"):
        embedded(Task2Vec(layers="all"), task, nn.Identity())


def test_a_probe_whose_codes_are_not_finite_is_refused():
    network = probe("plain")
    nn.init.constant_(network[0].weight, torch.nan)
    with pytest.raises(InputError, match="codes of these images hold NaN"):
        embedded(Task2Vec(), striped(12, 2), network)


def test_embeddings_of_different_probes_are_not_compared():
    task = striped(12, 2)
    one, other = (embedded(Task2Vec(), task, probe(name)) for name in ("plain", "residual"))
    with pytest.raises(InputError, match="24 and 64 numbers"):
        Task2Vec().distances([one], [other])
