"""Task-aware deep sampling."""

from __future__ import annotations

from typing import ClassVar

from taskspace_plugins.generators._sampler import Injection, LayeredGenerator, TaskNoise


class TaskAwareSampling(LayeredGenerator):
    """Task-aware deep sampling (TDS): z + E_t(t) E_n(n), fresh noise at each layer (eq. 5.1)."""

    name: ClassVar[str] = "tds"
    noise_at_input: ClassVar[bool] = False
    injection: ClassVar[type[Injection]] = TaskNoise
