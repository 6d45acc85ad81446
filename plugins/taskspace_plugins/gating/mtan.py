"""One backbone, at which each task looks through masks of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from torch import nn

from taskspace.components import Encoder, Gating, Head, Readout, Shape
from taskspace.components.gated import GatedNetwork
from taskspace_plugins.gating.gates._attention import Attended
from taskspace_plugins.gating.networks._heads import Heads


class Mtan(Gating):
    """A shared encoder with soft attention masks of each task at each stage (Liu et al. 2019).

    At stage j a task sees a_j * p_j, with the mask a_j = h(g([p_j; f(what it saw before)])), where
    g and h are 1x1 convolutions with ReLU and sigmoid, and f is a 3x3 convolution with a maximum
    down to the size of the stage (eq. 1 and 2). Of the paper's two features of a block, u and p,
    an encoder's stage shows one, which stands for both; channels are normalised in place of
    batches, so that what is said of an image depends on that image alone.
    """

    name: ClassVar[str] = "mtan"

    def build(
        self, encoder: Encoder, readout: Readout, image: Shape, heads: Sequence[Head]
    ) -> GatedNetwork:
        """Return a network of one backbone and an attention branch a task."""
        stages = encoder.stages(image)
        made = Heads(readout, stages[-1].shape, heads, image)
        backbone = nn.ModuleList(stage.network for stage in stages)
        return Attended(backbone, [stage.shape for stage in stages], made, image)
