"""Images are prepared as the weights expect them, and as a model's folder says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from taskspace.errors import InputError
from taskspace_plugins.encoders._images import PreparedImages
from taskspace_plugins.encoders.pretrained._processor import FILE, image_size, preparation

NORMAL = {"image_mean": [0.5, 0.5, 0.5], "image_std": [0.25, 0.25, 0.25]}
RAMP = torch.linspace(0, 1, 64).expand(1, 3, 32, 64)
"""Brighter from left to right, twice as wide as high."""


def saved(folder: Path, **content: object) -> Path:
    (folder / FILE).write_text(json.dumps({**NORMAL, **content}))
    return folder


def test_grey_images_are_repeated_for_each_channel():
    prepared = PreparedImages((0.1, 0.2, 0.3), (1.0, 1.0, 1.0), None)(torch.ones(1, 1, 4, 4))
    assert torch.allclose(prepared[0, :, 0, 0], torch.tensor([0.9, 0.8, 0.7]))


def test_a_whole_image_is_scaled_without_its_proportions():
    prepared = PreparedImages((0.0,) * 3, (1.0,) * 3, (16, 16))(RAMP)
    assert prepared.shape == (1, 3, 16, 16)
    assert prepared[0, 0, 8, 0] < 0.05 and prepared[0, 0, 8, -1] > 0.95


def test_a_margin_is_cut_off_what_keeps_its_proportions():
    prepared = PreparedImages((0.0,) * 3, (1.0,) * 3, (16, 16), crop=1.0)(RAMP)
    # The middle half of the ramp.
    assert prepared[0, 0, 8, 0] == pytest.approx(0.26, abs=0.02)
    assert prepared[0, 0, 8, -1] == pytest.approx(0.74, abs=0.02)
    narrow = PreparedImages((0.0,) * 3, (1.0,) * 3, (16, 16), crop=0.5)(RAMP)
    assert narrow[0, 0, 8, -1] - narrow[0, 0, 8, 0] == pytest.approx(0.24, abs=0.02)


def test_what_is_prepared_is_no_weight():
    assert not PreparedImages((0.0,), (1.0,), None).state_dict()


@pytest.mark.parametrize(
    ("content", "size", "crop"),
    [
        ({"size": {"height": 32, "width": 48}}, (32, 48), None),
        ({"size": {"shortest_edge": 32}}, (32, 32), 1.0),
        ({"size": 32}, (32, 32), 1.0),
        ({"size": {"shortest_edge": 224}, "crop_pct": 0.875}, (224, 224), 0.875),
        ({"size": {"shortest_edge": 384}, "crop_pct": 0.875}, (384, 384), 1.0),
        (
            {
                "size": {"shortest_edge": 256},
                "do_center_crop": True,
                "crop_size": {"height": 224, "width": 224},
            },
            (224, 224),
            0.875,
        ),
    ],
)
def test_sizes_and_crops_are_read(content, size, crop, tmp_path):
    folder = saved(tmp_path, **content)
    assert image_size(folder) == size
    prepared = preparation(folder, pooled=True)
    assert isinstance(prepared, PreparedImages) and prepared.crop == crop
    assert preparation(folder, pooled=False).crop is None


def test_interpolation_mean_and_deviation_are_read(tmp_path):
    size = {"height": 8, "width": 8}
    prepared = preparation(saved(tmp_path, size=size, resample=3), pooled=True)
    assert prepared.interpolation == "bicubic"
    assert torch.allclose(prepared(torch.ones(1, 3, 8, 8)), torch.tensor(2.0))
    plain = preparation(saved(tmp_path, size=size, do_normalize=False), pooled=True)
    assert torch.equal(plain(torch.ones(1, 3, 8, 8)), torch.ones(1, 3, 8, 8))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({}, "does not say the size"),
        ({"size": 0}, "does not say the size"),
        ({"size": 8, "rescale_factor": 1 / 127.5}, "rescales pixels"),
        ({"size": 8, "image_std": None}, "no image_std"),
    ],
)
def test_what_cannot_be_done_is_refused(content, message, tmp_path):
    with pytest.raises(InputError, match=message) as refused:
        preparation(saved(tmp_path, **content), pooled=True)
    assert refused.value.where == str(tmp_path / FILE) and refused.value.advice


@pytest.mark.parametrize("text", [None, "", "[]"])
def test_a_folder_that_says_nothing_is_refused(text, tmp_path):
    if text is not None:
        (tmp_path / FILE).write_text(text)
    with pytest.raises(InputError, match="the model wants its images"):
        image_size(tmp_path)
