"""What torchjd makes of the products of gradients; imported only where torchjd is there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

import torch
from torch import Tensor
from torchjd import aggregation

from taskspace.components.gated import TaskLosses
from taskspace.components.loss_weights import LossWeights, TaskWeights, mean_over_present


class CombinedGradients(LossWeights):
    """Weights of the shared parameters from a Gramian; nothing is remembered.

    Args:
        aggregator: as the job names it.
        radius: c of CAGrad.
    """

    reads_gradients: ClassVar[bool] = True

    def __init__(self, aggregator: str, radius: float) -> None:
        super().__init__()
        makers = {
            "pcgrad": aggregation.PCGradWeighting,
            "cagrad": lambda: aggregation.CAGradWeighting(c=radius),
            "mgda": aggregation.MGDAWeighting,
            "imtl_g": aggregation.IMTLGWeighting,
            "aligned_mtl": aggregation.AlignedMTLWeighting,
            "upgrad": aggregation.UPGradWeighting,
        }
        self.combine = makers[aggregator]()
        self.sums = aggregator == "pcgrad"

    @torch.no_grad()
    def forward(
        self,
        losses: TaskLosses,
        gramian: Tensor | None = None,
        *,
        generator: torch.Generator | None = None,
    ) -> TaskWeights:
        """Return the mean for what tasks have alone, and torchjd's weights for what they share.

        Of products that are not finite torchjd's solvers make errors that name no task; here they
        make weights that are no numbers, and whoever looks at the losses finds the task.
        """
        assert gramian is not None, "reads_gradients says that it is given"
        own = mean_over_present(torch.ones_like(losses.value), losses.present).own
        shared = torch.zeros_like(own)
        here = losses.present.nonzero()[:, 0]
        if len(here):
            products = gramian[here][:, here]
            shared[here] = self._combined(products, generator).to(shared.dtype)
        return TaskWeights(own, shared)

    def _combined(self, products: Tensor, generator: torch.Generator | None) -> Tensor:
        with _seeded(generator):
            if not bool(products.isfinite().all()):
                return torch.full_like(products[0], torch.nan)
            found: Tensor = self.combine(products)
        return found / len(found) if self.sums else found


@contextmanager
def _seeded(generator: torch.Generator | None) -> Iterator[None]:
    """Let torchjd, which draws from torch's own generator, follow the one that is handed in."""
    if generator is None:
        yield
        return
    seed = torch.randint(2**62, (), generator=generator, device=generator.device)
    # Not `torch.manual_seed`: it would set those of all devices, and they are not put back.
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(int(seed))
        yield
