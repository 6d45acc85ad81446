"""How a model of transformers wants its images, as its folder says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import nn

from taskspace.errors import InputError
from taskspace_plugins.encoders._images import Interpolation, PreparedImages

FILE = "preprocessor_config.json"
"""What `AutoImageProcessor.save_pretrained` writes beside the weights."""

INTERPOLATIONS: Mapping[int, Interpolation] = {2: "bilinear", 3: "bicubic"}
"""By the number that Pillow has for it; others are near to bicubic."""

CROPPED_BELOW = 384
"""ConvNeXT's processor cuts the margin off smaller images alone."""


def image_size(folder: Path) -> tuple[int, int]:
    """Return the height and width of what the model reads.

    Raises:
        InputError: if the folder does not say.
    """
    return _sizes(folder)[0]


def preparation(folder: Path, *, pooled: bool) -> nn.Module:
    """Return what prepares images in [0, 1] as the folder says.

    Args:
        folder: of the model.
        pooled: whether the margin may be cut off; else the whole image is scaled.

    Raises:
        InputError: if the folder does not say, or says what cannot be done here.
    """
    size, crop = _sizes(folder)
    own = _read(folder)
    factor = own.get("rescale_factor", 1 / 255)
    if own.get("rescale_offset") or abs(255 * factor - 1) > 1e-3:
        raise _unusable(folder, f"it rescales pixels by {factor}, not by 1/255")
    mean, std = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)
    if own.get("do_normalize", True):
        try:
            mean, std = tuple(own["image_mean"]), tuple(own["image_std"])
        except (KeyError, TypeError) as error:
            raise _unusable(folder, "it has no image_mean or no image_std") from error
    how = INTERPOLATIONS.get(own.get("resample", 2), "bicubic")
    return PreparedImages(mean, std, size, how, crop if pooled else None)


def _sizes(folder: Path) -> tuple[tuple[int, int], float | None]:
    """Return what the model reads, and which share of an image's shorter side that is."""
    own = _read(folder)
    whole, short = _square(own.get("size"))
    if short and own.get("crop_pct") and max(whole) < CROPPED_BELOW:
        return whole, float(own["crop_pct"])
    if own.get("do_center_crop") and own.get("crop_size"):
        cut, _ = _square(own["crop_size"])
        return _known(folder, cut), min(cut) / min(whole) if min(whole) else 1.0
    return _known(folder, whole), 1.0 if short else None


def _known(folder: Path, size: tuple[int, int]) -> tuple[int, int]:
    if min(size) < 1:
        raise _unusable(folder, "it does not say the size of images")
    return size


def _square(size: object) -> tuple[tuple[int, int], bool]:
    """Return height and width, (0, 0) where there are none, and if the shorter side is meant."""
    if isinstance(size, int):
        return (size, size), True
    if isinstance(size, Mapping) and "shortest_edge" in size:
        return (int(size["shortest_edge"]), int(size["shortest_edge"])), True
    if isinstance(size, Mapping) and {"height", "width"} <= size.keys():
        return (int(size["height"]), int(size["width"])), False
    return (0, 0), False


def _read(folder: Path) -> dict[str, Any]:
    try:
        content = json.loads((folder / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _unusable(folder, f"it cannot be read ({type(error).__name__})") from error
    if not isinstance(content, dict):
        raise _unusable(folder, "it is no mapping")
    return content


def _unusable(folder: Path, why: str) -> InputError:
    return InputError(
        f"How the model wants its images is not known: {why}.",
        where=str(folder / FILE),
        advice="Save the model's processor in its folder: "
        "AutoImageProcessor.from_pretrained(...).save_pretrained(FOLDER).",
    )
