"""The network of an arm: stages that all tasks share, and copies of the others, one a task."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import deepcopy

from torch import nn

from taskspace.components import Encoder, Head, Readout, Shape, Task
from taskspace.learning.networks import TaskNetwork, seeded


class CotrainedNetwork(nn.Module):
    """Shared stages of an encoder, and for each task a copy of the others and a readout.

    Args:
        shared: the first stages.
        replicated: the other stages of each task, without weights in common.
        readouts: of each task.
    """

    def __init__(
        self, shared: nn.Module, replicated: Sequence[nn.Module], readouts: Sequence[nn.Module]
    ) -> None:
        super().__init__()
        self.shared = shared
        self.replicated = nn.ModuleList(replicated)
        self.readouts = nn.ModuleList(readouts)

    def branch(self, number: int) -> TaskNetwork:
        """Return the network of one task; its weights are those of this one."""
        encoder = nn.Sequential(self.shared, self.replicated[number])
        return TaskNetwork(encoder, self.readouts[number])

    def branches(self) -> Iterator[TaskNetwork]:
        """Yield the network of each task."""
        for number in range(len(self.readouts)):
            yield self.branch(number)


def cotrained_network(
    encoder: Encoder,
    share: int,
    image: Shape,
    tasks: Sequence[tuple[str, Task, Readout, Head]],
    seed: object,
) -> CotrainedNetwork:
    """Return a network with the weights that a seed decides, whatever else is trained beside.

    The copies of a stage start from equal weights. Each readout has a draw of its own, by the
    task's name.

    Args:
        share: how many stages all tasks share.
        image: the shape of what the encoder sees.
        tasks: name, task, readout and head of each.
    """
    with seeded(seed, "encoder"):
        stages = encoder.stages(image)
    shared = nn.Sequential(*(stage.network for stage in stages[:share]))
    rest = nn.Sequential(*(stage.network for stage in stages[share:]))
    channels, height, width = encoder.code_shape(image)
    readouts = []
    for name, task, readout, head in tasks:
        with seeded(seed, "readout", name):
            readouts.append(readout.build((channels * task.views, height, width), head, image))
    return CotrainedNetwork(shared, [deepcopy(rest) for _ in tasks], readouts)
