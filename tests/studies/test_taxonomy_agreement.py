"""Agreement of affinities and policies: by hand, against SciPy, and what must change nothing."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr

from taskspace.errors import InputError, TableError
from taskspace.studies.taxonomy.agreement.affinities import (
    measured_affinities,
    published_affinities,
)
from taskspace.studies.taxonomy.agreement.answer import FinishedRun, agreement_answer
from taskspace.studies.taxonomy.agreement.compare import compare, spearman_by_column
from taskspace.studies.taxonomy.agreement.overlap import chance_jaccard, jaccard, policy_overlaps
from taskspace.studies.taxonomy.dictionary import OFFICIAL_NAMES
from taskspace.studies.taxonomy.result.model import TaxonomyResult, TaxonomyTask

DATA = Path(__file__).parents[3] / "shared" / "data" / "taxonomy"
OFFICIAL = DATA / "taskonomy_transfers_16k.csv"
official = pytest.mark.skipif(not OFFICIAL.exists(), reason=f"the published table is not in {DATA}")

NAMES = "abcdef"
values = st.integers(1, 6).map(lambda tenths: tenths / 10)
tables = st.fixed_dictionaries(
    {t: st.fixed_dictionaries({s: values for s in NAMES if s != t}) for t in NAMES[:4]}
)


def drawn(seed: int, names: str = NAMES) -> dict[str, dict[str, float]]:
    random = np.random.default_rng(seed)
    return {t: {s: float(random.random()) for s in names if s != t} for t in names}


def mapped(affinities, change):
    return {t: {s: change(v) for s, v in sources.items()} for t, sources in affinities.items()}


def quickly(first, second):
    return compare(first, second, draws=9)


def by_target(agreement) -> dict[str, float]:
    return {found.target: found.spearman for found in agreement.targets}


@settings(deadline=None, derandomize=True)
@given(st.lists(st.tuples(values, values), min_size=3, max_size=9))
def test_a_column_is_correlated_as_scipy_does_with_ties(pairs):
    first, second = np.array(pairs).T
    found = spearman_by_column(first[:, None], second[:, None])[0]
    if len(set(first)) == 1 or len(set(second)) == 1:
        assert np.isnan(found)
    else:
        assert found == pytest.approx(spearmanr(first, second).statistic, abs=1e-12)


def test_missing_values_leave_the_others_ranks():
    first = np.array([[1.0], [2.0], [np.nan], [3.0], [9.0]])
    second = np.array([[1.0], [3.0], [7.0], [2.0], [np.nan]])
    # 1, 2, 3 against 1, 3, 2: 1 - 6 * (0 + 1 + 1) / (3 * 8) = 0.5
    assert spearman_by_column(first, second)[0] == pytest.approx(0.5)
    assert np.isnan(spearman_by_column(first[2:], second[2:])[0])


def test_three_targets_by_hand():
    ours = {
        "x": {"a": 0.1, "b": 0.2, "c": 0.3},
        "y": {"a": 0.3, "b": 0.2, "c": 0.1},
        "z": {"a": 0.1, "b": 0.1, "c": 0.8},
    }
    theirs = {
        "x": {"a": 0.5, "b": 0.7, "c": 0.9},
        "y": {"a": 0.4, "b": 0.1, "c": 0.2},
        "z": {"a": 0.1, "b": 0.2, "c": 0.3},
    }
    agreement = compare(ours, theirs)
    # z: centred ranks (-.5, -.5, 1) and (-1, 0, 1): 1.5 / sqrt(1.5 * 2)
    expected = {"x": 1.0, "y": 0.5, "z": 1.5 / 3**0.5}
    assert by_target(agreement) == pytest.approx(expected)
    assert agreement.mean == pytest.approx(sum(expected.values()) / 3)
    assert agreement.median == pytest.approx(1.5 / 3**0.5)
    # 2 + 1 + 1.5 over sqrt((2 + 2 + 1.5) * (2 + 2 + 2)); three sources each, so no weights
    assert agreement.pooled == pytest.approx(4.5 / (5.5 * 6) ** 0.5)
    assert agreement.pairs == 9
    low, high = agreement.interval
    assert 0.5 <= low <= agreement.mean <= high <= 1


@settings(max_examples=40, deadline=None, derandomize=True)
@given(tables, tables)
def test_names_and_scales_change_nothing(first, second):
    try:
        agreement = quickly(first, second)
    except InputError:
        return
    turned = {t: dict(reversed(sources.items())) for t, sources in reversed(list(first.items()))}
    assert quickly(turned, second) == agreement
    stretched = mapped(first, lambda v: float(np.exp(7 * v)))
    assert quickly(stretched, mapped(second, lambda v: v**3)) == agreement
    assert by_target(quickly(second, first)) == pytest.approx(by_target(agreement))


@settings(max_examples=40, deadline=None, derandomize=True)
@given(tables)
def test_a_measurement_agrees_with_itself_and_disagrees_with_its_reverse(table):
    try:
        agreement = quickly(table, table)
    except InputError:
        return
    assert (agreement.mean, agreement.median, agreement.pooled) == (1.0, 1.0, 1.0)
    assert agreement.interval == (1.0, 1.0)
    reverse = quickly(table, mapped(table, lambda v: -v))
    assert (reverse.mean, reverse.pooled) == (-1.0, -1.0)
    assert reverse.p == 1.0


def test_renaming_the_tasks_on_both_sides_renames_the_targets():
    new = dict(zip(NAMES, "qwertz", strict=True))
    first, second = drawn(1), drawn(2)
    renamed = [
        {new[t]: {new[s]: v for s, v in sources.items()} for t, sources in table.items()}
        for table in (first, second)
    ]
    before = by_target(compare(first, second))
    assert by_target(compare(*renamed)) == pytest.approx({new[t]: v for t, v in before.items()})


def test_the_own_encoder_does_not_count():
    first, second = drawn(1), drawn(2)
    spoiled = {t: {**sources, t: 99.0} for t, sources in first.items()}
    assert compare(spoiled, {t: {**s, t: -1.0} for t, s in second.items()}) == compare(
        first, second
    )


def test_p_is_uniform_under_the_null_and_small_for_what_agrees():
    names = "abcdefgh"
    p = [compare(drawn(seed, names), drawn(1000 + seed, names), draws=49).p for seed in range(60)]
    # Binomial(60, 0.2) is within 4..21 with probability above 0.99.
    assert 4 <= sum(value <= 0.2 for value in p) <= 21
    noisy = np.random.default_rng(5)
    first = drawn(3, names)
    assert compare(first, mapped(first, lambda v: v + 0.05 * noisy.random())).p <= 0.01


def test_one_source_that_serves_all_targets_is_no_evidence_for_many():
    # `a` is far ahead for every target on both sides, the rest is noise: a whole relabelling finds
    # it again once in six, whatever the number of targets.
    def table(seed):
        return {
            f"t{target}": {s: v + (5 if s == "a" else 0) for s, v in sources.items()}
            for target in range(20)
            for sources in [drawn(100 * seed + target)["f"] | {"f": 0.5}]
        }

    agreement = compare(table(1), table(2))
    assert agreement.mean > 0.3
    assert agreement.p > 0.1


def test_too_little_in_common_is_said():
    with pytest.raises(InputError, match="0 tasks in common"):
        compare({"x": {"y": 1.0}}, {"v": {"w": 1.0}})
    with pytest.raises(InputError, match="1 tasks in common"):
        compare({"x": {"y": 1.0}}, {"x": {"w": 1.0}})
    pair = {"x": {"y": 1.0, "z": 2.0}}
    with pytest.raises(InputError, match="No target has 3 sources"):
        compare(pair, pair)


@settings(deadline=None, derandomize=True)
@given(st.sets(st.sampled_from(NAMES)), st.sets(st.sampled_from(NAMES)))
def test_the_jaccard_index(first, second):
    index = jaccard(first, second)
    assert index == jaccard(second, first)
    assert 0 <= index <= 1
    assert (index == 1) == (first == second)


@pytest.mark.parametrize("sizes", [(0, 0), (0, 2), (1, 1), (2, 3), (4, 4), (5, 3)])
def test_chance_is_the_mean_over_all_pairs_of_sets(sizes):
    sets = [[set(s) for s in itertools.combinations(NAMES[:5], size)] for size in sizes]
    every = [jaccard(a, b) for a in sets[0] for b in sets[1]]
    assert chance_jaccard(*sizes, 5) == pytest.approx(np.mean(every))


def result(seed: int = 0, labelled: dict[float, list[str]] | None = None) -> TaxonomyResult:
    affinities = drawn(seed)
    rows = [
        {"target": t, "sources": [s], "order": 1, "supervised": False, "affinity": value}
        for t, sources in affinities.items()
        for s, value in [*sources.items(), (t, 0.9)]
    ]
    rows += [{**rows[0], "sources": ["b", "c"], "order": 2, "affinity": 5.0}]
    rows += [{**rows[0], "sources": ["a"], "supervised": True, "affinity": 7.0}]
    return TaxonomyResult(
        study="taxonomy",
        name=f"n{seed}",
        seed=seed,
        tasks=[TaxonomyTask(name=name, source=True) for name in NAMES],
        transfers=rows,
        policies=[
            {"budget": budget, "supervised": names, "transfers": {"a": names} if names else {}}
            for budget, names in (labelled or {}).items()
        ],
    )


EMPTY = TaxonomyResult(study="taxonomy", name="empty", seed=0, policies=[])


def finished(seed: int, **changes) -> FinishedRun:
    job = {"study": "taxonomy", "seed": seed, "name": f"n{seed}", "dataset": {"use": "digits"}}
    labelled = changes.pop("labelled", None)
    return FinishedRun(f"run{seed}", result(seed, labelled), job | changes)


def test_first_order_transfers_of_other_tasks_are_what_is_compared():
    assert measured_affinities(result(3)) == drawn(3)
    assert measured_affinities(EMPTY) == {}


def test_overlaps_at_common_budgets():
    first = result(labelled={1.0: ["a"], 2.0: ["a", "b"], 3.0: ["a", "b", "c"]})
    second = result(labelled={1.0: ["b"], 2.0: ["b", "c"], 3.0: [], 4.0: ["a"]})
    one, two = policy_overlaps(first, second)
    assert (one.budget, one.jaccard, one.both, one.either) == (1.0, 0.0, (), ("a", "b"))
    assert (two.budget, two.jaccard, two.both, two.either) == (2.0, 1 / 3, ("b",), ("a", "c"))
    assert one.chance == pytest.approx(1 / 6)


def test_an_answer_has_a_ceiling_only_between_seeds():
    alone = finished(0)
    pair = agreement_answer([alone, finished(1)], None).result
    expected = compare(drawn(0), drawn(1)).mean
    assert pair["ceiling"] == pair["between_runs"][0]["mean"] == pytest.approx(expected)
    other = agreement_answer([alone, finished(1, dataset={"use": "rooms"})], None)
    assert other.result["ceiling"] is None
    assert "more than the seed (dataset)" in other.findings[0].text
    again = agreement_answer([alone, FinishedRun("again", alone.result, alone.job)], None)
    assert again.result["ceiling"] is None
    assert "same seed, 0" in again.findings[0].text


def test_an_answer_of_three_runs_and_a_table(tmp_path):
    table = tmp_path / "table.csv"
    rows = [
        f"{t},{s},{v}" for t, sources in drawn(9, NAMES[:4]).items() for s, v in sources.items()
    ]
    table.write_text("\n".join(["target,sources,affinity_ahp", *rows]))
    runs = [finished(seed, labelled={2.0: ["a", "b"]}) for seed in range(3)]
    answer = agreement_answer(runs, table)
    assert [row["run"] for row in answer.result["with_table"]] == ["run0", "run1", "run2"]
    assert len(answer.result["between_runs"]) == 3
    # Beside a table, what it does not have does not count for the ceiling either.
    assert {row["pairs"] for row in answer.result["between_runs"]} == {12}
    assert [row["pairs"] for row in agreement_answer(runs, None).result["between_runs"]] == [30] * 3
    assert [policy["jaccard"] for policy in answer.result["policies"]] == [1.0] * 3
    assert [t.name for t in answer.tables] == [
        "agreement",
        "agreement-by-target",
        "policy-agreement",
    ]
    assert "the ceiling, between seeds, is" in answer.findings[-1].text
    alone = agreement_answer(runs[:1], table)
    assert any(found.code == "ceiling-unknown" for found in alone.findings)


@pytest.mark.parametrize(
    ("runs", "message"),
    [
        ([finished(0)], "nothing to compare"),
        ([finished(0), finished(0)], "given twice"),
        ([FinishedRun("r", EMPTY, {}), finished(1)], "has no transfers"),
    ],
)
def test_what_cannot_be_compared(runs, message):
    with pytest.raises(InputError, match=message):
        agreement_answer(runs, None)


def test_official_names_are_those_of_the_dictionary(tmp_path):
    assert len(OFFICIAL_NAMES) == len(set(OFFICIAL_NAMES.values())) == 26
    table = tmp_path / "table.csv"
    table.write_text(
        "target,sources,affinity_ahp\nrgb2sfnorm,rgb2depth,0.3\nrgb2sfnorm,rgb2sfnorm,0.9\n"
        "rgb2sfnorm,self,0.8\nrgb2sfnorm,pixels,0.1\nrgb2sfnorm,mine,0.2\nrgb2sfnorm,random,\n"
        "rgb2sfnorm,reshade+mine,0.7\n"
    )
    assert published_affinities(table) == {"normals": {"depth_z": 0.3, "mine": 0.2}}
    table.write_text(table.read_text() + "rgb2sfnorm,rgb2depth,0.4\n")
    with pytest.raises(TableError, match=r"table.csv:9: .*before, at .*table.csv:2"):
        published_affinities(table)


@official
def test_published_affinity_and_gain_order_sources_alike():
    affinity, gain = (published_affinities(OFFICIAL, what) for what in ("affinity", "gain"))
    agreement = compare(affinity, gain)
    assert len(agreement.targets) == 22
    assert agreement.median == pytest.approx(0.978, abs=5e-4)
    assert agreement.p == 0.001


@official
def test_every_official_name_is_in_the_published_table():
    affinity = published_affinities(OFFICIAL)
    sources = set().union(*affinity.values())
    assert set(OFFICIAL_NAMES) == sources - {"class_selected"}
    source_only = {"colorization", "inpainting", "jigsaw", "random_projection"}
    assert set(affinity) == set(OFFICIAL_NAMES) - source_only
