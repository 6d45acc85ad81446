"""Models of the package timm."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar

import pydantic
import torch
from torch import nn

from taskspace.components import Encoder, JobPath, Shape
from taskspace.errors import InputError
from taskspace_plugins._installed import install_line, installed_version
from taskspace_plugins.encoders._images import refuse_channels
from taskspace_plugins.encoders.pretrained import _timm_models as models
from taskspace_plugins.encoders.pretrained._codes import freeze_unused, hold_noise, shape_of_code
from taskspace_plugins.encoders.pretrained._hub import hub_file, spdx_of
from taskspace_plugins.encoders.pretrained._state_file import file_digest, file_stamp


class Timm(Encoder):
    """Any image model of timm, with weights from a file or, where the job says so, from a hub.

    Images are prepared as the model's configuration says. The version of timm and the checksum of
    the weights are part of every key. Needs `pip install 'taskspace[timm]'`.

    ```yaml
    encoder: {use: timm, model: resnet18.a1_in1k, weights: model.safetensors}
    ```
    """

    name: ClassVar[str] = "timm"

    model: str = pydantic.Field(
        description="The model's name in timm, with the tag of its weights: `resnet18.a1_in1k`.",
        examples=["resnet18.a1_in1k"],
    )
    weights: JobPath | None = pydantic.Field(
        None, description="The .safetensors, .pt or .pth file with its weights."
    )
    download: bool = pydantic.Field(
        False,
        description="Whether weights that no file has may come from the Hugging Face hub; they are "
        "downloaded once.",
    )
    side: int | None = pydantic.Field(
        None,
        ge=1,
        le=4096,
        description="Pixels of the square that the network reads; the model's own where absent.",
    )
    pooled: bool = pydantic.Field(
        True,
        description="Whether the code is one vector, what the model's classifier reads, or a map "
        "for tasks that predict pixels. For a map the whole image is scaled to the square, where "
        "the model's own way cuts its margin off.",
    )
    spdx: str | None = pydantic.Field(
        None, description="The licence of the weights in a file, as SPDX writes it."
    )
    random: bool = pydantic.Field(
        False,
        description="Whether the network starts at random instead: the same one, with nothing "
        "learnt.",
    )

    def missing(self) -> str | None:
        """Return how to install timm, or None."""
        return install_line("timm", "timm")

    def identity(self) -> dict[str, Any]:
        """Return the parameters without paths, timm's version and the weights' checksum.

        Raises:
            InputError: if timm is not installed or has no such model, there are no weights, they
                are not the model's, or it cannot read images of this side.
        """
        version = installed_version("timm", f"encoder {self.name!r}", "timm")
        own = super().identity()
        del own["download"]  # weights are the same wherever they are from
        if self.random:
            models.configuration(self.model)
            return {**own, "timm": version}
        file = self._file()
        _refuse_wrong_file(self, file, file_stamp(file))
        return {**own, "timm": version, "sha256": file_digest(file)}

    def starts_from(self) -> str | None:
        """Return that the weights are those of the model, or in the file; None at random."""
        if self.random:
            return None
        place = f"in {self.weights.name}" if self.weights else "published with timm"
        return f"the weights of {self.model} {place}"

    def untrained(self) -> Timm:
        """Return the same network with `random: true`."""
        return self.model_copy(update={"random": True})

    def licence(self) -> str | None:
        """Return what the job says, or the licence that timm gives for what it publishes."""
        if self.random:
            return None
        if self.spdx is not None or self.weights is not None:
            return self.spdx
        return spdx_of(models.configuration(self.model).get("license"))

    def code_shape(self, image: Shape) -> Shape:
        """Return (D, 1, 1), or (D, h, w) for a map.

        Raises:
            InputError: for images that have neither 1 nor 3 channels; as `identity` does.
        """
        refuse_channels(self.name, image)
        return _code_shape(self.model, self.side, self.pooled)

    # Which weights a code depends on is found by gradients, where a caller records none too.
    @torch.inference_mode(False)
    def build(self, image: Shape) -> nn.Module:
        """Return the model up to its classifier, [B, C, H, W] -> [B, *code_shape(image)].

        Raises:
            InputError: as `identity` does.
        """
        refuse_channels(self.name, image)
        network = (
            models.bare(self.model, self.side)
            if self.random
            else models.with_weights(self.model, self.side, self._file())
        )
        codes = models.TimmCodes(network, pooled=self.pooled)
        prepared = models.preparation(network, self.side, pooled=self.pooled)
        whole = nn.Sequential(prepared, codes)
        if self.random:
            hold_noise(whole, image)
        freeze_unused(whole, image)
        return whole

    def classifier(self, image: Shape) -> nn.Module | None:
        """Return the model's classifier of codes that are vectors; None where it has none.

        Raises:
            InputError: as `identity` does.
        """
        if self.random or not self.pooled:
            return None
        return models.classifier(models.with_weights(self.model, self.side, self._file()))

    def _file(self) -> Path:
        configuration = models.configuration(self.model)
        if self.weights is not None:
            return self.weights
        published = configuration.get("hf_hub_id")
        if not self.download:
            raise InputError(
                f"There are no weights for {self.model!r}.",
                advice="Give a file (`weights: model.safetensors`)"
                + (
                    f", or set `download: true` to have {published} from the Hugging Face hub."
                    if published
                    else "; timm publishes none on the Hugging Face hub."
                ),
            )
        if not published:
            raise InputError(
                f"timm publishes no weights for {self.model!r} on the Hugging Face hub.",
                advice="Give a file: `weights: model.safetensors`.",
            )
        return hub_file(published, "model.safetensors")


@lru_cache(maxsize=64)
def _code_shape(model: str, side: int | None, pooled: bool) -> Shape:
    network = models.bare(model, side)
    codes = models.TimmCodes(network, pooled=pooled)
    return shape_of_code(codes, models.input_size(network, side), f"The timm model {model!r}")


@lru_cache(maxsize=64)
def _refuse_wrong_file(component: Timm, file: Path, _stamp: tuple[int, int, int]) -> None:
    component.code_shape((3, 1, 1))
    models.with_weights(component.model, component.side, file)
