"""Shallow sampling with the task added at each layer."""

from __future__ import annotations

from typing import ClassVar

from taskspace_plugins.generators._sampler import AddedTask, Injection, LayeredGenerator


class AddedConditioning(LayeredGenerator):
    """Shallow sampling, multi-step conditioning by z + E_t(t) at each layer (SS-MTC+, fig. 5.5)."""

    name: ClassVar[str] = "ss_mtc_add"
    noise_at_input: ClassVar[bool] = True
    injection: ClassVar[type[Injection]] = AddedTask
