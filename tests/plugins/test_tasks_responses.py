"""Edges, blobs and colours against closed forms, scipy and scikit-image."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from skimage import color
from torch import Tensor
from torch.nn import functional

from taskspace.components import DenseHead, Field, Task
from taskspace.errors import DataError
from taskspace_plugins.tasks._image import blob_response, gaussian_blur, sobel_magnitude
from taskspace_plugins.tasks.responses.edges_2d import Edges2d
from taskspace_plugins.tasks.responses.keypoints_2d import Keypoints2d
from taskspace_plugins.tasks.self_supervised._lab import lab_to_rgb, rgb_to_lab
from taskspace_plugins.tasks.self_supervised.colorization import Colorization

RESPONSES = (Edges2d(sigma=1.0), Keypoints2d())


def images(seed: int, count: int = 2, channels: int = 3, side: int = 24) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(count, channels, side, side, generator=generator, dtype=torch.double)


def disk(radius: float, side: int = 65, fine: int = 8) -> Tensor:
    """Return an antialiased disk in the middle: every pixel holds its covered share."""
    place = (torch.arange(side * fine) + 0.5) / fine - side / 2
    inside = (place[:, None] ** 2 + place**2 <= radius**2).double()
    return functional.avg_pool2d(inside[None, None], fine)[0]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 99), st.floats(0.3, 4))
def test_the_blur_is_that_of_scipy(seed: int, sigma: float) -> None:
    image = images(seed)[:, 0, :, :15]
    for ours, each in zip(gaussian_blur(image, sigma), image.numpy(), strict=True):
        radius = math.ceil(4 * sigma)
        reference = ndimage.gaussian_filter(each, sigma, mode="nearest", radius=radius)
        np.testing.assert_allclose(ours, reference, atol=1e-12)


def test_edges_are_blurred_and_tiny_images_are_not() -> None:
    large, tiny = images(0, side=24), images(0, side=23)
    grey = large.mean(dim=1)
    expected = sobel_magnitude(gaussian_blur(grey, 1.0))
    assert torch.equal(Edges2d().target({"image": large})[:, 0], expected)
    assert torch.equal(Edges2d(sigma=0).target({"image": large})[:, 0], sobel_magnitude(grey))
    expected = sobel_magnitude(tiny.mean(dim=1))
    assert torch.equal(Edges2d().target({"image": tiny})[:, 0], expected)


def test_a_blurred_step_has_the_gradient_of_its_error_function() -> None:
    step = torch.zeros(1, 1, 40, 40, dtype=torch.double)
    step[..., 20:] = 1
    sigma = 3.0
    edges = Edges2d(sigma=sigma).target({"image": step})[0, 0]
    x = torch.arange(40) - 19.5
    # Sobel's gradient is half of what changes over two pixels; a sharp step counts 1.
    expected = torch.erf((x + 1) / sigma / 2**0.5) - torch.erf((x - 1) / sigma / 2**0.5)
    torch.testing.assert_close(edges[20], expected.double() / 2, atol=2e-3, rtol=0)
    assert (edges - edges[20]).abs().max() < 1e-12


@pytest.mark.parametrize("task", RESPONSES, ids=lambda task: task.name)
def test_responses_move_with_the_image_and_ignore_its_brightness(task: Task) -> None:
    image = functional.pad(images(1, side=12) / 2, (14, 14, 14, 14), value=0.25)
    there = task.target({"image": image})
    moved = task.target({"image": image.roll((3, -2), (2, 3))})
    torch.testing.assert_close(moved, there.roll((3, -2), (2, 3)), atol=1e-7, rtol=0)
    torch.testing.assert_close(task.target({"image": image + 0.2}), there, atol=1e-6, rtol=0)
    torch.testing.assert_close(task.target({"image": image / 2}), there / 2, atol=1e-6, rtol=0)
    assert there.shape == (2, 1, 40, 40) and there.min() >= 0 and there.max() <= 1


@pytest.mark.parametrize("task", RESPONSES, ids=lambda task: task.name)
def test_responses_of_an_image_do_not_depend_on_its_company(task: Task) -> None:
    batch = images(2, count=3)
    together = task.target({"image": batch})
    for number in range(3):
        alone = task.target({"image": batch[number : number + 1]})
        torch.testing.assert_close(alone[0], together[number], atol=1e-9, rtol=0)


@pytest.mark.parametrize("task", RESPONSES, ids=lambda task: task.name)
def test_responses_of_a_dataset_are_taken_where_it_has_them(task: Task) -> None:
    fields = {"image": Field((3, 24, 24)), task.name: Field((1, 24, 24))}
    label = torch.full((2, 1, 24, 24), 0.5, dtype=torch.double)
    label[0] = math.nan
    sample = {"image": images(0), task.name: label}
    assert task.needs({"image": fields["image"]}) == {"image"}
    assert task.needs(fields) == {"image", task.name}
    assert task.target(sample) is label
    assert task.head(fields) == DenseHead(1)
    assert task.loss(torch.zeros_like(label), label).valid.tolist() == [False, True]
    picture = task.picture(label, images(0))
    assert picture is not None and (picture[0] == 0.5).all() and (picture[1] == 0.5**0.5).all()
    with pytest.raises(DataError, match=task.name):
        task.head(fields | {task.name: Field((1, 12, 12))})


@pytest.mark.parametrize(("sigma", "tolerance"), [(1.5, 0.11), (3.0, 0.03), (6.0, 0.007)])
def test_the_disk_of_its_scale_has_a_response_of_one_in_its_middle(
    sigma: float, tolerance: float
) -> None:
    best = blob_response(disk(2**0.5 * sigma), sigma)[0]
    assert best.argmax() == 32 * 65 + 32
    assert best.max().item() == pytest.approx(1, abs=tolerance)
    for radius in (0.8 * sigma, 2.2 * sigma):
        assert blob_response(disk(radius), sigma)[0, 32, 32] < best.max()
    inverse = blob_response(1 - disk(2**0.5 * sigma), sigma)[0]
    torch.testing.assert_close(inverse, best, atol=1e-6, rtol=0)


@pytest.mark.parametrize("turn", [0.0, 0.6])
def test_a_gaussian_blob_has_the_closed_form(turn: float) -> None:
    place = torch.arange(81, dtype=torch.double) - 40
    y, x = torch.meshgrid(place, place, indexing="ij")
    sigma, long, short = 4.0, 8.0, 4.0
    along = x * math.cos(turn) + y * math.sin(turn)
    across = y * math.cos(turn) - x * math.sin(turn)
    blob = 0.6 * (-((along / long).square() + (across / short).square()) / 2).exp()
    # A Gaussian under a Gaussian is one whose variances are added.
    expected = math.e * sigma**2 * 0.6 * long * short
    expected /= (long**2 + sigma**2) * (short**2 + sigma**2)
    assert blob_response(blob[None], sigma)[0, 40, 40].item() == pytest.approx(expected, rel=0.02)


def test_straight_edges_and_saddles_are_no_blobs() -> None:
    step = torch.zeros(1, 30, 30, dtype=torch.double)
    step[..., 15:] = 1
    assert blob_response(step, 2.0).max() < 1e-6
    x = torch.arange(60, dtype=torch.double) - 29.5
    slope = torch.sigmoid((x[:, None] + 0.5 * x) / 4)
    assert blob_response(slope[None], 2.0)[0, 20:40, 20:40].max() < 0.01
    place = torch.linspace(-1, 1, 30, dtype=torch.double)
    saddle = 0.5 + (place[:, None] ** 2 - place**2) / 4
    assert blob_response(saddle[None], 2.0)[0, 10:20, 10:20].max() < 1e-6


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 99), st.floats(0.5, 4), st.floats(0, 1))
def test_no_image_passes_one(seed: int, sigma: float, threshold: float) -> None:
    response = blob_response((images(seed)[:, 0] > threshold).double(), sigma)
    assert response.isfinite().all() and response.min() >= 0 and response.max() <= 1


def test_lab_is_that_of_scikit_image_and_comes_back() -> None:
    image = images(3, side=16)
    image[0, :, :2] = 0
    lab = rgb_to_lab(image)
    reference = color.rgb2lab(image.permute(0, 2, 3, 1).numpy())
    # It rounds the primaries to six digits, the standard to four.
    np.testing.assert_allclose(lab.permute(0, 2, 3, 1), reference, atol=0.05)
    torch.testing.assert_close(lab_to_rgb(lab), image)
    greys = torch.linspace(0, 1, 9, dtype=torch.double).expand(1, 3, 9)
    assert rgb_to_lab(greys)[:, 1:].abs().max() < 1e-9


def test_every_colour_is_in_a_bin_and_every_bin_has_a_colour() -> None:
    bins = Colorization().bins
    assert len(bins.centres) == 261
    assert bins.centres.unique(dim=0).shape == bins.centres.shape
    # Colours from within the cube add none to those of its surface.
    cube = torch.cartesian_prod(*[torch.linspace(0, 1, 24, dtype=torch.double)] * 3)
    ab = rgb_to_lab(cube[..., None])[:, 1:, 0]
    number = bins.of(ab[..., None])[:, 0]
    assert (bins.centres[number] - ab).abs().max() <= 5 + 1e-4
    assert number.unique().numel() > 230
    assert torch.equal(bins.of(bins.centres[..., None])[:, 0], torch.arange(261))


def test_a_colour_that_no_screen_shows_has_the_nearest_bin() -> None:
    bins = Colorization(step=20).bins
    far = torch.tensor([[0.0, 127.0], [-127.0, -127.0], [127.0, 0.0]])
    distance = torch.cdist(far, bins.centres)
    assert torch.equal(bins.of(far[..., None])[:, 0], distance.argmin(dim=1))


def test_colorization_shows_lightness_and_asks_for_the_mean_colour() -> None:
    task = Colorization(stride=4)
    image = images(4, side=10).float()
    example = task.example({"image": image}, torch.Generator())
    lab = rgb_to_lab(image)
    assert example.input.shape == image.shape
    torch.testing.assert_close(example.input, lab[:, :1].expand(-1, 3, -1, -1) / 100)
    assert example.target.shape == (2, 3, 3) and task.head({"image": Field((3, 10, 10))}).side(
        (3, 10, 10)
    ) == (3, 3)
    corner = lab[0, 1:, 8:, 8:].mean(dim=(1, 2))
    assert example.target[0, 2, 2] == task.bins.of(corner[None, :, None])[0, 0]
    logits = functional.one_hot(example.target, 261).movedim(-1, 1) * 60.0
    assert torch.equal(task.decode(logits), example.target)
    assert task.loss(logits, example.target).value.max() < 1e-6
    assert (task.measure(logits, example.target).value == 1).all()
    assert task.source_only and not task.plain_input


def test_a_picture_of_even_colours_is_the_image_up_to_a_bin() -> None:
    task = Colorization(step=5)
    colours = torch.rand(2, 3, 3, 3, generator=torch.Generator().manual_seed(0)) / 2 + 0.25
    image = colours.repeat_interleave(4, 2).repeat_interleave(4, 3)[..., :10, :10]
    shown, target = task.example({"image": image}, torch.Generator())
    picture = task.picture(target, shown)
    assert (rgb_to_lab(picture) - rgb_to_lab(image))[:, 1:].abs().max() < 4
    assert (picture - image).abs().max() < 0.1
    target[1] = -1
    assert (task.picture(target, shown)[1] == 0.5).all()


def test_grey_images_have_no_colours_to_predict() -> None:
    with pytest.raises(DataError, match="1 channel, so there are no colours"):
        Colorization().head({"image": Field((1, 8, 8))})
