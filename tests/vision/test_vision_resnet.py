"""ResNets of torchvision and of timm load into ours and give the same codes and logits."""

from __future__ import annotations

import pytest
import torch
from outside_models import timm_file, torchvision_file
from state_dicts import IMAGES, agree, as_trained
from torch import nn

from taskspace.errors import InputError
from taskspace_plugins.encoders.pretrained.weights_file import WeightsFile
from taskspace_plugins.encoders.resnet import Resnet

IMAGE = (3, 40, 40)


def outputs(encoder: WeightsFile) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Images as the network reads them, their codes, and logits."""
    network, classifier = encoder.build(IMAGE).eval(), encoder.classifier(IMAGE)
    assert classifier is not None
    with torch.no_grad():
        code = network(IMAGES)
        return network[0](IMAGES), code, classifier(code)


@pytest.mark.parametrize("layers", [18, 34, 50])
def test_a_file_of_torchvision_gives_its_codes_and_logits(layers, tmp_path):
    import torchvision

    file = torchvision_file(tmp_path, layers)
    encoder = WeightsFile(path=file, encoder=Resnet(layers=layers), side=64)
    encoder.identity()
    prepared, code, logits = outputs(encoder)
    theirs = getattr(torchvision.models, f"resnet{layers}")()
    theirs.load_state_dict(torch.load(file, weights_only=True))
    with torch.no_grad():
        assert agree(logits, theirs.eval()(prepared))
        theirs.fc = nn.Identity()
        assert agree(code.flatten(1), theirs(prepared))


@pytest.mark.parametrize("layers", [18, 34, 50])
def test_names_and_shapes_are_those_of_torchvision(layers):
    import torchvision

    with torch.device("meta"):
        theirs = getattr(torchvision.models, f"resnet{layers}")().state_dict()
        ours = Resnet(layers=layers).build(IMAGE).state_dict()
    shapes = {name: t.shape for name, t in theirs.items() if not name.startswith("fc.")}
    assert {name: tensor.shape for name, tensor in ours.items()} == shapes


def test_a_file_of_timm_loads_too(tmp_path):
    import timm
    from safetensors.torch import load_file

    file = timm_file(tmp_path, "resnet18")
    prepared, _, logits = outputs(WeightsFile(path=file, encoder=Resnet(), side=64))
    theirs = timm.create_model("resnet18")
    theirs.load_state_dict(load_file(file))
    with torch.no_grad():
        assert agree(logits, theirs.eval()(prepared))


def test_another_network_of_torchvision_is_refused(tmp_path):
    import torchvision

    torch.save(as_trained(torchvision.models.mobilenet_v2()).state_dict(), tmp_path / "m.pth")
    with pytest.raises(InputError, match=r"120 missing|missing: conv1\.weight"):
        WeightsFile(path=tmp_path / "m.pth", encoder=Resnet()).identity()
