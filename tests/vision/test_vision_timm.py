"""Models of timm as encoders: their codes, their preparation, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from outside_models import timm_file
from safetensors.torch import load_file, save_file
from state_dicts import IMAGES, agree

from taskspace.errors import InputError
from taskspace_plugins.encoders.pretrained.timm import Timm

IMAGE = (3, 40, 40)


@pytest.mark.parametrize(
    ("model", "side", "width", "places"),
    [
        ("resnet18", 64, 512, 2),
        ("vit_tiny_patch16_224", 64, 192, 4),
        ("tf_efficientnet_lite0", 64, 1280, 2),
        ("convnext_atto", 64, 320, 2),
        ("swin_tiny_patch4_window7_224", 224, 768, 7),
    ],
)
def test_codes_and_logits_are_those_of_the_model(model, side, width, places, tmp_path):
    import timm

    fixed = {"img_size": side} if "patch" in model else {}
    file = timm_file(tmp_path, model, **fixed)
    encoder = Timm(model=model, weights=file, side=side)
    network, classifier = encoder.build(IMAGE).eval(), encoder.classifier(IMAGE)
    theirs = timm.create_model(model, **fixed)
    theirs.load_state_dict(load_file(file))
    theirs.eval()
    assert classifier is not None and encoder.code_shape(IMAGE) == (width, 1, 1)
    maps = Timm(model=model, weights=file, side=side, pooled=False)
    assert maps.code_shape(IMAGE)[1:] == (places, places) and maps.classifier(IMAGE) is None
    with torch.no_grad():
        prepared, code = network[0](IMAGES), network(IMAGES)
        assert code.shape[1:] == encoder.code_shape(IMAGE)
        assert agree(classifier(code), theirs(prepared))
        before = theirs.forward_head(theirs.forward_features(prepared), pre_logits=True)
        assert agree(code.flatten(1), before)
        assert maps.build(IMAGE).eval()(IMAGES).shape[1:] == maps.code_shape(IMAGE)


@pytest.mark.parametrize("model", ["resnet18.tv_in1k", "vit_tiny_patch16_224"])
def test_images_are_prepared_as_timm_prepares_them(model, tmp_path):
    import timm
    from PIL import Image
    from skimage import data

    pixels = data.chelsea()
    network = timm.create_model(model)
    settings = timm.data.resolve_model_data_config(network)
    theirs = timm.data.create_transform(**settings)(Image.fromarray(pixels))
    file = timm_file(tmp_path, model)
    ours = Timm(model=model, weights=file).build((3, *pixels.shape[:2]))[0]
    images = torch.from_numpy(pixels).permute(2, 0, 1)[None] / 255
    # Pillow rounds to whole numbers of 0 to 255, in steps of about 1 / 60 once normalised.
    difference = (ours(images)[0] - theirs).abs()
    assert difference.mean() < 0.01 and difference.max() < 0.15


def test_the_code_of_an_image_depends_on_no_other_in_training(tmp_path):
    encoder = Timm(model="resnet18", weights=timm_file(tmp_path, "resnet18"), side=64)
    network = encoder.build(IMAGE).train()
    with torch.no_grad():
        assert torch.allclose(network(IMAGES)[:1], network(IMAGES[:1]), atol=1e-4)
    before = {name: t.clone() for name, t in network.named_buffers()}
    network(IMAGES)
    assert all(torch.equal(before[name], t) for name, t in network.named_buffers())


def test_a_file_without_a_classifier_serves(tmp_path):
    file = timm_file(tmp_path, "resnet18", num_classes=0)
    encoder = Timm(model="resnet18", weights=file, side=64)
    encoder.identity()
    assert encoder.classifier(IMAGE) is None


def test_a_classifier_of_other_classes_is_kept(tmp_path):
    file = timm_file(tmp_path, "resnet18", num_classes=7)
    encoder = Timm(model="resnet18", weights=file, side=64)
    encoder.identity()
    classifier = encoder.classifier(IMAGE)
    assert classifier is not None and classifier(torch.rand(2, 512, 1, 1)).shape == (2, 7)


def test_the_identity_follows_the_weights_and_not_their_path(tmp_path):
    import timm

    file = timm_file(tmp_path, "resnet18")
    before = Timm(model="resnet18", weights=file).identity()
    assert before["timm"] == timm.__version__ and str(tmp_path) not in repr(before)
    copy = tmp_path / "copy.safetensors"
    copy.write_bytes(file.read_bytes())
    assert Timm(model="resnet18", weights=copy, download=True).identity() == before
    tensors = load_file(file)
    save_file(tensors | {"conv1.weight": tensors["conv1.weight"] + 1}, file)
    assert Timm(model="resnet18", weights=file).identity() != before


def test_it_says_where_weights_are_from_and_their_licence(tmp_path):
    published = Timm(model="resnet18.tv_in1k", download=True)
    assert published.licence() == "bsd-3-clause" or published.licence() == "BSD-3-Clause"
    assert published.starts_from() == "the weights of resnet18.tv_in1k published with timm"
    own = Timm(model="resnet18", weights=tmp_path / "mine.pth")
    assert own.licence() is None and own.model_copy(update={"spdx": "MIT"}).licence() == "MIT"


def refusal(**parameters: object) -> InputError:
    with pytest.raises(InputError) as refused:
        Timm.model_validate(parameters).identity()
    assert refused.value.advice
    return refused.value


def test_unknown_models_are_refused_with_the_nearest():
    assert "Did you mean resnet18" in str(refusal(model="resnet18x"))
    assert "resnet18.tv_in1k" in str(refusal(model="resnet18.tv_in1"))
    assert "timm.list_models()" in str(refusal(model="~"))


def test_a_name_alone_downloads_nothing(capfd):
    assert "download: true" in str(refusal(model="resnet18.tv_in1k"))
    assert capfd.readouterr() == ("", "")


def test_a_download_is_said_before_it_happens(capfd):
    assert "cannot be downloaded" in str(refusal(model="resnet18.tv_in1k", download=True))
    told = "Downloading model.safetensors of timm/resnet18.tv_in1k from the Hugging Face hub.\n"
    assert capfd.readouterr() == ("", told)


def test_weights_of_another_model_are_refused(tmp_path):
    file = timm_file(tmp_path, "resnet18")
    error = refusal(model="resnet34", weights=file)
    assert "Missing key" in str(error) and error.where == str(file) and len(str(error)) < 800
    assert "Unexpected key" in str(refusal(model="resnet10t", weights=file))


def test_weights_that_are_not_finite_are_refused(tmp_path):
    file = timm_file(tmp_path, "resnet18")
    tensors = load_file(file)
    tensors["conv1.weight"][0] = torch.nan
    save_file(tensors, file)
    assert "not finite, conv1.weight first" in str(refusal(model="resnet18", weights=file))


def test_files_that_cannot_be_read_are_refused(tmp_path):
    missing = tmp_path / "none.safetensors"
    assert refusal(model="resnet18", weights=missing).where == str(missing)
    torch.save(torch.nn.Linear(2, 2), tmp_path / "pickle.pth")
    assert "plain data" in str(refusal(model="resnet18", weights=tmp_path / "pickle.pth"))


@pytest.mark.parametrize(("model", "side"), [("inception_v4", 32), ("vit_tiny_patch16_224", 7)])
def test_a_side_below_what_the_model_reads_is_refused(model: str, side: int, tmp_path: Path):
    file = timm_file(tmp_path, model)
    assert f"{side} x {side}" in str(refusal(model=model, weights=file, side=side))


def test_images_of_other_channels_are_refused(tmp_path):
    with pytest.raises(InputError, match="1 or 3 channels, not of 4"):
        Timm(model="resnet18").code_shape((4, 32, 32))
