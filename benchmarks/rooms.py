"""Labelled views a second: generating and rendering rooms, in one process and in several.

python benchmarks/rooms.py [--scenes 64] [--size 64] [--supersampling 2] [--batch 16]
                           [--processes 2] [--device cpu] [--seed 0]

A scene has four views. Each process computes on one thread; --batch is in scenes.
"""

from __future__ import annotations

import argparse
import multiprocessing
import time

import torch

from taskspace_rooms.furnishing.world import generate
from taskspace_rooms.renderer.render import render

VIEWS = 4


def work(numbers: range, options: argparse.Namespace) -> tuple[float, float]:
    """Return the seconds that generating and rendering some scenes took."""
    torch.set_num_threads(1)
    _run(numbers[:1], options)
    generating = rendering = 0.0
    for first in range(0, len(numbers), options.batch):
        made, drawn = _run(numbers[first : first + options.batch], options)
        generating, rendering = generating + made, rendering + drawn
    return generating, rendering


def _run(numbers: range, options: argparse.Namespace) -> tuple[float, float]:
    started = time.perf_counter()
    scenes = generate(numbers, options.seed)
    generated = time.perf_counter()
    image = render(scenes.to(options.device), options.size, supersampling=options.supersampling)
    float(image.image[-1, -1, -1, -1])  # waits for the device
    return generated - started, time.perf_counter() - generated


def main() -> None:
    """Print views a second."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=64)
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--supersampling", type=int, default=2)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    views = VIEWS * options.scenes
    print(
        f"{views} views of {options.size}x{options.size}, {options.supersampling}^2 sub-rays, "
        f"{options.device}, seed {options.seed}"
    )
    generating, rendering = work(range(options.scenes), options)
    print(f"generation          {1e3 * generating / views:8.2f} ms a view")
    print(f"rendering           {1e3 * rendering / views:8.2f} ms a view")
    print(f"one process         {views / (generating + rendering):8.1f} views/s")
    parts = [
        (range(options.scenes)[first :: options.processes], options)
        for first in range(options.processes)
    ]
    with multiprocessing.get_context("spawn").Pool(options.processes) as pool:
        pool.starmap(work, [(range(1), options)] * options.processes, chunksize=1)
        started = time.perf_counter()
        pool.starmap(work, parts, chunksize=1)
        seconds = time.perf_counter() - started
    print(f"{options.processes} processes         {views / seconds:8.1f} views/s")


if __name__ == "__main__":
    main()
