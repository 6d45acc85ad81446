"""The official readout."""

from __future__ import annotations

from typing import ClassVar, Literal

import pydantic
import torch
from torch import Tensor, nn
from torch.nn import functional

from taskspace.components import DenseHead, Head, Readout, Shape
from taskspace_plugins.encoders._conv import convolution
from taskspace_plugins.readouts._linear_map import deconvolution
from taskspace_plugins.readouts.linear import Linear


class TwoBranch(Readout):
    """Two branches of two 3x3 convolutions side by side, normalised, then a decoder.

    Source: the transfer configuration that Zamir et al. 2018 published with their code. Batch
    normalisation comes first, after each convolution, and once more over both branches together;
    a judgement uses its running statistics, so that it depends on one image. The published inputs
    are clipped to mean +- 5 deviations while training; here the study has clipped the stored codes
    once, by the statistics of the transfer images, for training and judgement alike. Batch
    renormalisation is left out: codes come standardised. The published decoder is the target
    network's own, trained on; here it is new and small.
    """

    name: ClassVar[str] = "two_branch"

    width: int = pydantic.Field(
        8, ge=1, le=1024, description="Channels of each branch; 8 in the published configuration."
    )
    momentum: float = pydantic.Field(
        0.2,
        gt=0,
        le=1,
        description="How much of the running statistics each step renews; 0.2 in the published "
        "configuration.",
    )
    decoder: Literal["linear", "deconvolution"] = pydantic.Field(
        "linear",
        description="How a map is reached: in one linear step, or doubled by transposed "
        "convolutions. A vector is always linear in the branches' outputs.",
    )

    def build(self, code: Shape, head: Head, image: Shape) -> nn.Module:
        """Return a network [B, *code] -> [B, size] or [B, channels, rows, columns]."""
        channels, height, width = code
        joined = 2 * self.width
        decoder = (
            deconvolution(joined, (height, width), head.channels, head.side(image), joined)
            if isinstance(head, DenseHead) and self.decoder == "deconvolution"
            else Linear().build((joined, height, width), head, image)
        )
        return nn.Sequential(
            BatchNorm(channels, momentum=self.momentum),
            Branches(self._branch(channels), self._branch(channels)),
            BatchNorm(joined, momentum=self.momentum),
            decoder,
        )

    def _branch(self, channels: int) -> nn.Module:
        return nn.Sequential(
            convolution(channels, self.width, 3, bias=False),
            BatchNorm(self.width, momentum=self.momentum),
            nn.ReLU(inplace=True),
            convolution(self.width, self.width, 3, bias=False),
            BatchNorm(self.width, momentum=self.momentum),
            nn.ReLU(inplace=True),
        )


class Branches(nn.ModuleList):
    """Networks over one input, whose outputs are joined channelwise."""

    def __init__(self, *branches: nn.Module) -> None:
        super().__init__(branches)

    def forward(self, x: Tensor) -> Tensor:
        """Return [B, sum of the branches' channels, h, w]."""
        return torch.cat([branch(x) for branch in self], dim=1)


class BatchNorm(nn.BatchNorm2d):
    """Batch normalisation (Ioffe and Szegedy 2015) that a last batch of one image does not stop."""

    def forward(self, x: Tensor) -> Tensor:
        """Return x [B, C, h, w] normalised; by the running statistics where C values are all."""
        if self.training and x.numel() == self.num_features:
            return functional.batch_norm(
                x, self.running_mean, self.running_var, self.weight, self.bias, eps=self.eps
            )
        return super().forward(x)
