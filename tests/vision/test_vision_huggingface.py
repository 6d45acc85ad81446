"""Models of transformers as encoders: their codes, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from outside_models import transformers_folder, vit_configuration
from safetensors.torch import load_file, save_file
from state_dicts import IMAGES, agree

from taskspace.errors import InputError
from taskspace_plugins.encoders.pretrained.huggingface import HuggingFace

IMAGE = (3, 40, 40)


def configuration(name: str, **parameters: object) -> object:
    import transformers

    return getattr(transformers, name)(**parameters)


RESNET = {"embedding_size": 8, "hidden_sizes": [8, 16], "depths": [1, 1], "layer_type": "basic"}
CONVNEXT = {"hidden_sizes": [8, 8, 16, 16], "depths": [1, 1, 1, 1]}
SWIN = {"image_size": 32, "patch_size": 2, "embed_dim": 8, "depths": [1, 1], "num_heads": [1, 2]}
DINO = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "image_size": 32}


@pytest.mark.parametrize(
    ("architecture", "made", "width", "places"),
    [
        ("ViTForImageClassification", vit_configuration, 32, (32, 4, 4)),
        ("ResNetForImageClassification", lambda: configuration("ResNetConfig", **RESNET), 16, 4),
        (
            "ConvNextForImageClassification",
            lambda: configuration("ConvNextConfig", **CONVNEXT),
            16,
            1,
        ),
        (
            "SwinForImageClassification",
            lambda: configuration("SwinConfig", window_size=4, **SWIN),
            16,
            8,
        ),
        (
            # Its classifier reads the class token and the mean of the patches.
            "Dinov2ForImageClassification",
            lambda: configuration("Dinov2Config", patch_size=8, **DINO),
            64,
            (32, 4, 4),
        ),
    ],
)
def test_a_classifying_model_gives_what_its_classifier_reads(
    architecture, made, width, places, tmp_path
):
    import transformers

    folder = transformers_folder(tmp_path, architecture, made())
    encoder, maps = HuggingFace(folder=folder), HuggingFace(folder=folder, pooled=False)
    network, classifier = encoder.build(IMAGE).eval(), encoder.classifier(IMAGE)
    theirs = getattr(transformers, architecture).from_pretrained(folder).eval()
    assert classifier is not None and encoder.code_shape(IMAGE) == (width, 1, 1)
    expected = places if isinstance(places, tuple) else (width, places, places)
    assert maps.code_shape(IMAGE) == expected and maps.classifier(IMAGE) is None
    with torch.no_grad():
        code = network(IMAGES)
        assert code.shape[1:] == encoder.code_shape(IMAGE)
        assert agree(classifier(code), theirs(pixel_values=network[0](IMAGES)).logits)
        assert maps.build(IMAGE).eval()(IMAGES).shape[1:] == expected


@pytest.mark.parametrize(
    ("architecture", "made"),
    [
        ("ViTModel", vit_configuration),
        ("ResNetModel", lambda: configuration("ResNetConfig", **RESNET)),
        ("Dinov2Model", lambda: configuration("Dinov2Config", patch_size=8, **DINO)),
    ],
)
def test_a_backbone_gives_its_pooled_output(architecture, made, tmp_path):
    import transformers

    folder = transformers_folder(tmp_path, architecture, made())
    encoder = HuggingFace(folder=folder)
    network = encoder.build(IMAGE).eval()
    theirs = getattr(transformers, architecture).from_pretrained(folder).eval()
    with torch.no_grad():
        pooled = theirs(pixel_values=network[0](IMAGES)).pooler_output
        assert agree(network(IMAGES).flatten(1), pooled.flatten(1))
    assert encoder.classifier(IMAGE) is None


def test_tokens_stand_in_the_map_where_their_patches_are(tmp_path):
    folder = transformers_folder(tmp_path, "ViTModel", vit_configuration())
    network = HuggingFace(folder=folder, pooled=False).build((3, 32, 32)).eval()
    image = torch.rand(1, 3, 32, 32)
    with torch.no_grad():
        tokens = network[1].network(pixel_values=network[0](image)).last_hidden_state
        assert torch.equal(network(image)[0, :, 1, 2], tokens[0, 1 + 4 + 2])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return transformers_folder(tmp_path, "ViTForImageClassification", vit_configuration())


def changed(folder: Path, **tensors: torch.Tensor | None) -> Path:
    file = folder / "model.safetensors"
    state = {**load_file(file), **tensors}
    save_file({n: t for n, t in state.items() if t is not None}, file, {"format": "pt"})
    return folder


def test_the_identity_follows_the_files_and_not_their_path(folder, tmp_path):
    import transformers

    before = HuggingFace(folder=folder).identity()
    assert before["transformers"] == transformers.__version__
    assert str(tmp_path) not in repr(before)
    moved = folder.rename(tmp_path / "moved")
    assert HuggingFace(folder=moved, model="a/b", download=True).identity() == before
    changed(moved, **{"classifier.bias": torch.ones(5)})
    after = HuggingFace(folder=moved).identity()
    assert after != before
    processor = moved / "preprocessor_config.json"
    content = json.loads(processor.read_text())
    processor.write_text(json.dumps(content | {"image_mean": [0.1, 0.2, 0.3]}))
    assert HuggingFace(folder=moved).identity() not in (before, after)


def test_the_licence_is_that_of_the_card_unless_the_job_says_another(folder):
    assert HuggingFace(folder=folder).licence() is None
    (folder / "README.md").write_text("---\ntags: [vision]\nlicense: apache-2.0\n---\n# A model\n")
    assert HuggingFace(folder=folder).licence() == "Apache-2.0"
    assert HuggingFace(folder=folder, spdx="MIT").licence() == "MIT"


def refusal(folder: Path | None = None, **parameters: object) -> InputError:
    with pytest.raises(InputError) as refused:
        HuggingFace.model_validate({"folder": folder, **parameters}).identity()
    assert refused.value.advice
    return refused.value


def test_weights_that_are_not_the_models_are_listed(folder):
    name = "vit.layernorm.bias"
    assert f"1 missing: {name}" in str(refusal(changed(folder, **{name: None})))
    assert "1 mismatched" in str(refusal(changed(folder, **{name: torch.ones(3)})))
    restored = changed(folder, **{name: torch.ones(32), "other": torch.ones(2)})
    assert "1 unexpected: other" in str(refusal(restored))
    nan = torch.full((32,), torch.nan)
    assert f"{name} first" in str(refusal(changed(folder, **{name: nan, "other": None})))


def test_a_folder_without_a_processor_is_refused(folder):
    (folder / "preprocessor_config.json").unlink()
    assert "preprocessor_config.json" in str(refusal(folder))


def test_pickled_weights_are_refused(folder):
    tensors = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    torch.save(tensors, folder / "pytorch_model.bin")
    assert "safetensors" in str(refusal(folder))


@pytest.mark.parametrize("content", [None, "", "[]", '{"architectures": ["NoSuchModel"]}'])
def test_a_folder_without_a_configuration_is_refused(content, folder):
    if content is None:
        (folder / "config.json").unlink()
    else:
        (folder / "config.json").write_text(content)
    assert str(folder) in str(refusal(folder))


def test_a_damaged_file_is_refused(folder):
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:100])
    assert str(folder) in str(refusal(folder))


def test_a_name_alone_downloads_nothing(capfd):
    assert "download: true" in str(refusal(model="facebook/dinov2-small"))
    assert capfd.readouterr() == ("", "")


def test_a_download_is_said_before_it_happens(capfd):
    assert "cannot be downloaded" in str(refusal(model="facebook/dinov2-small", download=True))
    told = capfd.readouterr()
    line = (
        "Downloading preprocessor_config.json of facebook/dinov2-small from the Hugging Face hub."
    )
    assert told.out == "" and line in told.err
