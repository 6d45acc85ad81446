"""Processor time until discovered tasks reach an agreement score, for each hypergradient.

    python benchmarks/discovery.py [--network mlp] [--seeds 0 1 2] [--sides NAME ...]
        [--score S ...] [--checks 8] [--quick]

Digits, 400 images to search on, 1,397 for scores. Four tasks on a sphere of four dimensions, from
the same start, with the same networks, inner steps (25 of 64 images) and terms of the loss for all
sides: the hypergradients of the study, a search without agreement, and a plain unroll as anybody
writes it in PyTorch (`discovery_unroll.py`), which makes the steps of `full`. Each side has
meta-steps, learning rate, coefficients and warm-up of its own, chosen on seed 100 (`SETTINGS`).

Sides take turns, an eighth of their meta-steps each. After each turn, outside the clock, three new
networks learn each task on the 400 images; the score is their mean agreement on the others. A side
has reached a score where the mean of two checks in a row has, with tasks that are dissimilar (.6 at
most) and balanced (rarest class 30 % at least). Seconds are the processor's, of the search alone,
one thread. A ratio with > is of a plain unroll that never reached the score: all of its seconds.
"""

from __future__ import annotations

import argparse
import os
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import pairwise

import numpy as np
import torch
from discovery_judges import SHAPE, TASKS, Data, Score, digits, humans, judged, maker
from discovery_unroll import PlainUnroll
from torch import Tensor

from taskspace.components import Encoder
from taskspace.learning.networks import seeded
from taskspace.studies.discovery.maths.options import Options
from taskspace.studies.discovery.maths.search import TaskSearch
from taskspace.studies.discovery.maths.sphere import TaskSphere, orthogonal_directions
from taskspace.studies.discovery.sphere_network import sphere_network
from taskspace_plugins.encoders.mlp import Mlp
from taskspace_plugins.encoders.small_conv import SmallConv

PLAIN, ALONE = "plain unroll", "no agreement"
SCORES = [0.97, 0.975]

UNROLLED = Options(
    "full",
    steps=280,
    inner_rate=0.5,
    warm_up=120,
    learning_rate=3e-3,
    agreement=0.15,
    entropy=6.0,
    uniformity=0.5,
)
DIRECT = Options(
    "direct",
    steps=51,
    inner_rate=0.5,
    warm_up=3,
    learning_rate=3e-3,
    agreement=3.0,
    entropy=6.0,
    uniformity=0.2,
)
SETTINGS = {
    PLAIN: UNROLLED,
    "full": UNROLLED,
    "xas": replace(UNROLLED, hypergradient="xas", agreement=0.2, entropy=15.0, uniformity=1.0),
    "first": replace(UNROLLED, hypergradient="first", agreement=0.4, entropy=15.0, uniformity=1.0),
    "online": Options(
        "online",
        steps=80,
        inner_rate=0.5,
        warm_up=8,
        learning_rate=2e-3,
        agreement=2.0,
        entropy=6.0,
        uniformity=0.5,
    ),
    "direct": DIRECT,
    ALONE: replace(DIRECT, agreement=0.0),
}
"""Of each side."""


@dataclass(frozen=True)
class Encoders:
    """Of the networks that learn tasks and judge them, and of the task model."""

    of_networks: Encoder
    of_tasks: Encoder


NETWORKS = {
    "mlp": Encoders(Mlp(width=64), Mlp(width=64)),
    "small_conv": Encoders(SmallConv(width=16), SmallConv(width=32, code_channels=16)),
}


@dataclass
class Side:
    """A search under way: what makes a meta-step, and seconds and scores at each check."""

    name: str
    model: TaskSphere
    step: Callable[[], object]
    options: Options
    steps: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)
    scores: list[Score] = field(default_factory=list)

    def advance(self, turns: int) -> None:
        """Make one of `turns` equal parts of the meta-steps; the first has the warm-up as well."""
        warm_up = min(self.options.warm_up, self.options.steps)
        steps = (self.options.steps - warm_up) // turns + (0 if self.steps else warm_up)
        begun, wall = time.process_time(), time.perf_counter()
        for _ in range(steps):
            self.step()
        self.seconds.append(sum(self.seconds[-1:]) + time.process_time() - begun)
        self.wall.append(sum(self.wall[-1:]) + time.perf_counter() - wall)
        self.steps.append(sum(self.steps[-1:]) + steps)

    def smoothed(self) -> list[float]:
        """Return the mean agreement of each check and the one before."""
        own = [score.agreement for score in self.scores]
        return [float("nan"), *((a + b) / 2 for a, b in pairwise(own))]

    def reached(self, score: float) -> float | None:
        """Return the seconds until the score is reached; None where it is not."""
        checks = zip(self.smoothed(), self.scores, self.seconds, strict=True)
        times = [seconds for mean, own, seconds in checks if mean >= score and own.counts]
        return times[0] if times else None


def side(name: str, options: Options, pair: Encoders, data: Data, seed: int) -> Side:
    """Return a side before its first meta-step; all of one seed have the same task model."""
    with seeded(seed, "sphere"):
        network = sphere_network(pair.of_tasks, SHAPE, TASKS)
    generator = torch.Generator().manual_seed(seed)
    model = TaskSphere(network, orthogonal_directions(TASKS, 2, TASKS, generator))
    make, images = maker(pair.of_networks), data.images
    if name == PLAIN:
        step: Callable[[], object] = PlainUnroll(model, make, images, options, generator).step
    else:
        step = TaskSearch(model, make, images, images, options, generator).step
    return Side(name, model, step, options)


@torch.no_grad()
def sides_of(model: TaskSphere, images: Tensor) -> Tensor:
    """Return the class of each image in each task [N, T]."""
    return model.logits(model(images, torch.arange(len(images)))).argmax(2)


def race(seed: int, pair: Encoders, settings: dict[str, Options], turns: int) -> list[Side]:
    """Return all sides after all their meta-steps."""
    data = digits(seed)
    sides = [side(name, options, pair, data, seed) for name, options in settings.items()]
    for _ in range(turns):
        for each in sides:
            each.advance(turns)
            labels = (sides_of(each.model, images) for images in (data.images, data.new_images))
            each.scores.append(judged(pair.of_networks, data, *labels, seed))
            print(
                f"  seed {seed}, {each.name:14} {each.steps[-1]:4} meta-steps "
                f"{each.seconds[-1]:6.1f} s ({each.wall[-1]:.0f} s wall), {each.scores[-1]}",
                flush=True,
            )
    print(f"  seed {seed}, human labels, {humans(pair.of_networks, data, seed)}", flush=True)
    return sides


def table(races: dict[int, list[Side]], score: float) -> str:
    """Return a row a side: seconds to the score in each race, its ratio and what it ends with."""
    lines = [
        f"{'':14}{'meta-steps':>11}{'ms each':>9}{'s to ' + f'{score:g}':>22}{'plain / it':>26}"
        f"{'s in all':>10}{'last score':>12}{'similarity':>12}{'rarest':>8}"
    ]
    for place, name in enumerate(each.name for each in next(iter(races.values()))):
        own = [sides[place] for sides in races.values()]
        plain = [sides[0] for sides in races.values()]
        times = [each.reached(score) for each in own]
        trained = [each.steps[-1] - each.options.warm_up for each in own]
        each_step = np.mean(
            [1000 * (s.seconds[-1] - s.seconds[0]) / (s.steps[-1] - s.steps[0]) for s in own]
        )
        lines.append(
            f"{name:14}{trained[0]:11}{each_step:9.1f}"
            f"{' '.join('never' if each is None else f'{each:.1f}' for each in times):>22}"
            f"{ratio(plain, own, score):>26}"
            f"{np.mean([s.seconds[-1] for s in own]):10.1f}"
            f"{np.mean([s.smoothed()[-1] for s in own]):12.4f}"
            f"{max(s.scores[-1].similarity for s in own):12.3f}"
            f"{min(s.scores[-1].balance for s in own):8.3f}"
        )
    return "\n".join(lines)


def ratio(plain: Sequence[Side], own: Sequence[Side], score: float) -> str:
    """Return the geometric mean of ratios of seconds, with its range and how many there are."""
    pairs = [
        (a.reached(score), a.seconds[-1], seconds)
        for a, b in zip(plain, own, strict=True)
        if (seconds := b.reached(score)) is not None
    ]
    if not pairs:
        return "-"
    ratios = [(whole if reached is None else reached) / one for reached, whole, one in pairs]
    bound = ">" if any(reached is None for reached, _, _ in pairs) else ""
    mean = float(np.exp(np.mean(np.log(ratios))))
    some = f" {len(ratios)}/{len(own)}" if len(ratios) < len(own) else ""
    return f"{bound}{mean:.1f} ({min(ratios):.1f} to {max(ratios):.1f}){some}"


def main() -> None:
    """Race all sides, and print a table for each score."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--network", choices=NETWORKS, default="mlp")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--score", type=float, nargs="+", default=SCORES)
    parser.add_argument("--sides", choices=SETTINGS, nargs="+", default=list(SETTINGS))
    parser.add_argument("--checks", type=int, default=8)
    parser.add_argument("--quick", action="store_true", help="a seed, few meta-steps, two checks")
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    # The plain unroll is what ratios are of.
    settings = {name: SETTINGS[name] for name in SETTINGS if name in {PLAIN, *options.sides}}
    seeds, turns = options.seeds, options.checks
    if options.quick:
        seeds, turns = seeds[:1], 2
        settings = {name: replace(own, steps=own.warm_up + 4) for name, own in settings.items()}
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, one thread, PyTorch {torch.__version__}, "
        f"{date.today()}, digits, {options.network}, seeds {seeds}",
        flush=True,
    )
    races = {seed: race(seed, NETWORKS[options.network], settings, turns) for seed in seeds}
    for score in options.score:
        print(f"\n{table(races, score)}")


if __name__ == "__main__":
    main()
