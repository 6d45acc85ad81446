"""Weights from a file become those of an encoder, or the file is refused with a report."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import pytest
import torch
from pydantic import ValidationError
from safetensors.torch import save_file
from torch import Tensor, nn

from taskspace.components import ComponentSpec
from taskspace.errors import InputError
from taskspace.registry import Registry
from taskspace_plugins.encoders.mlp import Mlp
from taskspace_plugins.encoders.pretrained.weights_file import WeightsFile
from taskspace_plugins.encoders.resnet import Resnet
from taskspace_plugins.encoders.small_conv import SmallConv
from taskspace_plugins.encoders.small_resnet import SmallResnet

CONV = SmallConv(width=4)
GREY = {"mean": (0.0,), "std": (1.0,), "side": None}
IMAGE = (1, 8, 8)


def trained(seed: int = 0, encoder=CONV, image=IMAGE) -> dict[str, Tensor]:
    """The state dict of a network that somebody has trained."""
    torch.manual_seed(seed)
    return {n: t.clone() for n, t in encoder.build(image).state_dict().items()}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "weights.safetensors"
    save_file(trained(), path)
    return path


def grey(path: Path, **parameters) -> WeightsFile:
    return WeightsFile(path=path, encoder=CONV, **{**GREY, **parameters})


def codes(network: nn.Module, images: Tensor) -> Tensor:
    with torch.no_grad():
        return network.eval()(images)


IMAGES = torch.rand(2, *IMAGE, generator=torch.Generator().manual_seed(1))


def expected() -> Tensor:
    torch.manual_seed(0)
    return codes(CONV.build(IMAGE), IMAGES)


def saved(content: object, path: Path) -> Path:
    torch.save(content, path)
    return path


@pytest.mark.parametrize(
    "wrapped",
    [
        lambda tensors: tensors,
        lambda tensors: {"state_dict": tensors, "epoch": 3},
        lambda tensors: {"model": tensors, "optimizer": {"lr": 0.1}},
        lambda tensors: {"model_state_dict": tensors},
        lambda tensors: {f"module.{n}": t for n, t in tensors.items()},
        lambda tensors: {"state_dict": {f"module.{n}": t for n, t in tensors.items()}},
    ],
)
def test_a_state_dict_is_found_in_a_pytorch_file(wrapped, tmp_path):
    path = saved(wrapped(trained()), tmp_path / "weights.pth")
    assert torch.equal(codes(grey(path).build(IMAGE), IMAGES), expected())


def test_safetensors_are_loaded(file):
    torch.manual_seed(9)
    assert torch.equal(codes(grey(file).build(IMAGE), IMAGES), expected())


def test_a_part_of_a_file_is_loaded(tmp_path):
    tensors = {f"backbone.{n}": t for n, t in trained().items()}
    tensors |= {"backbone.projector.weight": torch.ones(3), "decoder.weight": torch.ones(2)}
    path = saved(tensors, tmp_path / "weights.pt")
    encoder = grey(path, prefix="backbone.", ignore=["backbone.projector."])
    assert torch.equal(codes(encoder.build(IMAGE), IMAGES), expected())


def test_images_are_prepared_as_the_job_says(file):
    encoder = grey(file, mean=(0.25,), std=(0.5,))
    torch.manual_seed(0)
    own = codes(CONV.build(IMAGE), (IMAGES - 0.25) / 0.5)
    assert torch.allclose(codes(encoder.build(IMAGE), IMAGES), own, atol=1e-6)


def test_images_are_scaled_to_the_side_of_the_weights(file):
    encoder = grey(file, side=16)
    assert encoder.code_shape(IMAGE) == CONV.code_shape((1, 16, 16))
    assert codes(encoder.build(IMAGE), IMAGES).shape[1:] == encoder.code_shape(IMAGE)


def resnet_file(path: Path, **more: Tensor) -> Path:
    """What torchvision saves: its names, a classifier `fc`, in old files no counters."""
    tensors = trained(encoder=Resnet(layers=18), image=(3, 64, 64))
    tensors = {n: t for n, t in tensors.items() if not n.endswith("num_batches_tracked")}
    return saved(tensors | more, path)


def test_the_classifier_of_a_resnet_becomes_the_encoders(tmp_path):
    generator = torch.Generator().manual_seed(0)
    weight, bias = torch.rand(7, 512, generator=generator), torch.rand(7, generator=generator)
    path = resnet_file(tmp_path / "r.pth", **{"fc.weight": weight, "fc.bias": bias})
    images = torch.rand(2, 3, 40, 40, generator=generator)
    logits = []
    for pooled in (True, False):
        encoder = WeightsFile(path=path, encoder=Resnet(layers=18, pooled=pooled), side=64)
        classifier = encoder.classifier((3, 40, 40))
        assert classifier is not None
        code = codes(encoder.build((3, 40, 40)), images)
        logits.append(codes(classifier, code))
        assert torch.allclose(logits[-1], code.mean((2, 3)) @ weight.T + bias, atol=1e-4)
    assert torch.allclose(*logits, atol=1e-4)


def test_a_file_without_a_classifier_has_none(file):
    assert grey(file).classifier(IMAGE) is None


@pytest.mark.parametrize(
    "fc",
    [
        {"fc.weight": torch.ones(7, 100), "fc.bias": torch.ones(7)},
        {"fc.weight": torch.ones(7, 512)},
        {"fc.0.weight": torch.ones(7, 512), "fc.0.bias": torch.ones(7)},
    ],
)
def test_a_classifier_of_other_codes_is_refused_before_anything_is_computed(fc, tmp_path):
    encoder = WeightsFile(path=resnet_file(tmp_path / "r.pth", **fc), encoder=Resnet())
    with pytest.raises(InputError, match="no linear classifier of 512 numbers"):
        encoder.identity()


def test_it_says_where_weights_are_from_and_their_licence(file):
    encoder = grey(file, spdx="MIT")
    assert encoder.starts_from() == "the weights in weights.safetensors"
    assert encoder.licence() == "MIT" and grey(file).licence() is None


def without(name: str) -> dict[str, Tensor]:
    tensors = trained()
    del tensors[name]
    return tensors


@pytest.mark.parametrize(
    ("tensors", "message"),
    [
        (without("0.weight"), "1 missing: 0.weight"),
        (trained() | {"9.bias": torch.ones(2)}, "1 unexpected: 9.bias"),
        ({**without("0.bias"), "a": torch.ones(1)}, "1 missing: 0.bias; 1 unexpected: a"),
        (trained() | {"0.bias": torch.ones(4, dtype=torch.int8)}, "not dense .*: 0.bias"),
        (trained() | {"0.bias": torch.ones(4).to_sparse()}, "1 not dense tensors .*: 0.bias"),
        (trained() | {"0.bias": torch.ones(4, device="meta")}, "1 not dense tensors .*: 0.bias"),
        (trained() | {"0.bias": torch.tensor([1.0, torch.nan, 1, 1])}, "1 not finite: 0.bias"),
    ],
)
def test_tensors_that_are_not_the_encoders_are_listed(tensors, message, tmp_path):
    encoder = grey(saved(tensors, tmp_path / "weights.pt"))
    for ask in (encoder.identity, lambda: encoder.build(IMAGE)):
        with pytest.raises(InputError, match=message) as refused:
            ask()
        assert refused.value.where == str(encoder.path) and refused.value.advice


def test_shapes_are_compared(tmp_path):
    path = saved(trained() | {"0.bias": torch.ones(5)}, tmp_path / "weights.pt")
    shapes = r"1 of another shape: 0.bias \(5,\) for \(4,\)"
    with pytest.raises(InputError, match=shapes):
        grey(path, side=8).identity()
    with pytest.raises(InputError, match=shapes):
        grey(path).build(IMAGE)


def test_of_images_as_they_are_the_shapes_are_not_known_before(tmp_path):
    mlp = Mlp(width=3, depth=1)
    path = saved(trained(encoder=mlp), tmp_path / "weights.pt")
    encoder = WeightsFile(path=path, encoder=mlp, **GREY)
    encoder.identity()
    assert encoder.build(IMAGE)(IMAGES).shape == (2, 3, 1, 1)


def test_a_long_report_is_cut(tmp_path):
    path = resnet_file(tmp_path / "r.pth")
    with pytest.raises(InputError, match=r"unexpected: conv1\.weight, .* and \d+ more"):
        grey(path).identity()


def damaged(path: Path, kind: str) -> Path:
    whole = path.read_bytes()
    target = path.with_name(f"damaged{'.pt' if kind == 'garbage' else path.suffix}")
    if kind == "folder":
        target.mkdir()
    elif kind == "pipe":
        os.mkfifo(target)
    elif kind != "missing":
        part = {"truncated": whole[: len(whole) // 2], "empty": b"", "garbage": b"no weights"}
        target.write_bytes(part[kind])
    return target


@pytest.mark.parametrize("kind", ["truncated", "empty", "garbage", "folder", "pipe", "missing"])
@pytest.mark.parametrize("suffix", [".safetensors", ".pt"])
def test_a_file_that_cannot_be_read_is_refused_before_anything_is_computed(kind, suffix, tmp_path):
    whole = tmp_path / f"whole{suffix}"
    (save_file if suffix == ".safetensors" else torch.save)(trained(), whole)
    encoder = grey(damaged(whole, kind))
    with pytest.raises(InputError) as refused:
        encoder.identity()
    assert refused.value.where == str(encoder.path) and refused.value.advice


class Trap:
    """What runs code where a pickle is loaded."""

    def __reduce__(self):
        return (Path.touch, (Path("trap"),))


@pytest.mark.parametrize("write", [torch.save, lambda o, p: p.write_bytes(pickle.dumps(o))])
@pytest.mark.parametrize("content", [nn.Linear(2, 2), {"state_dict": Trap()}])
def test_a_full_pickle_is_never_loaded(write, content, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "model.pth"
    write(content, path)
    with pytest.raises(InputError, match="plain data"):
        grey(path).identity()
    assert not Path("trap").exists()


@pytest.mark.parametrize("content", [{}, [torch.ones(2)], {"epoch": 3}, torch.ones(2)])
def test_a_file_without_named_tensors_is_refused(content, tmp_path):
    with pytest.raises(InputError, match="no tensors by name"):
        grey(saved(content, tmp_path / "weights.pt")).identity()


def test_a_prefix_that_nothing_has_is_refused_with_names_that_are_there(file):
    with pytest.raises(InputError, match=r"no tensor begins with 'backbone\.'; there are"):
        grey(file, prefix="backbone.").identity()


def test_the_identity_follows_the_content_of_the_file_and_not_its_path(file, tmp_path):
    before = grey(file).identity()
    copied = tmp_path / "elsewhere.safetensors"
    copied.write_bytes(file.read_bytes())
    assert grey(copied).identity() == before
    assert str(tmp_path) not in repr(before)
    save_file(trained(seed=1), file)
    assert grey(file).identity() != before


def test_the_identity_follows_the_encoder_and_the_preparation(file):
    identities = [
        grey(file).identity(),
        grey(file, side=16).identity(),
        grey(file, mean=(0.5,)).identity(),
        WeightsFile(path=file, encoder=CONV.model_copy(update={"factor": 4}), **GREY).identity(),
    ]
    assert len({repr(one) for one in identities[:3]}) == 3 and identities[3] == identities[0]


def test_the_path_of_an_encoder_in_an_encoder_stays_out(file, tmp_path):
    copied = tmp_path / "copy.safetensors"
    copied.write_bytes(file.read_bytes())
    tensors = {f"1.{n}": t for n, t in trained().items()}
    outer = saved(tensors, tmp_path / "outer.pt")
    identities = [
        WeightsFile(path=outer, encoder=grey(inner), **GREY).identity() for inner in (file, copied)
    ]
    assert identities[0] == identities[1]


def test_mean_and_deviation_have_equally_many_channels(file):
    with pytest.raises(ValidationError, match="mean has 3 channels, std 1"):
        WeightsFile(path=file, encoder=CONV, std=(1.0,))
    with pytest.raises(ValidationError, match="greater than 0"):
        WeightsFile(path=file, encoder=CONV, mean=(0.0,), std=(0.0,))


def test_images_of_other_channels_are_refused(file):
    with pytest.raises(InputError, match="1 channel, not of 3"):
        grey(file).code_shape((3, 8, 8))


def test_a_job_names_the_encoder(file):
    parameters = {
        "path": str(file),
        "encoder": {"use": "small_conv", "width": 4},
        "mean": [0],
        "std": [1],
        "side": None,
    }
    registry = Registry.load(Path(__file__).parent, plugins=False)
    component = registry.component(ComponentSpec("encoder", "weights_file", parameters))
    assert component == grey(file) and component.identity() == grey(file).identity()
    assert registry.component(component.spec()) == component


def test_at_random_nothing_is_read_and_nothing_is_claimed(tmp_path):
    absent = grey(tmp_path / "absent.safetensors", spdx="MIT")
    drawn = absent.untrained()
    assert drawn is not None
    assert absent.starts_from() and absent.licence() == "MIT"
    assert drawn.starts_from() is None and drawn.licence() is None
    assert drawn.classifier(IMAGE) is None
    assert "sha256" not in drawn.identity()
    assert drawn.code_shape(IMAGE) == absent.code_shape(IMAGE)
    torch.manual_seed(0)
    assert torch.equal(codes(drawn.build(IMAGE), IMAGES), expected())


def test_the_random_twin_of_weights_upon_weights_starts_at_random_too(file, tmp_path):
    twice = WeightsFile(path=tmp_path / "outer.safetensors", encoder=grey(file), **GREY)
    drawn = twice.untrained()
    assert drawn is not None and drawn.encoder.starts_from() is None


def test_a_file_of_torch_without_its_end_is_said_to_be_cut_short(tmp_path):
    whole = saved(trained(), tmp_path / "whole.pt")
    part = tmp_path / "part.pt"
    part.write_bytes(whole.read_bytes()[:-100])
    with pytest.raises(InputError, match="cut short") as refused:
        grey(part).identity()
    assert refused.value.where == str(part)


def test_the_case_of_a_suffix_does_not_matter(file):
    upper = file.rename(file.with_suffix(".SAFETENSORS"))
    assert torch.equal(codes(grey(upper).build(IMAGE), IMAGES), expected())


@pytest.mark.parametrize("prefix", ["", "0."])
def test_tensors_that_are_all_ignored_are_said_to_be(prefix, file):
    with pytest.raises(InputError, match="is not in `ignore`; there are 0"):
        grey(file, prefix=prefix, ignore=["0", "2", "4", "6"]).identity()


def test_images_of_other_channels_are_refused_with_the_channels_that_would_do(file):
    with pytest.raises(InputError, match="of 1 channel, not of 3") as refused:
        grey(file).code_shape((3, 8, 8))
    assert refused.value.advice == "Use another encoder, or images that are grey."


@pytest.mark.parametrize(
    "encoder", [Resnet(stem="fine"), Resnet(pooled=False), SmallResnet(width=8), Mlp(width=4)]
)
def test_the_stages_are_those_of_the_encoder_with_the_weights_of_the_file(encoder, tmp_path):
    path, image = tmp_path / "weights.safetensors", (3, 16, 16)
    save_file(trained(5, encoder, image), path)
    loaded = WeightsFile(path=path, encoder=encoder, side=None)
    images = torch.rand(2, *image, generator=torch.Generator().manual_seed(1))
    stages = loaded.stages(image)
    assert len(stages) == loaded.stage_count() == encoder.stage_count()
    code = images
    for stage in stages:
        code = codes(stage.network, code)
        assert code.shape[1:] == stage.shape
    assert torch.equal(code, codes(loaded.build(image), images))
