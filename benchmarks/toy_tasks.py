"""Tasks on the unit square, and how their Fisher matrices order them: slides 5 to 8 of Task2Vec.

    python benchmarks/toy_tasks.py [--draws 20] [--seed 0] [--penalty 1e-3] [--out toy-tasks.html]

A model of 10 random ReLU features has a head fitted to each task; the task's embedding is the exact
Fisher information of the head, 10 x 10. Tasks are half-planes (12 angles, 5 shifts) and the signs
of 100 random polynomials of degree 3. Figures are means over draws of the features, the polynomials
and the noise, with 95 % intervals by Student's t; the page shows the first draw.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

from toy_measures import Draw, measure
from toy_page import page_of, printed

from taskspace.learning.statistics import Interval, interval
from taskspace.report import write_report


def figures_of(draws: Sequence[Draw]) -> Mapping[str, Interval]:
    """Return the mean of each figure over draws, with its interval."""
    return {name: interval([each.measured[name] for each in draws]) for name in draws[0].measured}


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the figures and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0, help="of the first draw; others follow")
    parser.add_argument("--penalty", type=float, default=1e-3, help="of the head's weights")
    parser.add_argument("--out", type=Path, default=Path("toy-tasks.html"))
    options = parser.parse_args(arguments)
    if options.draws < 1 or options.penalty <= 0:
        parser.error("--draws is at least 1, --penalty above 0.")
    draws = [measure(options.seed + number, options.penalty) for number in range(options.draws)]
    command = (
        f"python benchmarks/toy_tasks.py --draws {options.draws} --seed {options.seed} "
        f"--penalty {options.penalty:g}"
    )
    figures = figures_of(draws)
    print(command, *printed(figures), sep="\n")
    subtitle = f"Exact Fisher matrices of a last layer, Task2Vec's slides 5 to 8 · {command}"
    write_report(page_of(draws[0], figures, subtitle), {"command": command}, options.out)
    print(f"wrote {options.out}")


if __name__ == "__main__":
    main()
