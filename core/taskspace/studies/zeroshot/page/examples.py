"""Images of unseen compositions beside what methods call them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from taskspace.components.page import Block, ImageGrid
from taskspace.studies.zeroshot.result.findings import best
from taskspace.studies.zeroshot.result.model import MethodKind, ZeroshotResult

WIDE = 96
"""Screen pixels of an image, about."""

SHOWN: tuple[MethodKind, ...] = ("generator", "classifier", "oracle")


def example_blocks(result: ZeroshotResult, artifacts: Mapping[str, np.ndarray]) -> list[Block]:
    """Return images of unseen compositions with what the best methods of each kind call them.

    Args:
        artifacts: `example/image` [n, H, W, 1 or 3], 8 bits, `example/place` [n] among the test
            images, and of all of these `prediction/truth` and `prediction/by/<method>`.
    """
    images, places = artifacts.get("example/image"), artifacts.get("example/place")
    if images is None or places is None:
        return []
    truth = artifacts["prediction/truth"][places]
    best_of_kinds = [best(result, kind) for kind in SHOWN]
    answers = {
        name: artifacts[f"prediction/by/{name}"][places]
        for name in best_of_kinds
        if f"prediction/by/{name}" in artifacts
    }
    rows: list[tuple[str, list[np.ndarray | str]]] = [
        (
            " ".join(result.pairs[pair]),
            [_picture(image), *(_answer(result, own[row], pair) for own in answers.values())],
        )
        for row, (image, pair) in enumerate(zip(images, truth.tolist(), strict=True))
    ]
    caption = (
        "One image each of unseen compositions, drawn at random, with what is predicted where only "
        "unseen compositions may be; first repetition."
    )
    pixel = max(1, WIDE // images.shape[2])
    return [ImageGrid("examples", ["image", *map(str, answers)], rows, caption, pixel=pixel)]


def _picture(image: np.ndarray) -> np.ndarray:
    shown: np.ndarray = image.astype(np.float32) / 255
    return shown[:, :, 0] if shown.shape[2] == 1 else shown


def _answer(result: ZeroshotResult, predicted: int, truth: int) -> str:
    name = " ".join(result.pairs[int(predicted)])
    return f"{name} (right)" if predicted == truth else name
