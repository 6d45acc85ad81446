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
            # torch's own start makes codes that hardly differ between images.
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
            if isinstance(module, nn.BatchNorm2d):
                nn.init.uniform_(module.running_mean, -0.2, 0.2)
                nn.init.uniform_(module.running_var, 0.5, 1.5)
    return network.eval().requires_grad_(False)


def striped(
    count: int,
    classes: int,
    *,
    flipped: float = 0.0,
    overlap: float = 0.0,
    by: str = "direction",
    seed: int = 0,
) -> LabelledImages:
    """Return images of stripes with a direction and a tint, and one of the two as labels.

    Args:
        flipped: the share of labels that are drawn anew.
        overlap: standard deviation of the direction, in units of the step between classes.
        by: "direction" or "tint": which of both the labels say.
        seed: of all that is drawn; the images do not depend on `by` and `flipped`.
    """
    generator = torch.Generator().manual_seed(seed)
    kind = torch.randperm(count, generator=generator) % classes
    tint = torch.randperm(count, generator=generator) % classes
    angle = kind + overlap * torch.randn(count, generator=generator)
    angle = (angle * torch.pi / classes)[:, None, None]
    places = torch.arange(8.0)
    wave = angle.cos() * places[:, None] + angle.sin() * places
    phase = torch.rand(count, 1, 1, generator=generator) * 6.3
    grey = 0.5 + 0.3 * (1.6 * wave + phase).sin()
    colour = 0.2 * torch.nn.functional.one_hot(tint % 3, 3)[:, :, None, None]
    image = grey[:, None] + colour + 0.1 * torch.randn(count, 3, 8, 8, generator=generator)
    label = kind if by == "direction" else tint
    drawn = torch.randint(classes, (count,), generator=generator)
    label = torch.where(torch.rand(count, generator=generator) < flipped, drawn, label)
    return LabelledImages(image.clamp(0, 1), label, classes)
