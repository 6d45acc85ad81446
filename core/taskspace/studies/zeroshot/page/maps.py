"""Maps of real and generated features, and of the noise at a generator's last level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from taskspace.components.page import Block, PointGroup, Scatter, Text
from taskspace.studies.zeroshot.result.model import ZeroshotResult

KINDS = {"tsne": "t-SNE", "umap": "UMAP"}


def map_blocks(result: ZeroshotResult, artifacts: Mapping[str, np.ndarray]) -> list[Block]:
    """Return the maps that a run has drawn (Yan 2020, Figs. 5.6 and 5.7).

    Args:
        result: whose `pairs` name the compositions.
        artifacts: `map/<generator>/<kind>/<array>`: points [n, 2] of `real`, `generated` and
            `noise`, each with its compositions [n] as `<array>_pair`.
    """
    names = [" ".join(words) for words in result.pairs]
    features: list[Block] = []
    noise: list[Block] = []
    for each in result.methods:
        for kind, title in KINDS.items():
            arrays = {
                key.rpartition("/")[2]: value
                for key, value in artifacts.items()
                if key.rpartition("/")[0] == f"map/{each.name}/{kind}"
            }
            if {"real", "generated"} <= arrays.keys():
                groups = _groups(arrays, ("real", "generated"), names)
                features.append(
                    Scatter(
                        f"features-{each.name}-{kind}", groups, f"{each.name}: features, {title}"
                    )
                )
            if "noise" in arrays:
                groups = _groups(arrays, ("noise",), names)
                noise.append(
                    Scatter(f"noise-{each.name}-{kind}", groups, f"{each.name}: noise, {title}")
                )
    blocks: list[Block] = []
    if features:
        blocks += [
            Text("Real and generated features of the same unseen compositions, first repetition."),
            *features,
        ]
    if noise:
        blocks += [
            Text(
                "What noise adds at the last level of a generator, for unseen compositions: in "
                "clusters where it depends on the words, mixed where it does not."
            ),
            *noise,
        ]
    return blocks


def _groups(
    arrays: Mapping[str, np.ndarray], parts: Sequence[str], names: Sequence[str]
) -> list[PointGroup]:
    """Return the points of each composition, those of several parts as a family."""
    pairs = np.unique(np.concatenate([arrays[f"{part}_pair"] for part in parts]))
    together = len(parts) > 1
    return [
        PointGroup(
            part if together else names[pair],
            arrays[part][arrays[f"{part}_pair"] == pair],
            family=names[pair] if together else "",
        )
        for pair in pairs.tolist()
        for part in parts
    ]
