"""Random draws that are the same on every machine and under every version of NumPy.

NumPy keeps the numbers of a bit generator for good, but not what its distributions make of them;
so only the former are used.
"""

from __future__ import annotations

import numpy as np


def fair_bits(rows: int, columns: int, seed: int) -> np.ndarray:
    """Return fair coin tosses, uint8 [rows, columns]; more rows begin with those of fewer."""
    count = rows * columns
    words = np.random.PCG64(seed).random_raw(-(-count // 64)).astype("<u8")
    return np.unpackbits(words.view(np.uint8), bitorder="little")[:count].reshape(rows, columns)


def even_order(strata: np.ndarray, seed: int) -> np.ndarray:
    """Return all samples in a random order, each beginning of which has the strata in proportion.

    The n samples of a stratum are shuffled and laid, one each, into n equal stretches of [0, 1);
    the order is that of their places.

    Args:
        strata: the stratum of each sample, from 0: int [N].
        seed: another seed, another order.
    """
    total = len(strata)
    shuffle, place = np.random.PCG64(seed).random_raw(2 * total).reshape(2, total)
    order = np.lexsort((shuffle, strata))
    sizes = np.bincount(strata)
    own, first = strata[order], np.cumsum(sizes) - sizes
    rank = np.arange(total) - first[own]
    return order[np.argsort((rank + place / 2**64) / sizes[own], kind="stable")]
