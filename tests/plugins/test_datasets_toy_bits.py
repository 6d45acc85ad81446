"""The toy strings: the seed paper's two tasks, on shared and on separate bits."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from taskspace_plugins.datasets._draws import even_order, fair_bits
from taskspace_plugins.datasets.toy_bits import ToyBits
from taskspace_plugins.tasks.labels.classification import Classification

FIRST = ["11111010010000010100", "00111001101111110011"]
ORDER = [2, 3, 1, 6, 7, 0, 4, 5]


def paper(x: list[int], features: str, half: int) -> tuple[bool, bool]:
    """The labelling functions as Yan 2020 prints them, with the slices of Python."""
    t0 = x[0] == 1 or sum(x[1:half]) % 2 == 0
    if features == "shared":
        return t0, x[0] == 0 or sum(x[1:half]) % 2 == 0
    return t0, x[half] == 0 or sum(x[half + 1 : 2 * half]) % 2 == 0


def strings_and_answers(dataset: ToyBits) -> tuple[list[list[int]], list[tuple[bool, bool]]]:
    sample = dataset.read(range(dataset.length()))
    strings = sample["image"][:, 0, 0].int().tolist()
    answers = torch.stack([sample["t0"], sample["t1"]], dim=1).bool().tolist()
    return strings, [tuple(pair) for pair in answers]


@pytest.mark.parametrize("bits", [4, 8, 20])
@pytest.mark.parametrize("features", ["shared", "separate"])
def test_the_answers_are_those_of_the_paper(bits: int, features: str) -> None:
    dataset = ToyBits(samples=600, bits=bits, features=features, seed=3)
    strings, answers = strings_and_answers(dataset)
    assert answers == [paper(x, features, bits // 2) for x in strings]
    if bits == 4:
        assert {*map(tuple, strings)} == {*itertools.product((0, 1), repeat=4)}


def all_strings(features: str) -> dict[tuple[int, ...], tuple[bool, bool]]:
    """Return the answers of a dataset for each of the 256 strings of eight bits."""
    strings, answers = strings_and_answers(ToyBits(samples=4000, bits=8, features=features))
    table = dict(zip(map(tuple, strings), answers, strict=True))
    assert len(table) == 256
    return table


@pytest.mark.parametrize("features", ["shared", "separate"])
def test_three_in_four_answers_are_true_over_all_strings(features: str) -> None:
    assert np.mean(list(all_strings(features).values()), axis=0).tolist() == [0.75, 0.75]


@pytest.mark.parametrize(("features", "own"), [("shared", range(4)), ("separate", range(4, 8))])
def test_a_task_follows_its_own_half_and_no_other_bit(features: str, own: range) -> None:
    table = all_strings(features)
    for task, bits in enumerate([range(4), own]):
        followed = {
            bit
            for x, answers in table.items()
            for bit in range(8)
            if answers[task] != table[*x[:bit], 1 - x[bit], *x[bit + 1 :]][task]
        }
        assert followed == set(bits)


def test_more_strings_begin_with_those_of_fewer() -> None:
    few, many = ToyBits(samples=100), ToyBits(samples=1000)
    for name, values in few.read(range(100)).items():
        assert torch.equal(values, many.read(range(100))[name])


def test_the_fingerprint_follows_every_parameter() -> None:
    variants = [
        ToyBits(samples=64),
        ToyBits(samples=65),
        ToyBits(samples=64, bits=18),
        ToyBits(samples=64, features="separate"),
        ToyBits(samples=64, seed=1),
    ]
    assert len({dataset.fingerprint() for dataset in variants}) == len(variants)


def test_the_strings_are_the_same_everywhere() -> None:
    # NumPy never changes what PCG64 draws, so this changes only if we do.
    assert ["".join(map(str, row)) for row in fair_bits(2, 20, seed=0)] == FIRST
    assert even_order(np.array([0, 1] * 4), seed=0).tolist() == ORDER


def test_bits_are_fair_and_independent() -> None:
    bits = fair_bits(20_000, 20, seed=1).astype(float)
    spread = 4.5 / np.sqrt(20_000)
    assert np.abs(bits.mean(axis=0) - 0.5).max() < spread / 2
    correlation = np.corrcoef(bits, rowvar=False) - np.eye(20)
    assert np.abs(correlation).max() < spread


def test_the_task_classification_reads_its_labels() -> None:
    dataset = ToyBits(samples=50)
    assert dataset.task_fields() == ("t0", "t1")
    sample = dataset.read(range(50))
    for name in dataset.task_fields():
        task = Classification(field=name)
        assert task.head(dataset.fields()).size == 2
        assert torch.equal(task.target(sample), sample[name])
        assert {*task.words(sample[name], dataset.fields())} == {"false", "true"}


def test_an_odd_number_of_bits_has_no_halves() -> None:
    with pytest.raises(ValidationError, match="multiple of 2"):
        ToyBits(bits=19)


def test_every_beginning_of_an_even_order_has_the_strata_in_proportion() -> None:
    draw = np.random.default_rng(0)
    for seed in range(20):
        strata = np.repeat(np.arange(7), draw.integers(0, 40, 7))
        order = even_order(draw.permutation(strata), seed)
        assert sorted(order) == list(range(len(strata)))
    strata = draw.permutation(np.repeat(np.arange(7), [1, 3, 40, 40, 10, 0, 25]))
    order, sizes = even_order(strata, seed=4), np.bincount(strata)
    for count in range(len(strata) + 1):
        found = np.bincount(strata[order[:count]], minlength=7)
        share = sizes * count / len(strata)
        # A place cuts each stratum to within one of its share, and all of them to within seven.
        assert (np.abs(found - share) <= 1 + 7 * sizes / len(strata)).all()


def test_another_seed_is_another_order() -> None:
    strata = np.zeros(50, dtype=int)
    assert even_order(strata, 0).tolist() != even_order(strata, 1).tolist()
    assert even_order(strata, 0).tolist() == even_order(strata, 0).tolist()
