"""Networks whose gating layers mix experts by task."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

import torch
from torch import Tensor, nn

from taskspace.components import Choice, Encoder, Head, Readout, Shape
from taskspace.components.gated import GatedNetwork, Layers, Output, request_of
from taskspace_plugins.gating.gates._gate import ExpertGate
from taskspace_plugins.gating.networks._experts import Experts, expert_layers
from taskspace_plugins.gating.networks._heads import Heads, WeightedSum, copied


class Mixture(GatedNetwork):
    """Layers of experts, each with gates that depend on the task alone, and a head a task.

    z_l(t, x) = sum_i b_i(t) w_i(t) f_i(z_{l-1}(t, x)), z_0 = x (Yan 2020, eq. 3.1, for several
    layers). The first layer runs once for all tasks of an image, further ones once for each.

    Args:
        experts: M.
        gate: makes the gates of a layer.
        layers: how many; the encoder's stages are shared out among them.
    """

    def __init__(
        self,
        encoder: Encoder,
        readout: Readout,
        image: Shape,
        heads: Sequence[Head],
        *,
        experts: int,
        gate: Callable[[], ExpertGate],
        layers: int = 1,
    ) -> None:
        super().__init__()
        self.layers = nn.ModuleList(expert_layers(encoder, image, experts, layers))
        self.gates = nn.ModuleList(gate() for _ in range(layers))
        self.heads = Heads(readout, encoder.code_shape(image), heads, image)

    @property
    def _parts(self) -> list[tuple[ExpertGate, Experts]]:
        parts = zip(self.gates, self.layers, strict=True)
        return cast("list[tuple[ExpertGate, Experts]]", list(parts))

    def forward(
        self,
        images: Tensor,
        asked: Tensor,
        *,
        chosen: Layers | None = None,
        generator: torch.Generator | None = None,
    ) -> Output:
        """Return what is predicted; see `GatedNetwork.forward`."""
        pairs, counts, *_ = request_of(asked, images)
        if chosen is None and not self.training:
            chosen = self.choose()
        z, item = images, pairs.row
        drawn = []
        applied = []
        for number, (gate, experts) in enumerate(self._parts):
            if self.training or chosen is None:
                gates, coefficients = gate.draw(pairs.task, generator)
            else:
                gates, coefficients = chosen[number][pairs.task], gate.mixing()[pairs.task]
            z, count = experts(z, item, gates, coefficients)
            item = torch.arange(len(z), device=z.device)
            drawn.append((gates, (coefficients * gates).detach()))
            applied.append(count)
        opened, factors = zip(*drawn, strict=True)
        predictions = self.heads(z, counts)
        return Output(predictions, pairs, opened, factors, tuple(applied))

    def extra_loss(self, output: Output, values: Tensor, weights: Tensor) -> Tensor:
        """Return the sum of what the gates of all layers add; see `GatedNetwork.extra_loss`."""
        given = torch.where(weights > 0, values.detach(), 0.0)
        return torch.stack(
            [
                gate.extra_loss(gates, output.pairs.task, given, weights)
                for (gate, _), gates in zip(self._parts, output.gates, strict=True)
            ]
        ).sum()

    def probabilities(self) -> Layers:
        """Return [N, M] a layer."""
        return tuple(gate.probabilities().detach() for gate, _ in self._parts)

    def weights(self) -> Layers:
        """Return [N, M] a layer."""
        return tuple(gate.mixing().detach() for gate, _ in self._parts)

    def choose(self, rule: Choice = "task") -> Layers:
        """Return bool [N, M] a layer; see `Choice`."""
        return tuple(gate.choose(rule) for gate, _ in self._parts)

    def export(self, task: int, chosen: Layers | None = None) -> nn.Module:
        """Return the chosen experts of a task and its head; see `GatedNetwork.export`."""
        chosen = self.choose() if chosen is None else chosen
        sums = []
        for (gate, experts), gates in zip(self._parts, chosen, strict=True):
            kept = gates[task].nonzero()[:, 0]
            if not len(kept):
                raise ValueError(f"Found no expert among the chosen ones of task {task}.")
            networks = [experts.networks[number] for number in kept.tolist()]
            sums.append(WeightedSum(networks, gate.mixing()[task, kept]))
        return nn.Sequential(*sums, copied(self.heads.networks[task])).eval()

    def costs(self) -> Layers:
        """Return the multiply-adds of each expert, int64 [M] a layer."""
        return tuple(experts.costs() for _, experts in self._parts)
