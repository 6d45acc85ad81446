"""Normalisation by stored statistics, so that the code of an image depends on no other image."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional


class FixedNorm(nn.BatchNorm2d):
    """Normalisation by stored means and variances, in training too.

    So the code of an image does not depend on other images. Scale and offset are learned.
    """

    def forward(self, input: Tensor) -> Tensor:
        """Return the normalised activations [B, C, h, w]."""
        return functional.batch_norm(
            input, self.running_mean, self.running_var, self.weight, self.bias, eps=self.eps
        )
