"""Floors: what serves a target at no cost, which transfers are admitted, what stays as it was."""

from __future__ import annotations

import numpy as np
import pytest

import taskspace
from taskspace.components import Limits
from taskspace.policy import PolicyProblem, Transfer, solve_policies
from taskspace.studies.taxonomy.cells.decisions import tournament
from taskspace.studies.taxonomy.maths.floor import FLOOR, as_target, decoded, task_of
from taskspace.studies.taxonomy.plan.standings import standing
from taskspace_plugins.solvers.highs import Highs


class Stored:
    def __init__(self, losses):
        self.losses = np.asarray(losses, dtype=np.float32)

    def array(self, name):
        assert name == "loss"
        return self.losses


class Call:
    def __init__(self, competitors, **rivals):
        self.parameters = {"competitors": list(competitors), "normaliser": "ahp"}
        self.inputs = {f"competitor{i}": Stored(v) for i, v in enumerate(competitors.values())}
        self.inputs |= {name: Stored(values) for name, values in rivals.items()}


COMPETITORS = {"a": [1.0, 2.0, 3.0], "b": [2.0, 2.0, 2.0], "(supervised)": [0.5, 1.0, 9.0]}
RIVALS = {"scratch": [2.5, 2.5, 2.5], "supervised": [0.5, 1.0, 9.0], "constant": [2.0, 2.0, 2.2]}


def test_scratch_and_constant_change_no_affinity():
    whole = tournament(Call(COMPETITORS, **RIVALS)).record
    without = tournament(
        Call(COMPETITORS, scratch=RIVALS["scratch"], supervised=RIVALS["supervised"])
    ).record
    assert whole["affinity"] == without["affinity"]
    assert whole["gain"] == without["gain"] and whole["quality"] == without["quality"]


def test_the_floor_is_the_better_baseline_and_admits_what_is_below_it():
    found = standing([tournament(Call(COMPETITORS, **RIVALS)).record])
    assert found.floor.kind == "constant" and found.floor.loss == pytest.approx(6.2 / 3)
    admitted = {name for name in found.competitors if found.admits(name)}
    assert admitted == {"a", "b"}  # the supervised network's mean is 3.5
    assert found.floor.gain == pytest.approx(1.0)
    scratch = {**RIVALS, "scratch": [0.1, 0.1, 0.1]}
    found = standing([tournament(Call(COMPETITORS, **scratch)).record])
    assert found.floor.kind == "scratch" and found.floor.gain == pytest.approx(0.5)
    assert not any(found.admits(name) for name in found.competitors)


def test_over_repetitions_means_decide():
    records = [tournament(Call(COMPETITORS, **RIVALS)).record]
    worse = {**COMPETITORS, "b": [9.0, 9.0, 9.0]}
    records.append(tournament(Call(worse, **RIVALS)).record)
    found = standing(records)
    assert found.admits("a") and not found.admits("b")
    for name in COMPETITORS:
        row = records[0]["competitors"].index(name)
        mean = np.mean([record["affinity"][row] for record in records])
        assert found.competitors[name].affinity == pytest.approx(mean)


def test_a_target_whose_own_network_is_not_admitted_is_served_by_others_or_its_floor():
    t = as_target("t")
    problem = PolicyProblem.of(
        [
            Transfer("s", ("s",), 0.9),
            Transfer("s", (FLOOR,), 0.0),
            Transfer(t, ("s",), 0.4),
            Transfer(t, (FLOOR,), 0.0),
            Transfer("u", ("t",), 0.5),
            Transfer("u", (FLOOR,), 0.0),
        ],
        label_cost={"s": 1.0, "t": 1.0, FLOOR: 0.0},
        source_only={"t", FLOOR},
        target_only={t, "u"},
        required={FLOOR},
    )
    none, one, two = (
        decoded(policy.as_json())
        for policy in solve_policies(problem, [0, 1, 2], Highs(), Limits(seconds=20))
    )
    assert none["status"] == "optimal" and none["supervised"] == []
    assert none["transfers"] == {"s": [], "t": [], "u": []}
    assert one["supervised"] == ["s"]
    assert one["transfers"] == {"s": ["s"], "t": ["s"], "u": []}
    assert two["supervised"] == ["s", "t"]
    assert two["transfers"] == {"s": ["s"], "t": ["s"], "u": ["t"]}
    assert task_of(t) == "t" and task_of("s") == "s"


JOB = {
    "study": "taxonomy",
    "name": "floors",
    "dataset": "digits",
    "tasks": ["identity", {"use": "loops", "label_cost": 5}, "edges_2d"],
    "encoder": {"use": "small_conv", "width": 4},
    "train": {"epochs": 1},
    "transfer": {"max_order": 1, "images": 60, "epochs": 1},
    "solve": {"budgets": [0, 1], "random_policies": 0},
}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    place = tmp_path_factory.mktemp("floors")

    def run(**solve):
        job = JOB | {"solve": JOB["solve"] | solve}
        return taskspace.run(job, store=place / "s", runs=place / "r", executor="inline").result

    return run


def test_every_budget_has_a_policy_and_unadmitted_transfers_serve_nothing(made):
    result = made()
    admitted = {
        (row["target"], tuple(row["sources"])): row["admitted"] for row in result["transfers"]
    }
    for policy in result["policies"]:
        assert policy["status"] == "optimal"
        assert policy["cost"] <= policy["budget"]
        for target, sources in policy["transfers"].items():
            assert not sources or admitted[target, tuple(sources)]
            assert (target in policy["not_served"]) == (not sources)


def test_admitting_all_admits_all(made):
    result = made(admit="all")
    last = result["policies"][-1]
    assert not last["not_served"]
    assert result["transfers"] == made()["transfers"]


def test_labels_made_from_the_image_cost_nothing_and_the_page_says_who_pays(made):
    result = made()
    costs = {task["name"]: task["label_cost"] for task in result["tasks"]}
    assert costs == {"identity": 1.0, "loops": 5.0, "edges_2d": 0.0}
    assert [t["name"] for t in result["tasks"] if t["labels_itself"]] == ["edges_2d"]


def test_counts_are_of_the_splits(made):
    result = made()
    digit = next(task for task in result["tasks"] if task["name"] == "identity")["labels"]
    for split, images in result["images"].items():
        assert digit[split]["labels"] == images == sum(digit[split]["classes"].values())
    assert result["images"]["transfer"] == 60
