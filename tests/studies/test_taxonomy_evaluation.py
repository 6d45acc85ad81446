"""The evaluation of a whole run: orders, novel tasks and normalisers fit what else was measured."""

from __future__ import annotations

import pytest

import taskspace
from taskspace.studies.taxonomy.maths.grids import best_transfer

JOB = {
    "study": "taxonomy",
    "name": "evaluated",
    "dataset": "digits",
    "tasks": ["identity", "loops", "jigsaw", "random_projection"],
    "encoder": {"use": "small_conv", "width": 4},
    "train": {"epochs": 1},
    "transfer": {"max_order": 2, "beam": 2, "images": 80, "epochs": 1},
    "solve": {"budgets": [1, 2], "random_policies": 5, "compare_normalisers": True},
}


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> taskspace.Run:
    place = tmp_path_factory.mktemp("evaluated")
    return taskspace.run(JOB, store=place / "store", runs=place / "runs", executor="inline")


def standings(result: dict, target: str) -> dict[tuple[str, ...], dict]:
    return {
        tuple(row["sources"]): row
        for row in result["transfers"]
        if row["target"] == target and not row["supervised"]
    }


def test_each_order_has_the_best_by_select_and_its_means_on_test(made):
    assert [row["order"] for row in made.result["orders"]] == [1, 2]
    for section in made.result["orders"]:
        assert section["transfers"]
        gains = []
        for target, sources in section["transfers"].items():
            rows = standings(made.result, target)
            affinity = {name: row["affinity"] for name, row in rows.items()}
            assert best_transfer(target, affinity, section["order"]) == tuple(sources)
            gains.append(rows[tuple(sources)]["test"]["gain"][0])
        assert section["mean_gain"] == pytest.approx(sum(gains) / len(gains), abs=1e-6)
        low, high = section["gain_interval"]
        assert low <= section["mean_gain"] <= high


def test_a_novel_task_is_its_best_transfer_against_everybody(made):
    last = made.result["orders"][-1]
    novel = made.result["novel"]
    for row in novel["targets"]:
        target = row["target"]
        assert row["sources"] == last["transfers"][target]
        measured = standings(made.result, target)
        test = measured[tuple(row["sources"])]["test"]
        assert row["wins"]["scratch"] == pytest.approx(test["gain"], abs=0.03)
        assert row["wins"]["scratch"][0] == pytest.approx(test["gain"][0], abs=1e-6)
        assert row["wins"]["supervised"][0] == pytest.approx(test["quality"][0], abs=1e-6)
        assert row["losses"]["(transfer)"] == pytest.approx(test["loss"], rel=1e-5)
        alone = measured["random_projection",]["test"]["loss"]
        assert row["losses"]["random_projection"] == pytest.approx(alone, rel=1e-5)
        assert target not in row["losses"]
    assert list(novel["mean_wins"]) == ["scratch", "random_projection", "jigsaw", "supervised"]
    assert novel["mean_wins"]["scratch"][0] == pytest.approx(last["mean_gain"], abs=1e-6)


def test_every_normaliser_has_a_policy_at_every_budget(made):
    compared = made.result["normalisers"]
    costs = {task["name"]: task["label_cost"] for task in made.result["tasks"]}
    own = {policy["budget"]: policy["supervised"] for policy in made.result["policies"]}
    assert [row["budget"] for row in compared] == [1.0, 2.0]
    for row in compared:
        assert list(row["supervised"]) == ["ahp", "bradley_terry", "win_rate"]
        assert row["supervised"]["ahp"] == own[row["budget"]]
        for chosen in row["supervised"].values():
            assert sum(costs[name] for name in chosen) <= row["budget"]


def test_the_report_shows_all_of_it(made):
    report = made.report.read_text()
    for name in ("gain-by-order", "quality-by-budget", "novel-wins", "novel-losses", "normalisers"):
        assert f'id="{name}"' in report
