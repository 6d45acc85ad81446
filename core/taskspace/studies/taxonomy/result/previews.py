"""A sample of test images with truth and predictions of the first repetition, for the report."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

import numpy as np

from taskspace.components import Stored
from taskspace.studies.taxonomy.maths.floor import FLOOR
from taskspace.studies.taxonomy.plan.competitors import SUPERVISED
from taskspace.studies.taxonomy.plan.standings import standing
from taskspace.studies.taxonomy.plan.state import TaxonomyState

Words: TypeAlias = dict[str, dict[str, list[str]]]
"""Target to who predicts it to a line an image; `truth` is one of them."""


def previews(known: TaxonomyState) -> tuple[dict[str, np.ndarray], Words]:
    """Return pictures, and of targets that are no pictures words.

    Pictures are uint8 [n, 3, H, W], as `<target>/input`, `<target>/truth` and
    `<target>/<competitor>`. Of the competitors, those that a policy uses and the supervised
    network: a target may have hundreds.
    """
    arrays: dict[str, np.ndarray] = {}
    words: Words = {}
    for target, cell in known.previews.items():
        stored = known.get(cell)
        if stored is None:
            continue
        arrays[f"{target}/input"] = stored.array("input")
        for name, shown in _shown(known, target, stored):
            if "words" in shown.record:
                words.setdefault(target, {})[name] = shown.record["words"]
            else:
                arrays[f"{target}/{name}"] = shown.array("preview")
    return arrays, words


def _shown(known: TaxonomyState, target: str, truth: Stored) -> Iterator[tuple[str, Stored]]:
    yield "truth", truth
    used = {policy[target] for policy in known.policies() if target in policy}
    used |= {SUPERVISED}
    if standing(known.tournament(target)).floor.kind == "constant":
        used -= {FLOOR}  # the same for every image
    for competitor, (cell, *_) in known.tested[target].items():
        stored = known.get(cell) if competitor in used else None
        if stored is not None:
            yield competitor, stored
