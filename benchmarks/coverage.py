"""How often the intervals of a run hold what another seed finds: nominal 95 %, on scanned digits.

Fresh seeds are independent runs with one seed each: their own splits, weights and policies; what
they find is the mean gain of each budget's own policy. Intervals are those of the mean gain, of
independent runs with `seeds: 3`, which are over seeds and images, and of runs with one seed, which
are over images alone. Coverage is the share of (run, fresh seed, budget) whose interval holds the
fresh value. With `--same-labels` the fresh seeds are also evaluated with the labels that each run
of three seeds chose, which leaves out what they would have chosen otherwise.

    python benchmarks/coverage.py [--groups 8] [--fresh 20] [--same-labels] [--workers 1]
        [--store DIR]

Fresh seeds are 100, 101, ...; the runs whose intervals are judged have the seeds 0, 1, ... A store
that is kept makes the next call cheap. The exit status is 1 where three seeds cover less
than 90 %.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

import taskspace

FIRST_FRESH = 100
LEAST_COVERED = 0.9
BUDGETS = [1, 2, 3]

JOB: dict[str, Any] = {
    "study": "taxonomy",
    "name": "coverage",
    "dataset": "digits",
    "tasks": ["identity", "parity", "at_least_five", "loops", "edges_2d", "autoencoding"],
    "encoder": {"use": "small_conv", "width": 8},
    "train": {"epochs": 4},
    "transfer": {"max_order": 2, "beam": 2, "images": 100, "epochs": 4, "batch": 50},
}


@dataclass(frozen=True)
class Intervals:
    """What runs say of each budget's policy: arrays [runs, budgets], and the labels to buy."""

    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    labels: Sequence[Sequence[tuple[str, ...]]]

    def covers(self, fresh: np.ndarray) -> np.ndarray:
        """Return which fresh values [runs or 1, fresh, budgets] an interval holds, as booleans."""
        held: np.ndarray = (self.low[:, None] <= fresh) & (fresh <= self.high[:, None])
        return held


class Bench:
    """Runs jobs on one store."""

    def __init__(self, place: Path, workers: int) -> None:
        self.options: dict[str, Any] = {"executor": "inline"}
        if workers > 1:
            self.options = {"executor": "local", "workers": workers}
        self.options |= {"store": place / "store", "runs": place / "runs", "plugins": False}

    def policies(self, seed: int, seeds: int = 1, **solve: Any) -> list[Mapping[str, Any]]:
        """Return a run's policies, one a budget."""
        solve = {"budgets": BUDGETS, "random_policies": 0} | solve
        job = JOB | {"seed": seed, "seeds": seeds, "solve": solve}
        found: list[Mapping[str, Any]] = taskspace.run(job, **self.options).result["policies"]
        return found

    def intervals(self, numbers: Iterable[int], seeds: int) -> Intervals:
        """Return the intervals of the runs with these seeds."""
        runs = [self.policies(number, seeds) for number in numbers]
        bounds = np.array([[policy["gain_interval"] for policy in run] for run in runs])
        return Intervals(
            np.array([[policy["mean_gain"] for policy in run] for run in runs]),
            bounds[..., 0],
            bounds[..., 1],
            [[bought(policy) for policy in run] for run in runs],
        )

    def with_labels(self, seed: int, labels: tuple[str, ...]) -> float:
        """Return the mean gain that one seed has with labels that another run chose."""
        (policy,) = self.policies(seed, budgets=[len(labels)], required=list(labels))
        return float(policy["mean_gain"])


def bought(policy: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the labels that cost something, sorted."""
    return tuple(sorted({*policy["supervised"]} - {*policy["free"]}))


def rows(held: np.ndarray, width: np.ndarray) -> Iterator[str]:
    """Yield the rows of a table: coverage [runs, fresh, budgets] and width [runs, budgets]."""
    yield f"{'':12}{'coverage':>10}{'of one run':>16}{'mean width':>12}"
    names = [*(f"budget {budget:g}" for budget in BUDGETS), "all"]
    parts = [*((held[..., [i]], width[:, [i]]) for i in range(len(BUDGETS))), (held, width)]
    for name, (part, wide) in zip(names, parts, strict=True):
        by_run = part.mean(axis=(1, 2))
        spread = f"{by_run.min():.0%} to {by_run.max():.0%}"
        yield f"{name:12}{part.mean():10.1%}{spread:>16}{wide.mean():12.3f}"


def values(what: str, mean: np.ndarray) -> str:
    """Return the mean over runs of each budget's gain, and how far one run is from another."""
    shown = ", ".join(
        f"{average:.3f} +- {deviation:.3f}"
        for average, deviation in zip(mean.mean(axis=0), mean.std(axis=0, ddof=1), strict=True)
    )
    return f"{what:32}{shown}"


def table(what: str, found: Intervals, fresh: np.ndarray) -> float:
    """Print coverage and width, by budget and overall; return the coverage."""
    held = found.covers(fresh)
    print(f"\n{what}", *rows(held, found.high - found.low), sep="\n", flush=True)
    return float(held.mean())


def main() -> int:
    """Print coverage and width of both kinds of intervals."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--groups", type=int, default=8, help="runs whose intervals are judged")
    parser.add_argument("--fresh", type=int, default=20, help="runs of one other seed each")
    parser.add_argument("--same-labels", action="store_true", help="a few hundred short runs more")
    parser.add_argument("--workers", type=int, default=1, choices=(1, 2))
    parser.add_argument("--store", type=Path, help="a folder that is kept; else temporary")
    options = parser.parse_args()
    groups, others = range(options.groups), range(FIRST_FRESH, FIRST_FRESH + options.fresh)
    print(
        f"{len(JOB['tasks'])} tasks on digits, budgets {BUDGETS}, {len(groups)} runs, "
        f"{len(others)} fresh seeds; {platform.machine()}, {options.workers} of "
        f"{os.cpu_count()} cores, {date.today()}"
    )
    with tempfile.TemporaryDirectory() as temporary:
        bench = Bench(options.store or Path(temporary), options.workers)
        started = time.perf_counter()
        fresh = bench.intervals(others, seeds=1)
        print(f"{(time.perf_counter() - started) / len(others):.1f} s a fresh seed\n", flush=True)
        three, one = bench.intervals(groups, seeds=3), bench.intervals(groups, seeds=1)
        print(f"{'mean gain by budget':32}over runs, with their deviation")
        print(values("fresh seeds", fresh.mean))
        print(values("three seeds", three.mean), values("one seed", one.mean), sep="\n")
        covered = table("three seeds, over seeds and images", three, fresh.mean)
        table("one seed, over images alone", one, fresh.mean)
        if options.same_labels:
            gain = cache(bench.with_labels)
            same = [
                [[gain(number, labels) for labels in run] for number in others]
                for run in three.labels
            ]
            what = "three seeds; fresh seeds have the labels of the run"
            table(what, three, np.array(same))
    return covered < LEAST_COVERED


if __name__ == "__main__":
    sys.exit(main())
