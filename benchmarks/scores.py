"""Seconds and memory of the nine transferability scores, each in a process of its own.

    python benchmarks/scores.py [--threads 2] [--repeats 5] [--large] [--seed 0]

N = 2,000 images, D = 512 features, C = 10 classes, Z = 1,000 source classes; with `--large` also
N = 100,000, D = 1,280, C = 100, once. Data are in float32: features around the means of classes,
probabilities a softmax of features. The goals are 0.2 s each, and 4 GiB with the data in memory.
The time is the median of the repeats after a first one, which loads libraries; `cpu` is that of all
threads, which other programs disturb less. Memory is the most that the process ever had resident,
with Python and the data, which have a row of their own.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

SMALL = (2_000, 512, 10)
LARGE = (100_000, 1_280, 100)
SOURCE_CLASSES = 1_000
APART = 0.1
ROWS = 4_096
DATA = "data alone"
SCORES = ("logme", "leep", "nce", "h_score", "gbc", "transrate", "parc", "knn", "linear_probe")
OF_PROBABILITIES = ("leep", "nce")


def drawn(sizes: tuple[int, int, int], seed: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return features [N, D] around the means of C classes, and labels."""
    images, size, classes = sizes
    draw = np.random.default_rng(seed)
    labels = draw.permutation(np.arange(images) % classes)
    features = draw.standard_normal((images, size), dtype=np.float32)
    means = APART * draw.standard_normal((classes, size), dtype=np.float32)
    for start in range(0, images, ROWS):
        features[start : start + ROWS] += means[labels[start : start + ROWS]]
    return features, labels


def probabilities(features: NDArray[np.float32], seed: int) -> NDArray[np.float32]:
    """Return a softmax of linear functions of the features, [N, Z]."""
    images, size = features.shape
    weights = np.random.default_rng(seed).standard_normal((size, SOURCE_CLASSES), dtype=np.float32)
    rows = np.empty((images, SOURCE_CLASSES), np.float32)
    for start in range(0, images, ROWS):
        powers = np.exp(features[start : start + ROWS] @ weights / np.sqrt(size, dtype=np.float32))
        rows[start : start + ROWS] = powers / powers.sum(axis=1, keepdims=True)
    return rows


def measured(name: str, sizes: tuple[int, int, int], repeats: int, seed: int) -> dict[str, Any]:
    """Return seconds, CPU seconds, GiB and the value of one score in this process."""
    features, labels = drawn(sizes, seed)
    rows = probabilities(features, seed) if name in OF_PROBABILITIES else features
    del features
    walls, cpus, value = [0.0], [0.0], float("nan")
    if name != DATA:
        score = score_called(name)
        walls, cpus = [], []
        for _ in range(repeats):
            wall, cpu = time.perf_counter(), time.process_time()
            value = score(rows, labels)
            walls.append(time.perf_counter() - wall)
            cpus.append(time.process_time() - cpu)
    return {
        "wall": statistics.median(walls[1:] or walls),
        "cpu": statistics.median(cpus[1:] or cpus),
        "gib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
        "value": value,
    }


def score_called(name: str) -> Callable[..., float]:
    """Return the function of a score."""
    module = __import__(f"taskspace_plugins.scores.{name}", fromlist=[name])
    score: Callable[..., float] = getattr(module, name)
    return score


def in_child(name: str, sizes: tuple[int, int, int], repeats: int, seed: int) -> dict[str, Any]:
    """Return what `measured` does in a process of its own."""
    arguments = json.dumps([name, sizes, repeats, seed])
    command = [sys.executable, str(Path(__file__)), "--measure", arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def main() -> None:
    """Print a table for each size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        name, sizes, repeats, seed = json.loads(options.measure)
        print(json.dumps(measured(name, tuple(sizes), repeats, seed)))
        return
    for library in ("OMP", "OPENBLAS", "MKL"):
        os.environ[f"{library}_NUM_THREADS"] = str(options.threads)
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, {options.threads} thread(s), "
        f"numpy {np.__version__}, seed {options.seed}"
    )
    for sizes, repeats in ((SMALL, options.repeats), (LARGE, 1)):
        if sizes is LARGE and not options.large:
            continue
        print(f"\nN = {sizes[0]:,}, D = {sizes[1]:,}, C = {sizes[2]}, {repeats} repeat(s)")
        print(f"{'score':14}{'seconds':>10}{'cpu':>10}{'GiB':>8}{'value':>12}")
        for name in (DATA, *SCORES):
            row = in_child(name, sizes, repeats, options.seed)
            print(
                f"{name:14}{row['wall']:10.3f}{row['cpu']:10.3f}{row['gib']:8.2f}"
                f"{row['value']:12.4g}",
                flush=True,
            )


if __name__ == "__main__":
    main()
