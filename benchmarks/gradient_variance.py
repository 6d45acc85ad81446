"""How noisy the gradient of the gates is under each baseline, on one batch drawn many times.

python benchmarks/gradient_variance.py [--tasks 5 20] [--experts 8] [--batch 64] [--draws 200]

Images, labels and weights stay; the gates are drawn anew, the same draws for every baseline. All
three estimate the same gradient, so that the one with the least variance needs the fewest steps.
"""

from __future__ import annotations

import argparse

import torch
from torch import Tensor
from torch.nn import functional

from taskspace.components import VectorHead
from taskspace.components.gated import Output, one_task_each
from taskspace_plugins.encoders.conv_pool import ConvPool
from taskspace_plugins.gating.multi_clustering import BernoulliGate, MultiClustering
from taskspace_plugins.readouts.linear import Linear

CLASSES, IMAGE = 5, (3, 32, 32)
BASELINES = ("none", "moving_average", "leave_one_out")
PAST = 20
"""Draws that the moving average sees before any is counted."""


def gradients(tasks: int, experts: int, batch: int, draws: int) -> dict[str, Tensor]:
    """Return the gradient of the logits at each draw, [draws, N * M], by baseline."""
    torch.manual_seed(0)
    heads = [VectorHead(CLASSES)] * tasks
    network = MultiClustering(experts=experts).build(ConvPool(), Linear(), IMAGE, heads).train()
    images = torch.rand(batch, *IMAGE)
    label = torch.randint(CLASSES, (batch,))
    asked = one_task_each(torch.arange(batch) % tasks, tasks)
    gates = {
        name: BernoulliGate(tasks, experts, density_cost=0, baseline=name, decay=0.95)
        for name in BASELINES
    }
    found: dict[str, list[Tensor]] = {name: [] for name in BASELINES}
    generator = torch.Generator().manual_seed(1)
    for number in range(PAST + draws):
        with torch.no_grad():
            output: Output = network(images, asked, generator=generator)
            said, wanted = torch.cat(output.predictions), label[output.pairs.row]
            values = functional.cross_entropy(said, wanted, reduction="none")
        weights = torch.full_like(values, 1 / len(values))
        for name, gate in gates.items():
            gate.logits.grad = None
            extra = gate.extra_loss(output.gates[0], output.pairs.task, values, weights)
            torch.autograd.backward(extra)
            if number >= PAST and gate.logits.grad is not None:
                found[name].append(gate.logits.grad.flatten())
    return {name: torch.stack(each) for name, each in found.items()}


def main() -> None:
    """Print the variance of each baseline, and how much less than without one it is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, nargs="+", default=[5, 20])
    parser.add_argument("--experts", type=int, default=8)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--draws", type=int, default=200)
    options = parser.parse_args()
    for tasks in options.tasks:
        drawn = gradients(tasks, options.experts, options.batch, options.draws)
        variance = {name: float(each.var(dim=0).sum()) for name, each in drawn.items()}
        print(
            f"{tasks} tasks, {options.experts} experts, batch {options.batch}, "
            f"{options.draws} draws\n{'baseline':16}{'variance':>12}{'none / it':>12}"
        )
        for name, total in variance.items():
            print(f"{name:16}{total:12.3e}{variance['none'] / total:12.1f}")


if __name__ == "__main__":
    main()
