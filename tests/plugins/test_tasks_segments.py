"""Superpixels, the metric loss on pairs of pixels, and how both are shown."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional

from taskspace.components import DenseHead, Field
from taskspace.errors import DataError
from taskspace_plugins.tasks.responses._contrast import DISTANCES, ROUNDING, pair_contrast
from taskspace_plugins.tasks.responses.segment_2d import Segment2d


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def quarters(side: int = 32) -> Tensor:
    """Return the ids of four squares [1, side, side]."""
    half = torch.arange(side) // (side // 2)
    return (2 * half[:, None] + half)[None]


def one_hot(ids: Tensor, scale: float = 1.0) -> Tensor:
    return functional.one_hot(ids).movedim(-1, 1).double() * scale


def by_pairs(embedding: Tensor, ids: Tensor, margin: float) -> float:
    """Return the loss of one image [E, H, W], pair by pair."""
    within, across = [], []
    height, width = ids.shape
    for row in range(height):
        for column in range(width):
            for d in DISTANCES:
                for other in ((row, column + d), (row + d, column)):
                    if other[0] >= height or other[1] >= width:
                        continue
                    if ids[row, column] < 0 or ids[other] < 0:
                        continue
                    square = (embedding[:, row, column] - embedding[:, *other]).square().sum()
                    if ids[row, column] == ids[other]:
                        within.append(square)
                    else:
                        distance = (square + ROUNDING).sqrt()
                        across.append((margin - distance).clamp(min=0).square())
    return sum(float(sum(each)) / len(each) for each in (within, across) if each)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 99), st.integers(1, 7), st.integers(2, 7), st.floats(0.3, 3))
def test_the_loss_is_that_of_all_pairs_one_by_one(
    seed: int, height: int, width: int, margin: float
) -> None:
    generator = seeded(seed)
    ids = torch.randint(-1, 3, (2, height, width), generator=generator)
    embedding = torch.randn(2, 3, height, width, generator=generator, dtype=torch.double)
    value, valid = pair_contrast(embedding, ids, margin)
    for image in range(2):
        expected = by_pairs(embedding[image], ids[image], margin)
        assert value[image].item() == pytest.approx(expected, abs=1e-9)
        assert valid[image] or expected == 0


def test_its_gradient_is_that_of_finite_differences() -> None:
    ids = torch.randint(-1, 2, (1, 3, 6), generator=seeded())
    embedding = torch.rand(1, 2, 3, 6, generator=seeded(1), dtype=torch.double, requires_grad=True)
    assert torch.autograd.gradcheck(lambda each: pair_contrast(each, ids).value, (embedding,))


def test_right_embeddings_beat_random_ones_and_those_beat_reversed_ones() -> None:
    ids = quarters()
    perfect = pair_contrast(one_hot(ids), ids).value
    # Neighbours of one segment far apart, and all segments alike.
    checker = (torch.arange(32)[:, None] + torch.arange(32)) % 2
    reversed_ = pair_contrast(one_hot(checker[None], 2.0), ids).value
    random = torch.rand(1, 8, 32, 32, generator=seeded(), dtype=torch.double) - 0.5
    middling = pair_contrast(random, ids).value
    assert perfect.item() == pytest.approx(0, abs=1e-9)
    assert perfect < middling < reversed_


def test_equal_embeddings_cost_the_square_of_the_margin() -> None:
    equal = torch.zeros(1, 4, 32, 32, dtype=torch.double)
    assert pair_contrast(equal, quarters()).value.item() == pytest.approx(1, abs=3e-3)
    assert pair_contrast(equal, quarters(), 2.0).value.item() == pytest.approx(4, abs=1e-2)


def test_one_segment_costs_its_spread_and_no_label_is_not_valid() -> None:
    embedding = torch.rand(3, 4, 9, 9, generator=seeded(), requires_grad=True)
    ids = torch.zeros(3, 9, 9, dtype=torch.int64)
    ids[1] = -1
    ids[2], ids[2, 4, 4] = -1, 0  # a single pixel makes no pair
    value, valid = pair_contrast(embedding, ids)
    assert valid.tolist() == [True, False, False]
    assert value[0].item() == pytest.approx(by_pairs(embedding[0].detach(), ids[0], 1.0), rel=1e-5)
    value.sum().backward()
    assert embedding.grad is not None and embedding.grad.isfinite().all()
    assert (embedding.grad[1:] == 0).all() and (embedding.grad[0] != 0).any()


def test_gradients_are_finite_where_embeddings_are_equal() -> None:
    embedding = torch.zeros(1, 4, 32, 32, requires_grad=True)
    pair_contrast(embedding, quarters()).value.sum().backward()
    assert embedding.grad is not None and embedding.grad.isfinite().all()


@given(st.integers(0, 99), st.floats(-5, 5))
@settings(max_examples=15, deadline=None)
def test_names_of_segments_and_the_origin_do_not_matter(seed: int, shift: float) -> None:
    ids = torch.randint(-1, 4, (1, 8, 8), generator=seeded(seed))
    embedding = torch.rand(1, 3, 8, 8, generator=seeded(seed), dtype=torch.double)
    renamed = torch.where(ids < 0, ids, 90 - 7 * ids)
    first = pair_contrast(embedding, ids).value
    assert torch.allclose(first, pair_contrast(embedding + shift, renamed).value)


def test_with_a_stride_a_place_has_the_segment_of_its_middle() -> None:
    task = Segment2d(embedding=4, stride=4)
    fields = {"image": Field((3, 30, 32))}
    assert task.head(fields) == DenseHead(4, 4)
    ids = torch.zeros(1, 30, 32, dtype=torch.int64)
    ids[:, 2::4] = 1 + torch.arange(7 + 1)[:, None][: len(range(2, 30, 4))]
    ids[:, 29] = 9  # the middle of the last row of squares would be row 30
    rows = torch.tensor([1, 2, 3, 4, 5, 6, 7, 9])
    embedding = one_hot(rows[None, :, None].expand(1, 8, 8))
    assert task.loss(embedding, ids).value.item() == pytest.approx(0, abs=1e-9)


def test_planted_areas_are_its_segments() -> None:
    colours = torch.rand(4, 3, generator=seeded())
    image = colours[quarters(24)[0]].permute(2, 0, 1)[None]
    ids = Segment2d(sigma=0).target({"image": image})
    assert ids.shape == (1, 24, 24) and ids.dtype == torch.int64
    pairs = torch.stack([ids[0], quarters(24)[0]]).flatten(1).unique(dim=1)
    assert pairs.shape[1] == 4 and pairs[0].unique().numel() == 4


def test_an_image_is_segmented_alone_and_larger_scales_give_fewer_segments() -> None:
    image = functional.interpolate(torch.rand(3, 3, 16, 16, generator=seeded()), scale_factor=2.0)
    ids = Segment2d().target({"image": image})
    for number in range(3):
        alone = Segment2d().target({"image": image[number : number + 1]})
        assert torch.equal(alone[0], ids[number])
    counts = [
        int(Segment2d(scale=scale, min_size=0).target({"image": image}).amax())
        for scale in (5.0, 500.0)
    ]
    assert counts[0] > counts[1]


def test_no_segment_is_smaller_than_asked_for() -> None:
    image = torch.rand(1, 3, 20, 20, generator=seeded())
    ids = Segment2d(min_size=0.1).target({"image": image})
    assert torch.bincount(ids.flatten()).min() >= 40


def test_the_labels_of_a_dataset_are_taken_where_it_has_them() -> None:
    task = Segment2d()
    fields = {"image": Field((3, 8, 8)), "segment_2d": Field((8, 8), ("0", "1"))}
    given_ids = torch.ones(1, 8, 8, dtype=torch.int64)
    sample = {"image": torch.rand(1, 3, 8, 8, generator=seeded()), "segment_2d": given_ids}
    assert task.needs({"image": fields["image"]}) == {"image"}
    assert task.needs(fields) == {"image", "segment_2d"}
    assert torch.equal(task.target(sample), given_ids)
    with pytest.raises(DataError, match="segment_2d"):
        task.head(fields | {"segment_2d": Field((4, 4), ("0", "1"))})


def test_segments_of_many_channels_are_shown_in_grey() -> None:
    image = torch.rand(1, 8, 4, 4, generator=seeded())
    shown = Segment2d().picture(torch.zeros(1, 4, 4, dtype=torch.int64), image)
    torch.testing.assert_close(shown, image.mean().expand(1, 3, 4, 4))


def test_segments_are_shown_in_their_mean_colours() -> None:
    image = torch.rand(2, 3, 8, 8, generator=seeded())
    ids = quarters(8).repeat(2, 1, 1) * 50
    ids[1, :4, :4] = -1
    picture = Segment2d().picture(ids, image)
    torch.testing.assert_close(picture[0, :, 0, 0], image[0, :, :4, :4].mean(dim=(1, 2)))
    torch.testing.assert_close(picture[1, :, 7, 7], image[1, :, 4:, 4:].mean(dim=(1, 2)))
    assert (picture[1, :, :4, :4] == 0.5).all()
    grey = Segment2d().picture(ids, image[:, :1])
    assert grey.shape == (2, 3, 8, 8)


def test_embeddings_are_shown_by_their_principal_components() -> None:
    task = Segment2d()
    image = torch.rand(1, 3, 8, 8, generator=seeded())
    ids = quarters(4)
    weights = torch.randn(4, 6, generator=seeded(2))
    embedding = weights[ids].movedim(-1, 1)
    picture = task.picture(task.decode(embedding), image)
    assert picture.shape == (1, 3, 8, 8)
    assert picture.flatten(2)[0].round(decimals=4).unique(dim=1).shape[1] == 4
    turned = torch.linalg.qr(torch.randn(6, 6, generator=seeded(3))).Q
    # Another basis of the embedding shows the same up to a component's sign.
    other = task.picture(torch.einsum("fe,behw->bfhw", turned, embedding), image)
    torch.testing.assert_close((other - 0.5).abs(), (picture - 0.5).abs(), atol=1e-4, rtol=0)
    for channels in (1, 2):
        assert (task.picture(torch.zeros(1, channels, 4, 4), image) == 0.5).all()
