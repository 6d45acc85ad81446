"""Experts of all tasks beside experts of each, layer after layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import pydantic

from taskspace.components import Encoder, Head, Readout, Shape
from taskspace_plugins.gating.gates._fields import Layered
from taskspace_plugins.gating.networks._experts import Experts, expert_layers
from taskspace_plugins.gating.networks._heads import Heads
from taskspace_plugins.gating.networks._progressive import Progressive


class Ple(Layered):
    """Shared experts and experts of each task: progressive layered extraction (Tang et al. 2020).

    In a layer, a task's softmax gate mixes its own experts and the shared ones, and a shared gate
    mixes all (Sec. 4.2); the next layer's experts go on from there. A gate looks at what its own
    experts see. Of the last layer only the experts that are read run; with one layer (customized
    gate control, Sec. 4.1) that is the shared experts and those of the tasks that are asked for.
    """

    name: ClassVar[str] = "ple"

    shared_experts: int = pydantic.Field(2, ge=1, le=256, description="Experts of all tasks.")
    task_experts: int = pydantic.Field(1, ge=1, le=256, description="Experts of each task.")

    def build(
        self, encoder: Encoder, readout: Readout, image: Shape, heads: Sequence[Head]
    ) -> Progressive:
        """Return a network of shared and own experts.

        Raises:
            InputError: if the encoder has fewer stages than there are layers.
        """
        total = self.shared_experts + len(heads) * self.task_experts
        layers: list[Experts] = expert_layers(encoder, image, total, self.layers)
        code = encoder.code_shape(image)
        return Progressive(
            layers,
            Heads(readout, code, heads, image),
            image,
            self.shared_experts,
            self.task_experts,
        )
