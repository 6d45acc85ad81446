"""What a co-training result shows: paired tests, Holm's correction, verdicts and warnings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from cotraining_jobs import run
from scipy.stats import ttest_rel

from taskspace.components import Finding
from taskspace.learning.statistics import holm
from taskspace.studies.cotraining.page.overview import cotraining_page
from taskspace.studies.cotraining.result.differences import differences, summaries
from taskspace.studies.cotraining.result.findings import cotraining_findings
from taskspace.studies.cotraining.result.model import (
    ArmRecord,
    ArmTrial,
    AuxiliaryRecord,
    CentralRecord,
    CotrainingResult,
    LossCurveRecord,
    SharedRecord,
    TaskOfArm,
)
from taskspace.studies.cotraining.result.tables import difference_table, shown

BASE = [0.50, 0.54, 0.47, 0.52, 0.50]
SHUFFLED = "turns (shuffled)"
KINDS = {"turns": "auxiliary", "tiles": "auxiliary", "together": "together", SHUFFLED: "control"}


def task(name: str, metric: float, base_rate: float | None = 0.25) -> TaskOfArm:
    return TaskOfArm(
        name=name, images=40, seen=400, tested=100, base_rate=base_rate, loss=1.0, metric=metric
    )


def result_of(
    gains: Mapping[str, Sequence[float]], *, metric: str = "accuracy", learnt: float = 0.9
) -> CotrainingResult:
    """Return the result of a job whose arms differ from the baseline by these, by repetition."""
    rows = {"baseline": [0.0] * len(BASE), **gains}
    rising = metric == "accuracy"
    beside = {"baseline": [], "together": ["turns", "tiles"], SHUFFLED: ["turns"]}
    trials = [
        ArmTrial(
            arm=arm,
            labels=40,
            seed=seed,
            tasks=[
                task("kind", BASE[seed] + gain),
                *(task(name, learnt) for name in beside.get(arm, [arm])),
            ],
            parameters={"shared": 1, "replicated": 1, "readouts": 1},
            curve=LossCurveRecord(step=[1], loss=[[1.0, None]], metric=[]),
        )
        for arm, own in rows.items()
        for seed, gain in enumerate(own)
    ]
    return CotrainingResult(
        study="cotraining",
        name="made",
        seed=0,
        central=CentralRecord(name="kind", metric=metric, rising=rising),
        auxiliary=[
            AuxiliaryRecord(
                name=name, metric="accuracy", rising=True, weight=0.3, batch=64, every=1
            )
            for name in ("turns", "tiles")
        ],
        shared=SharedRecord(stages=1, of=2),
        interval="95 % intervals",
        arms=[
            ArmRecord(name=arm, kind=KINDS.get(arm, "baseline"), auxiliary=beside.get(arm, [arm]))
            for arm in rows
        ],
        trials=trials,
        summary=summaries(trials),
        differences=differences(trials, metric),
        missing=[],
    )


def findings_of(result: CotrainingResult) -> dict[str, Finding]:
    return {each.code: each for each in cotraining_findings(result)}


HELPS = [0.10, 0.12, 0.09, 0.11, 0.10]
HURTS = [-gain for gain in HELPS]
NOTHING = [0.01, -0.02, 0.0, 0.02, -0.015]


def test_p_values_are_those_of_paired_tests_corrected_together():
    gains = {"turns": HELPS, "tiles": NOTHING, SHUFFLED: [0.02, 0.0, 0.01, 0.0, 0.01]}
    rows = {row.arm: row for row in result_of(gains).differences}
    raw = {arm: ttest_rel(np.add(BASE, own), BASE).pvalue for arm, own in gains.items()}
    for arm, p_value in holm(raw).items():
        assert rows[arm].p_value == pytest.approx(p_value, rel=1e-6)
        assert rows[arm].deviation == pytest.approx(np.std(gains[arm], ddof=1))
        assert rows[arm].mean == pytest.approx(np.mean(gains[arm]), abs=1e-12)
    assert [rows[arm].outcome for arm in gains] == ["helps", "undecided", "undecided"]


def test_the_verdict_names_what_helps_what_hurts_and_what_is_undecided():
    found = findings_of(result_of({"turns": HELPS, "tiles": HURTS, "together": NOTHING}))
    verdict = found["verdict"]
    assert verdict.tone == "advice"
    assert verdict.text.startswith(
        "With 40 labels turns (+0.104) is shown to help kind; shown to hurt: tiles (-0.104); "
        "undecided: together. (Paired t-tests over 5 repetitions"
    )
    assert "corrected for 3 comparisons" in verdict.text
    assert any("together, 40 labels" in line and "repetitions would show that it hurts" in line
               for line in verdict.details)  # fmt: skip
    assert "no-control" in found


def test_of_an_error_less_is_better():
    found = result_of({"turns": HURTS, "tiles": HELPS}, metric="l1")
    assert {row.arm: row.outcome for row in found.differences} == {
        "turns": "helps",
        "tiles": "hurts",
    }


def test_a_control_that_helps_makes_the_verdict_a_warning():
    gains = {"turns": HELPS, "tiles": NOTHING, SHUFFLED: HELPS}
    found = findings_of(result_of(gains))
    assert found["verdict"].tone == "warning" and found["control-helps"].tone == "warning"
    assert "turns (shuffled) helps kind" in found["control-helps"].text
    assert "no-control" not in found
    # One that hurts warns of nothing.
    assert "control-helps" not in findings_of(result_of(gains | {SHUFFLED: HURTS}))


def test_fewer_than_three_repetitions_show_nothing():
    for count, few in ((1, "One repetition"), (2, "Two repetitions")):
        gains = {"turns": [0.1, 0.1 + 1e-6][:count], "tiles": NOTHING[:count]}
        made = result_of(gains)
        assert {row.outcome for row in made.differences} == {"undecided"}
        found = findings_of(made)
        assert found["few-repetitions"].text.startswith(f"{few} cannot show")
        assert "verdict" not in found


def test_equal_differences_in_every_repetition_are_undecided():
    (row,) = result_of({"turns": [0.125] * 5}).differences
    assert row.p_value is None and row.needed is None and row.outcome == "undecided"


def test_an_auxiliary_task_at_its_base_rate_is_warned_of():
    gains = {"turns": HELPS, "tiles": NOTHING}
    assert "auxiliary-not-learnt" not in findings_of(result_of(gains))
    untaught = findings_of(result_of(gains, learnt=0.26))["auxiliary-not-learnt"]
    assert untaught.tone == "warning" and "turns and tiles" in untaught.text


def test_a_central_task_that_no_arm_has_learnt_is_warned_of():
    assert "central-not-learnt" not in findings_of(result_of({"turns": NOTHING}))
    nowhere = findings_of(result_of({"turns": np.subtract(0.26, BASE)}))
    assert "central-not-learnt" not in nowhere  # the baseline itself has learnt
    unlearnt = result_of({"turns": NOTHING})
    for trial in unlearnt.trials:
        trial.tasks[0] = task("kind", 0.5, base_rate=0.5)
    assert unlearnt.trials[0].central.base_rate == 0.5
    assert findings_of(unlearnt)["central-not-learnt"].tone == "warning"


def test_a_metric_that_no_test_image_allows_is_warned_of():
    made = result_of({"turns": NOTHING})
    for trial in made.trials:
        trial.tasks[0] = TaskOfArm(**trial.central.model_dump() | {"metric": None})
    bare = made.model_copy(
        update={
            "summary": summaries(made.trials),
            "differences": differences(made.trials, "accuracy"),
        }
    )
    assert bare.summary == [] and bare.differences == []
    found = findings_of(bare)
    assert found["central-unmeasured"].tone == "warning"
    assert "central-not-learnt" not in found
    assert cotraining_page(bare, {}).sections


def test_two_repetitions_have_no_interval_in_tables():
    made = result_of({"turns": [0.1, 0.11]})
    (row,) = difference_table(made).rows
    assert row[2] == "+0.1050"
    assert shown(made.summary[1].metric) == "0.625"


def test_a_result_reads_back_and_its_page_holds_every_arm():
    made = result_of({"turns": HELPS, "tiles": HURTS, SHUFFLED: NOTHING})
    assert CotrainingResult.model_validate(made.as_json()) == made
    page = cotraining_page(made, {})
    plot = page.sections[0].blocks[0]
    assert [row.name for row in plot.rows] == ["turns", "tiles", SHUFFLED]
    assert plot.rows[0].low < np.mean(HELPS) < plot.rows[0].high


def test_a_task_that_must_help_is_shown_to_help_and_its_shuffled_labels_are_not(tmp_path):
    """The central task itself, with all of its labels, is the best auxiliary task there is."""
    document = {
        "study": "cotraining",
        "name": "itself",
        "dataset": "digits",
        "central": "identity",
        "auxiliary": [{"task": {"use": "identity", "as": "itself"}, "weight": 1.0}],
        "encoder": {"use": "mlp", "width": 32, "depth": 2},
        "labels": [20],
        "train": {"steps": 300, "batch": 20, "learning_rate": 3e-3},
        "seeds": 5,
    }
    made = run(document, tmp_path)
    outcomes = {row["arm"]: row["outcome"] for row in made.result["differences"]}
    assert outcomes["itself"] == "helps"
    assert outcomes["itself (shuffled)"] != "helps"
    assert "itself (+0." in made.findings[0].text
