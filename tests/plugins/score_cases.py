"""Data on which scores are tried, and all nine of them under one signature."""

from __future__ import annotations

import numpy as np

from taskspace_plugins.scores.gbc import gbc
from taskspace_plugins.scores.h_score import h_score
from taskspace_plugins.scores.knn import knn
from taskspace_plugins.scores.leep import leep
from taskspace_plugins.scores.linear_probe import linear_probe
from taskspace_plugins.scores.logme import logme
from taskspace_plugins.scores.nce import nce
from taskspace_plugins.scores.parc import parc
from taskspace_plugins.scores.transrate import transrate

OF_FEATURES = (logme, h_score, gbc, transrate, parc, knn, linear_probe)
OF_PROBABILITIES = (leep, nce)
ALL = (*OF_FEATURES, *OF_PROBABILITIES)


def softmax(rows):
    powers = np.exp(rows - rows.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def evidence_of(score, rows):
    """Return rows as a score reads them: as probabilities where it reads these."""
    return softmax(rows) if score in OF_PROBABILITIES else rows


def clusters(*, images=60, size=6, classes=3, apart=1.0, seed=0):
    """Return features around class means that are `apart` times normal, and labels."""
    draw = np.random.default_rng(seed)
    labels = np.arange(images) % classes
    means = draw.normal(size=(classes, size))
    return apart * means[labels] + draw.normal(size=(images, size)), labels
