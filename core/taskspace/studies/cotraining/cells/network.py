"""The network of an arm: stages that all tasks share, and copies of the others, one a task."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import deepcopy

import torch
from torch import nn

from taskspace.components import Encoder, Shape
from taskspace.errors import CellError
from taskspace.learning.networks import TaskNetwork, seeded
from taskspace.studies.cotraining.cells.learners import ArmTask


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
    tasks: Sequence[ArmTask],
    seed: object,
) -> CotrainedNetwork:
    """Return a network with the weights that a seed decides, whatever else is trained beside.

    The copies of a stage start from equal weights. Each readout has a draw of its own, by the
    task's name.

    Args:
        share: how many stages all tasks share.
        image: the shape of the images, for which the stages are built.

    Raises:
        CellError: if the encoder cannot see the smaller images of a task.
    """
    with seeded(seed, "encoder"):
        stages = encoder.stages(image)
    shared = nn.Sequential(*(stage.network for stage in stages[:share]))
    rest = nn.Sequential(*(stage.network for stage in stages[share:]))
    readouts = []
    for each in tasks:
        channels, height, width = encoder.code_shape(each.input)
        if each.input != image:
            _require_fit(nn.Sequential(shared, rest), encoder, each)
        code = channels * each.task.views, height, width
        with seeded(seed, "readout", each.name):
            readouts.append(each.readout.build(code, each.head, each.input))
    return CotrainedNetwork(shared, [deepcopy(rest) for _ in tasks], readouts)


@torch.inference_mode()
def _require_fit(network: nn.Module, encoder: Encoder, task: ArmTask) -> None:
    """Check that a network that was built for the images takes the inputs of a task.

    Raises:
        CellError: if it does not, or gives other codes than the encoder says.
    """
    try:
        code = network.eval()(torch.zeros(1, *task.input)).shape[1:]
    except RuntimeError:
        code = None
    if code != encoder.code_shape(task.input):
        _, height, width = task.input
        raise CellError(
            f"The encoder {encoder.name!r} cannot see the {height}x{width} pixels of the task "
            f"{task.name!r} with the weights of larger images.",
            where=f"tasks: {task.name}",
            advice="Give the task a smaller `shrink`, or use an encoder of convolutions that "
            "halves images less often, such as `conv_pool` with a smaller `depth`.",
        )
