"""What a job says around its policies: the result, the tables and the report."""

from __future__ import annotations

import json

import pytest

import taskspace
from taskspace.components import Cell, CellFunction, Failure, Finding
from taskspace.policy import Policy
from taskspace.studies.taxonomy.page.overview import taxonomy_page
from taskspace.studies.taxonomy.result.model import TaxonomyResult
from taskspace.studies.taxonomy.result.policy_model import (
    AlternativesRecord,
    BudgetPolicy,
    DecisionRecord,
    ForcedRecord,
    SensitivityRecord,
)
from taskspace.studies.taxonomy.result.surroundings import (
    alternatives_table,
    failed_records,
    not_proven_findings,
    sensitivity_rows,
    sensitivity_table,
)
from taskspace.studies.taxonomy.result.tables import policy_table

COLUMNS = {"affinity": "affinity", "gain": "gain", "quality": "quality"}

TABLE = """target,sources,affinity,gain,quality
a,self,1,0.9,0.5
b,self,1,0.9,0.5
c,self,1,0.9,0.5
b,a,0.81,0.7,0.3
c,a,0.64,0.6,0.2
a,b,0.25,0.6,0.2
c,b,0.64,0.5,0.1
a,c,0.16,0.6,0.2
b,c,0.09,0.6,0.2
"""


@pytest.fixture(scope="module")
def job(tmp_path_factory):
    path = tmp_path_factory.mktemp("table") / "transfers.csv"
    path.write_text(TABLE, encoding="utf-8")
    return {
        "study": "taxonomy",
        "name": "around",
        "affinities": {"table": str(path), "columns": COLUMNS},
        "solve": {"budgets": [1, 2, 3], "solver": "highs", "random_policies": 20},
    }


@pytest.fixture(scope="module")
def made(job, tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    asked = job["solve"] | {"alternatives": 2, "sensitivity": True}
    return taskspace.run(
        job | {"solve": asked}, store=folder / "store", runs=folder / "runs", executor="inline"
    )


@pytest.fixture(scope="module")
def result(made):
    return TaxonomyResult.model_validate(made.result)


def test_the_result_has_the_frontier_and_what_stands_around_it(made):
    """sqrt: a alone gives 1 + .9 + .8; b gives 1 + .5 + .8; a and c give 2.9; all give 3."""
    one, two, three = made.result["policies"]
    assert [policy["supervised"] for policy in (one, two, three)] == [["a"], ["a", "c"], [*"abc"]]
    assert one["marginal"] is None
    assert two["marginal"]["from"] == 1
    assert two["marginal"]["per_label"]["objective"] == pytest.approx(0.2)
    assert two["marginal"]["per_label"]["mean_gain"] == pytest.approx(0.1)
    assert [other["supervised"] for other in one["alternatives"]["found"]] == [["b"], ["c"]]
    assert one["alternatives"]["found"][0]["lost"] == pytest.approx(0.4 / 2.7)
    decided = {task["task"]: task for task in one["sensitivity"]["tasks"]}
    assert decided["a"]["forced_in"]["lost"] == 0
    assert decided["a"]["left_out"]["lost"] == pytest.approx(0.4 / 2.7)
    assert json.loads(json.dumps(made.result)) == made.result


def test_what_nobody_asked_for_is_not_computed(job, tmp_path):
    plain = taskspace.run(job, store=tmp_path / "store", runs=tmp_path / "runs", executor="inline")
    for policy in plain.result["policies"]:
        assert not {"alternatives", "sensitivity"} & set(policy)
        assert "marginal" in policy
    policies = TaxonomyResult.model_validate(plain.result).policies
    assert alternatives_table(policies).rows == []
    assert sensitivity_table(policies).rows == []


def test_the_tables_say_what_changes_and_what_it_costs(result):
    policies = result.policies
    frontier = policy_table(result)
    assert frontier.columns[:5] == ("budget", "program", "label", "objective", "per label")
    assert [row[4] for row in frontier.rows] == [None, pytest.approx(0.2), pytest.approx(0.1)]
    first, second, *_ = alternatives_table(policies).rows
    assert first == (1, "a", "b", pytest.approx(2.3), pytest.approx(40 / 2.7))
    assert second[:3] == (1, "a", "c")
    rows = {row[0]: row[1:] for row in sensitivity_table(policies).rows}
    assert rows["a"][0] == "out 14.81"
    assert rows["b"] == ("in 14.81", "in 3.45", "out 3.33")
    assert sensitivity_rows(policies[2])[0] == ("a", 0, pytest.approx(50 / 3))


def test_the_report_shows_it_for_every_budget(made, result):
    section = taxonomy_page(result, {}).sections[0]
    graph = section.blocks[0]
    assert [view.label for view in graph.policies] == ["1", "2", "3"]
    for view, policy in zip(graph.policies, result.policies, strict=True):
        figures = {label: (value, meaning) for label, value, meaning in view.figures}
        meaning = "of the program, solved to proven optimality"
        assert figures["objective"] == (f"{policy.objective:.3f}", meaning)
        assert ("per further label" in figures) is (policy.marginal is not None)
        assert ("p, gain" in figures) is (policy.budget < 3)
        names = [f"{name}-budget-{view.label}" for name in ("alternatives", "sensitivity")]
        assert [table.name for table in view.tables] == names
    assert "3.33" in made.report.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("status", "lost", "shown"),
    [
        ("infeasible", None, "in impossible"),
        ("unknown", None, "in unknown"),
        ("feasible", 0.015, "in at most 1.50"),
        ("feasible", 0.0, "in at most 0.00"),
        ("optimal", 0.0, "in 0"),
        ("optimal", 1e-6, "in < 0.01"),
        ("optimal", 0.015, "in 1.50"),
    ],
)
def test_a_loss_is_shown_with_what_is_known_of_it(status, lost, shown):
    forced = ForcedRecord(lost=lost, objective=None, status=status)
    policys_own = ForcedRecord(lost=0.0, objective=None, status="optimal")
    task = DecisionRecord(task="a", supervised=False, forced_in=forced, left_out=policys_own)
    beside = SensitivityRecord(tasks=[task], message="")
    table = sensitivity_table([BudgetPolicy(budget=1.0, transfers={}, sensitivity=beside)])
    assert table.rows == [("a", shown)]


def test_a_failed_solve_is_written_with_the_keys_of_a_policy_in_their_order():
    cell = Cell("solve/policies", "key", CellFunction("module:solve", 1), {}, {}, {})
    policies = failed_records([1.0, 2.0], Failure(cell, "out of order"))
    result = TaxonomyResult(study="taxonomy", name="failed", seed=0, policies=policies)
    first, second = result.as_json()["policies"]
    assert list(first) == list(second) == [*Policy(1.0, "error").as_json(), "measured_on"]
    assert (first["message"], second["budget"], first["seconds"]) == ("out of order", 2.0, 0.0)


def test_a_policy_with_a_gap_says_so_in_table_and_report(result):
    """The gap stands beside the status, and the notes tell what was not proven."""
    change = {"status": "feasible", "bound": 2.727, "gap": 0.01}
    unproven = {"alternatives": AlternativesRecord(found=[], message="Not proven.")}
    policy = result.policies[0].model_copy(update=change | unproven)
    result = result.model_copy(update={"policies": [policy]})
    assert policy_table(result).rows[0][1] == "feasible, gap 1 %"
    assert list(not_proven_findings(result)) == [
        Finding("alternatives-not-proven", "warning", "Budget 1, alternatives: Not proven.")
    ]
    blocks = taxonomy_page(result, {}).sections[0].blocks
    assert blocks[0].policies[0].figures[0][2] == "feasible: at most 1 % below the best"
