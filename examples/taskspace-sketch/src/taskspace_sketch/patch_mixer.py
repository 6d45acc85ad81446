"""The encoder `patch_mixer`."""

from __future__ import annotations

from typing import ClassVar, Literal

import pydantic
from taskspace.components import Encoder, Shape
from torch import Tensor, nn


class PatchMixer(Encoder):
    """An MLP-Mixer: perceptrons across patches, then across channels (Tolstikhin et al. 2021)."""

    name: ClassVar[str] = "patch_mixer"

    patch: Literal[2, 4, 8, 16] = pydantic.Field(4, description="The side of a patch, in pixels.")
    width: int = pydantic.Field(32, ge=1, le=1024, description="Channels of a patch inside.")
    depth: int = pydantic.Field(2, ge=1, le=24, description="Blocks, one after the other.")
    code_channels: int = pydantic.Field(8, ge=1, le=1024, description="Channels of the code.")

    def code_shape(self, image: Shape) -> Shape:
        """Return (code_channels, ceil(H / patch), ceil(W / patch))."""
        _, height, width = image
        return self.code_channels, -(-height // self.patch), -(-width // self.patch)

    def build(self, image: Shape) -> nn.Module:
        """Return a network [B, C, H, W] -> [B, *code_shape(image)]."""
        channels, height, width = image
        _, rows, columns = self.code_shape(image)
        blocks = [MixerBlock(rows * columns, self.width) for _ in range(self.depth)]
        return nn.Sequential(
            # Sides that are no multiple of the patch are continued with black.
            nn.ZeroPad2d((0, columns * self.patch - width, 0, rows * self.patch - height)),
            nn.Conv2d(channels, self.width, self.patch, stride=self.patch),
            nn.Flatten(2),
            *blocks,
            nn.Unflatten(2, (rows, columns)),
            nn.Conv2d(self.width, self.code_channels, 1),
        )


class MixerBlock(nn.Module):
    """Equation 1 of the paper: [B, C, S] to the same, for S patches of C channels.

    U = X + W2 gelu(W1 norm(X)) across patches; Y = U + W4 gelu(W3 norm(U)) across channels.
    """

    def __init__(self, patches: int, channels: int) -> None:
        super().__init__()
        self.norm_x, self.norm_u = nn.LayerNorm(channels), nn.LayerNorm(channels)
        self.across_patches = _perceptron(patches)
        self.across_channels = _perceptron(channels)

    def forward(self, x: Tensor) -> Tensor:
        """Return the mixed patches."""
        normed = self.norm_x(x.transpose(1, 2)).transpose(1, 2)
        u = x + self.across_patches(normed)
        mixed: Tensor = u + self.across_channels(self.norm_u(u.transpose(1, 2))).transpose(1, 2)
        return mixed


def _perceptron(size: int) -> nn.Module:
    return nn.Sequential(nn.Linear(size, 2 * size), nn.GELU(), nn.Linear(2 * size, size))
