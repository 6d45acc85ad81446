"""Shallow sampling with layers scaled and shifted by the task."""

from __future__ import annotations

from typing import ClassVar

from taskspace_plugins.generators._sampler import AffineTask, Injection, LayeredGenerator


class AffineConditioning(LayeredGenerator):
    """Shallow sampling, multi-step conditioning by gamma(t) z + beta(t) (SS-MTC*, fig. 5.5)."""

    name: ClassVar[str] = "ss_mtc_affine"
    noise_at_input: ClassVar[bool] = True
    injection: ClassVar[type[Injection]] = AffineTask
