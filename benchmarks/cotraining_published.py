"""How many repetitions it would take to see the published gains of co-training, at our spread.

python benchmarks/cotraining_published.py RUN/result.json

The gains are those of Yan 2020, tables 4.1 and 4.2, one training each; the spread is the standard
deviation of the paired differences of a run on `drive`. A spread grows with the metric that it is
of, so what is measured at an AP of 0.1 is no more than a hint for one of 0.3.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from taskspace.learning.statistics import repetitions_needed

PUBLISHED = {
    "angle_change": (30.72, 30.796),
    "distance_change": (30.72, 31.025),
    "angle_change + distance_change": (30.72, 30.88),
    "colorize_rgb": (30.3045, 30.775),
}
"""AP of the baseline and beside a task, in percent."""


def main() -> None:
    """Print a row for each published gain."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("result", type=Path, help="of a run of jobs/cotraining-drive.yaml")
    result = json.loads(parser.parse_args().result.read_text("utf-8"))
    measured = {row["arm"]: row for row in result["differences"]}
    print(
        "beside | published: baseline, gain | ours: difference, deviation | repetitions for theirs"
    )
    for arm, (baseline, beside) in PUBLISHED.items():
        row, gain = measured.get(arm), (beside - baseline) / 100
        if row is None or row["deviation"] is None:
            continue
        print(
            f"{arm} | {baseline / 100:.4f}, {gain:+.5f} | {row['mean']:+.4f}, "
            f"{row['deviation']:.4f} | {repetitions_needed(gain, row['deviation'])}"
        )


if __name__ == "__main__":
    main()
