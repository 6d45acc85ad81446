"""What holds for a gating scheme while it learns."""

from __future__ import annotations

import torch

from taskspace.components.gated import GatedNetwork, Output
from taskspace.testing.checks.gating.trial import BATCHES, ROWS, asked_by, trials
from taskspace.testing.checks.randomness import global_seeds
from taskspace.testing.subject import Subject, require

STEPS = 60
"""Of a rare expert it takes some until a batch draws it."""


def draws_follow_the_generator_alone(subject: Subject) -> None:
    """What is drawn in training depends on the generator that is handed in and on nothing else."""
    for trial in trials(subject):
        network, images = trial.network(), trial.images(ROWS)
        for seed in range(3):
            found = []
            for other in (1, 2):
                with global_seeds(torch_seed=other, others=other):
                    output = _drawn(network, images, "several tasks a row", seed)
                found.append(torch.cat([said.flatten() for said in output.predictions]))
            require(torch.equal(*found), "Two draws from equal generators differ.")


def every_weight_learns(subject: Subject) -> None:
    """Within some steps each weight gets a gradient, and all gradients are finite."""
    for trial in trials(subject):
        network, images = trial.network(), trial.images(ROWS)
        waiting = {name for name, p in network.named_parameters() if p.requires_grad}
        for seed in range(STEPS):
            network.zero_grad()
            output = _drawn(network, images, "several tasks a row", seed)
            torch.autograd.backward(_loss(network, output))
            for name, parameter in network.named_parameters():
                if parameter.grad is not None:
                    finite = bool(parameter.grad.isfinite().all())
                    require(finite, f"The gradient of {name} is not finite.")
                    waiting.discard(name)
            if not waiting:
                break
        require(not waiting, f"{' and '.join(sorted(waiting))} get no gradient.")


def extra_loss_is_a_number(subject: Subject) -> None:
    """What is added to the loss is one finite number, whatever the loss of a missing label is."""
    for trial in trials(subject):
        for name, rows in BATCHES.items():
            found = []
            for missing in (0.0, torch.nan):
                network = trial.network()
                output = _drawn(network, trial.images(len(rows)), name, 0)
                values, weights = _values(output)
                if len(values) > 1:
                    values[0], weights[0] = missing, 0.0
                extra = network.extra_loss(output, values, weights).detach()
                require(extra.shape == (), f"{name}: found {tuple(extra.shape)}, not a number.")
                require(bool(extra.isfinite()), f"{name}: the number is {float(extra)}.")
                found.append(float(extra))
            require(found[0] == found[1], f"{name}: the loss of a missing label counts.")


def training_goes_on_from_the_state(subject: Subject) -> None:
    """A fresh network with the state of another goes on as that one does."""
    for trial in trials(subject):
        first, images = trial.network(seed=1), trial.images(ROWS)
        for seed in range(3):
            _stepped(first, images, seed)
        second = trial.network(seed=2)
        second.load_state_dict({name: v.clone() for name, v in first.state_dict().items()})
        for seed in range(3, 6):
            told = [_stepped(network, images, seed) for network in (first, second)]
            require(torch.equal(*told), "After a pause, training goes on differently.")


def _drawn(network: GatedNetwork, images: torch.Tensor, batch: str, seed: int) -> Output:
    generator = torch.Generator().manual_seed(seed)
    asked = asked_by(BATCHES[batch])
    found: Output = network.train()(images[: len(asked)], asked, generator=generator)
    return found


def _stepped(network: GatedNetwork, images: torch.Tensor, seed: int) -> torch.Tensor:
    """Return the losses of a step of gradient descent, after it was made."""
    network.zero_grad()
    output = _drawn(network, images, "several tasks a row", seed)
    loss = _loss(network, output)
    torch.autograd.backward(loss)
    with torch.no_grad():
        for parameter in network.parameters():
            if parameter.grad is not None:
                parameter.sub_(0.1 * parameter.grad)
    return torch.cat([loss.detach()[None], _values(output)[0].detach()])


def _loss(network: GatedNetwork, output: Output) -> torch.Tensor:
    values, weights = _values(output)
    return (values * weights).sum() + network.extra_loss(output, values, weights)


def _values(output: Output) -> tuple[torch.Tensor, torch.Tensor]:
    """Return a made-up loss of each pair and equal weights."""
    values = torch.cat([(said.flatten(1) - 0.5).square().mean(1) for said in output.predictions])
    return values, torch.full_like(values, 1 / max(len(values), 1)).detach()
