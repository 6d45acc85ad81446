"""How often the intervals of a run hold what another seed finds: nominal 95 %, on scanned digits.

Fresh seeds are independent runs with one seed each: their own splits, weights and policies; what
they find is the mean gain of each budget's own policy. Intervals are those of the mean gain, of
independent runs with `seeds: 3`, which are over seeds and images, and of runs with one seed, which
are over images alone. Coverage is the share of (run, fresh seed, budget) whose interval holds the
fresh value. The fresh seeds are also evaluated with the labels that each run of three seeds chose,
which leaves out what they would have chosen otherwise.

    python benchmarks/coverage.py [--groups 8] [--fresh 20] [--workers 1] [--store DIR]

Fresh seeds are 100, 101, ...; the runs whose intervals are judged have the seeds 0, 1, ... A store
that is kept makes the next call cheap. The exit status is 1 where three seeds cover fewer than 90 %.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

import taskspace

FIRST_FRESH = 100
LEAST_COVERED = 0.9

JOB: dict[str, Any] = {
    "study": "taxonomy",
    "dataset": "digits",
    "tasks": ["identity", "parity", "at_least_five", "loops", "edges_2d", "autoencoding"],
    "encoder": {"use": "small_conv", "width": 8},
    "train": {"epochs": 6},
    "transfer": {"max_order": 2, "beam": 3, "images": 150, "epochs": 6},
}
SOLVE = {"budgets": [1, 2, 3], "random_policies": 0}
BUDGETS: list[int] = SOLVE["budgets"]  # type: ignore[assignment]


@dataclass(frozen=True)
class Judged:
    """Intervals [runs, budgets] against fresh values [runs or 1, fresh, budgets]."""

    low: np.ndarray
    high: np.ndarray
    fresh: np.ndarray

    def covered(self) -> np.ndarray:
        """Return whether each interval holds each fresh value: [runs, fresh, budgets]."""
        return (self.low[:, None] <= self.fresh) & (self.fresh <= self.high[:, None])

    def width(self) -> np.ndarray:
        """Return how wide each interval is: [runs, budgets]."""
        return self.high - self.low


class Bench:
    """Runs jobs on one store."""

    def __init__(self, place: Path, workers: int) -> None:
        self.place = place
        self.options: dict[str, Any] = (
            {"executor": "inline"} if workers == 1 else {"executor": "local", "workers": workers}
        )

    def policies(self, seed: int, seeds: int = 1, **solve: Any) -> list[Mapping[str, Any]]:
        """Return a run's policies, one a budget."""
        job = JOB | {"name": "coverage", "seed": seed, "seeds": seeds, "solve": SOLVE | solve}
        run = taskspace.run(
            job,
            store=self.place / "store",
            runs=self.place / "runs",
            plugins=False,
            **self.options,
        )
        found: list[Mapping[str, Any]] = run.result["policies"]
        return found

    def with_labels(self, seed: int, labels: Sequence[str]) -> float:
        """Return the mean gain that one seed has with labels that another run chose."""
        (policy,) = self.policies(seed, budgets=[len(labels)], required=list(labels))
        return float(policy["mean_gain"])


def bought(policy: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the labels that cost something, sorted."""
    return tuple(sorted(set(policy["supervised"]) - set(policy["free"])))


def told(what: str, runs: Sequence[Callable[[], Any]]) -> list[Any]:
    """Return what the runs return; say how long they took."""
    started = time.perf_counter()
    found = [run() for run in runs]
    seconds = time.perf_counter() - started
    print(f"{len(runs):4} {what:40}{seconds:8.1f} s", flush=True)
    return found


def table(what: str, judged: Judged) -> None:
    """Print coverage and width by budget and overall, and how much the runs differ."""
    covered, width = judged.covered(), judged.width()
    rows = [
        *((f"budget {budget:g}", covered[..., i], width[:, i]) for i, budget in enumerate(BUDGETS)),
        ("all", covered, width),
    ]
    print(f"\n{what}\n{'':12}{'coverage':>10}{'of runs':>16}{'mean width':>12}{'too low':>9}")
    for name, held, wide in rows:
        by_run = held.reshape(len(held), -1).mean(axis=1)
        spread = f"{by_run.min():.0%} to {by_run.max():.0%}"
        print(f"{name:12}{held.mean():10.1%}{spread:>16}{wide.mean():12.3f}")


def main() -> int:
    """Print coverage and width of both kinds of intervals."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--groups", type=int, default=8, help="runs of three seeds")
    parser.add_argument("--fresh", type=int, default=20, help="runs of one other seed")
    parser.add_argument("--workers", type=int, default=1, choices=(1, 2))
    parser.add_argument("--store", type=Path, help="a folder for store and runs; else temporary")
    options = parser.parse_args()
    print(
        f"{len(JOB['tasks'])} tasks on digits; {platform.machine()}, {options.workers} of "
        f"{os.cpu_count()} cores, {date.today()}"
    )
