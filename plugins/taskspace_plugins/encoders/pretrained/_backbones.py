"""Vision models of transformers: loaded from a folder, taken apart."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from torch import Tensor, nn

from taskspace.errors import InputError
from taskspace_plugins.encoders._linear_head import linear_head
from taskspace_plugins.encoders.pretrained._codes import HeldStatistics

CONFIG = "config.json"
WEIGHTS = "*.safetensors"
PURPOSE = "ForImageClassification"

UNFIT = (
    AttributeError,
    ImportError,
    KeyError,
    OSError,
    RuntimeError,
    SafetensorError,
    ValueError,
)
"""What transformers raises for a folder that it cannot load."""


class BackboneCodes(HeldStatistics):
    """A model without its classifier: prepared images -> [B, D, 1, 1] or [B, D, h, w].

    The vector of a classifier's model is what its last layer reads; of others it is the pooled
    output, or the mean over places where the model pools nothing.
    """

    def __init__(self, network: Any, *, pooled: bool) -> None:
        super().__init__()
        self.classifies = type(network).__name__.endswith(PURPOSE)
        if self.classifies:
            _, holder, name = last_layer(network)
            setattr(holder, name, nn.Identity())
        if not pooled and self.classifies:
            network = network.base_model
        # Models of images and texts have one part for each.
        self.network, self.pooled = getattr(network, "vision_model", network), pooled

    def forward(self, images: Tensor) -> Tensor:
        """Return what the classifier reads, or the last map."""
        output = self.network(pixel_values=images)
        if not self.pooled:
            return _placed(output.last_hidden_state, images)
        vector: Tensor | None = output.logits if self.classifies else output.get("pooler_output")
        if vector is None:
            features = output.last_hidden_state
            vector = features.mean(1) if features.ndim == 3 else features.mean((2, 3))
        return vector.flatten(1)[:, :, None, None]


def loaded(folder: Path) -> Any:
    """Return the model in a folder, of the class that its configuration names.

    Raises:
        InputError: if there is none, its weights are no safetensors, or not those of the model.
    """
    import transformers  # noqa: PLC0415  an extra
    from transformers.utils import logging  # noqa: PLC0415

    names = _architectures(folder)
    kind = "AutoModelForImageClassification" if names[0].endswith(PURPOSE) else "AutoModel"
    verbosity, has_bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity(logging.CRITICAL)  # what does not fit is an error below
    logging.disable_progress_bar()
    try:
        model, report = getattr(transformers, kind).from_pretrained(
            folder,
            local_files_only=True,
            use_safetensors=True,
            trust_remote_code=False,
            dtype=torch.float32,
            ignore_mismatched_sizes=True,  # they are an error below, by name
            output_loading_info=True,
        )
    except UNFIT as error:
        raise _unusable(folder, str(error).strip().partition("\n")[0]) from error
    finally:
        logging.set_verbosity(verbosity)
        if has_bars:
            logging.enable_progress_bar()
    problems = {
        what.removesuffix("_keys"): sorted(_name(key) for key in report.get(what) or ())
        for what in ("missing_keys", "unexpected_keys", "mismatched_keys")
    }
    told = [f"{len(n)} {what}: {', '.join(n[:5])}" for what, n in problems.items() if n]
    if told:
        raise _unusable(folder, "; ".join(told))
    broken = [n for n, t in model.state_dict().items() if not torch.isfinite(t).all()]
    if broken:
        raise _unusable(folder, f"{len(broken)} tensors are not finite, {broken[0]} first")
    return model


def at_random(folder: Path) -> Any:
    """Return the model that a folder's configuration describes, its weights drawn anew.

    Raises:
        InputError: if the configuration describes none.
    """
    import transformers  # noqa: PLC0415  an extra

    _architectures(folder)
    try:
        configuration = transformers.AutoConfig.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False
        )
        return transformers.AutoModel.from_config(configuration, trust_remote_code=False)
    except UNFIT as error:
        raise _unusable(folder, str(error).strip().partition("\n")[0]) from error


def classifier(network: Any) -> nn.Module | None:
    """Return the linear classifier of a model, [B, D, 1, 1] -> [B, classes]; None without one."""
    if not type(network).__name__.endswith(PURPOSE):
        return None
    layer, _, _ = last_layer(network)
    bias = layer.weight.new_zeros(len(layer.weight)) if layer.bias is None else layer.bias
    return linear_head(layer.weight.detach(), bias.detach())


def last_layer(network: Any) -> tuple[nn.Linear, nn.Module, str]:
    """Return the last linear layer of a classifying model, what holds it, and its name there.

    Raises:
        InputError: if its classifier ends in no linear layer.
    """
    head = getattr(network, "classifier", None)
    if isinstance(head, nn.Linear):
        return head, network, "classifier"
    if isinstance(head, nn.Sequential) and isinstance(head[-1], nn.Linear):
        return head[-1], head, str(len(head) - 1)
    raise InputError(
        f"The classifier of {type(network).__name__} is no linear layer that can be taken off.",
        advice="Save the model without it: AutoModel.from_pretrained(...).save_pretrained(FOLDER).",
    )


def _name(key: object) -> str:
    """Return the name of a tensor, which stands before its shapes where those are wrong."""
    return str(key[0]) if isinstance(key, tuple) else str(key)


def _placed(features: Tensor, images: Tensor) -> Tensor:
    """Return a map [B, D, h, w] of features that are one already or a sequence [B, n, D]."""
    if features.ndim == 4:
        return features
    count = features.shape[1]
    proportion = images.shape[2] / images.shape[3]
    # Before the patches stand a class token and registers, few of them.
    for before in range(min(count, 9)):
        height = round(((count - before) * proportion) ** 0.5)
        if height and (count - before) % height == 0:
            width = (count - before) // height
            if abs(height / width - proportion) < 1e-6:
                patches = features[:, before:].transpose(1, 2)
                return patches.reshape(*patches.shape[:2], height, width)
    raise ValueError(f"{count} tokens are no map")


def _architectures(folder: Path) -> list[str]:
    try:
        content = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
        names = content.get("architectures") or ["AutoModel"]
        return [str(name) for name in names]
    except (AttributeError, OSError, TypeError, ValueError) as error:
        raise _unusable(folder, f"its {CONFIG} cannot be read ({type(error).__name__})") from error


def _unusable(folder: Path, why: str) -> InputError:
    return InputError(
        f"This is no folder with a model of transformers: {why.rstrip('.')}.",
        where=str(folder),
        advice="Save one with `model.save_pretrained(FOLDER)`; weights must be safetensors.",
    )
