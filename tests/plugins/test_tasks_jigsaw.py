"""Tiles are shuffled by permutations that are far apart, and the label puts them back."""

from itertools import permutations

import numpy as np
import pydantic
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from taskspace.components import Field, VectorHead
from taskspace.errors import DataError
from taskspace_plugins.tasks.self_supervised.jigsaw import Jigsaw, far_permutations, shuffle_tiles

SHAPES = st.tuples(
    st.integers(1, 4), st.sampled_from([1, 3]), st.integers(2, 40), st.integers(2, 40)
)


def sample(shape: tuple[int, ...], seed: int = 0) -> dict[str, torch.Tensor]:
    return {"image": torch.rand(shape, generator=torch.Generator().manual_seed(seed))}


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("items", [1, 2, 3, 4, 5])
def test_all_permutations_come_in_order(items: int) -> None:
    everything = list(permutations(range(items)))
    assert far_permutations(items, len(everything)).tolist() == [list(p) for p in everything]
    assert len(far_permutations(items, 10_000)) == len(everything)


@pytest.mark.parametrize(("count", "apart"), [(9, 9), (20, 7), (100, 6)])
def test_permutations_of_nine_are_distinct_and_far_apart(count: int, apart: int) -> None:
    chosen = far_permutations(9, count)
    assert chosen.shape == (count, 9)
    assert (np.sort(chosen, axis=1) == np.arange(9)).all()
    distance = (chosen[:, None] != chosen[None]).sum(axis=2)
    assert distance[np.triu_indices(count, 1)].min() >= apart
    np.testing.assert_array_equal(chosen, far_permutations(9, count))


@pytest.mark.parametrize("count", [2, 5, 20])
def test_every_permutation_is_the_first_of_the_farthest(count: int) -> None:
    chosen = far_permutations(4, count)
    everything = np.array(list(permutations(range(4))))
    for number in range(1, count):
        before = chosen[:number]
        nearest = (everything[:, None] != before[None]).sum(axis=2).min(axis=1)
        np.testing.assert_array_equal(chosen[number], everything[nearest.argmax()])


@settings(max_examples=40, deadline=None)
@given(shape=SHAPES, seed=st.integers(0, 99))
def test_the_label_puts_the_tiles_back(shape: tuple[int, ...], seed: int) -> None:
    task, batch = Jigsaw(permutations=30), sample(shape)
    example = task.example(batch, seeded(seed))
    grid = 2 if min(shape[2:]) < 24 else 3
    order = task.orders(grid)[example.target]
    assert torch.equal(shuffle_tiles(example.input, order.argsort(dim=1), grid), batch["image"])
    picture = task.picture(example.target, example.input)
    assert torch.equal(picture, batch["image"].expand(-1, 3, -1, -1))


@pytest.mark.parametrize(
    ("task", "side", "classes"),
    [
        (Jigsaw(), 8, 24),
        (Jigsaw(), 23, 24),
        (Jigsaw(), 24, 100),
        (Jigsaw(grid=2), 64, 24),
        (Jigsaw(grid=3), 8, 100),
        (Jigsaw(grid=2, permutations=10), 8, 10),
        (Jigsaw(permutations=7), 64, 7),
    ],
)
def test_the_image_decides_the_grid_unless_the_job_does(
    task: Jigsaw, side: int, classes: int
) -> None:
    assert task.head({"image": Field((3, side, side))}) == VectorHead(classes)
    target = task.example(sample((900, 1, side, side)), seeded()).target
    assert set(target.tolist()) == set(range(classes))


def test_left_over_borders_stay() -> None:
    batch = sample((50, 1, 26, 25))
    shown = Jigsaw().example(batch, seeded()).input
    assert torch.equal(shown[..., 24:, :], batch["image"][..., 24:, :])
    assert torch.equal(shown[..., 24:], batch["image"][..., 24:])
    assert not torch.equal(shown, batch["image"])


def test_tiles_are_named_row_by_row() -> None:
    image = torch.arange(9.0).reshape(1, 1, 3, 3)
    order = torch.tensor([[2, 0, 3, 1, 8, 7, 6, 5, 4]])
    assert shuffle_tiles(image, order, 3).flatten().tolist() == order[0].tolist()


def test_decoding_is_the_most_likely_permutation_and_missing_is_grey() -> None:
    target = torch.tensor([3, 99, 0])
    logits = torch.nn.functional.one_hot(target, 100).float()
    assert torch.equal(Jigsaw().decode(logits), target)
    picture = Jigsaw().picture(torch.tensor([-1]), torch.rand(1, 3, 24, 24, generator=seeded()))
    assert (picture == 0.5).all()


@pytest.mark.parametrize(("task", "grid"), [(Jigsaw(), 2), (Jigsaw(grid=3), 3)])
def test_an_image_smaller_than_the_grid_is_no_jigsaw(task: Jigsaw, grid: int) -> None:
    with pytest.raises(DataError, match=f"{grid}x{grid} tiles"):
        task.head({"image": Field((1, grid - 1, 64))})


def test_other_grids_are_refused() -> None:
    with pytest.raises(pydantic.ValidationError, match="grid"):
        Jigsaw(grid=4)
