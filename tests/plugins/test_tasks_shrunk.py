"""Tasks whose inputs are smaller than the images: against means written out here."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from taskspace.components import Field
from taskspace.errors import DataError
from taskspace_plugins.tasks._shrunk import as_stored, shrunk, shrunk_shape
from taskspace_plugins.tasks.driving.angle_change import AngleChange
from taskspace_plugins.tasks.self_supervised.colorize_rgb import ColorizeRgb

HEIGHT, WIDTH = 7, 10
FIELDS = {
    "image": Field((3, HEIGHT, WIDTH)),
    "clip": Field((4, 3, HEIGHT, WIDTH)),
    "angle_change": Field(()),
}


def images(*shape: int) -> Tensor:
    """Return images of 8 bits."""
    draw = torch.Generator().manual_seed(4)
    return torch.randint(0, 256, (*shape, 3, HEIGHT, WIDTH), generator=draw) / 255


def squares(image: Tensor, by: int) -> list[list[float]]:
    """Return the mean of each square of one channel [H, W]; those at the border are smaller."""
    return [
        [
            float(image[row : row + by, column : column + by].mean())
            for column in range(0, WIDTH, by)
        ]
        for row in range(0, HEIGHT, by)
    ]


@pytest.mark.parametrize("by", [1, 2, 3, 4, 7, 64])
def test_a_square_is_its_mean_in_8_bits_also_at_the_border(by):
    whole = images(2, 4)
    small = shrunk(whole, by)
    side = shrunk_shape((3, HEIGHT, WIDTH), by)
    assert small.shape == (2, 4, *side) and side == (3, -(-HEIGHT // by), -(-WIDTH // by))
    assert torch.equal((small * 255).round() / 255, small)
    for channel in range(3):
        expected = torch.tensor(squares(whole[1, 2, channel], by))
        assert (small[1, 2, channel] - expected).abs().max() <= 0.5 / 255 + 1e-6


def test_colours_are_predicted_from_their_greys_alone():
    task = ColorizeRgb(shrink=3)
    whole = images(5)
    example = task.example({"image": whole}, None)
    assert example.input.shape == example.target.shape == (5, *task.input_shape(FIELDS))
    assert task.input_shape(FIELDS) == (3, 3, 4)
    assert torch.equal(example.target, shrunk(whole, 3))
    red, green, blue = example.target.unbind(1)
    # ITU-R BT.601; half a level where it is rounded.
    grey = 0.299 * red + 0.587 * green + 0.114 * blue
    for channel in example.input.unbind(1):
        assert (channel - grey).abs().max() <= 0.5 / 255 + 1e-6
    assert ColorizeRgb().shrink == 4
    assert task.loss(example.input, example.target).value.tolist() == pytest.approx(
        (example.input - example.target).square().mean(dim=(1, 2, 3)).tolist()
    )
    with pytest.raises(DataError, match="1 channel, so there are no colours"):
        task.head({"image": Field((1, HEIGHT, WIDTH))})


def test_each_frame_of_a_clip_is_shrunk_and_keeps_its_place():
    task = AngleChange(shrink=4)
    clip = images(2, 4)
    sample = {"clip": clip, "angle_change": torch.tensor([0.0, torch.nan])}
    example = task.example(sample, None)
    assert task.input_shape(FIELDS) == (3, 2, 3)
    assert example.input.shape == (2, 4, 3, 2, 3)
    for place in range(4):
        assert torch.equal(example.input[:, place], shrunk(clip[:, place], 4))
    assert example.target.tolist() == [3, -1]
    assert torch.equal(AngleChange().example(sample, None).input, clip)


def test_greys_and_colours_are_those_of_eight_bits():
    images = torch.rand(2, 3, 8, 12, generator=torch.Generator().manual_seed(3))
    for shrink in (1, 4):
        example = ColorizeRgb(shrink=shrink).example({"image": as_stored(images)}, None)
        for values in example:
            assert torch.equal(values, as_stored(values))
