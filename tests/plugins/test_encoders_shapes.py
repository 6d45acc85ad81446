"""Encoders give codes of the shape that they state, from the image alone."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from taskspace.components import Encoder
from taskspace_plugins.encoders.resnet50 import Resnet50
from taskspace_plugins.encoders.small_conv import SmallConv
from taskspace_plugins.encoders.small_resnet import SmallResnet

ENCODERS = [SmallConv(width=4), SmallResnet(width=8), Resnet50(width=8, layers=26)]
every = pytest.mark.parametrize("encoder", ENCODERS, ids=lambda encoder: encoder.name)


@every
@settings(max_examples=15)
@given(
    image=st.tuples(st.sampled_from([1, 3]), st.integers(1, 40), st.integers(1, 40)),
    factor=st.sampled_from([4, 8, 16, 32]),
    code_channels=st.integers(1, 9),
)
def test_the_code_is_of_the_stated_shape(
    encoder: Encoder, image: tuple[int, int, int], factor: int, code_channels: int
) -> None:
    encoder = type(encoder).model_validate(
        {**encoder.model_dump(), "factor": factor, "code_channels": code_channels}
    )
    assert encoder.code_shape(image) == (code_channels, *(-(-n // factor) for n in image[1:]))
    with torch.no_grad():
        code = encoder.build(image)(torch.rand(2, *image))
    assert code.shape == (2, *encoder.code_shape(image))
    assert code.isfinite().all()


def test_a_digit_becomes_thirty_two_numbers_and_a_room_one_hundred_and_twenty_eight() -> None:
    assert SmallConv().code_shape((1, 8, 8)) == (8, 2, 2)
    assert SmallResnet().code_shape((3, 64, 64)) == (8, 4, 4)
    assert SmallConv().code_shape((1, 9, 13)) == (8, 3, 4)


def test_the_code_of_the_paper_is_eight_by_sixteen_by_sixteen() -> None:
    assert Resnet50().code_shape((3, 256, 256)) == (8, 16, 16)


@pytest.mark.parametrize(
    ("layers", "convolutions"),
    # All of a torchvision model but its classifier and what its batch normalisations hold:
    # 25,557,032 - 2,049,000 - 53,120 and 44,549,160 - 2,049,000 - 105,344.
    [(50, 23_454_912), (101, 42_394_816)],
)
def test_the_convolutions_have_as_many_weights_as_in_the_paper(
    layers: int, convolutions: int
) -> None:
    with torch.device("meta"):
        network = Resnet50(layers=layers).build((3, 256, 256))
    count = sum(layer.weight.numel() for layer in network.modules() if isinstance(layer, nn.Conv2d))
    compression = 9 * 2048 * 8
    assert count == convolutions + compression


def test_normalisation_adds_two_numbers_for_each_channel_that_is_convolved() -> None:
    # A block before -> after reads `before` channels and twice after / 4; the code reads 2,048.
    channels = 2048
    before = 64
    for stage, blocks in enumerate((3, 4, 6, 3)):
        after = 256 << stage
        for _ in range(blocks):
            channels += before + 2 * (after // 4)
            before = after
    with torch.device("meta"):
        network = Resnet50().build((3, 64, 64))
    norms = [layer for layer in network.modules() if isinstance(layer, nn.GroupNorm)]
    assert sum(p.numel() for norm in norms for p in norm.parameters()) == 2 * channels
    assert all(norm.num_channels // norm.num_groups == 8 for norm in norms)


@pytest.mark.parametrize("encoder", ENCODERS[1:], ids=lambda encoder: encoder.name)
def test_middle_grey_is_zero_to_the_first_layer(encoder: Encoder) -> None:
    torch.manual_seed(0)
    network = encoder.build((3, 16, 16))
    grey, white = torch.full((1, 3, 16, 16), 0.5), torch.ones(1, 3, 16, 16)
    first = next(layer for layer in network.modules() if isinstance(layer, nn.Conv2d))
    with torch.no_grad():
        before = network(grey), network(white)
        first.weight.neg_()
        after = network(grey), network(white)
    assert torch.equal(before[0], after[0])
    assert not torch.allclose(before[1], after[1])


@every
def test_equal_seeds_build_equal_networks(encoder: Encoder) -> None:
    states = []
    for seed in (0, 0, 1):
        torch.manual_seed(seed)
        states.append(torch.cat([p.flatten() for p in encoder.build((1, 8, 8)).parameters()]))
    assert torch.equal(states[0], states[1])
    assert not torch.equal(states[0], states[2])


@every
def test_the_code_of_an_image_depends_on_no_other_and_on_no_mode(encoder: Encoder) -> None:
    torch.manual_seed(0)
    network = encoder.build((3, 20, 20))
    images = torch.rand(6, 3, 20, 20)
    with torch.no_grad():
        together = network.train()(images)
        alone = torch.cat([network.eval()(image[None]) for image in images])
    assert torch.allclose(together, alone, atol=1e-5)
    assert not list(network.buffers())


@every
def test_memory_formats_agree(encoder: Encoder) -> None:
    torch.manual_seed(0)
    network = encoder.build((3, 16, 16))
    images = torch.rand(4, 3, 16, 16)
    with torch.no_grad():
        plain = network(images)
        last = network.to(memory_format=torch.channels_last)(
            images.contiguous(memory_format=torch.channels_last)
        )
    assert torch.allclose(plain, last, atol=1e-5)


@every
def test_a_random_encoder_keeps_images_apart(encoder: Encoder) -> None:
    # With torch's own initialisation the codes differ by a few hundredths of this.
    torch.manual_seed(0)
    images = torch.rand(64, 1, 8, 8)
    with torch.no_grad():
        spread = encoder.model_copy(update={"width": 32}).build((1, 8, 8))(images).std(dim=0)
    assert spread.mean() > 0.1


@every
def test_every_parameter_learns(encoder: Encoder) -> None:
    torch.manual_seed(0)
    network = encoder.build((1, 32, 32))
    network(torch.rand(8, 1, 32, 32)).square().sum().backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None and parameter.grad.abs().sum() > 0, name
