"""How near generated features are to the real ones of their own composition."""

from __future__ import annotations

import torch
from torch import Tensor

from taskspace.components import JSON, Call
from taskspace.studies.zeroshot.cells.adversaries import Adversaries
from taskspace.studies.zeroshot.cells.compositions import CompositionTable
from taskspace.studies.zeroshot.cells.features import features_of

SAMPLES = 64
"""Generated for each unseen composition."""


def quality(call: Call, pairs: CompositionTable, learned: Adversaries) -> dict[str, JSON]:
    """Return how real and generated features of unseen compositions stand to each other.

    `own_centroid` is the share of generated samples whose nearest centroid of real test features
    is that of their own composition. Spread is the variance within compositions over that between
    them.
    """
    rows = pairs.samples("test")
    rows = rows[~pairs.seen[pairs.pair[rows]]]
    real = features_of(call, rows).to(call.device) / learned.material.scale
    own, truth = torch.unique(
        torch.from_numpy(pairs.pair[rows]).to(call.device), return_inverse=True
    )
    drawn = torch.arange(len(own), device=own.device).repeat_interleave(SAMPLES)
    generated, _ = learned.generate(own[drawn])
    centroids = _means(real, truth, len(own))
    nearest = torch.cdist(generated, centroids).argmin(dim=1)
    return {
        "compositions": len(own),
        "own_centroid": float((nearest == drawn).float().mean()),
        "real_spread": spread(real, truth),
        "generated_spread": spread(generated, drawn),
    }


def spread(features: Tensor, group: Tensor) -> float | None:
    """Return the variance of features [N, F] within groups over that between their means.

    None where there is one group, or all means are equal.
    """
    count = int(group.max()) + 1
    means = _means(features, group, count)
    within = (features - means[group]).square().sum(dim=1)
    within = torch.zeros(count, device=features.device).index_add_(0, group, within)
    within = within / torch.bincount(group, minlength=count)
    between = (means - means.mean(dim=0)).square().sum(dim=1)
    total = float(between.mean())
    return float(within.mean()) / total if total > 0 else None


def _means(features: Tensor, group: Tensor, count: int) -> Tensor:
    total = torch.zeros(count, features.shape[1], device=features.device)
    total.index_add_(0, group, features)
    return total / torch.bincount(group, minlength=count)[:, None]
