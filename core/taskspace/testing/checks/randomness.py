"""Global randomness, set for a while and put back."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch


@contextmanager
def global_seeds(*, torch_seed: int, others: int) -> Iterator[None]:
    """Seed torch with one number, numpy and random with another; restore all three afterwards."""
    python, numbers = random.getstate(), np.random.get_state()
    random.seed(others)
    np.random.seed(others)  # legacy code would draw from it
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(torch_seed)
            yield
    finally:
        random.setstate(python)
        np.random.set_state(numbers)
