"""Tasks that change what the network sees, on images of any shape."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from taskspace.components import Task
from taskspace_plugins.tasks.self_supervised.denoising import Denoising
from taskspace_plugins.tasks.self_supervised.inpainting import FILL, Inpainting
from taskspace_plugins.tasks.self_supervised.jigsaw import Jigsaw
from taskspace_plugins.tasks.self_supervised.right_half import RightHalf
from taskspace_plugins.tasks.self_supervised.rotation import Rotation, rotate

SHAPES = st.tuples(st.integers(1, 4), st.sampled_from([1, 3]), st.integers(2, 9), st.integers(2, 9))
CHANGING = (Denoising(), Inpainting(), Jigsaw(), RightHalf(), Rotation())


def sample(shape: tuple[int, ...], seed: int = 0) -> dict[str, torch.Tensor]:
    return {"image": torch.rand(shape, generator=torch.Generator().manual_seed(seed))}


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("task", CHANGING, ids=lambda task: task.name)
@given(shape=SHAPES, seed=st.integers(0, 99))
def test_the_input_keeps_its_shape_and_the_sample_its_pixels(
    task: Task, shape: tuple[int, ...], seed: int
) -> None:
    given_sample = sample(shape)
    before = given_sample["image"].clone()
    example = task.example(given_sample, seeded(seed))
    assert example.input.shape == shape
    assert example.input.min() >= 0 and example.input.max() <= 1
    assert torch.equal(given_sample["image"], before)
    assert not task.plain_input


@pytest.mark.parametrize("task", CHANGING, ids=lambda task: task.name)
def test_randomness_comes_from_the_generator_alone(task: Task) -> None:
    batch = sample((16, 1, 8, 8))
    first = task.example(batch, seeded(1))
    torch.manual_seed(99)
    again, other = task.example(batch, seeded(1)), task.example(batch, seeded(2))
    assert torch.equal(first.input, again.input)
    assert torch.equal(first.target.nan_to_num(7), again.target.nan_to_num(7))
    if task.name != "right_half":
        assert not torch.equal(first.input, other.input)


@given(shape=SHAPES, seed=st.integers(0, 99))
def test_turning_back_gives_the_image(shape: tuple[int, ...], seed: int) -> None:
    batch = sample(shape)
    example = Rotation().example(batch, seeded(seed))
    assert torch.equal(rotate(example.input, (4 - example.target) % 4), batch["image"])


def test_turns_are_those_of_rot90() -> None:
    image = sample((4, 3, 5, 5))["image"]
    turned = rotate(image, torch.arange(4))
    for turns in range(4):
        assert torch.equal(turned[turns], torch.rot90(image[turns], turns, (1, 2)))


@given(shape=SHAPES, seed=st.integers(0, 99), hole=st.floats(0.05, 0.95))
def test_only_the_hole_is_hidden_and_only_the_hole_counts(
    shape: tuple[int, ...], seed: int, hole: float
) -> None:
    image = sample(shape)["image"]
    shown, target = Inpainting(hole=hole).example({"image": image}, seeded(seed))
    hidden = ~target.isnan()
    assert (shown[hidden] == FILL).all()
    assert torch.equal(shown[~hidden], image[~hidden])
    assert torch.equal(target[hidden], image[hidden])
    sides = [max(1, round(hole * side)) for side in shape[2:]]
    assert (hidden.sum(dim=(2, 3)) == sides[0] * sides[1]).all()
    assert (hidden.any(dim=3).sum(dim=2) == sides[0]).all()


def test_a_picture_of_a_hole_is_filled_and_its_surroundings_are_as_seen() -> None:
    image = sample((3, 3, 16, 16))["image"]
    example = Inpainting().example({"image": image}, seeded())
    assert torch.equal(Inpainting().picture(example.target, example.input), image)
    guess = torch.full_like(image, 0.25)
    picture = Inpainting().picture(guess, example.input)
    hidden = ~example.target.isnan()
    assert (picture[hidden] == 0.25).all()
    assert torch.equal(picture[~hidden], image[~hidden])


def test_holes_reach_every_place() -> None:
    target = Inpainting().example(sample((300, 1, 8, 8)), seeded()).target
    assert (~target.isnan()).any(dim=0).all()


@pytest.mark.parametrize(("width", "shown"), [(2, 1), (8, 4), (7, 4)])
def test_the_right_half_is_hidden_and_counts(width: int, shown: int) -> None:
    image = sample((2, 3, 4, width))["image"]
    left, target = RightHalf().example({"image": image}, seeded())
    assert torch.equal(left[..., :shown], image[..., :shown])
    assert (left[..., shown:] == 0).all()
    assert target[..., :shown].isnan().all()
    assert torch.equal(target[..., shown:], image[..., shown:])


def test_noise_has_the_deviation_that_was_asked_for() -> None:
    grey = {"image": torch.full((50, 1, 32, 32), 0.5)}
    noisy, clean = Denoising(sigma=0.05).example(grey, seeded())
    assert torch.equal(clean, grey["image"])
    assert (noisy - clean).std().item() == pytest.approx(0.05, rel=0.02)
