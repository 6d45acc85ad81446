"""Parameters that several schemes have."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from taskspace.components import Gating

ExpertCount = Annotated[
    int,
    Field(
        ge=1,
        le=1024,
        examples=[4],
        description="Experts of a gating layer, M.",
    ),
]


class Layered(Gating):
    """A scheme of one or several gating layers."""

    layers: int = Field(
        1,
        ge=1,
        le=64,
        examples=[2],
        description="Gating layers; the encoder's stages are shared out among them.",
    )

    def least_stages(self) -> int:
        """Return the number of layers."""
        return self.layers
