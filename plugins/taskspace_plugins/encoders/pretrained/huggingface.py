"""Vision models of the package transformers."""

from __future__ import annotations

import hashlib
import re
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar, Self

import pydantic
import torch
from torch import nn

from taskspace.components import Encoder, JobPath, Shape
from taskspace.errors import InputError
from taskspace_plugins._installed import install_line, installed_version
from taskspace_plugins.encoders._images import refuse_channels
from taskspace_plugins.encoders.pretrained import _backbones, _processor
from taskspace_plugins.encoders.pretrained._codes import freeze_unused, hold_noise, shape_of_code
from taskspace_plugins.encoders.pretrained._hub import hub_file, spdx_of
from taskspace_plugins.encoders.pretrained._state_file import file_digest, file_stamp

CARD = "README.md"


class HuggingFace(Encoder):
    """Any vision model of transformers, from a folder or, where the job says so, from a hub.

    A folder is what `save_pretrained` writes for a model and its image processor; weights are
    safetensors, and code from a hub never runs. Images are prepared as the processor's file says.
    The version of transformers and the checksum of the files are part of every key. Needs
    `pip install 'taskspace[huggingface]'`.

    ```yaml
    encoder: {use: huggingface, folder: dinov2-small}
    ```
    """

    name: ClassVar[str] = "huggingface"

    folder: JobPath | None = pydantic.Field(
        None, description="The folder with the model, its weights and its image processor."
    )
    model: str | None = pydantic.Field(
        None,
        description="The model's name on the Hugging Face hub, where there is no folder: "
        "`facebook/dinov2-small`. Needs `download: true`.",
        examples=["facebook/dinov2-small"],
    )
    download: bool = pydantic.Field(
        False,
        description="Whether the model may come from the Hugging Face hub; it is downloaded once.",
    )
    pooled: bool = pydantic.Field(
        True,
        description="Whether the code is one vector, or a map for tasks that predict pixels. For a "
        "map the whole image is scaled, where the model's own way may cut its margin off.",
    )
    spdx: str | None = pydantic.Field(
        None,
        description="The licence of the weights, as SPDX writes it; the model card's where absent.",
    )
    random: bool = pydantic.Field(
        False,
        description="Whether the network starts at random instead: the same one, with nothing "
        "learnt.",
    )

    @pydantic.model_validator(mode="after")
    def _is_somewhere(self) -> Self:
        if self.folder is None and self.model is None:
            raise ValueError("give the `folder` of a model, or the name of one as `model`")
        return self

    def missing(self) -> str | None:
        """Return how to install transformers, or None."""
        return install_line("transformers", "huggingface")

    def identity(self) -> dict[str, Any]:
        """Return the parameters without paths, transformers' version and the files' checksum.

        Raises:
            InputError: if transformers is not installed, there is no model, or its files are not
                those of one that can be used.
        """
        version = installed_version("transformers", f"encoder {self.name!r}", "huggingface")
        folder = self._folder()
        digest, stamps = hashlib.sha256(), []
        for file in _files(folder, weights=not self.random):
            digest.update(f"{file.name} {file_digest(file)}\n".encode())
            stamps.append(file_stamp(file))
        _refuse_wrong_folder(self, tuple(stamps))
        own = super().identity()
        # A model is the same wherever it is from, and whatever its card says.
        del own["download"], own["model"]
        return {**own, "transformers": version, "sha256": digest.hexdigest()}

    def starts_from(self) -> str | None:
        """Return that the weights are those of the model, or in the folder; None at random."""
        if self.random:
            return None
        if self.folder is not None:
            return f"the weights in {self.folder.name}"
        return f"the weights of {self.model} on the Hugging Face hub"

    def untrained(self) -> HuggingFace:
        """Return the same network with `random: true`."""
        return self.model_copy(update={"random": True})

    def licence(self) -> str | None:
        """Return what the job says, or the model card."""
        if self.random:
            return None
        return self.spdx or spdx_of(_licence(self._folder() / CARD))

    def code_shape(self, image: Shape) -> Shape:
        """Return (D, 1, 1), or (D, h, w) for a map.

        Raises:
            InputError: for images that have neither 1 nor 3 channels; as `identity` does.
        """
        refuse_channels(self.name, image)
        folder = self._folder()
        return _code_shape(folder, self.pooled, file_stamp(folder / _backbones.CONFIG))

    # Which weights a code depends on is found by gradients, where a caller records none too.
    @torch.inference_mode(False)
    def build(self, image: Shape) -> nn.Module:
        """Return the model up to its classifier, [B, C, H, W] -> [B, *code_shape(image)].

        Raises:
            InputError: as `identity` does.
        """
        refuse_channels(self.name, image)
        folder = self._folder()
        model = _backbones.at_random(folder) if self.random else _backbones.loaded(folder)
        codes = _backbones.BackboneCodes(model, pooled=self.pooled)
        whole = nn.Sequential(_processor.preparation(folder, pooled=self.pooled), codes)
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
        return _backbones.classifier(_backbones.loaded(self._folder()))

    def _folder(self) -> Path:
        installed_version("transformers", f"encoder {self.name!r}", "huggingface")
        if self.folder is not None:
            return self.folder
        model = str(self.model)
        if not self.download:
            raise InputError(
                f"There is no folder with {model!r}.",
                advice="Give one (`folder: DIR`), or set `download: true` to have it from the "
                "Hugging Face hub.",
            )
        with suppress(InputError):  # not every model has a card
            hub_file(model, CARD)
        for file in (_processor.FILE, "model.safetensors"):
            hub_file(model, file)
        return hub_file(model, _backbones.CONFIG).parent


def _files(folder: Path, *, weights: bool) -> list[Path]:
    """Return the files that decide what a folder's model computes, with its weights or without."""
    said = [folder / _backbones.CONFIG, folder / _processor.FILE]
    if not weights:
        return said
    index = sorted(folder.glob("*.safetensors.index.json"))
    return [*said, *sorted(folder.glob(_backbones.WEIGHTS)), *index]


def _licence(card: Path) -> str | None:
    """Return what the head of a model card says; None without a card or a line for it."""
    try:
        text = card.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    head = text.split("---")[1] if text.startswith("---") else ""
    line = re.search(r"^license:\s*([\w.-]+)\s*$", head, re.MULTILINE)
    return line[1] if line else None


@lru_cache(maxsize=64)
def _code_shape(folder: Path, pooled: bool, _stamp: tuple[int, int, int]) -> Shape:
    codes = _backbones.BackboneCodes(_backbones.loaded(folder), pooled=pooled)
    return shape_of_code(codes, (3, *_processor.image_size(folder)), f"The model in {folder.name}")


@lru_cache(maxsize=64)
def _refuse_wrong_folder(component: HuggingFace, _stamps: tuple[tuple[int, int, int], ...]) -> None:
    component.build((3, 1, 1))
