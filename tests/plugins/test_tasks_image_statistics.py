"""Statistics of images against closed forms and scipy."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from taskspace_plugins.tasks._image import grey, ink_moments, mean_thickness, sobel_magnitude
from taskspace_plugins.tasks.digits.ink_moments import InkMoments
from taskspace_plugins.tasks.digits.stroke_thickness import StrokeThickness
from taskspace_plugins.tasks.responses.edges_2d import Edges2d


def images(seed: int, height: int, width: int) -> torch.Tensor:
    return torch.rand(3, height, width, generator=torch.Generator().manual_seed(seed)).double()


def disk(radius: float, side: int = 64, fine: int = 8) -> torch.Tensor:
    """Return an antialiased disk: every pixel holds the share of it that is covered."""
    place = (torch.arange(side * fine) + 0.5) / fine - side / 2
    inside = (place[:, None] ** 2 + place**2 <= radius**2).float()
    return torch.nn.functional.avg_pool2d(inside[None, None], fine)[0]


@given(st.integers(0, 99), st.integers(1, 9), st.integers(1, 9))
def test_the_gradient_is_that_of_scipy(seed: int, height: int, width: int) -> None:
    ink = images(seed, height, width)
    for ours, image in zip(sobel_magnitude(ink), ink.numpy(), strict=True):
        reference = np.hypot(
            ndimage.sobel(image, 0, mode="nearest"), ndimage.sobel(image, 1, mode="nearest")
        )
        np.testing.assert_allclose(ours, reference / 4, atol=1e-12)


def test_a_step_has_an_edge_of_one_and_an_even_image_none() -> None:
    step = torch.zeros(1, 6, 6)
    step[..., 3:] = 1
    edges = sobel_magnitude(step)[0]
    assert torch.equal(edges, torch.tensor([0, 0, 1.0, 1, 0, 0]).expand(6, 6))
    assert sobel_magnitude(torch.full((1, 5, 5), 0.7)).abs().max() < 1e-6


def test_moments_are_zero_for_an_evenly_half_lit_image_up_to_the_pixel() -> None:
    even = ink_moments(torch.full((1, 200, 100), 0.5))[0]
    assert even.abs().max() < 1e-3


def test_moments_of_a_rectangle_have_the_closed_form() -> None:
    # 20 x 10 pixels (height x width) with its centre at (65, 30) of 100 x 100, x before y.
    ink = torch.zeros(1, 100, 100)
    ink[:, 20:40, 60:70] = 1
    mass, x, y, x_spread, y_spread, covariance = ink_moments(ink)[0].tolist()
    assert mass == pytest.approx(2 * 200 / 10_000 - 1, abs=1e-6)
    assert (x, y) == pytest.approx((0.3, -0.4), abs=1e-5)
    # A row of n unit pixels has the variance (n^2 - 1) / 12 about its centre.
    deviation = [math.sqrt((n * n - 1) / 12) / 50 for n in (10, 20)]
    expected = [math.sqrt(3) * each - 1 for each in deviation]
    assert [x_spread, y_spread] == pytest.approx(expected, abs=1e-4)
    assert covariance == pytest.approx(0, abs=1e-5)


@given(st.integers(0, 99), st.integers(2, 9), st.integers(2, 9))
def test_moments_are_the_weighted_covariance_of_numpy(seed: int, height: int, width: int) -> None:
    ink = images(seed, height, width)
    y, x = np.mgrid[:height, :width]
    points = np.stack([(2 * x.ravel() + 1) / width - 1, (2 * y.ravel() + 1) / height - 1])
    for ours, image in zip(ink_moments(ink).numpy(), ink.numpy(), strict=True):
        weights = image.ravel()
        covariance = np.cov(points, aweights=weights, ddof=0)
        np.testing.assert_allclose(ours[1:3], np.average(points, axis=1, weights=weights))
        np.testing.assert_allclose(ours[3:5], np.sqrt(3 * np.diag(covariance)) - 1)
        np.testing.assert_allclose(ours[5], 3 * covariance[0, 1], atol=1e-12)


@given(st.integers(0, 99))
def test_mirroring_an_image_turns_the_signs_that_it_should(seed: int) -> None:
    ink = images(seed, 7, 6)
    signs = torch.tensor([1, -1, 1, 1, 1, -1], dtype=ink.dtype)
    assert torch.allclose(ink_moments(ink.flip(2)), ink_moments(ink) * signs, atol=1e-9)


@given(st.integers(1, 6), st.integers(0, 8))
def test_a_bar_is_as_thick_as_it_is_wide(thickness: int, left: int) -> None:
    # Long enough that its two ends do not matter.
    ink = torch.zeros(1, 4000, 16)
    ink[:, :, left : left + thickness] = 1
    assert mean_thickness(ink).item() == pytest.approx(thickness, rel=0.002)


def test_a_bar_that_covers_parts_of_pixels_has_its_true_thickness() -> None:
    ink = torch.zeros(1, 4000, 10)
    ink[:, :, 3], ink[:, :, 4], ink[:, :, 5] = 0.25, 1.0, 0.5
    assert mean_thickness(ink).item() == pytest.approx(1.75, rel=0.002)


@pytest.mark.parametrize("radius", [3.0, 8.0, 16.0, 24.0])
def test_a_disk_is_as_thick_as_its_radius(radius: float) -> None:
    assert mean_thickness(disk(radius)).item() == pytest.approx(radius, rel=0.01)


@settings(max_examples=20)
@given(st.integers(0, 99), st.floats(0.1, 1))
def test_thickness_does_not_depend_on_the_pens_blackness(seed: int, black: float) -> None:
    ink = images(seed, 8, 8)
    assert torch.allclose(mean_thickness(ink * black), mean_thickness(ink))


@given(st.integers(0, 99))
def test_thickness_is_the_same_for_a_turned_and_for_a_mirrored_image(seed: int) -> None:
    ink = images(seed, 7, 6)
    for other in (ink.flip(1), ink.flip(2), ink.mT):
        assert torch.allclose(mean_thickness(other), mean_thickness(ink))


def test_without_ink_there_is_no_centre_and_no_stroke() -> None:
    blank = {"image": torch.zeros(2, 1, 5, 5)}
    moments = InkMoments().target(blank)
    assert torch.equal(moments[:, 0], torch.tensor([-1.0, -1.0]))
    assert moments[:, 1:].isnan().all()
    assert StrokeThickness().target(blank).isnan().all()
    assert (
        not StrokeThickness().loss(torch.zeros(2, 1), StrokeThickness().target(blank)).valid.any()
    )


def test_colours_count_by_their_mean() -> None:
    colour = torch.rand(2, 3, 6, 5, generator=torch.Generator().manual_seed(0))
    plain = {"image": grey(colour)[:, None]}
    for task in (Edges2d(), InkMoments(), StrokeThickness()):
        assert torch.allclose(task.target({"image": colour}), task.target(plain), atol=1e-6)
