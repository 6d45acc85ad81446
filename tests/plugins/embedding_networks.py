"""Probe networks of different make, and tasks whose difficulty is planted."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from taskspace.components import LabelledImages


class ResidualProbe(nn.Module):
    """Batch normalisation, ReLU in place, a strided shortcut, a grouped and a shared layer."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 8, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(8)
        self.relu = nn.ReLU(inplace=True)
        self.inner = nn.Conv2d(8, 8, 3, padding=1)
        self.down = nn.Conv2d(8, 12, 3, stride=2, padding=1)
        self.shortcut = nn.Conv2d(8, 12, 1, stride=2, bias=False)
        self.grouped = nn.Conv2d(12, 12, 3, groups=4, padding="same", dilation=2)
        self.shared = nn.Conv2d(12, 12, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.norm(self.first(x)))
        x = self.relu(x + self.inner(x))
        x = self.relu(self.down(x) + self.shortcut(x))
        x = self.relu(self.grouped(x))
        return self.shared(self.shared(x))


class PadsItself(nn.Conv2d):
    """A convolution that pads on one side in its forward, as those of TensorFlow do."""

    def forward(self, input: Tensor) -> Tensor:
        return self._conv_forward(nn.functional.pad(input, (0, 1, 0, 1)), self.weight, self.bias)


def depthwise_probe() -> nn.Module:
    return nn.Sequential(
        PadsItself(3, 8, 3, stride=2),
        nn.Hardswish(inplace=True),
        nn.Conv2d(8, 8, 3, groups=8, padding=1, padding_mode="reflect"),
        nn.GroupNorm(2, 8),
        nn.Hardswish(),
        nn.Conv2d(8, 16, (1, 3), groups=8, padding=(0, 1)),
    )


def plain_probe() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3, padding=1),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(2),
        nn.Flatten(),
        nn.Linear(64, 10),
        nn.Tanh(),
    )


PROBES = {"residual": ResidualProbe, "depthwise": depthwise_probe, "plain": plain_probe}


def probe(name: str, seed: int = 0) -> nn.Module:
    """Return a frozen network in evaluation mode, with statistics of its own where it has some."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = PROBES[name]()
        for module in network.modules():
            if isinstance(module, nn.BatchNorm2d):
                nn.init.uniform_(module.running_mean, -0.2, 0.2)
                nn.init.uniform_(module.running_var, 0.5, 1.5)
    return network.eval().requires_grad_(False)


def striped(
    count: int, classes: int, *, noise: float = 0.1, flipped: float = 0.0, seed: int = 0
) -> LabelledImages:
    """Return images of stripes whose direction is the class.

    Args:
        noise: standard deviation a pixel, so that classes overlap more and more.
        flipped: the share of labels that are drawn anew.
    """
    generator = torch.Generator().manual_seed(seed)
    label = torch.arange(count) % classes
    angle = label * torch.pi / classes
    places = torch.arange(8.0)
    wave = angle.cos()[:, None, None] * places[:, None] + angle.sin()[:, None, None] * places
    phase = torch.rand(count, 1, 1, generator=generator) * 6.3
    image = 0.5 + 0.3 * (1.6 * wave + phase).sin()
    image = image[:, None] + noise * torch.randn(count, 3, 8, 8, generator=generator)
    drawn = torch.randint(classes, (count,), generator=generator)
    label = torch.where(torch.rand(count, generator=generator) < flipped, drawn, label)
    return LabelledImages(image.clamp(0, 1), label, classes)
