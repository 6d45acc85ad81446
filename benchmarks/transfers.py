r"""First-order transfers: ours against the naive way, on the same work and the same weights.

The naive way runs the frozen encoder again for every transfer and step, one transfer after
another. Ours runs each encoder once over the images (and once over the inputs of each target that
has its own: noise, several views), stores the codes, and trains all readouts of a target in step.
Both start from the same weights and see the same shuffles, so their losses must agree.

Encoders have random weights: what they are does not change what they cost. Tasks, encoder, readout
and schedule are those of a job, the images its first ones. The naive way is slow: with
`--compared K` it does K sources only, spread evenly, for every target; ours does just those pairs
too, for the ratio, and then all pairs, for its time alone.

    python benchmarks/transfers.py jobs/digits.yaml
    python benchmarks/transfers.py jobs/rooms-full.yaml --set dataset.size=64 --images 100 \
        --compared 2 [--device cuda]
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn

from taskspace.components import Dataset, Encoder, Head, Readout, Shape, Task
from taskspace.jobs import load_job
from taskspace.learning.fitting.fit import fit
from taskspace.learning.fitting.progress import Learner, shuffles
from taskspace.learning.networks import apply, encode, generator, seeded, settled
from taskspace.learning.training import Training
from taskspace.registry import Registry
from taskspace.studies.taxonomy.job import TaxonomyJob


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
    training: Training
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
            optimiser = torch.optim.Adam(readout.parameters(), lr=work.training.learning_rate)
            order_of = shuffles(work.seed + source)
            samples = len(target.inputs)
            steps = work.training.total(samples)
            epoch: list[torch.Tensor] = []
            for step in range(steps):
                if not epoch:
                    order = torch.randperm(samples, generator=order_of)
                    epoch = list(torch.split(order, work.training.batch))
                rows = epoch.pop(0).to(work.device)
                optimiser.param_groups[0]["lr"] = work.training.rate(step, steps)
                with torch.no_grad():
                    code = encode(encoder, target.inputs[rows])
                value, valid = target.task.loss(readout(code), target.labels[rows])
                loss = torch.where(valid, value, 0.0).sum() / valid.sum().clamp(min=1)
                optimiser.zero_grad()
                torch.autograd.backward(loss)
                optimiser.step()
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
        fit(learners, work.training)
        losses += [
            _final(learner.network, code, target)
            for learner, code in zip(learners, codes, strict=True)
        ]
    return losses


def _final(readout: nn.Module, codes: Tensor, target: Target) -> float:
    value, valid = target.task.loss(apply(readout.eval(), codes), target.labels)
    return float(value[valid].mean())


def prepare(options: argparse.Namespace) -> tuple[str, Work]:
    """Return a job's encoder and readout in words, and its work for all pairs."""
    registry = Registry.load(plugins=False)
    job = load_job(options.job, overrides=options.set, catalogue=registry).job
    assert isinstance(job, TaxonomyJob)
    assert job.dataset is not None
    dataset = registry.component(job.dataset.spec())
    encoder = registry.component(job.encoder.spec())
    readouts = registry.component(job.readout.spec())
    assert isinstance(dataset, Dataset)
    assert isinstance(encoder, Encoder)
    assert isinstance(readouts, Readout)
    tasks = [registry.component(use.spec()) for use in job.task_uses()]
    wanted = [task for task in tasks if isinstance(task, Task) and not task.source_only]
    fields = dataset.fields()
    needed = {"image"}.union(*(task.needs(fields) for task in wanted))
    sample = dataset.read(range(options.images), needed)
    images = sample["image"].to(options.device)
    shape = (images.shape[1], images.shape[2], images.shape[3])
    targets = []
    for task in wanted:
        inputs, labels = task.example(sample, generator(options.seed))
        inputs = images if task.plain_input else inputs.to(options.device)
        targets.append(Target(task, task.head(fields), inputs, labels.to(options.device)))
    encoders = []
    for source in range(len(tasks)):
        with seeded(options.seed, "encoder", source):
            encoders.append(encoder.build(shape).eval().to(options.device))
    code = encoder.code_shape(shape)
    words = f"{job.name}: {'x'.join(map(str, shape))}, {encoder.name}, {readouts.name}"
    return words, Work(
        encoders,
        readouts,
        targets,
        range(len(tasks)),
        shape,
        code,
        job.transfer,
        options.device,
        options.seed,
    )


def main() -> None:
    """Print the seconds of both ways, their ratio, and how far their losses are apart."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("job", type=Path, help="a job file")
    parser.add_argument("--set", action="append", default=[], help="as of `tasks run`")
    parser.add_argument("--images", type=int, default=200)
    parser.add_argument("--compared", type=int, help="sources for the naive way; all by default")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    words, whole = prepare(options)
    sources = len(whole.sources)
    count = min(options.compared or sources, sources)
    part = replace(whole, sources=[i * sources // count for i in range(count)])
    with settled(1):
        ours(replace(part, targets=part.targets[:2]))  # warm: allocator and kernels
        slow, reference = _timed(naive, part)
        fast, losses = _timed(ours, part)
        if count < sources:
            _timed(ours, whole)
    apart = max(abs(a - b) / max(abs(a), 1e-9) for a, b in zip(reference, losses, strict=True))
    print(
        f"{words}, {options.images} images, {whole.training.total(options.images)} steps of "
        f"{whole.training.batch}, {options.device}, one thread of {os.cpu_count()}, seed "
        f"{options.seed}: {count} sources x {len(part.targets)} targets, ratio {slow / fast:.1f}, "
        f"losses apart by {apart:.1e} at most"
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
