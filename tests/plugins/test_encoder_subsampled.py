"""1x1 convolutions with a stride: torch's numbers, without the fault of torch's own gradient."""

import pytest
import torch
from torch import nn

from taskspace_plugins.encoders._conv import Subsampled, convolution


@pytest.mark.parametrize("side", [(16, 16), (15, 9)])
def test_it_is_a_convolution_with_a_stride(side):
    ours = convolution(8, 16, 1, stride=2)
    assert isinstance(ours, Subsampled)
    theirs = nn.Conv2d(8, 16, 1, stride=2)
    theirs.load_state_dict(ours.state_dict())
    x = torch.rand(3, 8, *side)
    assert torch.allclose(ours(x), theirs(x), atol=1e-6)


def test_its_gradient_ends_no_process():
    """With torch's own layer, this call does (2.13.0, CPU)."""
    x = torch.rand(8, 8, 64, 64).contiguous(memory_format=torch.channels_last)
    layer = convolution(8, 16, 1, stride=2, bias=False)
    layer(x.requires_grad_()).sum().backward()
    expected = layer.weight.detach().sum(dim=0).reshape(1, 8, 1, 1).expand(8, 8, 32, 32)
    assert x.grad is not None
    assert torch.allclose(x.grad[..., ::2, ::2], expected, atol=1e-5)
