"""Predictions in the report: test images with truth and predictions below, pictures or words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from taskspace.components.page import Block, ImageGrid
from taskspace.learning.pictures import as_image, pixel_size
from taskspace.studies.taxonomy.plan.cells import label
from taskspace.studies.taxonomy.plan.competitors import SUPERVISED
from taskspace.studies.taxonomy.result.model import TaxonomyResult

PICTURES = 5
"""Test images that are shown of each target."""


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
                rows.append((title, [as_image(array) for array in pictures[:PICTURES]]))
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
                pixel=pixel_size([array for _, cells in rows for array in cells]),
            )
        )
    return blocks


def _how(target: str, sources: Sequence[str]) -> str:
    """Return what serves a target; its own network is shown in any case."""
    if list(sources) == [target]:
        return "its own network"
    by = f"from {' + '.join(sources)}" if sources else "not served"
    return f"{by}; `supervised`, its own network, is shown to compare"
