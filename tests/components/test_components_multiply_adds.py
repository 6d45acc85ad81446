"""Operations of a model: of layers and of modules that convolve with weights of their own."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from taskspace.components.multiply_adds import multiply_adds
from taskspace_plugins.encoders.efficientnet_lite import EfficientnetLite


class Convolution(nn.Module):
    """It convolves without a layer, with a weight or with fixed numbers."""

    def __init__(self, kernel: torch.Tensor) -> None:
        super().__init__()
        self.kernel = kernel

    def forward(self, image):
        return nn.functional.conv2d(image, self.kernel, stride=2)


@pytest.mark.parametrize("inference", [False, True])
def test_convolutions_with_weights_of_a_module_count(inference):
    network = nn.Sequential(nn.Conv2d(3, 4, 1), Convolution(nn.Parameter(torch.ones(8, 4, 3, 3))))
    with torch.inference_mode(inference):
        assert multiply_adds(network, (3, 5, 7)) == 12 * 5 * 7 + 8 * 2 * 3 * 36


def test_fixed_kernels_do_not_count():
    assert multiply_adds(Convolution(torch.ones(8, 4, 3, 3)), (4, 5, 7)) == 0


def test_layers_count_once():
    layers = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.Flatten(), nn.Linear(4 * 5 * 7, 6))
    assert multiply_adds(layers, (3, 5, 7)) == 4 * 5 * 7 * 27 + 4 * 5 * 7 * 6


def test_convolutions_with_their_own_padding_count_in_efficientnet():
    with torch.device("meta"):
        network = EfficientnetLite(weights="none").build((3, 224, 224))
        assert multiply_adds(network, (3, 224, 224)) == pytest.approx(384e6, rel=0.01)
