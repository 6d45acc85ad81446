"""Predictions in the report: test images with truth and predictions below, pictures or words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from taskspace.components.page import Block, ImageGrid
from taskspace.studies.taxonomy.plan.cells import label
from taskspace.studies.taxonomy.plan.competitors import SUPERVISED
from taskspace.studies.taxonomy.result.model import TaxonomyResult

PICTURES = 5
"""Test images that are shown of each target."""
WIDEST = 128
"""Screen pixels of a picture's longer side; small ones are enlarged up to 8 times."""


def picture_blocks(result: TaxonomyResult, artifacts: Mapping[str, np.ndarray]) -> list[Block]:
    """Return, for each target, test images, truth and predictions under the middle policy.

    Args:
        result: whose `words` hold the lines of the targets that are no pictures.
        artifacts: `<target>/<kind>` to pictures [n, 3, H, W], uint8 or in [0, 1].
    """
    policy = result.middle
    if policy is None:
        return []
    blocks: list[Block] = []
    for target, sources in sorted(policy.transfers.items()):
        name = SUPERVISED if sources == [target] else label(sources)
        titles = {"input": "input", "truth": "truth", SUPERVISED: "supervised"}
        titles.setdefault(name, "transfer")
        lines = result.words.get(target, {})
        rows: list[tuple[str, Sequence[np.ndarray | str]]] = []
        for kind, title in titles.items():
            if (pictures := artifacts.get(f"{target}/{kind}")) is not None:
                rows.append((title, [_picture(array) for array in pictures[:PICTURES]]))
            elif kind in lines:
                rows.append((title, lines[kind][:PICTURES]))
        if len(rows) <= 2:
            continue
        under = f"{target} under the policy of budget {policy.budget:g}"
        blocks.append(
            ImageGrid(
                f"pictures-{target}",
                [f"test image {i + 1}" for i in range(len(rows[0][1]))],
                rows,
                caption=f"{under}: {_how(target, sources)}",
                pixel=_pixel([array for _, cells in rows for array in cells]),
            )
        )
    return blocks


def _how(target: str, sources: Sequence[str]) -> str:
    """Return what serves a target; its own network is shown in any case."""
    if list(sources) == [target]:
        return "its own network"
    by = f"from {' + '.join(sources)}" if sources else "not served"
    return f"{by}; `supervised`, its own network, is shown to compare"


def _picture(array: np.ndarray) -> np.ndarray:
    """Return [3, H, W], uint8 or in [0, 1], as [H, W, 3] in [0, 1]; what is no number is black."""
    scale = 255.0 if array.dtype == np.uint8 else 1.0
    image = np.nan_to_num(np.clip(array / scale, 0.0, 1.0)).astype(np.float32)
    return np.moveaxis(image, 0, -1)


def _pixel(cells: Sequence[np.ndarray | str]) -> int:
    sides = [max(cell.shape[:2]) for cell in cells if not isinstance(cell, str)]
    return min(8, max(1, WIDEST // max(sides))) if sides else 1
