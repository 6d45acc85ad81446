"""The experts of one gating layer, of which only those run that somebody reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn

from taskspace.components import Encoder, EncoderStage, Shape
from taskspace.components.multiply_adds import multiply_adds
from taskspace.errors import InputError


class Experts(nn.Module):
    """M networks of one architecture [B, *before] -> [B, *after], and sums of what they say."""

    def __init__(self, networks: Sequence[nn.Module], before: Shape, after: Shape) -> None:
        super().__init__()
        self.networks = nn.ModuleList(networks)
        self.after = after
        self.cost = multiply_adds(networks[0], before)

    def forward(
        self, items: Tensor, item: Tensor, gates: Tensor, coefficients: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Return z [P, *after] and the number of items that each expert was applied to [M].

        z = sum_i coefficients[:, i] f_i(items[item]) over the open gates (Yan 2020, eq. 3.1); 0
        where all are closed. An expert is applied once to each item that needs it, whatever number
        of pairs ask for it, and to no other.

        Args:
            items: [U, *before].
            item: which of them each of the P pairs reads [P], or [P, M] where that depends on the
                expert.
            gates: bool [P, M].
            coefficients: [P, M].
        """
        expert, pair = gates.T.nonzero(as_tuple=True)
        read = item[pair] if item.ndim == 1 else item[pair, expert]
        needed = gates.new_zeros(len(self.networks), len(items))
        needed[expert, read] = True
        applied = needed.sum(dim=1)
        z = items.new_zeros(len(item), *self.after)
        codes = list(self._codes(items, needed, applied.tolist()))
        if not codes:
            return z, applied
        place = needed.flatten().cumsum(0).reshape(needed.shape) - 1
        code = torch.cat(codes).index_select(0, place[expert, read])
        factor = coefficients[pair, expert].reshape(-1, *(1 for _ in self.after))
        return z.index_add(0, pair, factor * code), applied

    def _codes(self, items: Tensor, needed: Tensor, applied: Sequence[int]) -> Iterator[Tensor]:
        rows = torch.split(needed.nonzero()[:, 1], list(applied))
        for network, here in zip(self.networks, rows, strict=True):
            if len(here):
                seen = items if len(here) == len(items) else items.index_select(0, here)
                # Convolutions and maxima of 32 channels take half the time in this layout.
                yield network(seen.contiguous(memory_format=torch.channels_last))

    def costs(self) -> Tensor:
        """Return the multiply-adds of each expert for one item, int64 [M]."""
        return torch.full((len(self.networks),), self.cost)


def expert_layers(encoder: Encoder, image: Shape, experts: int, layers: int) -> list[Experts]:
    """Return M fresh copies of an encoder, cut into gating layers of equally many stages.

    Where the stages cannot be shared out equally, the first layers have one more.

    Raises:
        InputError: if there are more layers than stages.
    """
    if layers == 1:
        networks = [encoder.build(image) for _ in range(experts)]
        return [Experts(networks, image, encoder.code_shape(image))]
    copies = [layered(encoder, image, layers) for _ in range(experts)]
    befores = (image, *(stage.shape for stage in copies[0]))
    return [
        Experts([copy[number].network for copy in copies], before, copies[0][number].shape)
        for number, before in enumerate(befores[:-1])
    ]


def layered(encoder: Encoder, image: Shape, layers: int) -> list[EncoderStage]:
    """Return a fresh copy of an encoder in as many parts; see `expert_layers`."""
    stages = encoder.stages(image)
    if layers > len(stages):
        raise InputError(
            f"{layers} gating layers need as many stages, and the encoder {encoder.name!r} has "
            f"{len(stages)}.",
            where="gating.layers",
            advice="Ask for fewer layers, or for a deeper encoder such as `conv_pool`.",
        )
    size, more = divmod(len(stages), layers)
    parts = []
    start = 0
    for number in range(layers):
        end = start + size + (number < more)
        networks = [stage.network for stage in stages[start:end]]
        parts.append(EncoderStage(nn.Sequential(*networks), stages[end - 1].shape))
        start = end
    return parts
