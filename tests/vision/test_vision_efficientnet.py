"""EfficientNet-Lite is timm's: with the same weights and images the same codes and logits."""

from __future__ import annotations

import pytest
import torch
from skimage import data
from state_dicts import IMAGES, agree

from taskspace.components.multiply_adds import multiply_adds
from taskspace_plugins.encoders.efficientnet_lite import EfficientnetLite, published_tensors


def theirs(size: int) -> torch.nn.Module:
    """timm's network with the published weights, which are in the order of its layers."""
    import timm

    network = timm.create_model(f"tf_efficientnet_lite{size}")
    own = {n: t for n, t in network.state_dict().items() if not n.endswith("tracked")}
    with torch.no_grad():
        for tensor, value in zip(own.values(), published_tensors(size), strict=True):
            tensor.copy_(value)
    return network.eval()


@pytest.mark.parametrize("size", [0, 1, 2])
def test_codes_and_logits_are_those_of_timm(size):
    encoder, network = EfficientnetLite(size=size), theirs(size)
    ours, classifier = encoder.build((3, 40, 40)).eval(), encoder.classifier((3, 40, 40))
    places = EfficientnetLite(size=size, pooled=False).build((3, 40, 40)).eval()
    photograph = torch.from_numpy(data.chelsea()).permute(2, 0, 1)[None] / 255
    assert classifier is not None
    with torch.no_grad():
        for images in (IMAGES, photograph):
            prepared, code = ours[0](images), ours(images)
            maps = network.forward_features(prepared)
            assert agree(places(images), maps)
            assert agree(code.flatten(1), maps.mean((2, 3)))
            assert agree(classifier(code), network(prepared))


@pytest.mark.parametrize(("size", "side"), [(0, 224), (1, 240), (2, 260)])
def test_operations_are_those_of_timm(size, side):
    network = theirs(size)
    network.reset_classifier(0)
    ours = EfficientnetLite(size=size).build((3, 40, 40))
    assert multiply_adds(ours, (3, 40, 40)) == multiply_adds(network, (3, side, side)) > 0
