"""A sample of test images with truth and predictions of the first repetition, for the report."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from taskspace.components import Stored
from taskspace.studies.taxonomy.maths.floor import FLOOR
from taskspace.studies.taxonomy.plan.competitors import SUPERVISED
from taskspace.studies.taxonomy.plan.standings import standing
from taskspace.studies.taxonomy.plan.state import TaxonomyState

TRUTH = "truth"


def preview_pictures(known: TaxonomyState) -> dict[str, np.ndarray]:
    """Return `<target>/input`, and `<target>/truth` and `<target>/<competitor>` where there are.

    Pictures are uint8 [n, 3, H, W]. Of the competitors, those that a policy uses and the supervised
    network: a target may have hundreds.
    """
    arrays: dict[str, np.ndarray] = {}
    for target, cell in known.previews.items():
        stored = known.get(cell)
        if stored is None:
            continue
        arrays[f"{target}/input"] = stored.array("input")
        for name, shown in _shown(known, target, stored):
            if "words" not in shown.record:
                arrays[f"{target}/{name}"] = shown.array("preview")
    return arrays


def preview_words(known: TaxonomyState) -> dict[str, dict[str, list[str]]]:
    """Return, for each target that is no picture, a line an image of truth and predictions."""
    lines: dict[str, dict[str, list[str]]] = {}
    for target, cell in known.previews.items():
        stored = known.get(cell)
        if stored is not None and "words" in stored.record:
            lines[target] = {
                name: _words(shown.record) for name, shown in _shown(known, target, stored)
            }
    return lines


def _shown(known: TaxonomyState, target: str, truth: Stored) -> Iterator[tuple[str, Stored]]:
    yield TRUTH, truth
    used = {policy[target] for policy in known.policies() if target in policy}
    used |= {SUPERVISED}
    if standing(known.tournament(target)).floor.kind == "constant":
        used -= {FLOOR}  # the same for every image
    for competitor, (cell, *_) in known.tested[target].items():
        stored = known.get(cell) if competitor in used else None
        if stored is not None:
            yield competitor, stored


def _words(record: Any) -> list[str]:
    words: list[str] = record["words"]
    return words
