"""What findings, tiles and tables say of evidence: with what, against what, and of how many."""

from __future__ import annotations

import pytest

from taskspace.studies.taxonomy.page.policies import policy_view
from taskspace.studies.taxonomy.result.advice import (
    advice_findings,
    evidence_findings,
    shown_findings,
)
from taskspace.studies.taxonomy.result.findings import measured_findings
from taskspace.studies.taxonomy.result.model import TaxonomyResult
from taskspace.studies.taxonomy.result.pretrained_findings import pretrained_findings
from taskspace.studies.taxonomy.result.served_tables import served_table
from taskspace.studies.taxonomy.result.tables import policy_table

WINS = {"scratch": 0.81, "constant": 0.5, "supervised": 0.82}


def claim(competitor: str, *, shown: bool, against: str = "scratch") -> dict:
    return {
        "agree": True, "against": against, "competitor": competitor, "high": 0.3, "images": 112,
        "low": 0.1, "mean": 0.2, "needed": 40, "of": "metric", "p": 0.001, "p_corrected": 0.003,
        "shown": shown, "target": "kind",
    }  # fmt: skip


def policy(budget: float, *, shown: bool = True, sets: int = 30, p: float = 0.001) -> dict:
    served = {
        "target": "kind", "sources": ["price"], "metric_name": "accuracy", "metric": 0.82,
        "own": 0.82, "constant": 0.5, "scratch": 0.81, "shown": shown, "own_is_best": False,
    }  # fmt: skip
    return {
        "budget": budget, "cost": 1, "objective": 1.0, "supervised": ["price"],
        "transfers": {"kind": ["price"]}, "measured_on": "test", "served": [served],
        "mean_gain": 0.6, "gain_interval": [0.5, 0.7], "mean_quality": 0.5,
        "evidence": {
            "above_floor": ["kind"] if shown else [],
            "random_labels": {"p": p, "p_holm": p, "sets": sets},
            "above_random": p < 0.05,
        },
    }  # fmt: skip


def result(**parts) -> TaxonomyResult:
    tasks = [
        {"name": "kind", "source": True, "metric": "accuracy", "metrics": WINS},
        {
            "name": "price", "source": True, "metric": "absolute_error",
            "sanity": {"probe": [0.53, 0.4, 0.6]},
        },
    ]  # fmt: skip
    known = {"study": "taxonomy", "name": "n", "seed": 0, "seeds": [0], "tasks": tasks}
    return TaxonomyResult.model_validate(known | {"policies": []} | parts)


def test_a_claim_says_against_what_and_prints_both_baselines():
    shown = [claim("autoencoding+price", shown=True), claim("(supervised)", shown=False)]
    (finding,) = shown_findings(result(evidence=shown))
    assert "beat both scratch and the best constant" in finding.text
    assert "1 of 2 claims tested hold" in finding.text
    (line,) = finding.details
    assert line == (
        "kind from autoencoding + price: accuracy better than scratch, the harder of the two, by "
        "0.20 (p 0.003 after correction); scratch 0.81; constant 0.50"
    )


@pytest.mark.parametrize("shown", [True, False])
def test_the_advice_prints_scratch_beside_what_a_target_gets(shown):
    (finding,) = advice_findings(result(policies=[policy(1, shown=shown)]))
    (line,) = finding.details
    assert line.startswith(
        "kind from price: accuracy 0.82; own network 0.82; scratch 0.81; constant 0.50"
    )
    assert line.endswith("0.50") == shown


def test_budgets_that_buy_the_same_are_said_once_with_what_it_costs():
    (finding,) = advice_findings(result(policies=[policy(1), policy(2), policy(3)]))
    assert finding.text.startswith("Budgets 1, 2, 3: label price. That costs 1; more of a budget")
    other = policy(3) | {"supervised": ["kind"], "transfers": {"kind": ["kind"]}, "cost": 3}
    first, second = advice_findings(result(policies=[policy(1), policy(2), other]))
    assert first.text.startswith("Budgets 1, 2:")
    assert second.text.startswith("Budget 3: label kind. 1 of 1")


def test_the_page_says_how_many_claims_were_tested():
    evidence = [claim("price", shown=False), claim("(supervised)", shown=False)]
    made = result(policies=[policy(1, shown=False, p=0.3)], evidence=evidence)
    (warning,) = evidence_findings(made)
    assert "(2 claims tested)" in warning.text
    (tile,) = (f for f in policy_view(made, made.policies[0]).figures if f[0] == "evidence")
    assert tile[2].endswith("both scratch and the best constant; 2 claims tested")
    assert "corrected for 2 claims tested" in served_table(made).caption


@pytest.mark.parametrize(("sets", "few"), [(4, True), (20, True), (21, False)])
def test_few_sets_are_called_too_few(sets, few):
    (warning,) = evidence_findings(result(policies=[policy(1, p=0.25, sets=sets)]))
    assert ("too few to tell" in warning.text) == few


@pytest.mark.parametrize("shown", [True, False])
def test_a_warning_about_a_network_does_not_contradict_what_is_shown(shown):
    made = result(evidence=[claim("autoencoding+price", shown=shown)])
    (warning,) = (f for f in measured_findings(made) if f.code == "network-below-probe")
    assert "price (53%)" in warning.text
    assert ("but those that are shown" in warning.text) == shown
    assert ("kind from autoencoding + price" in warning.text) == shown


def source(**target) -> dict:
    row = {"target": "kind", "labelled": None, "wins": None, "metric": 0.76}
    return {
        "name": "imagenet", "encoder": "efficientnet_lite", "trained": True, "label_cost": 0,
        "starts_from": "weights", "licence": None,
        "targets": [row | {"labelled_metric": None} | target],
    }  # fmt: skip


def test_one_target_is_compared_with_its_own_network():
    row = source(own_wins=[0.8, 0.7, 0.9], own_metric=0.41)
    row |= {"mean_wins": None, "mean_own_wins": [0.8, 0.7, 0.9]}
    (finding,) = pretrained_findings(result(pretrained={"sources": [row], "budgets": []}))
    assert finding.text.startswith(
        "imagenet (weights) beats the target's own network on 1 of 1 target (1 shown) and loses on "
        "0 (0 shown): lower loss on 80% [70%, 90%]"
    )
    assert finding.details == (
        "kind: lower loss than its own network on 80% [70%, 90%] of the test images; accuracy "
        "0.76 against 0.41 by its own network",
    )


def test_labels_that_raise_the_gain_are_those_that_are_bought():
    rates = {kind: [0.6, 0.5, 0.7] for kind in ("both", "labels", "pretrained")}
    rates |= {"added_by_pretrained": [0.1, 0.0, 0.2], "added_by_labels": [0.1, 0.05, 0.2]}
    row = {
        "budget": 1, "labels": ["price"], "labels_without": ["kind"], "gain": rates,
        "quality": rates,
    }  # fmt: skip
    known = source() | {"mean_wins": None}
    used = {
        "target": "kind", "sources": ["imagenet"], "order": 1, "supervised": False, "affinity": 1,
    }  # fmt: skip
    made = result(pretrained={"sources": [known], "budgets": [row]}, transfers=[used])
    (finding,) = pretrained_findings(made)
    assert finding.text == (
        "Labels that policies still buy beside imagenet: price (budget 1). These are shown to "
        "raise the mean gain over buying none at 1 of 1 budgets. Only without imagenet would they "
        "buy: kind (budget 1)."
    )


def test_a_table_without_gain_and_quality_has_no_columns_of_them():
    known = {"transfers": 1, "targets": ["kind"], "sources": ["price"], "left_out": {}}
    bare = {"budget": 1, "objective": 1.0, "supervised": [], "transfers": {"kind": ["price"]}}
    absent = {"high": None, "low": None, "mean": None, "observed": None, "p": None, "wins": None}
    null = {
        serving: {s: absent | {"serving": serving, "statistic": s} for s in ("gain", "quality")}
        for serving in ("best", "random")
    } | {"budget": 1, "count": 5, "refused": 0, "source_sets": 2}
    table = policy_table(result(table=known, policies=[bare], null=[null]))
    assert table.columns == ("budget", "program", "label", "objective")
    assert "gain:" not in table.caption and "p:" not in table.caption
    measured = policy_table(result(policies=[policy(1)]))
    assert measured.columns[-2:] == ("mean gain", "mean quality")
    assert "95 % intervals over images." in measured.caption and "p:" not in measured.caption
