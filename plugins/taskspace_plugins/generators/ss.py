"""Shallow sampling."""

from __future__ import annotations

from typing import ClassVar

from taskspace_plugins.generators._sampler import Injection, LayeredGenerator, NoInjection


class ShallowSampling(LayeredGenerator):
    """Shallow sampling (SS): task and noise once, at the input (fig. 5.5)."""

    name: ClassVar[str] = "ss"
    noise_at_input: ClassVar[bool] = True
    injection: ClassVar[type[Injection]] = NoInjection
