"""Labelled frames of `drive` a second, and what is in them.

python benchmarks/drive.py [--clips 64] [--size 128] [--processes 2] [--seed 0]

A clip has four labelled frames, of which instances, boxes and classes are read off. Each process
computes on one thread.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import tempfile
import time

import numpy as np
import torch

from taskspace_plugins.datasets.driving._scalabel import CATEGORIES
from taskspace_plugins.datasets.driving.drive import Drive
from taskspace_plugins.tasks.driving.angle_change import AngleChange
from taskspace_plugins.tasks.driving.distance_change import DistanceChange
from taskspace_rooms.driving.chunk import CHUNK, render_part

WINDOWS = 4


def work(chunks: range, options: argparse.Namespace) -> float:
    """Return the seconds that rendering the labelled frames of some chunks took."""
    torch.set_num_threads(1)
    size = (options.size, options.size)
    started = time.perf_counter()
    for chunk in chunks:
        render_part(chunk, "starts", size, WINDOWS, options.seed, ("day", "dusk"))
    return time.perf_counter() - started


def contents(options: argparse.Namespace) -> None:
    """Print boxes an image and their median height by class, and the classes of motion."""
    drive = Drive(clips=options.clips, size=(options.size, options.size), seed=options.seed)
    names = {"boxes", "box_class", "box_count", "angle_change", "distance_change"}
    sample = {name: each.numpy() for name, each in drive.read(range(drive.length()), names).items()}
    height = sample["boxes"][..., 3] - sample["boxes"][..., 1]
    total = sample["box_count"].sum()
    print(
        f"{total / drive.length():.2f} boxes an image, median height {np.nanmedian(height):.0f} "
        "pixels"
    )
    for number, category in enumerate(CATEGORIES):
        own = sample["box_class"] == number
        if own.any():
            print(
                f"  {category:14} {own.sum() / drive.length():6.2f} an image, median height "
                f"{np.median(height[own]):4.0f}"
            )
    for task in (AngleChange(), DistanceChange()):
        classes = task.target({name: torch.from_numpy(each) for name, each in sample.items()})
        shares = np.bincount(classes.numpy(), minlength=len(task.bins()[0]) + 1) / len(classes)
        pairs = zip(task.class_names(drive.fields()), shares, strict=True)
        print(f"{task.name}: " + ", ".join(f"{name} {share:.3f}" for name, share in pairs))


def main() -> None:
    """Print frames a second, then what is in the frames."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=64)
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    chunks = range(-(-options.clips // CHUNK))
    frames = len(chunks) * CHUNK * WINDOWS
    print(f"{frames} frames of {options.size}x{options.size}, seed {options.seed}")
    parts = [(chunks[first :: options.processes], options) for first in range(options.processes)]
    with multiprocessing.get_context("spawn").Pool(options.processes) as pool:
        pool.starmap(work, [(range(1), options)] * options.processes, chunksize=1)
        started = time.perf_counter()
        pool.starmap(work, parts, chunksize=1)
        seconds = time.perf_counter() - started
    print(f"{options.processes} processes: {frames / seconds:.1f} labelled frames/s")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TASKS_DATA"] = folder
        contents(options)


if __name__ == "__main__":
    main()
