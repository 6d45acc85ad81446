"""Which source sets are tried: all subsets of the best, then a beam search; and chains."""

from __future__ import annotations

from itertools import combinations
from math import comb

import numpy as np
import pytest
import torch

import taskspace
from taskspace.studies.taxonomy.cells.chains import MOST_CHANNELS, as_code
from taskspace.studies.taxonomy.plan.competitors import all_subsets, extended, ranked

BEST = ["d", "a", "c", "b"]


def test_low_orders_are_all_subsets_of_the_best() -> None:
    found = list(all_subsets(BEST, 3))
    assert sorted(found) == sorted([*combinations("abcd", 2), *combinations("abcd", 3)])


def test_a_width_of_one_gives_one_nested_set_an_order() -> None:
    sets = [("a", "d")]
    for order in (3, 4):
        (longer,) = extended(sets, BEST, 1)
        assert set(sets[0]) < set(longer) and len(longer) == order
        sets = [longer]
    assert extended(sets, BEST, 1) == []


@pytest.mark.parametrize("width", [1, 2, 3])
def test_each_best_set_is_extended_by_the_best_sources_that_it_lacks(width: int) -> None:
    names = [f"s{i}" for i in range(8)]
    sets = [tuple(sorted(pair)) for pair in combinations(names, 2)]
    found = extended(sets, names, width)
    assert len(found) == len(set(found)) <= width**2
    for longer in found:
        assert any(set(kept) < set(longer) for kept in sets[:width])
    first = [name for name in names if name not in sets[0]][:width]
    assert {tuple(sorted((*sets[0], name))) for name in first} <= set(found)


def test_sets_are_ranked_by_their_losses_and_by_name_where_they_tie() -> None:
    losses = {
        ("b",): [np.float32([1, 1, 1])],
        ("a",): [np.float32([1, 1, 1])],
        ("c", "d"): [np.float32([0, 0, np.nan])],
    }
    assert ranked(losses, "ahp") == [("c", "d"), ("a",), ("b",)]


def test_sets_are_ranked_by_their_mean_affinity_over_repetitions() -> None:
    # "a" wins by a hair in two repetitions, "b" by far in the third.
    losses = {
        ("a",): [np.float32([0, 0, 0, 1]), np.float32([0, 0, 0, 1]), np.float32([1, 1, 1, 1])],
        ("b",): [np.float32([1, 1, 0, 0]), np.float32([1, 1, 0, 0]), np.float32([0, 0, 0, 0])],
    }
    alone = [ranked({k: [v[i]] for k, v in losses.items()}, "ahp")[0] for i in range(3)]
    assert alone == [("a",), ("a",), ("b",)]
    assert ranked(losses, "ahp") == [("b",), ("a",)]


@pytest.mark.parametrize("channels", [1, 3, 17, 64, 300])
def test_a_predicted_map_becomes_a_code_that_keeps_its_means(channels: int) -> None:
    prediction = torch.rand(2, channels, 32, 32)
    code = as_code(prediction, (4, 4))
    assert code.shape[2:] == (4, 4)
    assert code.shape[1] <= max(MOST_CHANNELS, channels) and code.shape[1] % channels == 0
    means = code.reshape(2, channels, -1, 4, 4).mean(dim=2)
    expected = prediction.reshape(2, channels, 4, 8, 4, 8).mean(dim=(3, 5))
    assert torch.allclose(means, expected, atol=1e-6)


def test_a_predicted_vector_stands_at_every_place() -> None:
    prediction = torch.rand(3, 5)
    code = as_code(prediction, (2, 4))
    assert torch.equal(code, prediction[:, :, None, None].expand(3, 5, 2, 4))


@pytest.fixture(scope="module")
def searched(tmp_path_factory) -> taskspace.Run:
    place = tmp_path_factory.mktemp("searched")
    job = {
        "study": "taxonomy",
        "name": "searched",
        "dataset": "digits",
        "tasks": ["identity", "edges_2d", "parity", "autoencoding", "jigsaw"],
        "encoder": {"use": "small_conv", "width": 8},
        "train": {"epochs": 1},
        "transfer": {
            "max_order": 24, "beam": 3, "subsets": 2, "width": 1, "transitive": True,
            "images": 60, "epochs": 1,
        },
        "solve": {"budgets": [1], "random_policies": 0},
    }  # fmt: skip
    return taskspace.run(job, store=place / "store", runs=place / "runs", executor="inline")


def test_orders_go_as_far_as_there_are_other_sources(searched) -> None:
    for target in ("identity", "edges_2d", "parity", "autoencoding"):
        orders = [
            row["order"]
            for row in searched.result["transfers"]
            if row["target"] == target and not row["supervised"]
        ]
        assert {n: orders.count(n) for n in set(orders)} == {1: 5, 2: comb(3, 2), 3: 1, 4: 1}


def test_beam_search_extends_the_best_set_of_the_order_before(searched) -> None:
    rows = [row for row in searched.result["transfers"] if row["target"] == "parity"]
    pairs = [row for row in rows if row["order"] == 2]
    (triple,) = (row for row in rows if row["order"] == 3)
    (whole,) = (row for row in rows if row["order"] == 4)
    assert any(set(pair["sources"]) < set(triple["sources"]) for pair in pairs)
    assert set(triple["sources"]) < set(whole["sources"])
    assert set(whole["sources"]) == {"identity", "edges_2d", "autoencoding", "jigsaw"}


def test_chains_are_compared_with_the_direct_transfer_and_enter_no_policy(searched) -> None:
    chains = searched.result["transitive"]
    assert chains
    direct = {
        (row["target"], *row["sources"]): row["test"]["loss"]
        for row in searched.result["transfers"]
        if row["order"] == 1
    }
    for chain in chains:
        assert len({chain["source"], chain["through"], chain["target"]}) == 3
        assert chain["through"] != "jigsaw"  # nothing is transferred to a source-only task
        assert chain["direct_loss"] == direct[chain["target"], chain["source"]]
        assert chain["loss"] != chain["direct_loss"]
    assert not any(">" in name for row in searched.result["transfers"] for name in row["sources"])
