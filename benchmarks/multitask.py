"""One training step of 20 tasks on M experts: dense, sparse, and LibMTL's where it is installed.

python benchmarks/multitask.py [--experts 8 20] [--batch 64] [--steps 20] [--rounds 3] [--threads 2]

Every contestant gets the same images, one task a row, the same Adam, and in every round a process
of its own, with the environment of our workers: what one leaves in memory disturbs no other, and
whatever else the machine does, it does to all of them. The expert is that of Yan 2020: four times a
3x3 convolution of 32 filters, ReLU, 2x2 maximum, on 32x32.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import time
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import torch
from multitask_steps import CLASSES, IMAGE, LOOP, TASKS, contestants, libmtl_architecture

from taskspace.components import worker_environment

WARM_UP = 3


def seconds(
    name: str, experts: int, batch: int, steps: int, threads: int, seed: int
) -> list[float]:
    """Return how long each step of a contestant takes, in a process that has done nothing else."""
    torch.set_num_threads(threads)
    torch.set_flush_denormal(True)
    torch.manual_seed(0)
    step = contestants(experts)[name]()
    generator = torch.Generator().manual_seed(seed)
    taken = []
    for _ in range(WARM_UP + steps):
        images = torch.rand(batch, *IMAGE, generator=generator)
        task = torch.randint(TASKS, (batch,), generator=generator)
        label = torch.randint(CLASSES, (batch,), generator=generator)
        started = time.perf_counter()
        step(images, task, label)
        taken.append(time.perf_counter() - started)
    return taken[WARM_UP:]


def milliseconds(
    experts: int, batch: int, steps: int, rounds: int, threads: int
) -> dict[str, float]:
    """Return the median time of a step of each contestant, over all rounds."""
    taken: dict[str, list[float]] = {name: [] for name in contestants(experts)}
    spawning = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, spawning, max_tasks_per_child=1) as processes:
        for turn in range(rounds):
            for name, times in taken.items():
                ask = (name, experts, batch, steps, threads, turn)
                times.extend(processes.submit(seconds, *ask).result())
    return {name: 1000 * float(np.median(times)) for name, times in taken.items()}


def main() -> None:
    """Print milliseconds a step, and how often each is as fast as the loop and as LibMTL."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--experts", type=int, nargs="+", default=[8, 20])
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    threads = {"OMP_NUM_THREADS", "MKL_NUM_THREADS"}
    os.environ |= {n: value for n, value in worker_environment().items() if n not in threads}
    if libmtl_architecture() is None:
        print("LibMTL is not installed (`pip install --no-deps LibMTL==1.1.5`): left out")
    for experts in options.experts:
        taken = milliseconds(experts, options.batch, options.steps, options.rounds, options.threads)
        plain = taken[LOOP]
        theirs = min((ms for name, ms in taken.items() if "LibMTL" in name), default=None)
        print(
            f"\n{TASKS} tasks, M = {experts}, batch {options.batch}, {options.threads} threads, "
            f"median of {options.rounds} x {options.steps} steps"
        )
        print(f"{'':32}{'ms a step':>10}{'x loop':>8}{'x LibMTL':>10}")
        for name, ms in taken.items():
            against = f"{theirs / ms:10.1f}" if theirs else ""
            print(f"{name:32}{ms:10.1f}{plain / ms:8.1f}{against}")


if __name__ == "__main__":
    main()
