"""ResNets have the tensors of torchvision, keep their signal and judge each image alone."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from taskspace.components.multiply_adds import multiply_adds
from taskspace.errors import InputError
from taskspace_plugins.encoders._resnet_layers import ResnetTrunk
from taskspace_plugins.encoders.resnet import Resnet

every = pytest.mark.parametrize("layers", [18, 34, 50])


def built(layers: int, *, pooled: bool = True, seed: int = 0) -> nn.Module:
    torch.manual_seed(seed)
    return Resnet(layers=layers, pooled=pooled).build((3, 64, 64))


@pytest.mark.parametrize(
    ("layers", "weights", "multiplications"),
    # torchvision's numbers of parameters and GFLOPS (documentation of resnet18, resnet34 and
    # resnet50) less those of `fc`.
    [
        (18, 11_689_512 - 513_000, 1.814e9),
        (34, 21_797_672 - 513_000, 3.664e9),
        (50, 25_557_032 - 2_049_000, 4.089e9),
    ],
)
def test_size_and_cost_are_those_of_torchvision(layers, weights, multiplications):
    with torch.device("meta"):
        network = Resnet(layers=layers).build((3, 224, 224))
        assert sum(p.numel() for p in network.parameters()) == weights
        counted = multiply_adds(network, (3, 224, 224))
    assert counted == pytest.approx(multiplications, rel=1e-3)


def test_tensors_are_called_as_in_torchvision():
    names = list(built(18).state_dict())
    assert names[:3] == ["conv1.weight", "bn1.weight", "bn1.bias"]
    block = [n.removeprefix("layer2.0.") for n in names if n.startswith("layer2.0.")]
    norm = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")
    assert block == [
        "conv1.weight",
        *(f"bn1.{part}" for part in norm),
        "conv2.weight",
        *(f"bn2.{part}" for part in norm),
        "downsample.0.weight",
        *(f"downsample.1.{part}" for part in norm),
    ]
    assert "layer4.2.bn3.weight" in built(50).state_dict()


@every
@pytest.mark.parametrize("image", [(1, 8, 8), (3, 33, 70)])
def test_the_code_is_of_the_stated_shape(layers, image):
    for pooled in (True, False):
        encoder = Resnet(layers=layers, pooled=pooled)
        with torch.no_grad():
            code = encoder.build(image).eval()(torch.rand(2, *image))
        assert code.shape == (2, *encoder.code_shape(image))
    assert encoder.code_shape(image)[1:] == (-(-image[1] // 32), -(-image[2] // 32))


def test_the_vector_is_the_mean_of_the_map():
    images = torch.rand(2, 3, 64, 64)
    with torch.no_grad():
        vector, places = built(18)(images), built(18, pooled=False)(images)
    assert torch.allclose(places.mean((2, 3), keepdim=True), vector, atol=1e-6)


def test_the_code_of_an_image_depends_on_no_other_and_on_no_mode():
    network = built(18)
    images = torch.rand(4, 3, 64, 64)
    with torch.no_grad():
        together = network.train()(images)
        alone = torch.cat([network.eval()(image[None]) for image in images])
    assert torch.allclose(together, alone, atol=1e-5)


@every
def test_at_random_the_signal_keeps_its_size(layers):
    images = torch.rand(4, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    sizes = []
    with torch.no_grad():
        network = built(layers, pooled=False)
        features = network.bn1(network.conv1(images)).relu()
        for stage in (network.layer1, network.layer2, network.layer3, network.layer4):
            sizes.append(features.square().mean().sqrt())
            features = stage(features)
    sizes.append(features.square().mean().sqrt())
    assert max(sizes) < 8 * min(sizes)


def test_at_random_images_stay_apart_and_mid_grey_is_zero():
    network = built(18)
    with torch.no_grad():
        assert network(torch.rand(16, 1, 32, 32)).std(dim=0).mean() > 0.01
        inner = network.bn1(network.conv1(torch.full((1, 3, 32, 32), 0.5)))[..., 4:-4, 4:-4]
    assert inner.abs().max() < 1e-5


@every
def test_every_parameter_learns(layers):
    network = built(layers)
    network(torch.rand(4, 3, 64, 64)).square().sum().backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None and parameter.grad.abs().sum() > 0, name


def test_equal_seeds_build_equal_networks():
    first, again, other = (built(18, seed=seed).state_dict() for seed in (0, 0, 1))
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["conv1.weight"], other["conv1.weight"])


def test_it_says_nothing_of_weights_that_it_does_not_have():
    encoder = Resnet()
    assert encoder.starts_from() is None and encoder.licence() is None
    assert encoder.classifier((3, 64, 64)) is None
    assert isinstance(encoder.build((3, 64, 64)), ResnetTrunk)


def test_images_of_other_channels_are_refused():
    for ask in (Resnet().code_shape, Resnet().build):
        with pytest.raises(InputError, match="1 or 3 channels, not of 4"):
            ask((4, 32, 32))


def test_the_fine_stem_keeps_the_resolution_of_small_images():
    encoder = Resnet(stem="fine", pooled=False)
    codes = encoder.build((3, 32, 32))(torch.rand(1, 3, 32, 32))
    assert tuple(codes.shape[1:]) == encoder.code_shape((3, 32, 32)) == (512, 4, 4)
    assert Resnet(pooled=False).code_shape((3, 32, 32)) == (512, 1, 1)
