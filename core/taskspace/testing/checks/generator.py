"""What holds for a generator."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn

from taskspace.components import Generator
from taskspace.testing.checks.network import COUNT, Build, network_checks
from taskspace.testing.checks.randomness import global_seeds
from taskspace.testing.subject import Subject, require, returned

FEATURES = 7
SIZES: tuple[tuple[int, int | None], ...] = ((6, None), (6, 4), (1, None))
"""Numbers of a task, and of its word vectors where the network is told them."""


@dataclass(frozen=True)
class GeneratorTrial:
    """A generator for tasks and word vectors of some sizes."""

    generator: Generator
    task: int
    words: int | None

    @property
    def name(self) -> str:
        """Return the sizes in words."""
        words = "" if self.words is None else f" and word vectors of {self.words}"
        return f"tasks of {self.task} number(s){words}"

    @property
    def noise(self) -> tuple[int, int]:
        """Return the declared levels of noise, and the numbers of each."""
        shape = returned("noise_shape()", self.generator.noise_shape(self.task), tuple, "two ints")
        fits = len(shape) == 2 and all(isinstance(size, int) and size > 0 for size in shape)
        require(fits, f"{self.name}: the shape of noise is {shape}, not two positive integers.")
        return shape

    @property
    def joined(self) -> Build:
        """Return the network with its arguments side by side: [B, columns] -> [B, F]."""
        levels, size = self.noise
        columns = self.task + levels * size + (self.words or 0)
        return Build(self.name, self._joined, (columns,), (FEATURES,))

    def network(self) -> nn.Module:
        """Return a network built under a seed, in evaluation."""
        with global_seeds(torch_seed=0, others=0):
            return self._built().eval()

    def arguments(self, seed: int = 0) -> list[Tensor]:
        """Return normal numbers as tasks, noise and, where they are told, word vectors."""
        draws = torch.Generator().manual_seed(seed)
        shapes = [(self.task,), self.noise, *([] if self.words is None else [(self.words,)])]
        return [torch.randn(COUNT, *shape, generator=draws) for shape in shapes]

    def _built(self) -> nn.Module:
        made = self.generator.build(self.task, FEATURES, self.words)
        return returned("build()", made, nn.Module, "a torch.nn.Module")

    def _joined(self) -> nn.Module:
        return _Joined(self._built(), self.task, self.noise)


class _Joined(nn.Module):
    """A generator's network whose arguments are columns of one tensor."""

    def __init__(self, inner: nn.Module, task: int, noise: tuple[int, int]) -> None:
        super().__init__()
        self.inner = inner
        self.task = task
        self.noise = noise

    def forward(self, joined: Tensor) -> object:
        levels, size = self.noise
        end = self.task + levels * size
        noise = joined[:, self.task : end].reshape(-1, levels, size)
        words = [joined[:, end:]] if joined.shape[1] > end else []
        return self.inner(joined[:, : self.task], noise, *words)


def trials(subject: Subject) -> Iterator[GeneratorTrial]:
    """Yield the generator with tasks of several numbers, of one, and with word vectors."""
    generator = subject.made(Generator)
    for task, words in SIZES:
        yield GeneratorTrial(generator, task, words)


def noise_shape_is_declared(subject: Subject) -> None:
    """The shape of noise is two positive integers, the same each time."""
    for trial in trials(subject):
        first, second = trial.noise, trial.noise
        require(first == second, f"{trial.name}: asked twice, noise is {first} and {second}.")


def draws_nothing_itself(subject: Subject) -> None:
    """Noise comes from who calls it: the network reads no random numbers, nor sets their seed."""
    for trial in trials(subject):
        for training in (False, True):
            network = trial.network().train(training)
            features = []
            for seed in (1, 2):
                with global_seeds(torch_seed=seed, others=seed), torch.no_grad():
                    before = torch.get_rng_state()
                    features.append(network(*trial.arguments()))
                    kept = torch.equal(before, torch.get_rng_state())
                require(kept, f"{trial.name}: it draws from torch's own generator, or sets it.")
            require(torch.equal(*features), f"{trial.name}: called twice, it gives two features.")


def every_level_of_noise_is_used(subject: Subject) -> None:
    """Other noise on any one of the declared levels gives other features."""
    for trial in trials(subject):
        for level in range(trial.noise[0]):
            changed = partial(_with_other_noise, level=level)
            message = f"{trial.name}: noise of level {level} changes nothing."
            _require_change(trial, changed, message)


def task_is_used(subject: Subject) -> None:
    """Another task gives other features."""
    for trial in trials(subject):
        message = f"{trial.name}: another task changes nothing."
        _require_change(trial, _with_other_tasks, message)


def last_noise_is_one_row_per_task(subject: Subject) -> None:
    """What noise adds at the last level is a finite row for each task, where any adds there."""
    for trial in trials(subject):
        network, given = trial.network(), trial.arguments()
        with torch.no_grad():
            added = trial.generator.last_noise(network, *given)
        if added is None:
            continue
        rows = returned("last_noise()", added, Tensor, "a torch.Tensor [B, ...] or None")
        fits = rows.ndim > 1 and len(rows) == COUNT and bool(rows.isfinite().all())
        shape = tuple(rows.shape)
        require(fits, f"{trial.name}: the last noise of {COUNT} tasks is {shape} or not finite.")
        same = all(torch.equal(*pair) for pair in zip(given, trial.arguments(), strict=True))
        require(same, f"{trial.name}: last_noise() changes what it is given.")


Change = Callable[[list[Tensor], list[Tensor]], None]
"""Takes something of the second arguments into the first."""


def _with_other_noise(given: list[Tensor], other: list[Tensor], level: int) -> None:
    given[1][:, level] = other[1][:, level]


def _with_other_tasks(given: list[Tensor], other: list[Tensor]) -> None:
    # The word vectors are those of the tasks.
    for place in (0, *range(2, len(given))):
        given[place].copy_(other[place])


def _require_change(trial: GeneratorTrial, change: Change, otherwise: str) -> None:
    network, given = trial.network(), trial.arguments()
    with torch.no_grad():
        before = network(*trial.arguments())
        change(given, trial.arguments(seed=1))
        require(not torch.equal(before, network(*given)), otherwise)


def _builds(subject: Subject) -> Iterator[Build]:
    for trial in trials(subject):
        yield trial.joined


globals().update(network_checks(_builds))
