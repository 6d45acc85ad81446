"""Generator, critic and classifier under way: their steps, and their state in a checkpoint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from taskspace.components import Checkpoint, Generator, Snapshot
from taskspace.learning.fitting.fit import Adam
from taskspace.learning.networks import fits, named_tensors, restore, size_of
from taskspace.studies.zeroshot.job import GeneratorTraining
from taskspace.studies.zeroshot.networks.critic import Critic
from taskspace.studies.zeroshot.networks.losses import (
    adversarial_loss,
    classification_loss,
    clustering_loss,
    critic_loss,
)
from taskspace.studies.zeroshot.networks.words import WordNetwork

BETAS = (0.5, 0.999)
"""Of Adam, as in f-CLSWGAN."""

PARTS = ("critic", "slope", "adversarial", "classification", "clustering")
"""What is recorded of each step: the critic's loss and mean slope, and those of the generator."""


class Networks(nn.Module):
    """What learns together.

    Args:
        words: from word vectors [P, W, d] to descriptions [P, T].
        generator: from descriptions, noise and word vectors to features.
        critic: of features beside a description.
        classifier: from features [B, F] to logits [B, P].
    """

    def __init__(
        self, words: WordNetwork, generator: nn.Module, critic: Critic, classifier: nn.Linear
    ) -> None:
        super().__init__()
        self.words = words
        self.generator = generator
        self.critic = critic
        self.classifier = classifier


@dataclass(frozen=True)
class Material:
    """What the networks learn from: nothing of unseen pairs but the vectors of their words.

    Attributes:
        features: of real images of seen pairs [N, F], divided by `scale`.
        pairs: of these images [N].
        vectors: of the words of all pairs [P, W, d].
        classified: the pairs whose generated features are classified.
        noise: levels and numbers of noise that the generator takes.
        scale: what all real features are divided by.
    """

    features: Tensor
    pairs: Tensor
    vectors: Tensor
    classified: Tensor
    noise: tuple[int, int]
    scale: float


class Adversaries:
    """The joint training of a generator, its critic and a classifier (eq. 5.6).

    In a step, the critic moves `critic_steps` times, each on real images of its own and as many
    generated ones; then generator, network of words and classifier move once. Descriptions are
    constants for the critic: the network of words learns with the generator, which the paper
    leaves open.

    Attributes:
        done: steps so far, of `steps`.
        curve: means of `PARTS` over windows, and the last step of each.
    """

    POINTS = 40
    """Windows of the curve."""

    def __init__(
        self,
        networks: Networks,
        material: Material,
        training: GeneratorTraining,
        draws: torch.Generator,
        checkpoint: Checkpoint | None = None,
    ) -> None:
        self.networks = networks
        self.material = material
        self.training = training
        self.steps = training.total(len(material.pairs))
        self.done = 0
        self.curve: dict[str, list[Any]] = {"step": [], **{part: [] for part in PARTS}}
        self._checkpoint = checkpoint
        self._draws = draws
        self._window: list[Tensor] = []
        made = [*networks.generator.parameters(), *networks.classifier.parameters()]
        self._learned = {
            "critic": list(networks.critic.parameters()),
            "generator": made,
            "words": list(networks.words.parameters()),
        }
        self._adam = {name: Adam(own, BETAS) for name, own in self._learned.items()}

    def step(self) -> None:
        """Move all networks once, the critic several times."""
        training = self.training
        rate = training.rate(self.done, self.steps)
        batch, turns = training.batch, training.critic_steps
        rows = self._drawn(len(self.material.pairs), batch * (turns + 1))
        judged = self._move_critic(rows[: batch * turns], rate)
        made = self._move_generator(rows[batch * turns :], rate)
        self._window.append(torch.stack([*judged, *made]))
        self.done += 1
        width = -(-self.steps // self.POINTS)
        if self.done % width == 0 or self.done == self.steps:
            means = torch.stack(self._window).mean(dim=0).tolist()
            self.curve["step"].append(self.done)
            for part, mean in zip(PARTS, means, strict=True):
                self.curve[part].append(mean)
            self._window = []

    def generate(self, pairs: Tensor, *, learning: bool = False) -> tuple[Tensor, Tensor]:
        """Return features [B, F] of pairs [B] with fresh noise, and descriptions [B, T].

        Args:
            learning: whether gradients are wanted; a pair is described once for all its samples.
        """
        with torch.set_grad_enabled(learning):
            described, noise, words = self._told(pairs)
            features = self.networks.generator(described, noise, words)
        return features, described

    def last_noise(self, component: Generator, pairs: Tensor) -> Tensor | None:
        """Return what fresh noise adds at the last level of the generator for pairs [B]."""
        with torch.no_grad():
            return component.last_noise(self.networks.generator, *self._told(pairs))

    def slopes(self, count: int) -> Tensor:
        """Return the critic's slopes [count] between real and generated features."""
        rows = self._drawn(len(self.material.pairs), count)
        generated, described = self.generate(self.material.pairs[rows])
        mix = self._shares(count)
        between = mix * self.material.features[rows] + (1 - mix) * generated
        with torch.no_grad():
            return self.networks.critic.slope(between, described)

    def _told(self, pairs: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return descriptions [B, T], fresh noise and word vectors [B, W d] of pairs [B]."""
        own, place = torch.unique(pairs, return_inverse=True)
        words = self.material.vectors[own]
        described = self.networks.words(words)[place]
        noise = torch.randn(
            len(pairs), *self.material.noise, generator=self._draws, device=pairs.device
        )
        return described, noise, words.flatten(1)[place]

    def _move_critic(self, rows: Tensor, rate: float) -> list[Tensor]:
        """Return the critic's mean loss and slope over its steps."""
        batch = self.training.batch
        generated, described = self.generate(self.material.pairs[rows])
        mix = self._shares(len(rows))
        losses, slopes = [], []
        for start in range(0, len(rows), batch):
            own = slice(start, start + batch)
            judged = self.networks.critic.judge(
                self.material.features[rows[own]], generated[own], described[own], mix[own]
            )
            loss = critic_loss(judged, self.training.penalty)
            self._move(loss, {"critic": rate})
            losses.append(loss.detach())
            slopes.append(judged.slope.detach().mean())
        return [torch.stack(losses).mean(), torch.stack(slopes).mean()]

    def _move_generator(self, rows: Tensor, rate: float) -> list[Tensor]:
        """Return the three parts of the generator's loss, before their weights."""
        training, material = self.training, self.material
        others = material.classified[self._drawn(len(material.classified), len(rows))]
        generated, described = self.generate(
            torch.cat([material.pairs[rows], others]), learning=True
        )
        shown, told = generated[: len(rows)], described[: len(rows)].detach()
        parts = [
            adversarial_loss(self.networks.critic(shown, told)),
            classification_loss(self.networks.classifier(generated[len(rows) :]), others),
            clustering_loss(shown, material.features[rows]),
        ]
        total = parts[0] + training.classification * parts[1] + training.clustering * parts[2]
        words = rate * training.word_rate / training.learning_rate
        self._move(total, {"generator": rate, "words": words})
        return [part.detach() for part in parts]

    def _move(self, loss: Tensor, rates: Mapping[str, float]) -> None:
        """Move the networks that have a rate against the gradient of a loss; no others get one."""
        learned = [tensor for name in rates for tensor in self._learned[name]]
        gradients = torch.autograd.grad(loss, learned, allow_unused=True)
        for tensor, gradient in zip(learned, gradients, strict=True):
            tensor.grad = gradient
        for name, rate in rates.items():
            self._adam[name].step(rate)

    def _drawn(self, count: int, size: int) -> Tensor:
        device = self.material.pairs.device
        return torch.randint(count, (size,), generator=self._draws, device=device)

    def _shares(self, size: int) -> Tensor:
        return torch.rand(size, 1, generator=self._draws, device=self.material.pairs.device)

    def size(self) -> int:
        """Return the bytes of a checkpoint, nearly; 0 where there is no place for it."""
        return 0 if self._checkpoint is None else size_of(self._state())

    def save(self) -> None:
        """Write the state between two steps to the checkpoint, if there is one."""
        if self._checkpoint is None:
            return
        tensors = {**self._state(), "draws": self._draws.get_state()}
        if self._window:
            tensors["window"] = torch.stack(self._window)
        self._checkpoint.save(Snapshot({"done": self.done, "curve": self.curve}, tensors))

    def resume(self) -> None:
        """Go on from the checkpoint, if there is one that fits."""
        snapshot = None if self._checkpoint is None else self._checkpoint.load()
        live = {**self._state(), "draws": self._draws.get_state()}
        if snapshot is None or "done" not in snapshot.record or not fits(snapshot.tensors, live):
            return
        restore(snapshot.tensors, self._state())
        self._draws.set_state(snapshot.tensors["draws"])
        self.done = snapshot.record["done"]
        self.curve = {name: list(values) for name, values in snapshot.record["curve"].items()}
        if "window" in snapshot.tensors:
            self._window = list(snapshot.tensors["window"].to(self.material.pairs.device).unbind())

    def _state(self) -> dict[str, Tensor]:
        state = named_tensors("networks", self.networks)
        for name, adam in self._adam.items():
            averages = adam.averages(self._learned[name])
            state |= {f"{name}.{place}": average for place, average in averages.items()}
        return state
