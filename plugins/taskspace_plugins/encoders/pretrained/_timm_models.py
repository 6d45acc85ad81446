"""Models of timm: built, filled, prepared for and taken apart."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from taskspace.components import Shape
from taskspace.errors import InputError
from taskspace_plugins._installed import installed_version
from taskspace_plugins.encoders._images import Interpolation, PreparedImages
from taskspace_plugins.encoders._linear_head import linear_head
from taskspace_plugins.encoders.pretrained._codes import HeldStatistics
from taskspace_plugins.encoders.pretrained._state_file import read_tensors

INTERPOLATIONS: dict[str, Interpolation] = {"bilinear": "bilinear", "bicubic": "bicubic"}

LISTED = 5

UNFIT = (AssertionError, AttributeError, KeyError, RuntimeError, TypeError, ValueError)
"""What timm raises for sizes and weights that a model cannot have."""


class TimmCodes(HeldStatistics):
    """A model of timm without its classifier: prepared images -> [B, D, 1, 1] or [B, D, h, w]."""

    def __init__(self, network: Any, *, pooled: bool) -> None:
        super().__init__()
        self.network, self.pooled = network, pooled
        network.reset_classifier(0)

    def forward(self, images: Tensor) -> Tensor:
        """Return what the classifier reads, or the last map."""
        if self.pooled:
            vector: Tensor = self.network(images)
            return vector[:, :, None, None]
        if getattr(self.network, "output_fmt", None) is None:
            features: Tensor = self.network.forward_features(images)
            if features.ndim == 4:
                return features
        maps: list[Tensor] = self.network.forward_intermediates(
            images, indices=1, norm=True, output_fmt="NCHW", intermediates_only=True
        )
        return maps[-1]


def configuration(model: str) -> dict[str, Any]:
    """Return what timm knows of a model by name.

    Raises:
        InputError: if it is not installed, or knows no such model or tag, with the nearest names.
    """
    installed_version("timm", "encoder 'timm'", "timm")
    import timm  # noqa: PLC0415  an extra
    from timm.models import get_pretrained_cfg, is_model  # noqa: PLC0415

    architecture, _, tag = model.partition(".")
    if not is_model(architecture):
        raise _unknown(f"timm has no model {architecture!r}.", architecture, timm.list_models())
    tagged = timm.list_pretrained(f"{architecture}.*")
    if tag and model not in tagged:
        raise _unknown(f"timm has no weights {tag!r} of {architecture!r}.", model, tagged)
    known = get_pretrained_cfg(model)
    return {} if known is None else dict(known.to_dict())


def bare(model: str, side: int | None) -> Any:
    """Return a model at random, for images of its own side or of another.

    Raises:
        InputError: if there is no such model, or it cannot read images of this side.
    """
    try:
        return _created(model, side)
    except UNFIT as error:
        raise _unfit(model, error) from error


def with_weights(model: str, side: int | None, file: Path) -> Any:
    """Return a model with the weights of a file, and its classifier where the file has one.

    Raises:
        InputError: if the file cannot be read, or its tensors are not the model's.
    """
    tensors = read_tensors(file)
    broken = [n for n, t in tensors.items() if t.is_floating_point() and not t.isfinite().all()]
    if broken:
        raise _unfit(model, f"{len(broken)} tensors are not finite, {broken[0]} first", file)
    known = configuration(model)
    weight = tensors.get(f"{known.get('classifier')}.weight")
    classes = 0 if weight is None else len(weight) - known.get("label_offset", 0)
    # timm is lenient where it expects another number of classes than there are.
    overlay = {"state_dict": tensors, "num_classes": classes}
    try:
        network = _created(
            model, side, pretrained=True, pretrained_cfg_overlay=overlay, num_classes=classes
        )
    except UNFIT as error:
        raise _unfit(model, error, file) from error
    network.pretrained_cfg.pop("state_dict", None)  # a second copy of all weights
    return network


def classifier(network: Any) -> nn.Module | None:
    """Return the linear classifier of a model, [B, D, 1, 1] -> [B, classes]; None without one."""
    last = network.get_classifier()
    if not isinstance(last, nn.Linear):
        return None
    bias = last.weight.new_zeros(len(last.weight)) if last.bias is None else last.bias
    return linear_head(last.weight.detach(), bias.detach())


def preparation(network: Any, side: int | None, *, pooled: bool) -> nn.Module:
    """Return what prepares images in [0, 1] as the model's configuration says."""
    from timm.data import resolve_model_data_config  # noqa: PLC0415  an extra

    own = resolve_model_data_config(network)
    _, height, width = input_size(network, side)
    cut = pooled and own["crop_mode"] != "squash"
    return PreparedImages(
        own["mean"],
        own["std"],
        (height, width),
        INTERPOLATIONS.get(own["interpolation"], "bicubic"),
        own["crop_pct"] if cut else None,
    )


def input_size(network: Any, side: int | None) -> Shape:
    """Return the shape of what the model reads."""
    from timm.data import resolve_model_data_config  # noqa: PLC0415  an extra

    channels, height, width = resolve_model_data_config(network)["input_size"]
    return (channels, height, width) if side is None else (channels, side, side)


def _created(model: str, side: int | None, **options: Any) -> Any:
    known = configuration(model)
    import timm  # noqa: PLC0415  an extra

    least = max((known.get("min_input_size") or (0,))[1:], default=0)
    if side is not None and side < least:
        raise InputError(
            f"{model!r} reads images of at least {least} pixels a side, not of {side}.",
            advice="Set a larger `side`, or none for the model's own.",
        )
    if side is not None and known.get("fixed_input_size"):
        options["img_size"] = side
    return timm.create_model(model, **options)


def _unknown(what: str, name: str, names: list[str]) -> InputError:
    near = ", ".join(difflib.get_close_matches(name, names, n=3))
    return InputError(
        what, advice=f"Did you mean {near}?" if near else "`timm.list_models()` lists them."
    )


def _unfit(model: str, error: object, file: Path | None = None) -> InputError:
    lines = [_brief(line.strip()) for line in str(error).splitlines() if line.strip()]
    what = "cannot be built" if file is None else "is not what these weights are of"
    return InputError(
        f"The timm model {model!r} {what}: {' '.join(lines[:4]).rstrip('.')}.",
        where=None if file is None else str(file),
        advice="Name the model and the size that the weights were saved from.",
    )


def _brief(line: str) -> str:
    """Return a line without what makes it long: the names of hundreds of tensors."""
    names = line.split(", ")
    return line if len(names) <= LISTED else f"{', '.join(names[:LISTED])} and more."
