"""Parameters that several schemes have."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

ExpertCount = Annotated[
    int,
    Field(
        ge=1,
        le=1024,
        examples=[4],
        description="Experts of a gating layer, M.",
    ),
]

LayerCount = Annotated[
    int,
    Field(
        ge=1,
        le=64,
        examples=[2],
        description="Gating layers; the encoder's stages are shared out among them.",
    ),
]
