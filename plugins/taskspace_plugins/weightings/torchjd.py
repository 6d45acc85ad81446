"""Combined gradients, by the package torchjd."""

from __future__ import annotations

from importlib.util import find_spec
from typing import ClassVar, Literal, TypeAlias

import pydantic

from taskspace.components import Weighting
from taskspace.components.loss_weights import LossWeights
from taskspace.errors import InputError

Aggregator: TypeAlias = Literal["pcgrad", "cagrad", "mgda", "imtl_g", "aligned_mtl", "upgrad"]

INSTALL = "pip install 'taskspace[torchjd]'"
NEEDS: dict[Aggregator, tuple[tuple[str, ...], str]] = {
    "cagrad": (("cvxpy", "clarabel"), INSTALL),
    "upgrad": (("quadprog", "qpsolvers"), "pip install 'torchjd[quadprog_projector]'"),
}
"""What an aggregator needs besides torchjd, and what installs it."""


class TorchJd(Weighting):
    """Combines the tasks' gradients by the package torchjd: PCGrad, CAGrad, MGDA and more.

    `pcgrad` (Yu et al. 2020), `cagrad` (Liu et al. 2021), `mgda` (Sener & Koltun 2018), `imtl_g`
    (Liu et al. 2021, "Towards Impartial Multi-task Learning"), `aligned_mtl` (Senushkin et al.
    2023) and `upgrad` (Quinton & Rey 2024). What a task has alone, its head above all, learns from
    the plain mean of the losses. The sum that PCGrad takes is a mean here, as with all others.
    """

    name: ClassVar[str] = "torchjd"

    aggregator: Aggregator = pydantic.Field(
        "pcgrad", description="What combines the gradients by the shared parameters."
    )
    radius: float = pydantic.Field(
        0.4, ge=0, lt=1, description="Of `cagrad`, c: how far from the mean gradient it may go."
    )

    def build(self, tasks: int) -> LossWeights:
        """Return weights for the shared parameters that torchjd makes of the gradients.

        Raises:
            InputError: if torchjd is not installed, or what the aggregator needs besides it.
        """
        if (reason := self.missing()) is not None:
            raise InputError(
                f"The weighting 'torchjd' cannot use {self.aggregator!r} here.", advice=reason
            )
        from taskspace_plugins.weightings._torchjd_weights import (  # noqa: PLC0415  an extra
            CombinedGradients,
        )

        return CombinedGradients(self.aggregator, self.radius)

    def missing(self) -> str | None:
        """Return how to install torchjd and what the aggregator needs, or None."""
        others, install = NEEDS.get(self.aggregator, ((), INSTALL))
        if find_spec("torchjd") is None:
            return f"Install torchjd: `{INSTALL}`."
        absent = [name for name in others if find_spec(name) is None]
        if absent:
            return f"Install {' and '.join(absent)}: `{install}`."
        return None
