"""First-order transfers: ours against the naive way, on the same work and the same weights.

The naive way runs the frozen encoder again for every transfer and step, one transfer after
another. Ours runs each encoder once over the images (and once over the inputs of each target that
has its own: noise, several views), stores the codes, and trains all readouts of a target in step.
Both start from the same weights and see the same shuffles, so their losses must agree.

Encoders have random weights: what they are does not change what they cost. With `--dataset rooms`
the sources are the 26 tasks of the dictionary and the targets its 22. The naive way is slow: with
`--compared K` it does K sources only, spread evenly, for every target; ours does just those pairs
too, for the ratio, and then all pairs, for its time alone.

    python benchmarks/transfers.py [--sources 12] [--size 8] [--encoder small_conv] [--seed 0]
    python benchmarks/transfers.py --dataset rooms --compared 2 [--device cuda]
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import ceil

import torch
from torch import Tensor, nn

from taskspace.components import (
    JSON,
    ComponentSpec,
    Dataset,
    Encoder,
    Head,
    Readout,
    Sample,
    Shape,
    Task,
)
from taskspace.registry import Registry
from taskspace.studies.taxonomy.cells.measuring import apply
from taskspace.studies.taxonomy.cells.networks import encode
from taskspace.studies.taxonomy.cells.numerics import generator, seeded, settled
from taskspace.studies.taxonomy.cells.training import Learner, Schedule, fit, shuffles

DIGITS = (
    "identity", "parity", "at_least_five", "loops", "autoencoding", "edges_2d", "ink_moments",
    "stroke_thickness",
)  # fmt: skip
DICTIONARY = (
    "autoencoding", "colorization", "curvature", "denoising", "depth_euclidean", "depth_z",
    "edges_2d", "edges_occlusion", "egomotion", "inpainting", "jigsaw", "keypoints_2d",
    "keypoints_3d", "normals", "object_class", "point_matching", "pose_fixated",
    "pose_nonfixated", "random_projection", "reshading", "room_layout", "scene_class",
    "segment_25d", "segment_2d", "semantic", "vanishing_points",
)  # fmt: skip


@dataclass(frozen=True)
class Target:
    """A target task with what its networks see and should say, on the device."""

    task: Task
    head: Head
    inputs: Tensor
    labels: Tensor


@dataclass(frozen=True)
class Work:
    """What both ways are given.

    Attributes:
        sources: numbers of the sources that are wanted.
    """

    encoders: Sequence[nn.Module]
    readouts: Readout
    targets: Sequence[Target]
    sources: Sequence[int]
    image: Shape
    code: Shape
    schedule: Schedule
    device: str
    seed: int

    def readout(self, source: int, target: int) -> nn.Module:
        """Return the readout of a pair, the same for both ways."""
        channels, height, width = self.code
        code = (channels * self.targets[target].task.views, height, width)
        with seeded(self.seed, source, target):
            network = self.readouts.build(code, self.targets[target].head, self.image)
        return network.to(self.device)


def naive(work: Work) -> list[float]:
    """Return each pair's final training loss; the encoder runs in every step."""
    losses = []
    for number, target in enumerate(work.targets):
        for source in work.sources:
            encoder, readout = work.encoders[source], work.readout(source, number)
            optimiser = torch.optim.Adam(readout.parameters(), lr=work.schedule.learning_rate)
            order_of = shuffles(work.seed + source)
            samples = len(target.inputs)
            steps = work.schedule.epochs * ceil(samples / work.schedule.batch)
            step = 0
            for _ in range(work.schedule.epochs):
                order = torch.randperm(samples, generator=order_of)
                for start in range(0, samples, work.schedule.batch):
                    rows = order[start : start + work.schedule.batch].to(work.device)
                    optimiser.param_groups[0]["lr"] = work.schedule.rate(step, steps)
                    with torch.no_grad():
                        code = encode(encoder, target.inputs[rows])
                    value, valid = target.task.loss(readout(code), target.labels[rows])
                    loss = torch.where(valid, value, 0.0).sum() / valid.sum().clamp(min=1)
                    optimiser.zero_grad()
                    torch.autograd.backward(loss)
                    optimiser.step()
                    step += 1
            codes = apply(partial(encode, encoder), target.inputs)
            losses.append(_final(readout, codes, target))
    return losses


def ours(work: Work) -> list[float]:
    """Return each pair's final training loss; every encoder has run once over equal inputs."""
    known: dict[tuple[int, int], Tensor] = {}
    losses = []
    for number, target in enumerate(work.targets):
        codes = []
        for source in work.sources:
            seen = source, target.inputs.data_ptr()
            if seen not in known:
                known[seen] = apply(partial(encode, work.encoders[source]), target.inputs).clone()
            codes.append(known[seen])
        learners = [
            Learner(
                f"{source}->{target.task.name}",
                work.readout(source, number),
                code,
                target.labels,
                target.task,
                shuffles(work.seed + source),
            )
            for source, code in zip(work.sources, codes, strict=True)
        ]
        fit(learners, work.schedule)
        losses += [
            _final(learner.network, code, target)
            for learner, code in zip(learners, codes, strict=True)
        ]
    return losses


def _final(readout: nn.Module, codes: Tensor, target: Target) -> float:
    value, valid = target.task.loss(apply(readout.eval(), codes), target.labels)
    return float(value[valid].mean())


def prepare(options: argparse.Namespace) -> Work:
    """Return the work: images at the wanted size, random encoders, the targets."""
    registry = Registry.load(plugins=False)

    def component(kind: str, name: str, **parameters: JSON) -> object:
        return registry.component(ComponentSpec(kind, name, parameters))

    rooms = options.dataset == "rooms"
    chosen = {"images": options.images, "size": options.size, "seed": options.seed} if rooms else {}
    dataset = component("dataset", options.dataset, **chosen)
    width = {"width": options.width} if options.width else {}
    encoder = component("encoder", options.encoder, **width)
    readouts = component("readout", options.readout)
    assert isinstance(dataset, Dataset)
    assert isinstance(encoder, Encoder)
    assert isinstance(readouts, Readout)
    named = [component("task", name) for name in (DICTIONARY if rooms else DIGITS)]
    tasks = [task for task in named if isinstance(task, Task) and not task.source_only]
    tasks = tasks[: options.targets]
    fields = dataset.fields()
    wanted = {"image"}.union(*(task.needs(fields) for task in tasks))
    sample = _sized(dataset.read(range(options.images), wanted), options.size)
    shape = (sample["image"].shape[1], options.size, options.size)
    images = sample["image"].to(options.device)
    targets = []
    for task in tasks:
        inputs, labels = task.example(sample, generator(options.seed))
        inputs = images if task.plain_input else inputs.to(options.device)
        targets.append(Target(task, task.head(fields), inputs, labels.to(options.device)))
    encoders = []
    for source in range(options.sources):
        with seeded(options.seed, "encoder", source):
            encoders.append(encoder.build(shape).eval().to(options.device))
    return Work(
        encoders,
        readouts,
        targets,
        range(options.sources),
        shape,
        encoder.code_shape(shape),
        Schedule(options.epochs, options.batch, 3e-3),
        options.device,
        options.seed,
    )


def _sized(sample: Sample, size: int) -> Sample:
    """Return the sample with images of this size; digits are enlarged, rooms have it already."""
    scale = size // sample["image"].shape[-1]
    larger = sample["image"].repeat_interleave(scale, 2).repeat_interleave(scale, 3)
    return {**sample, "image": larger}


def main() -> None:
    """Print the seconds of both ways, their ratio, and how far their losses are apart."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--dataset", choices=("digits", "rooms"), default="digits")
    parser.add_argument("--sources", type=int, help="12, or with rooms 26")
    parser.add_argument("--targets", type=int, help="the first so many; all by default")
    parser.add_argument("--compared", type=int, help="sources for the naive way; all by default")
    parser.add_argument("--images", type=int, default=200)
    parser.add_argument("--size", type=int, help="8, or with rooms 64; a multiple of 8")
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--batch", type=int, default=50)
    parser.add_argument("--encoder", help="small_conv, or with rooms small_resnet")
    parser.add_argument("--width", type=int, help="of the encoder; its own default without")
    parser.add_argument("--readout", default="two_conv")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rooms = options.dataset == "rooms"
    options.sources = options.sources or (26 if rooms else 12)
    options.size = options.size or (64 if rooms else 8)
    options.encoder = options.encoder or ("small_resnet" if rooms else "small_conv")
    whole = prepare(options)
    count = min(options.compared or options.sources, options.sources)
    part = replace(whole, sources=[i * options.sources // count for i in range(count)])
    with settled(1):
        ours(replace(part, targets=part.targets[:2]))  # warm: allocator and kernels
        slow, reference = _timed(naive, part)
        fast, losses = _timed(ours, part)
        if count < options.sources:
            _timed(ours, whole)
    apart = max(abs(a - b) / max(abs(a), 1e-9) for a, b in zip(reference, losses, strict=True))
    print(
        f"{count} sources x {len(part.targets)} targets, {options.images} images "
        f"{options.size}x{options.size}, {options.encoder}, {options.readout}, {options.epochs} "
        f"epochs, {options.device}, one thread of {os.cpu_count()}, seed {options.seed}: ratio "
        f"{slow / fast:.1f}, losses apart by {apart:.1e} at most"
    )


def _timed(way: Callable[[Work], list[float]], work: Work) -> tuple[float, list[float]]:
    """Return seconds and losses, and print them; `_final` waits for the device."""
    started = time.perf_counter()
    losses = way(work)
    seconds = time.perf_counter() - started
    print(
        f"{way.__name__:6} {len(work.sources)} x {len(work.targets)} {seconds:8.2f} s  "
        f"mean loss {sum(losses) / len(losses):.6f}",
        flush=True,
    )
    return seconds, losses


if __name__ == "__main__":
    main()
