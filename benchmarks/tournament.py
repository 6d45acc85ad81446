"""Win rates and AHP at 500 competitors x 20,000 images, against comparing pair by pair.

python benchmarks/tournament.py [--competitors 500] [--images 20000] [--seed 0]
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from taskspace.studies.taxonomy.maths.tournament import affinities, win_rates


def pair_by_pair(losses: np.ndarray, pairs: list[tuple[int, int]]) -> list[float]:
    """Return W[i, j] of some pairs as one would write it down."""
    return [
        float(np.mean(np.where(losses[i] < losses[j], 1.0, 0.5 * (losses[i] == losses[j]))))
        for i, j in pairs
    ]


def main() -> None:
    """Print seconds, the ratio to the plain way (extrapolated from some pairs), the difference."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--competitors", type=int, default=500)
    parser.add_argument("--images", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    random = np.random.default_rng(options.seed)
    skill = random.random((options.competitors, 1))
    losses = (skill + random.random((options.competitors, options.images))).astype(np.float32)

    started = time.perf_counter()
    rates = win_rates(losses)
    counted = time.perf_counter()
    strength = affinities(rates)
    solved = time.perf_counter()

    pairs = [tuple(random.integers(options.competitors, size=2)) for _ in range(2000)]
    plain = pair_by_pair(losses, pairs)
    plain_seconds = (time.perf_counter() - solved) / len(pairs) * options.competitors**2
    difference = max(abs(rates[i, j] - w) for (i, j), w in zip(pairs, plain, strict=True))
    print(f"{options.competitors} competitors x {options.images} images, seed {options.seed}")
    print(f"win rates           {counted - started:8.2f} s")
    print(f"AHP                 {solved - counted:8.2f} s  (sum {strength.sum():.6f})")
    print(f"pair by pair        {plain_seconds:8.2f} s  (from {len(pairs)} pairs)")
    print(f"ratio               {plain_seconds / (solved - started):8.1f}")
    print(f"largest difference  {difference:.1e}")


if __name__ == "__main__":
    main()
