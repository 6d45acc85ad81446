"""Unconditioned deep sampling."""

from __future__ import annotations

from typing import ClassVar

from taskspace_plugins.generators._sampler import AddedNoise, Injection, LayeredGenerator


class UnconditionedSampling(LayeredGenerator):
    """Unconditioned deep sampling (UDS): z + E_n(n) at each layer, the task at the input."""

    name: ClassVar[str] = "uds"
    noise_at_input: ClassVar[bool] = False
    injection: ClassVar[type[Injection]] = AddedNoise
