"""What the task measures, on images whose answer is known."""

import pytest
import torch

from taskspace_sketch._mirror import mirror_overlap
from taskspace_sketch.symmetry import Symmetry


@pytest.fixture
def images() -> torch.Tensor:
    return torch.rand(7, 5, 6, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("dim", [1, 2])
def test_a_symmetric_image_overlaps_wholly_and_a_one_sided_one_not_at_all(images, dim):
    symmetric = images + images.flip(dim)
    assert torch.allclose(mirror_overlap(symmetric, dim), torch.ones(7))
    half = images.clone()
    half.narrow(dim, 0, half.shape[dim] // 2 + half.shape[dim] % 2).zero_()
    assert torch.equal(mirror_overlap(half, dim), torch.zeros(7))


@pytest.mark.parametrize("dim", [1, 2])
def test_neither_the_mirror_nor_the_brightness_matters(images, dim):
    found = mirror_overlap(images, dim)
    assert ((found > 0) & (found < 1)).all()
    assert torch.allclose(mirror_overlap(images.flip(dim), dim), found)
    assert torch.allclose(mirror_overlap(0.25 * images, dim), found)


def test_a_letter_is_known_by_its_symmetries():
    letter_a = torch.tensor([[0, 1, 0], [1, 1, 1], [1, 0, 1.0]])
    sample = {"image": torch.stack([letter_a, letter_a.T]).unsqueeze(1)}
    target = Symmetry().target(sample)
    # Left to right it is its own mirror image; upside down only its bar is: three of six pixels.
    assert torch.allclose(target, torch.tensor([[1.0, 0.0], [0.0, 1.0]]))
    assert torch.equal(Symmetry(axes="left_right").target(sample), target[:, :1])
    assert torch.equal(Symmetry(axes="up_down").target(sample), target[:, 1:])


def test_an_image_without_ink_has_no_label():
    target = Symmetry().target({"image": torch.zeros(2, 1, 4, 4)})
    assert target.isnan().all()
    assert not Symmetry().loss(torch.zeros(2, 2), target).valid.any()


def test_the_metric_is_a_share_of_the_ink():
    found = Symmetry().measure(torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 1.0]]))
    assert found.value.tolist() == [0.5]
