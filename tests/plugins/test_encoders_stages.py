"""Encoders in stages: the expert of the multi-clustering paper, and fully connected layers."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from taskspace_plugins.encoders.conv_pool import ConvPool
from taskspace_plugins.encoders.mlp import Mlp
from taskspace_plugins.encoders.small_conv import SmallConv


def test_the_relu_of_the_maximum_is_the_maximum_of_the_relus():
    torch.manual_seed(0)
    network = ConvPool(width=4, depth=3).build((3, 17, 16))
    x = torch.randn(5, 3, 17, 16)
    published = x
    for stage in network:
        published = nn.functional.max_pool2d(stage[0](published).relu(), 2)
    assert torch.equal(network(x), published)
    assert published.shape == (5, 4, 2, 2)


def test_the_expert_of_the_paper_halves_four_times():
    encoder = ConvPool()
    assert encoder.code_shape((3, 32, 32)) == (32, 2, 2)
    size = sum(parameter.numel() for parameter in encoder.build((3, 32, 32)).parameters())
    assert size == 32 * 28 + 3 * 32 * 289


@pytest.mark.parametrize("image", [(20, 1, 1), (1, 1, 20), (2, 3, 5), (1, 2, 64)])
@pytest.mark.parametrize("encoder", [ConvPool(width=3), Mlp(width=6), Mlp(width=6, depth=1)])
def test_an_image_of_any_size_has_a_code(encoder, image):
    network = encoder.build(image)
    code = network(torch.rand(2, *image))
    assert code.shape == (2, *encoder.code_shape(image))
    assert [stage.shape for stage in encoder.stages(image)][-1] == encoder.code_shape(image)


def test_an_encoder_that_says_nothing_of_its_parts_has_one():
    (stage,) = SmallConv().stages((1, 8, 8))
    assert stage.shape == SmallConv().code_shape((1, 8, 8))
    assert stage.network(torch.rand(1, 1, 8, 8)).shape == (1, *stage.shape)
