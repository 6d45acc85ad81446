"""The three parts of the objective against hand computations, autograd and finite differences."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from taskspace.studies.zeroshot.networks.critic import Critic, Judgement
from taskspace.studies.zeroshot.networks.losses import (
    adversarial_loss,
    classification_loss,
    clustering_loss,
    critic_loss,
)
from taskspace.studies.zeroshot.networks.words import WordNetwork


def drawn(layers=3, batch=7):
    torch.manual_seed(layers)
    critic = Critic(task=3, features=5, hidden=6, layers=layers).double()
    values = [torch.randn(batch, size, dtype=torch.float64) for size in (5, 5, 3)]
    return critic, *values, torch.rand(batch, 1, dtype=torch.float64)


def slopes_by_autograd(critic, features, task):
    features = features.clone().requires_grad_(True)
    scores = critic(features, task)
    (gradient,) = torch.autograd.grad(scores.sum(), features, create_graph=True)
    return gradient.norm(dim=1)


@pytest.mark.parametrize("layers", [2, 3, 5])
def test_a_critic_judges_as_two_passes_and_autograd_do(layers):
    critic, real, generated, task, mix = drawn(layers)
    judged = critic.judge(real, generated, task, mix)
    between = mix * real + (1 - mix) * generated
    torch.testing.assert_close(judged.real, critic(real, task))
    torch.testing.assert_close(judged.generated, critic(generated, task))
    torch.testing.assert_close(judged.slope, slopes_by_autograd(critic, between, task))
    torch.testing.assert_close(critic.slope(between, task), judged.slope)


@pytest.mark.parametrize("layers", [2, 3, 5])
def test_the_gradient_of_the_critics_loss_is_that_of_differentiating_twice(layers):
    critic, real, generated, task, mix = drawn(layers)
    loss = critic_loss(critic.judge(real, generated, task, mix), penalty=10.0)
    ours = torch.autograd.grad(loss, list(critic.parameters()), allow_unused=True)
    between = mix * real + (1 - mix) * generated
    slopes = slopes_by_autograd(critic, between, task)
    plain = 10.0 * (slopes - 1).square().mean()
    plain = plain + critic(generated, task).mean() - critic(real, task).mean()
    theirs = torch.autograd.grad(plain, list(critic.parameters()), allow_unused=True)
    torch.testing.assert_close(float(loss.detach()), float(plain.detach()))
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one, other)


def test_the_gradient_of_the_penalty_is_that_of_finite_differences():
    critic, real, generated, task, mix = drawn()
    none = torch.zeros(len(real), dtype=torch.float64)

    def penalty():
        slope = critic.judge(real, generated, task, mix).slope
        return critic_loss(Judgement(none, none, slope), penalty=10.0)

    weights = [critic.of_features.weight, critic.later[0].weight, critic.later[1].weight]
    found = torch.autograd.grad(penalty(), weights)
    step = 1e-6
    for weight, gradient in zip(weights, found, strict=True):
        assert gradient.abs().sum() > 0
        flat = weight.data.view(-1)
        for place in range(0, len(flat), 5):
            kept = flat[place].item()
            flat[place] = kept + step
            above = penalty().item()
            flat[place] = kept - step
            below = penalty().item()
            flat[place] = kept
            assert gradient.reshape(-1)[place].item() == pytest.approx(
                (above - below) / (2 * step), rel=1e-4, abs=1e-7
            )


def test_a_linear_critic_has_the_slope_of_its_weights():
    critic = Critic(task=1, features=2, hidden=1, layers=2)
    with torch.no_grad():
        critic.of_features.weight.copy_(torch.tensor([[3.0, 4.0]]))
        critic.of_features.bias.fill_(100.0)
        critic.later[0].weight.fill_(2.0)
    # Far above 0 the activation does nothing: the gradient is 2 (3, 4), of length 10.
    slope = critic.slope(torch.zeros(1, 2), torch.zeros(1, 1))
    assert slope.item() == pytest.approx(10.0)
    scores = torch.tensor([1.0])
    loss = critic_loss(Judgement(2 * scores, scores, slope), penalty=10.0)
    assert loss.item() == pytest.approx(10 * (10 - 1) ** 2 - (2 - 1))
    # Below 0 it lets a fifth through.
    with torch.no_grad():
        critic.of_features.bias.fill_(-100.0)
    assert critic.slope(torch.zeros(1, 2), torch.zeros(1, 1)).item() == pytest.approx(2.0)


def test_losses_of_a_generator_by_hand():
    assert adversarial_loss(torch.tensor([1.0, 4.0])).item() == -2.5
    logits = torch.tensor([[0.0, math.log(3.0)], [0.0, 0.0]])
    by_hand = (-math.log(0.75) - math.log(0.5)) / 2
    found = classification_loss(logits, torch.tensor([1, 0]))
    assert found.item() == pytest.approx(by_hand)
    one, other = torch.tensor([[1.0, 2.0], [0.0, 0.0]]), torch.tensor([[0.0, 4.0], [0.0, 2.0]])
    assert clustering_loss(one, other).item() == pytest.approx((1 + 4 + 0 + 4) / 4)


def test_words_are_described_each_by_a_network_of_its_own():
    torch.manual_seed(0)
    network = WordNetwork(words=3, size=4, hidden=5)
    vectors = torch.randn(2, 3, 4)
    found = network(vectors)
    assert found.shape == (2, 15) and network.size == 15
    other = vectors.clone()
    other[:, 1] += 1
    moved = (network(other) != found).reshape(2, 3, 5).any(dim=2)
    assert moved.tolist() == [[False, True, False]] * 2
    first, second = network.each[0][0], network.each[0][2]
    by_hand = nn.functional.leaky_relu(vectors[:, 0] @ first.weight.T + first.bias, 0.2)
    torch.testing.assert_close(found[:, :5], by_hand @ second.weight.T + second.bias)
