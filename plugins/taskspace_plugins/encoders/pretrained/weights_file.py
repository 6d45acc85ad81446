"""An encoder whose weights come from a file of the user's."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any, ClassVar, Self

import pydantic
import torch
from torch import Tensor, nn

from taskspace.components import Encoder, EncoderStage, JobPath, Part, Shape
from taskspace.errors import InputError
from taskspace_plugins.encoders._images import (
    IMAGENET_MEAN,
    IMAGENET_STD,
    Interpolation,
    PreparedImages,
    refuse_channels,
)
from taskspace_plugins.encoders._linear_head import linear_head
from taskspace_plugins.encoders.pretrained._fitting import fill, misfits
from taskspace_plugins.encoders.pretrained._state_file import file_digest, file_stamp, read_tensors

ANY_SIDE = 64
"""Pixels of images whose size is not known yet; names of tensors do not depend on it."""

Positive = Annotated[float, pydantic.Field(gt=0)]


class WeightsFile(Encoder):
    """Another encoder with weights from a file, such as a ResNet of torchvision.

    The file is .safetensors, or a .pt or .pth with tensors alone: objects, which can run code, are
    never loaded. Its tensors must be those of the encoder, by name and shape; a state dict in
    `state_dict`, `model_state_dict` or `model` is found, and `module.` before every name is taken
    away. A linear classifier beside them becomes the encoder's. The checksum of the file is part
    of every key, its path is not.

    ```yaml
    encoder:
      use: weights_file
      path: resnet18.safetensors
      encoder: {use: resnet, layers: 18}
    ```
    """

    name: ClassVar[str] = "weights_file"

    path: JobPath = pydantic.Field(description="The .safetensors, .pt or .pth file.")
    encoder: Part[Encoder] = pydantic.Field(
        description="The network that the weights are of, as it would stand in the job itself.",
        examples=[{"use": "resnet", "layers": 18}],
    )
    mean: tuple[float, ...] = pydantic.Field(
        IMAGENET_MEAN,
        min_length=1,
        max_length=16,
        description="What is subtracted from each channel of an image in [0, 1]; grey images are "
        "repeated for each. The default is that of torchvision's weights.",
    )
    std: tuple[Positive, ...] = pydantic.Field(
        IMAGENET_STD,
        min_length=1,
        max_length=16,
        description="What each channel is divided by then. `mean: [0]` and `std: [1]` leave grey "
        "images as they are.",
    )
    side: int | None = pydantic.Field(
        224,
        ge=1,
        le=4096,
        examples=[32],
        description="Pixels of the square to which images are scaled, proportions not kept; null "
        "for images as they are.",
    )
    interpolation: Interpolation = pydantic.Field(
        "bilinear", description="How images are scaled, with antialiasing."
    )
    prefix: str = pydantic.Field(
        "",
        description="Of the tensors in the file, only those whose names begin so are read, without "
        "it: `backbone.`",
    )
    head: str = pydantic.Field(
        "fc",
        description="The linear classifier's name in the file: its tensors `fc.weight` and "
        "`fc.bias` are its, no weights of the encoder. There need be none.",
    )
    ignore: list[str] = pydantic.Field(
        default_factory=list,
        description="Beginnings of names in the file that are left out: `[projector.]`",
    )
    spdx: str | None = pydantic.Field(
        None, description="The licence of the weights, as SPDX writes it: `BSD-3-Clause`."
    )
    random: bool = pydantic.Field(
        False,
        description="Whether the network starts at random instead: the same one, with nothing "
        "learnt.",
    )

    @pydantic.model_validator(mode="after")
    def _each_channel_has_both(self) -> Self:
        if len(self.mean) != len(self.std):
            raise ValueError(f"mean has {len(self.mean)} channels, std {len(self.std)}")
        return self

    def identity(self) -> dict[str, Any]:
        """Return the parameters without paths, and the checksum of the file.

        Raises:
            InputError: if the file cannot be read, or its tensors are not those of the encoder.
        """
        own = super().identity() | {"encoder": [self.encoder.name, self.encoder.identity()]}
        if self.random:
            return own
        _refuse_misfits(self, file_stamp(self.path))
        return {**own, "sha256": file_digest(self.path)}

    def starts_from(self) -> str | None:
        """Return that the weights are those of the file; None at random."""
        return None if self.random else f"the weights in {self.path.name}"

    def untrained(self) -> WeightsFile | None:
        """Return the same network with `random: true`; None where the encoder cannot start so."""
        encoder = self.encoder.untrained()
        if encoder is None:
            return None
        return self.model_copy(update={"random": True, "encoder": encoder})

    def licence(self) -> str | None:
        """Return what the job says."""
        return None if self.random else self.spdx

    def code_shape(self, image: Shape) -> Shape:
        """Return the shape of the encoder's code of an image that is prepared.

        Raises:
            InputError: for images that have neither 1 nor as many channels as the weights.
        """
        return self.encoder.code_shape(self._prepared(image))

    def build(self, image: Shape) -> nn.Module:
        """Return the encoder's network with the weights, [B, C, H, W] -> [B, *code_shape(image)].

        Raises:
            InputError: if the file cannot be read, or its tensors are not those of the encoder.
        """
        return nn.Sequential(self._preparation(), self._filled(image))

    def stages(self, image: Shape) -> tuple[EncoderStage, ...]:
        """Return those of the encoder with the weights; the first prepares images.

        Raises:
            InputError: as `build` does.
        """
        first, *rest = self.encoder.stages(self._prepared(image))
        if not self.random:
            tensors = (t for part in (first, *rest) for t in part.network.state_dict().values())
            for ours, given in zip(tensors, self._filled(image).state_dict().values(), strict=True):
                ours.copy_(given)
        return (first._replace(network=nn.Sequential(self._preparation(), first.network)), *rest)

    def stage_count(self) -> int:
        """Return how many stages the encoder has."""
        return self.encoder.stage_count()

    def _preparation(self) -> nn.Module:
        size = None if self.side is None else (self.side, self.side)
        return PreparedImages(self.mean, self.std, size, self.interpolation)

    def _filled(self, image: Shape) -> nn.Module:
        network = self.encoder.build(self._prepared(image))
        if not self.random:
            tensors = self._tensors()[0]
            self._refuse(misfits(network, tensors))
            fill(network, tensors)
        return network

    def classifier(self, image: Shape) -> nn.Module | None:
        """Return the linear classifier in the file, of the means over places; None without one.

        Raises:
            InputError: as `build` does, or if it is no classifier of these codes.
        """
        tensors = {} if self.random else self._tensors()[1]
        if not tensors:
            return None
        features = self.code_shape(image)[0]
        weight, bias = tensors.get("weight"), tensors.get("bias")
        if (
            weight is None
            or bias is None
            or weight.shape != (len(bias), features)
            or len(tensors) != 2
        ):
            shapes = {f"{self.head}.{name}": tuple(t.shape) for name, t in tensors.items()}
            self._refuse([f"{shapes} is no linear classifier of {features} numbers"])
            return None
        return linear_head(weight, bias)

    def _prepared(self, image: Shape) -> Shape:
        channels = len(self.mean)
        refuse_channels(self.name, image, channels)
        return (channels, *image[1:]) if self.side is None else (channels, self.side, self.side)

    def _tensors(self) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """Return the encoder's tensors, and the classifier's as `weight` and `bias`."""
        given = read_tensors(self.path)
        read = {
            name.removeprefix(self.prefix): tensor
            for name, tensor in given.items()
            if name.startswith(self.prefix) and not name.startswith(tuple(self.ignore))
        }
        if not read:
            some = ", ".join(list(given)[:3])
            left = f"begins with {self.prefix!r}" if self.prefix else "is left"
            left += " and is not in `ignore`" if self.ignore else ""
            self._refuse([f"no tensor {left}; there are {some}, ..."])
        head = f"{self.head}."
        body = {n: t for n, t in read.items() if not n.startswith(head)}
        return body, {n.removeprefix(head): t for n, t in read.items() if n.startswith(head)}

    def _refuse(self, problems: list[str]) -> None:
        if problems:
            raise InputError(
                f"These are not the weights of the encoder {self.encoder.name!r}: "
                f"{'; '.join(problems)}.",
                where=str(self.path),
                advice="Name the encoder that the file was saved from; `prefix`, `head` and "
                "`ignore` say which of its tensors belong to it.",
            )

    def refuse_wrong_file(self) -> None:
        """Raise InputError if the tensors are not the encoder's; no network is built for it."""
        image = (len(self.mean), self.side or ANY_SIDE, self.side or ANY_SIDE)
        with torch.device("meta"):
            network = self.encoder.build(image)
        body, _ = self._tensors()
        self._refuse(misfits(network, body, shapes=self.side is not None))
        self.classifier(image)


@lru_cache(maxsize=64)
def _refuse_misfits(component: WeightsFile, _stamp: tuple[int, int, int]) -> None:
    component.refuse_wrong_file()
