"""What holds for a weighting."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch

from taskspace.components import Weighting
from taskspace.components.gated import TaskLosses
from taskspace.components.loss_weights import LossWeights, TaskWeights
from taskspace.testing.checks.randomness import global_seeds
from taskspace.testing.subject import NotApplicable, Subject, require, returned

TASKS = 3
PARAMETERS = 5
EPOCH = 3
"""Batches of an epoch."""
PRESENT: tuple[tuple[bool, ...], ...] = (
    (True, True, True),
    (True, False, True),
    (True, True, True),
    (False, True, False),
    (True, True, True),
    (True, True, False),
    (False, False, False),
    (True, True, True),
    (False, True, True),
)


@dataclass(frozen=True)
class WeightingTrial:
    """A weighting of some tasks."""

    weighting: Weighting
    tasks: int

    def weights(self) -> LossWeights:
        """Return fresh weights."""
        made = self.weighting.build(self.tasks)
        wanted = "taskspace.components.loss_weights.LossWeights"
        return returned("build()", made, LossWeights, f"a {wanted}")

    def losses(self, step: int) -> TaskLosses:
        """Return the losses of a step, 0 where the batch lacks a task."""
        present = torch.tensor(PRESENT[step % len(PRESENT)][: self.tasks])
        drawn = torch.rand(self.tasks, generator=torch.Generator().manual_seed(step)) + 0.1
        return TaskLosses(torch.where(present, drawn, 0.0), present)

    def gramian(self, step: int) -> torch.Tensor:
        """Return the products of made-up gradients, 0 where the batch lacks a task."""
        generator = torch.Generator().manual_seed(1000 + step)
        rows = torch.randn(self.tasks, PARAMETERS, generator=generator)
        rows = torch.where(self.losses(step).present[:, None], rows, 0.0)
        return rows @ rows.T

    def step(
        self,
        weights: LossWeights,
        step: int,
        losses: TaskLosses | None = None,
        generator: torch.Generator | None = None,
    ) -> TaskWeights:
        """Return what the weights say of a step; by default with a generator of the step's own."""
        said = weights(
            losses or self.losses(step),
            self.gramian(step) if weights.reads_gradients else None,
            generator=generator or torch.Generator().manual_seed(2000 + step),
        )
        wanted = "taskspace.components.loss_weights.TaskWeights(own, shared)"
        found = returned("forward()", said, TaskWeights, wanted)
        if _epoch_ends(step):
            weights.end_epoch()
        return found


def trials(subject: Subject) -> Iterator[WeightingTrial]:
    """Yield the weighting with three tasks, and with one."""
    weighting = subject.made(Weighting)
    missing = weighting.missing()
    if missing is not None:
        raise NotApplicable(missing)
    for tasks in (TASKS, 1):
        yield WeightingTrial(weighting, tasks)


STEPS = 2 * len(PRESENT)
PAUSE = 11
"""In the middle of an epoch, behind the second one."""


def missing_is_said_in_words(subject: Subject) -> None:
    """Nothing is missing, or it is said what to install."""
    missing = subject.made(Weighting).missing()
    require(missing is None or bool(missing.strip()), f"What is missing is {missing!r}.")


def weights_fit_the_tasks(subject: Subject) -> None:
    """Each task has two finite weights without gradients; those that the batch lacks have 0."""
    for trial in trials(subject):
        weights = trial.weights()
        for step in range(STEPS):
            losses = trial.losses(step)
            losses.value.requires_grad_()
            found = trial.step(weights, step, losses)
            for name, said in found._asdict().items():
                shape = tuple(said.shape)
                require(shape == (trial.tasks,), f"{name} has {shape} for {trial.tasks} task(s).")
                require(bool(said.isfinite().all()), f"{name} is {said.tolist()}.")
                require(not said.requires_grad, f"{name} carries gradients.")
                absent = said[~losses.present].tolist()
                require(not any(absent), f"{name} of tasks that the batch lacks is {absent}.")
            require(bool((found.own >= 0).all()), f"own is {found.own.tolist()}: less than 0.")


def learns_by_itself(subject: Subject) -> None:
    """There are no parameters: no optimizer is told of them."""
    for trial in trials(subject):
        left = [name for name, _ in trial.weights().named_parameters()]
        require(not left, f"{' and '.join(left)} would have to be learnt by an optimizer.")


def absent_losses_do_not_count(subject: Subject) -> None:
    """What is said of the loss of a task that the batch lacks changes nothing."""
    for trial in trials(subject):
        ways = (0.0, 1e3, torch.nan)
        tried = [trial.weights() for _ in ways]
        for step in range(STEPS):
            found = []
            for weights, other in zip(tried, ways, strict=True):
                losses = trial.losses(step)
                value = torch.where(losses.present, losses.value, other)
                found.append(torch.cat(trial.step(weights, step, losses._replace(value=value))))
            same = all(torch.equal(found[0], said) for said in found[1:])
            require(same, "The loss of a task that the batch lacks changes the weights.")


def absent_tasks_keep_their_state(subject: Subject) -> None:
    """Of a buffer with an entry for each task, those of tasks that the batch lacks stay."""
    for trial in trials(subject):
        weights = trial.weights()
        for step in range(STEPS):
            before = {name: v.clone() for name, v in weights.state_dict().items()}
            present = trial.losses(step).present
            trial.step(weights, step)
            for name, after in weights.state_dict().items():
                if after.shape == (trial.tasks,) and trial.tasks > 1 and not _epoch_ends(step):
                    kept = torch.equal(after[~present], before[name][~present])
                    require(kept, f"{name} changes for a task that the batch lacks.")


def weighing_keeps_its_arguments(subject: Subject) -> None:
    """Losses and products are left as they were."""
    for trial in trials(subject):
        weights = trial.weights()
        for step in range(STEPS):
            losses = trial.losses(step)
            products = trial.gramian(step)
            generator = torch.Generator().manual_seed(step)
            weights(losses, products if weights.reads_gradients else None, generator=generator)
            kept = (*losses, products)
            wanted = (*trial.losses(step), trial.gramian(step))
            same = all(torch.equal(*pair) for pair in zip(kept, wanted, strict=True))
            require(same, "It changes what it is given.")


def draws_follow_the_generator_alone(subject: Subject) -> None:
    """What is drawn depends on the generator that is handed in and on nothing else."""
    for trial in trials(subject):
        found = []
        for other in (1, 2):
            with global_seeds(torch_seed=other, others=other):
                weights = trial.weights()
                before = torch.get_rng_state()
                said = [torch.cat(trial.step(weights, step)) for step in range(STEPS)]
                kept = torch.equal(before, torch.get_rng_state())
            require(kept, "It draws from torch's own generator, or sets it.")
            found.append(torch.stack(said))
        require(torch.equal(*found), "Two draws from equal generators differ.")


def training_goes_on_from_the_state(subject: Subject) -> None:
    """Fresh weights with the state of others go on as those do, with the same generator."""
    for trial in trials(subject):
        first, draws = trial.weights(), torch.Generator().manual_seed(0)
        for step in range(PAUSE):
            trial.step(first, step, generator=draws)
        second, again = trial.weights(), torch.Generator()
        second.load_state_dict({name: v.clone() for name, v in first.state_dict().items()})
        again.set_state(draws.get_state())
        for step in range(PAUSE, PAUSE + STEPS):
            told = [
                torch.cat(trial.step(weights, step, generator=generator))
                for weights, generator in ((first, draws), (second, again))
            ]
            require(torch.equal(*told), "After a pause, the weights go on differently.")


def weights_run_on_gpu(subject: Subject) -> None:
    """On a GPU the weights are what they are on a CPU."""
    if not torch.cuda.is_available():
        raise NotApplicable("there is no GPU here")
    for trial in trials(subject):
        here, there = trial.weights(), trial.weights().to("cuda")
        for step in range(STEPS):
            wanted = trial.step(here, step)
            found = there(
                type(trial.losses(step))(*(part.cuda() for part in trial.losses(step))),
                trial.gramian(step).cuda() if there.reads_gradients else None,
                generator=torch.Generator().manual_seed(2000 + step),
            )
            if _epoch_ends(step):
                there.end_epoch()
            for said, right in zip(found, wanted, strict=True):
                require(said.device.type == "cuda", f"The weights are on {said.device}.")
                _require_close(said.cpu(), right)


def _require_close(found: torch.Tensor, wanted: torch.Tensor) -> None:
    close = bool(((found - wanted).abs() <= 1e-4 * (1 + wanted.abs())).all())
    require(close, f"On the GPU the weights are {found.tolist()}, here {wanted.tolist()}.")


def _epoch_ends(step: int) -> bool:
    return step % EPOCH == EPOCH - 1
