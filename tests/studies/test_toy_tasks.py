"""Tasks on the unit square: what they are, how they are compared, and what the page shows."""

from __future__ import annotations

import importlib
from pathlib import Path

import numpy as np
import pytest


@pytest.fixture(scope="module")
def modules():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(Path(__file__).parents[2] / "benchmarks")
        names = ("square_tasks", "toy_measures", "toy_pictures", "toy_tasks")
        yield {name: importlib.import_module(name) for name in names}


@pytest.fixture(scope="module")
def square(modules):
    return modules["square_tasks"]


@pytest.fixture(scope="module")
def measures(modules):
    return modules["toy_measures"]


@pytest.fixture(scope="module")
def drawn(measures):
    """Everything that one draw measures."""
    return measures.measure(0, 1e-3)


def test_half_planes_turn_with_the_angle_and_shrink_with_the_shift(square):
    points = np.array([[0.9, 0.5], [0.5, 0.9], [0.1, 0.5]])
    assert square.half_plane(points, 0, 0).tolist() == [True, False, False]
    assert square.half_plane(points, 45, 0.1).tolist() == [True, True, False]
    assert square.half_plane(points, 90, 0.5).tolist() == [False, False, False]


def test_all_half_planes_are_different_tasks(square):
    differ = square.disagreement(square.half_planes(square.grid()))
    assert differ.shape == (60, 60)
    assert differ[np.triu_indices(60, 1)].min() > 0.01


def test_a_cubic_follows_its_coefficients(square):
    """Terms by x and then y: 1, y, y2, y3, x, xy, xy2, x2, x2y, x3."""
    points = square.grid()
    x, y = (2 * points - 1).T
    coefficients = np.array([0.1, -0.4, 0.3, 1, 0, 2, -1, 0.5, 0.7, -2])
    value = 0.1 - 0.4 * y + 0.3 * y**2 + y**3 + 2 * x * y - x * y**2
    value += 0.5 * x**2 + 0.7 * x**2 * y - 2 * x**3
    np.testing.assert_array_equal(square.cubic(points, coefficients), value > 0)


def test_no_class_of_a_cubic_is_small(square):
    tasks = square.random_cubics(square.grid(), 30, np.random.default_rng(0))
    shares = tasks.mean(axis=1)
    assert len(shares) == 30
    assert 0.2 <= shares.min() <= shares.max() <= 0.8


def test_exchanged_classes_are_no_disagreement(square):
    tasks = np.random.default_rng(0).uniform(size=(3, 40)) < 0.5
    differ = square.disagreement(np.concatenate([tasks, ~tasks[:1]]))
    plain = (tasks[1] != tasks[2]).mean()
    assert differ[0, 3] == 0
    assert differ[1, 2] == pytest.approx(min(plain, 1 - plain))


def test_a_jagged_task_is_harder_for_the_nearest_neighbour(square):
    points = square.grid()
    coins = np.random.default_rng(0).uniform(size=len(points)) < 0.5
    tasks = np.stack([np.ones_like(coins), square.half_plane(points, 30, 0), coins])
    none, line, random = square.neighbour_errors(points, tasks, np.random.default_rng(1))
    assert none == 0 < line < 0.15
    assert random > 0.4


def test_angle_and_shift_are_told_apart(square, measures):
    """Matrices that hold the angle on a circle beside the shift, in one entry each."""
    twice = np.radians(2 * np.repeat(square.ANGLES, len(square.SHIFTS)))
    shift = np.tile(square.SHIFTS, len(square.ANGLES))
    own = np.zeros((60, 2, 2))
    own[:, 0, 0], own[:, 0, 1] = np.cos(twice), np.sin(twice)
    own[:, 1, 0] = shift
    # Equal distances are ranked by their rounding.
    assert list(measures.angle_and_shift(own).values()) == pytest.approx([1, 1], abs=0.02)
    own[:, 1, 0] = -np.abs(shift)
    assert measures.angle_and_shift(own)["half-planes: distance and shift"] < 0.5


def test_neighbours_are_those_of_the_map(measures):
    places = np.array([[float(n), 0.0] for n in range(12)])
    differ = np.abs(places[:, :1] - places[:, 0])
    near = [np.sort(row)[1:6].mean() for row in differ]
    assert measures.neighbours_differ(places, differ) == pytest.approx(np.mean(near))


def test_matrices_order_tasks_and_grow_with_noise(drawn):
    measured = drawn.measured
    for family in ("half-planes", "polynomials"):
        near = measured[f"{family}: disagreement of neighbours on the map"]
        most_alike = measured[f"{family}: disagreement of the most alike"]
        assert most_alike < near < 0.75 * measured[f"{family}: disagreement of any two"]
        assert measured[f"{family}: distance and disagreement"] > 0.3
    assert measured["polynomials: norm and planted noise"] > 0.95
    assert measured["polynomials: norm and the head's error"] > 0.5


def test_a_draw_is_the_same_again(drawn, measures):
    again = measures.measure(0, 1e-3)
    assert again.measured == drawn.measured
    np.testing.assert_array_equal(again.cubics.places, drawn.cubics.places)


def test_every_task_has_one_tile(modules, drawn):
    picture = modules["toy_pictures"].mosaic(drawn.lines)
    step = modules["square_tasks"].SIDE + modules["toy_pictures"].GAP
    shown = [
        picture[y : y + step - 4, x : x + step - 4].tobytes()
        for y in range(0, 8 * step, step)
        for x in range(0, 8 * step, step)
    ]
    tiles = [modules["toy_pictures"].tile(labels).tobytes() for labels in drawn.lines.tasks]
    assert sorted(set(shown) - set(tiles)) == [np.ones((32, 32, 3)).tobytes()]
    assert {shown.count(each) for each in tiles} == {1}


def test_the_page_shows_figures_with_their_command(modules, tmp_path, capsys):
    page = tmp_path / "toy.html"
    modules["toy_tasks"].main(["--draws", "2", "--penalty", "0.01", "--out", str(page)])
    command = "python benchmarks/toy_tasks.py --draws 2 --seed 0 --penalty 0.01"
    out = capsys.readouterr().out
    assert out.startswith(command)
    line = next(each for each in out.splitlines() if "norm and the head" in each)
    text = page.read_text(encoding="utf-8")
    assert command in text
    assert line.split("error")[1].strip() in text


@pytest.mark.parametrize("wrong", [["--draws", "0"], ["--penalty", "0"]])
def test_nothing_is_measured_with_a_wrong_setting(modules, wrong, capsys):
    with pytest.raises(SystemExit) as ended:
        modules["toy_tasks"].main(wrong)
    assert ended.value.code == 2
    assert "--penalty above 0" in capsys.readouterr().err
