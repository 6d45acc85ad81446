"""Fully connected layers into each of which task, noise or both are injected."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar, Literal

import pydantic
import torch
from torch import Tensor, nn

from taskspace.components import Generator

SLOPE = 0.2
"""Of the activations below 0, as in f-CLSWGAN (Xian et al. 2018)."""


class Sizes(pydantic.BaseModel):
    """What an injection is built for: numbers of a task, of noise, inside E_n, and of the layer."""

    model_config = pydantic.ConfigDict(frozen=True)

    task: int
    noise: int
    hidden: int
    width: int


class Injection(nn.Module, ABC):
    """What changes the activations [B, width] of a layer."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()

    @abstractmethod
    def forward(self, activations: Tensor, task: Tensor, noise: Tensor) -> Tensor:
        """Return the activations after it; noise [B, n] is that of the layer."""


class NoInjection(Injection):
    """The activations as they are."""

    def forward(self, activations: Tensor, task: Tensor, noise: Tensor) -> Tensor:
        """Return the activations."""
        return activations


class NoisyInjection(Injection):
    """z + what is made of noise."""

    @abstractmethod
    def added_noise(self, task: Tensor, noise: Tensor) -> Tensor:
        """Return what is made of noise, [B, width]."""

    def forward(self, activations: Tensor, task: Tensor, noise: Tensor) -> Tensor:
        """Return the activations with the noise added."""
        return activations + self.added_noise(task, noise)


class AddedNoise(NoisyInjection):
    """z + E_n(n)."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__(sizes)
        self.embed_noise = noise_embedding(sizes)

    def added_noise(self, task: Tensor, noise: Tensor) -> Tensor:
        """Return E_n(n), [B, width]."""
        added: Tensor = self.embed_noise(noise)
        return added


class AddedTask(Injection):
    """z + E_t(t)."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__(sizes)
        self.embed_task = task_embedding(sizes)

    def forward(self, activations: Tensor, task: Tensor, noise: Tensor) -> Tensor:
        """Return z + E_t(t)."""
        added: Tensor = self.embed_task(task)
        return activations + added


class AffineTask(Injection):
    """gamma(t) z + beta(t) (FiLM, Perez et al. 2018); gamma starts around 1."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__(sizes)
        self.scale = task_embedding(sizes)
        self.shift = task_embedding(sizes)

    def forward(self, activations: Tensor, task: Tensor, noise: Tensor) -> Tensor:
        """Return (1 + scale(t)) z + shift(t)."""
        scaled: Tensor = (1.0 + self.scale(task)) * activations + self.shift(task)
        return scaled


class TaskNoise(NoisyInjection):
    """z + E_t(t) E_n(n): noise of which the task decides what it changes (eq. 5.1)."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__(sizes)
        self.embed_task = task_embedding(sizes)
        self.embed_noise = noise_embedding(sizes)

    def added_noise(self, task: Tensor, noise: Tensor) -> Tensor:
        """Return E_t(t) E_n(n), [B, width]."""
        product: Tensor = self.embed_task(task) * self.embed_noise(noise)
        return product


def task_embedding(sizes: Sizes) -> nn.Module:
    """Return E_t: one layer without bias."""
    return nn.Linear(sizes.task, sizes.width, bias=False)


def noise_embedding(sizes: Sizes) -> nn.Module:
    """Return E_n: two layers."""
    return nn.Sequential(
        nn.Linear(sizes.noise, sizes.hidden),
        nn.LeakyReLU(SLOPE),
        nn.Linear(sizes.hidden, sizes.width),
    )


class Sampler(nn.Module):
    """Layers from a task, and noise where `noise_at_input`, to features.

    Args:
        widths: of the layers; the last one is the number of features.
        injections: one a layer.
        before: whether they change activations before their nonlinearity.
        nonnegative: whether features are at least 0, as those behind a ReLU are.
        inject_words: whether injections read the word vectors and not the task.
    """

    def __init__(
        self,
        task: int,
        noise: int,
        widths: Sequence[int],
        injections: Sequence[Injection],
        *,
        noise_at_input: bool,
        before: bool,
        nonnegative: bool,
        inject_words: bool,
    ) -> None:
        super().__init__()
        inputs = [task + noise * noise_at_input, *widths[:-1]]
        self.layers = nn.ModuleList(nn.Linear(i, o) for i, o in zip(inputs, widths, strict=True))
        self.injections = nn.ModuleList(injections)
        self.noise_at_input = noise_at_input
        self.before = before
        self.inject_words = inject_words
        self.inner = nn.LeakyReLU(SLOPE)
        self.outer = nn.ReLU() if nonnegative else nn.Identity()

    def forward(self, task: Tensor, noise: Tensor, words: Tensor | None = None) -> Tensor:
        """Return features [B, F] of tasks [B, T], noise [B, levels, n] and word vectors [B, W]."""
        injected = self._told(task, words)
        level = 0
        found = task
        if self.noise_at_input:
            found, level = torch.cat([task, noise[:, 0]], dim=1), 1
        last = len(self.layers) - 1
        for number, (layer, inject) in enumerate(zip(self.layers, self.injections, strict=True)):
            # Features are what the last layer gives with its injection: its nonlinearity is behind.
            activate = nn.Identity() if number == last else self.inner
            # Levels without noise of their own are handed the last one, which they do not read.
            own = noise[:, min(level, noise.shape[1] - 1)]
            level += isinstance(inject, NoisyInjection)
            found = layer(found)
            if self.before:
                found = activate(inject(found, injected, own))
            else:
                found = inject(activate(found), injected, own)
        features: Tensor = self.outer(found)
        return features

    def last_noise(self, task: Tensor, noise: Tensor, words: Tensor | None) -> Tensor | None:
        """Return what noise adds at the last level that takes it; None where none does."""
        for inject in reversed(self.injections):
            if isinstance(inject, NoisyInjection):
                return inject.added_noise(self._told(task, words), noise[:, -1])
        return None

    def _told(self, task: Tensor, words: Tensor | None) -> Tensor:
        return task if words is None or not self.inject_words else words


class LayeredGenerator(Generator):
    """What the five designs share: their sizes (Wang et al. 2019; chapter 5 of the thesis)."""

    noise_at_input: ClassVar[bool] = True
    injection: ClassVar[type[Injection]] = Injection

    width: int = pydantic.Field(
        2048, ge=1, le=16384, examples=[8], description="Of all layers but the last."
    )
    layers: int = pydantic.Field(4, ge=1, le=32, description="Fully connected layers.")
    noise: int = pydantic.Field(
        600,
        ge=1,
        le=16384,
        examples=[8],
        description="Numbers of noise a level: as many as two word vectors of 300 have.",
    )
    hidden: int = pydantic.Field(
        1024, ge=1, le=16384, examples=[8], description="Inside what embeds noise."
    )
    inject: Literal["before", "after"] = pydantic.Field(
        "before",
        description="Whether injections come before or after the nonlinearity of a layer; that of "
        "the last layer comes last.",
    )
    inject_last: bool = pydantic.Field(
        True, description="Whether the last layer has an injection, too."
    )
    fresh: bool = pydantic.Field(
        True, description="Whether each level has noise of its own; else all have the same."
    )
    inject_words: bool = pydantic.Field(
        False,
        description="Whether levels are told the word vectors themselves, as eq. 5.1 is printed, "
        "and not what the network of words makes of them.",
    )
    nonnegative: bool = pydantic.Field(
        True, description="Whether features are at least 0, as those behind a ReLU are."
    )

    def noise_shape(self, task: int) -> tuple[int, int]:
        """Return the levels that take noise of their own, and `noise`."""
        noisy = issubclass(self.injection, NoisyInjection)
        injected = (self.layers - (not self.inject_last)) * noisy
        levels = self.noise_at_input + injected if self.fresh else 1
        return max(1, levels), self.noise

    def build(self, task: int, features: int, words: int | None = None) -> nn.Module:
        """Return a network (tasks, noise, word vectors) -> features, as every generator does."""
        told = words if self.inject_words and words is not None else task
        widths = [*[self.width] * (self.layers - 1), features]
        kinds = [self.injection] * self.layers
        if not self.inject_last:
            kinds[-1] = NoInjection
        injections = [
            kind(Sizes(task=told, noise=self.noise, hidden=self.hidden, width=width))
            for kind, width in zip(kinds, widths, strict=True)
        ]
        return Sampler(
            task,
            self.noise,
            widths,
            injections,
            noise_at_input=self.noise_at_input,
            before=self.inject == "before",
            nonnegative=self.nonnegative,
            inject_words=self.inject_words,
        )

    def last_noise(
        self, network: nn.Module, task: Tensor, noise: Tensor, words: Tensor | None = None
    ) -> Tensor | None:
        """Return what noise adds at the last level, [B, F] or [B, width]."""
        return network.last_noise(task, noise, words) if isinstance(network, Sampler) else None
