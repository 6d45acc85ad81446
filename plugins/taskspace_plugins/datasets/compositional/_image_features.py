"""Features of images that were computed elsewhere, in the file of the public loaders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from taskspace.errors import DataError
from taskspace_plugins.datasets._refusals import LISTED
from taskspace_plugins.datasets._torch_files import read_plain

if TYPE_CHECKING:
    import torch


def read_features(path: Path, images: Sequence[str]) -> torch.Tensor:
    """Return the features of images [images, F], float32, from `{features [N, F], files [N]}`.

    Raises:
        DataError: if the file cannot be read as plain data, has another content, lacks an image, or
            has a number that is not finite.
    """
    import torch  # noqa: PLC0415  (reading needs it, listing does not)

    content = read_plain(path)
    features = content.get("features") if isinstance(content, Mapping) else None
    files = content.get("files") if isinstance(content, Mapping) else None
    if not isinstance(features, torch.Tensor) or not isinstance(files, Sequence):
        raise _unusable(path, "it does not hold {features, files}")
    if features.ndim != 2 or len(features) != len(files) or not features.is_floating_point():
        raise _unusable(
            path,
            f"features are {features.dtype} {tuple(features.shape)} for {len(files)} files, not "
            "numbers [files, size]",
        )
    number = {str(file): row for row, file in enumerate(files)}
    lacking = [image for image in images if image not in number]
    if lacking:
        raise _unusable(path, f"these images are not in it: {_named(lacking)}")
    chosen = features[[number[image] for image in images]].to(torch.float32)
    finite = chosen.isfinite().all(dim=1).tolist()
    broken = [image for image, fine in zip(images, finite, strict=True) if not fine]
    if broken:
        raise _unusable(path, f"numbers of these images are not finite: {_named(broken)}")
    return chosen


def _named(images: Sequence[str]) -> str:
    more = f" and {len(images) - LISTED} more" if len(images) > LISTED else ""
    return ", ".join(images[:LISTED]) + more


def _unusable(path: Path, what: str) -> DataError:
    return DataError(
        f"These features cannot be used: {what}.",
        where=str(path),
        advice="Compute them again for all images of the split, or leave `features` out and let an "
        "encoder compute them.",
    )
