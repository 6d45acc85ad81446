"""The verdict and the warnings of a multitask result, against independent statistics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from multitask_results import multitask_result, trial_record
from scipy.stats import ttest_1samp, ttest_rel

from taskspace.components import Finding, MissingCell
from taskspace.learning.statistics import interval, paired_p_value
from taskspace.studies.multitask.result.contrasts import contrasts
from taskspace.studies.multitask.result.findings import multitask_findings
from taskspace.studies.multitask.result.model import MultitaskResult, SchemeRecord
from taskspace.studies.multitask.result.tables import largest_differences
from taskspace.studies.multitask.result.verdict import count_word

BASE = [0.70, 0.72, 0.71, 0.74]
BETTER = [value + gain for value, gain in zip(BASE, (0.100, 0.101, 0.099, 0.100), strict=True)]
WORSE = [value - loss for value, loss in zip(BASE, (0.050, 0.051, 0.049, 0.050), strict=True)]
ALIKE = [value + gap for value, gap in zip(BASE, (0.02, -0.02, 0.01, -0.02), strict=True)]


def result_of(
    scores: Mapping[str, Sequence[float]],
    *,
    metric: str | None = "accuracy",
    score: str | None = "mean",
    gating: Mapping[str, str] | None = None,
    costs: Mapping[str, float] | None = None,
) -> MultitaskResult:
    """The result of a job whose schemes have these scores by repetition, on 1,200 samples.

    Each is trained on 100 samples as well, where the order of the schemes is another.
    """
    sizes = {100: [1 - np.asarray(own) for own in scores.values()], 1200: scores.values()}
    score = score if metric or score == "delta_m" else None
    trials = [
        trial_record(
            scheme,
            seed,
            size=size,
            cost=(costs or {}).get(scheme, 1.0),
            experts=(1,),
            **({} if score is None else {score: float(value)}),
        )
        for size, columns in sizes.items()
        for scheme, values in zip(scores, columns, strict=True)
        for seed, value in enumerate(values)
    ]
    schemes = [
        SchemeRecord(name=name, gating=(gating or {}).get(name, name), chooses=False)
        for name in scores
    ]
    return multitask_result(schemes, trials, metric=metric, score=score)


def shifted(gap: float, spread: float) -> list[float]:
    """Scores whose paired gaps to `BASE` have this mean and standard deviation, up to a factor."""
    return [
        value + gap + spread * sign
        for value, sign in zip(BASE, (1.5, -0.5, -1.5, 0.5), strict=True)
    ]


def verdict(result: Mapping) -> Finding:
    (found,) = (each for each in multitask_findings(result, {}) if each.code == "verdict")
    assert found.tone == "advice"
    return found


def rejected_step_by_step(p_values: Mapping[str, float], alpha: float = 0.05) -> set[str]:
    """Holm's method as it is written: from the smallest p value on, until one is too large."""
    left = dict(p_values)
    rejected = set()
    while left:
        name = min(left, key=left.__getitem__)
        if left[name] > alpha / len(left):
            break
        rejected.add(name)
        del left[name]
    return rejected


@given(st.lists(st.floats(-1, 1), min_size=2, max_size=8, unique=True))
def test_the_p_value_of_an_interval_is_that_of_a_t_test(gaps):
    found = interval(gaps)
    if found.low is None:
        assert paired_p_value(found) is None
    else:
        assert paired_p_value(found) == pytest.approx(ttest_1samp(gaps, 0.0).pvalue, rel=1e-6)


@given(st.integers(0, 10_000), st.integers(1, 5), st.integers(2, 6), st.booleans())
def test_winners_are_those_of_corrected_paired_t_tests(seed, schemes, repetitions, rising):
    draw = np.random.default_rng(seed)
    scores = {"separate": draw.normal(0.7, 0.01, repetitions)}
    for number in range(schemes):
        gap = draw.choice([-0.05, 0.0, 0.02, 0.1])
        scores[f"s{number}"] = scores["separate"] + draw.normal(gap, 0.01, repetitions)
    order = draw.permutation(list(scores))
    metric = "accuracy" if rising else "error"
    found = contrasts(result_of({name: scores[name] for name in order}, metric=metric))
    p_values = {
        name: ttest_rel(own, scores["separate"]).pvalue
        for name, own in scores.items()
        if name != "separate"
    }
    assert {each.first for each in found} == p_values.keys()
    assert {each.second for each in found} == {"separate"}
    rejected = rejected_step_by_step(p_values)
    for each in found:
        gap = float(np.mean(scores[each.first] - scores["separate"]))
        assert each.difference.mean == pytest.approx(gap)
        winner = each.first if (gap > 0) == rising else "separate"
        assert each.winner == (winner if each.first in rejected else None)


def test_a_verdict_names_what_is_better_worse_and_undecided():
    scores = {"shared": WORSE, "separate": BASE, "ungated": BETTER, "mmoe": ALIKE}
    assert verdict(result_of(scores)).text == (
        "Over four repetitions ungated is shown to be better than separate networks. Shown to be "
        "worse: shared. Undecided: mmoe. (Paired t-tests at the 5 % level, corrected for 3 "
        "comparisons by Holm's method.)"
    )


def test_nothing_is_shown_where_nothing_is():
    scores = {"shared": ALIKE[:3], "separate": BASE[:3], "mmoe": shifted(0.0, 0.01)[:3]}
    text = verdict(result_of(scores)).text
    assert text.startswith(
        "Over three repetitions no scheme is shown to be better than separate networks. "
        "Undecided: shared and mmoe."
    )


def test_what_a_pointwise_interval_would_claim_needs_correction():
    # The paired t-test gives 0.03: below 0.05 alone, above 0.05 / 3 as the best of three.
    hopeful = shifted(0.0247, 0.01)
    assert 0.05 / 3 < ttest_rel(hopeful, BASE).pvalue < 0.05
    assert (
        "hopeful is shown to be better"
        in verdict(result_of({"hopeful": hopeful, "separate": BASE})).text
    )
    three = {"hopeful": hopeful, "separate": BASE, "a": ALIKE, "b": shifted(0.0, 0.01)}
    result = result_of(three)
    (pointwise,) = (
        row
        for row in largest_differences(result)
        if (row.first, row.second) == ("hopeful", "separate")
    )
    assert pointwise.low > 0
    found = verdict(result)
    assert "no scheme is shown to be better than separate networks" in found.text
    corrected = 3 * ttest_rel(hopeful, BASE).pvalue
    (line,) = (line for line in found.details if line.startswith("hopeful"))
    assert line.endswith(f"p = {corrected:.2g}: undecided")


def test_less_of_an_error_is_better():
    scores = {"high": BETTER, "separate": BASE, "low": WORSE}
    found = verdict(result_of(scores, metric="error"))
    assert (
        "low is shown to be better than separate networks. Shown to be worse: high." in found.text
    )
    assert "(lower is better)" in found.details[0]


def test_a_scheme_keeps_the_name_that_the_job_gives_it():
    scores = {"alone": BASE, "other": BETTER}
    result = result_of(scores, gating={"alone": "separate"})
    assert "other is shown to be better than separate networks (`alone`)." in verdict(result).text
    (line,) = (line for line in verdict(result).details if line.startswith("other - alone"))
    assert line.endswith("other better")


def test_one_repetition_shows_no_difference():
    result = result_of({"shared": BETTER[:1], "separate": BASE[:1]})
    codes = [each.code for each in multitask_findings(result, {})]
    assert codes == ["verdict"]
    assert verdict(result).text.startswith("One repetition cannot show a difference")


def test_a_scheme_of_one_repetition_is_undecided_among_others():
    result = result_of({"shared": BETTER[:1], "separate": BASE, "ungated": BETTER})
    found = verdict(result)
    assert found.text.startswith("Over one to four repetitions ungated is shown to be better")
    assert "Undecided: shared. (Paired t-tests at the 5 % level, corrected for 2" in found.text
    assert any("no interval (one repetition): undecided" in line for line in found.details)
    assert [each.code for each in multitask_findings(result, {})] == ["verdict", "one-repetition"]


def test_scores_that_are_equal_in_every_repetition_decide_nothing():
    result = result_of({"same": [value + 0.125 for value in BASE], "separate": BASE})
    found = verdict(result)
    assert "no scheme is shown to be better" in found.text and "Undecided: same." in found.text
    assert any("no interval (equal in every repetition): undecided" in x for x in found.details)


def test_without_separate_networks_every_two_schemes_are_compared():
    result = result_of({"a": BETTER, "b": BASE, "c": WORSE})
    assert verdict(result).text.startswith(
        "Over four repetitions a is shown to be better than b and c; b is shown to be better than "
        "c. (Paired t-tests at the 5 % level, corrected for 3 comparisons"
    )
    result = result_of({"a": BETTER, "b": BASE, "d": ALIKE})
    assert "a is shown to be better than b and d. Undecided: 1 of 3 pairs." in verdict(result).text
    result = result_of({"a": BASE, "b": ALIKE})
    assert "no scheme is shown to be better than another." in verdict(result).text


def test_one_scheme_is_compared_with_nothing():
    assert "The job has one scheme" in verdict(result_of({"shared": BASE})).text
    alone = result_of({"shared": BASE, "separate": []})
    assert "no two schemes have a result of the same repetition" in verdict(alone).text


def test_no_score_and_no_training_have_no_verdict():
    assert not list(multitask_findings(result_of({"a": [], "b": []}), {}))
    blind = result_of({"a": BASE, "b": BETTER}, metric=None)
    assert [each.code for each in multitask_findings(blind, {})] == ["no-score"]


def test_relative_gain_is_said_in_percent():
    gains = {"shared": [0.011, 0.012, 0.010], "separate": [0.0, 0.0, 0.0]}
    found = verdict(result_of(gains, metric=None, score="delta_m"))
    assert "shared is shown to be better" in found.text
    assert "delta_m, %" in found.details[0]
    half = (interval(gains["shared"]).high - 0.011) * 100
    expected = f"shared - separate: 1.10 [{1.1 - half:.2f}, {1.1 + half:.2f}]"
    assert found.details[1].startswith(expected)


def test_the_verdict_follows_the_warnings_and_precedes_the_notes():
    result = result_of({"shared": ALIKE, "separate": BASE, "mmoe": BASE[:1]})
    missing = [MissingCell(cell="train/mmoe/60/1", message="why")]
    result = result.model_copy(update={"missing": missing})
    found = list(multitask_findings(result, {}))
    assert [each.tone for each in found] == ["warning", "advice", "note"]


def test_the_frontier_is_named_where_cost_differs():
    scores = {"shared": WORSE, "separate": BASE, "ungated": BETTER, "dear": ALIKE}
    costs = {"shared": 1.0, "separate": 2.0, "ungated": 4.0, "dear": 8.0}
    *_, last = verdict(result_of(scores, costs=costs)).details
    assert last.startswith("By the means alone, not dominated in mean accuracy and multiply-adds")
    assert last.endswith("cheapest first: shared, separate and ungated.")
    assert not any("dominated" in line for line in verdict(result_of(scores)).details)


@pytest.mark.parametrize(("count", "word"), [(2, "two"), (10, "ten"), (11, "11"), (1200, "1,200")])
def test_small_counts_are_words(count, word):
    assert count_word(count) == word
