"""A campaign against the tool: kills, damage, lies and scarcity, drawn from a seed.

    python tests/campaign [--seed 0] [--minutes 30] [--scale 1] [--only NAME]

Prints, for each kind, how many tries were made, held and did not hold. The exit status is 1 where
one did not, or where the time was over before all were made. What failed is repeated by
`--seed SEED --only NAME@NUMBER`. Two processes share the tries.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from catalogue import KINDS, WANTED, Kind, load_kinds
from makers import Maker, Outcome, spread

PROCESSES = 2
SILENCE = 30.0
"""Seconds between two lines of progress."""


def main() -> int:
    """Make the tries and print what came of them."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument(
        "--scale", type=float, default=1.0, help="more or fewer tries of each group"
    )
    parser.add_argument("--only", default="", metavar="NAME[@NUMBER]")
    given = parser.parse_args()
    load_kinds()
    told = time.monotonic()
    until = told + 60 * given.minutes
    name, _, number = given.only.partition("@")
    tries, faults, seconds = Counter[str](), list[Outcome](), Counter[str]()
    with tempfile.TemporaryDirectory(prefix="taskspace-campaign-") as folder:
        crew = [Maker(Path(folder) / str(place), given.seed) for place in range(PROCESSES)]
        for outcome in spread(crew, _drawn(given, name, number, tries), until):
            tries[outcome.kind] += outcome.tries
            seconds[outcome.kind] += outcome.seconds
            if time.monotonic() - told >= SILENCE:
                told = time.monotonic()
                print(f"{sum(tries.values())} tries, {len(faults)} faults", file=sys.stderr)
            if outcome.fault is not None:
                faults.append(outcome)
                print(f"FAULT {outcome.kind}@{outcome.number}: {outcome.fault}", flush=True)
    return _conclude(given, tries, faults, seconds, complete=time.monotonic() < until)


def _drawn(
    given: argparse.Namespace, name: str, number: str, made: Counter[str]
) -> Iterator[tuple[Kind, int]]:
    """Yield kinds and numbers until every group has had its tries."""
    if number:
        yield next(kind for kind in KINDS if kind.name == name), int(number)
        return
    chance = random.Random(given.seed)
    numbers = Counter[str]()
    groups = {group: [k for k in KINDS if k.group == group and name in k.name] for group in WANTED}
    while True:
        open_groups = [
            group
            for group, kinds in groups.items()
            if kinds and sum(made[k.name] for k in kinds) < WANTED[group] * given.scale
        ]
        if not open_groups:
            return
        # The group that is furthest behind: an early end leaves a part of each.
        group = min(open_groups, key=lambda g: sum(made[k.name] for k in groups[g]) / WANTED[g])
        (kind,) = chance.choices(groups[group], [k.share for k in groups[group]])
        numbers[kind.name] += 1
        yield kind, numbers[kind.name]


def _conclude(
    given: argparse.Namespace,
    tries: Counter[str],
    faults: list[Outcome],
    seconds: Counter[str],
    *,
    complete: bool,
) -> int:
    failed = Counter(outcome.kind for outcome in faults)
    print(f"\nseed {given.seed}")
    print(f"{'':42} {'tries':>6} {'held':>6} {'faults':>7} {'seconds':>8}")
    for group in WANTED:
        kinds = [k.name for k in KINDS if k.group == group and tries[k.name]]
        rows = [(f"  {kind}", [kind]) for kind in kinds]
        for title, names in ((group, kinds), *rows):
            count, wrong = sum(tries[n] for n in names), sum(failed[n] for n in names)
            spent = sum(seconds[n] for n in names)
            print(f"{title:42} {count:6} {count - wrong:6} {wrong:7} {spent:8.0f}")
    print(f"{sum(tries.values())} tries, {len(faults)} faults")
    if not complete:
        print("The time was over before all tries were made.")
    return 1 if faults or not complete else 0


if __name__ == "__main__":
    sys.exit(main())
