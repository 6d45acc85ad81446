"""An epoch of a zero-shot generator at the paper's full size, ours against a plain loop.

    python benchmarks/zeroshot.py [--steps 20] [--threads 2] [--generator tds] [--pairs 1962]

Both sides train the same modules (generator 4 x 2,048, critic 3 x 1,024, words 2 x 1,024, 512
features, batch 128, 5 critic steps) with the same losses on the same draws; the weights after it
are compared. The plain loop is what PyTorch's documentation teaches: descriptions and generated
features for each batch, the penalty by differentiating twice, `torch.optim.Adam`. Sides alternate,
step by step, in one process; an epoch is 30,338 images, 238 steps, from the median step.
"""

from __future__ import annotations

import argparse
import copy
import platform
from collections.abc import Callable
from datetime import date
from statistics import median
from time import perf_counter

import torch
from torch import Tensor, nn
from torch.nn import functional

from taskspace.components import ComponentSpec, Generator
from taskspace.registry import Registry
from taskspace.studies.zeroshot.cells.adversaries import BETAS, Adversaries, Material, Networks
from taskspace.studies.zeroshot.job import GeneratorTraining
from taskspace.studies.zeroshot.networks.critic import Critic
from taskspace.studies.zeroshot.networks.words import WordNetwork

IMAGES, FEATURES, WORDS, SIZE, HIDDEN = 30_338, 512, 2, 300, 1024


def plain_step(networks: Networks, material: Material, training: GeneratorTraining) -> Callable:
    """Return a step of the plain loop."""
    words, generator = networks.words, networks.generator
    critic, classifier = networks.critic, networks.classifier
    of_critic = torch.optim.Adam(critic.parameters(), lr=training.learning_rate, betas=BETAS)
    of_rest = torch.optim.Adam(
        [
            {"params": [*generator.parameters(), *classifier.parameters()]},
            {"params": words.parameters(), "lr": training.word_rate},
        ],
        lr=training.learning_rate,
        betas=BETAS,
    )
    batch, turns = training.batch, training.critic_steps

    def made(pairs: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        vectors = material.vectors[pairs]
        described = words(vectors)
        return generator(described, noise, vectors.flatten(1)), described

    def step(draws: torch.Generator) -> None:
        count = len(material.pairs)
        rows = torch.randint(count, (batch * (turns + 1),), generator=draws)
        noise = torch.randn(batch * turns, *material.noise, generator=draws)
        mix = torch.rand(batch * turns, 1, generator=draws)
        for turn in range(turns):
            own = slice(batch * turn, batch * (turn + 1))
            real, pairs = material.features[rows[own]], material.pairs[rows[own]]
            with torch.no_grad():
                fake, described = made(pairs, noise[own])
            between = (mix[own] * real + (1 - mix[own]) * fake).requires_grad_(True)
            scores = critic(between, described)
            (slopes,) = torch.autograd.grad(scores.sum(), between, create_graph=True)
            penalty = (slopes.norm(dim=1) - 1).square().mean()
            loss = critic(fake, described).mean() - critic(real, described).mean()
            of_critic.zero_grad()
            (loss + training.penalty * penalty).backward()
            of_critic.step()
        rows = rows[batch * turns :]
        others = material.classified[
            torch.randint(len(material.classified), (batch,), generator=draws)
        ]
        pairs = torch.cat([material.pairs[rows], others])
        fake, described = made(pairs, torch.randn(2 * batch, *material.noise, generator=draws))
        shown = fake[:batch]
        loss = (
            -critic(shown, described[:batch].detach()).mean()
            + training.classification * functional.cross_entropy(classifier(fake[batch:]), others)
            + training.clustering * functional.mse_loss(shown, material.features[rows])
        )
        of_rest.zero_grad()
        loss.backward()
        of_rest.step()

    return step


def generator_alone(networks: Networks, material: Material, training: GeneratorTraining) -> float:
    """Return the median seconds of the generator's own passes in a step: what nothing can save."""
    batch, turns = training.batch, training.critic_steps
    sizes = batch * turns, 2 * batch
    task, words = (torch.randn(max(sizes), n) for n in (networks.words.size, WORDS * SIZE))
    noise = torch.randn(max(sizes), *material.noise)
    taken = []
    for _ in range(5):
        started = perf_counter()
        with torch.no_grad():
            networks.generator(task[: sizes[0]], noise[: sizes[0]], words[: sizes[0]])
        made = networks.generator(task[: sizes[1]], noise[: sizes[1]], words[: sizes[1]])
        torch.autograd.grad(made.sum(), list(networks.generator.parameters()))
        taken.append(perf_counter() - started)
    return median(taken)


def apart(networks: Networks, other: Networks, start: Networks) -> float:
    """Return how far two networks are from each other, by how far they are from their start."""
    one, two, none = (
        torch.cat([p.detach().flatten() for p in net.parameters()])
        for net in (networks, other, start)
    )
    return float((one - two).norm() / (one - none).norm())


def main() -> None:
    """Run both sides and print what they take."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--generator", default="tds")
    parser.add_argument("--pairs", type=int, default=1962)
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    torch.set_flush_denormal(True)
    torch.manual_seed(0)
    component = Registry.load().component(ComponentSpec("generator", asked.generator))
    assert isinstance(component, Generator)
    training = GeneratorTraining()
    words = WordNetwork(WORDS, SIZE, HIDDEN)
    networks = Networks(
        words,
        component.build(words.size, FEATURES, WORDS * SIZE),
        Critic(words.size, FEATURES),
        nn.Linear(FEATURES, asked.pairs),
    )
    material = Material(
        torch.rand(IMAGES, FEATURES),
        torch.randint(asked.pairs * 2 // 3, (IMAGES,)),
        torch.randn(asked.pairs, WORDS, SIZE),
        torch.arange(asked.pairs),
        component.noise_shape(words.size),
    )
    other, start = copy.deepcopy(networks), copy.deepcopy(networks)
    ours = Adversaries(networks, material, training, torch.Generator().manual_seed(1))
    plain, draws = plain_step(other, material, training), torch.Generator().manual_seed(1)
    seconds: dict[str, list[float]] = {"ours": [], "plain loop": []}
    for number in range(asked.steps + 1):
        for name, step in (("ours", ours.step), ("plain loop", lambda: plain(draws))):
            started = perf_counter()
            step()
            if number:
                seconds[name].append(perf_counter() - started)
    steps = -(-IMAGES // training.batch)
    print(
        f"{asked.generator}, {asked.steps} steps, {asked.threads} threads, {platform.machine()}, "
        f"PyTorch {torch.__version__}, {date.today()}"
    )
    middle = {name: median(own) for name, own in seconds.items()}
    for name, own in middle.items():
        print(
            f"{name:12} {1000 * own:8.1f} ms a step {steps * own:8.1f} s an epoch of {steps} steps"
        )
    ratios = [b / a for a, b in zip(*seconds.values(), strict=True)]
    print(f"ratio {median(ratios):.2f} (steps from {min(ratios):.2f} to {max(ratios):.2f})")
    alone = generator_alone(networks, material, training)
    print(f"the generator's own passes take {1000 * alone:.1f} ms of a step of either side")
    gap = apart(networks, other, start)
    print(f"weights after {asked.steps + 1} steps are {gap:.1e} of their way from each other")


if __name__ == "__main__":
    main()
