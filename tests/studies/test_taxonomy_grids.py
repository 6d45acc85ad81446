"""The best transfers by order, and the page and tables that show them."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from taskspace.components.page import Heatmap, ImageGrid, Plot
from taskspace.studies.taxonomy.maths.grids import best_by_order, best_transfer
from taskspace.studies.taxonomy.page.overview import taxonomy_page
from taskspace.studies.taxonomy.plan.competitors import SUPERVISED
from taskspace.studies.taxonomy.result.evaluation import policies_by_normaliser
from taskspace.studies.taxonomy.result.model import TaxonomyResult
from taskspace.studies.taxonomy.result.tables import normaliser_table, order_table

names = st.sets(st.sampled_from("abcde"), min_size=1, max_size=4).map(lambda s: tuple(sorted(s)))
standings = st.dictionaries(names, st.sampled_from([0.1, 0.2, 0.3]), max_size=9)
everybody = st.dictionaries(st.sampled_from("abxy"), standings, max_size=4)


def test_the_best_transfer_by_hand():
    found = {("b",): 0.2, ("c",): 0.3, ("b", "c"): 0.4, ("a", "c"): 0.9, ("a",): 0.8}
    assert best_transfer("a", found) == ("b", "c")
    assert best_transfer("a", found, max_order=1) == ("c",)
    assert best_transfer("x", found) == ("a", "c")
    assert best_transfer("b", {("b",): 1.0, ("b", "c"): 2.0}) is None


def test_ties_go_to_fewer_sources_and_then_by_name():
    assert best_transfer("x", {("a", "b"): 0.5, ("d",): 0.5, ("c",): 0.5}) == ("c",)


@settings(deadline=None, derandomize=True)
@given(everybody, st.randoms())
def test_a_higher_order_is_never_chosen_for_less(found, random):
    chosen = best_by_order(found)
    assert list(chosen) == sorted(chosen)
    for order, served in chosen.items():
        for target, sources in served.items():
            assert target not in sources
            assert len(sources) <= order
            for lower in range(1, order):
                before = chosen.get(lower, {}).get(target)
                assert before is None or found[target][before] <= found[target][sources]
    shuffled = {
        target: dict(random.sample(list(found[target].items()), len(found[target])))
        for target in random.sample(list(found), len(found))
    }
    assert best_by_order(shuffled) == chosen
    raised = {t: {s: v**3 + 1 for s, v in values.items()} for t, values in found.items()}
    assert best_by_order(raised) == chosen


def test_orders_nobody_has_are_no_columns():
    chosen = best_by_order({"x": {("a",): 0.2, ("a", "b", "c"): 0.1}, "a": {("a",): 0.9}})
    assert chosen == {1: {"x": ("a",)}, 3: {"x": ("a",)}}


def test_normalisers_are_compared_where_all_have_a_policy():
    def policy(budget, *supervised):
        return {"budget": budget, "supervised": [*supervised], "transfers": {"x": ["a"]}}

    nothing = {"budget": 2.0, "supervised": [], "transfers": {}}
    rows = policies_by_normaliser(
        {
            "ahp": [policy(1.0, "a"), policy(2.0, "a", "b"), policy(3.0, "a", "b")],
            "win_rate": [policy(1.0, "a"), nothing, policy(3.0, "b", "c")],
        }
    )
    assert [row["budget"] for row in rows] == [1.0, 3.0]
    table = normaliser_table(result(normalisers=rows))
    assert table.columns == ("budget", "ahp", "win_rate")
    assert table.rows == [(1, "a", "the same"), (3, "a, b", "+c -a")]
    assert policies_by_normaliser({}) == []
    assert normaliser_table(result()).rows == []


def result(**parts):
    made_up = {"study": "taxonomy", "name": "made-up", "seed": 0, "policies": []}
    return TaxonomyResult.model_validate(made_up | parts)


def row(target, sources, affinity, gain, quality, *, supervised=False):
    return {
        "target": target,
        "sources": sources,
        "order": len(sources),
        "supervised": supervised,
        "affinity": affinity,
        "test": {
            "gain": [gain, gain - 0.1, gain + 0.1],
            "quality": [quality, quality - 0.1, quality + 0.1],
        },
    }


PARTS = {
    "transfers": [
        row("a", ["a"], 0.5, 0.9, 0.5, supervised=True),
        row("a", ["a"], 0.4, 0.85, 0.45),
        row("a", ["b"], 0.2, 0.6, 0.3),
        row("a", ["b", "c"], 0.3, 0.7, 0.4),
        row("b", ["a"], 0.2, 0.55, 0.2),
    ],
    "policies": [
        {
            "budget": 1.0,
            "status": "optimal",
            "supervised": ["a"],
            "objective": 1.0,
            "transfers": {"a": ["a"], "b": ["a"]},
            "message": None,
            "measured_on": "test",
            "mean_gain": 0.725,
            "mean_quality": 0.35,
        }
    ],
    "orders": [
        {
            "order": order,
            "transfers": {"a": sources, "b": ["a"]},
            "mean_gain": gain,
            "gain_interval": [0.5, 0.8],
            "mean_quality": 0.25,
            "quality_interval": None,
        }
        for order, sources, gain in ((1, ["b"], 0.575), (2, ["b", "c"], 0.625))
    ],
}


def blocks(artifacts, **parts):
    page = taxonomy_page(result(**parts), artifacts)
    return {getattr(b, "name", None): b for section in page.sections for b in section.blocks}


def test_the_grids_show_each_targets_transfer_and_the_mean():
    drawn = blocks({}, **PARTS)
    by_order = drawn["gain-by-order"]
    assert isinstance(by_order, Heatmap)
    assert list(by_order.rows) == ["a", "b", "mean over targets"]
    assert by_order.values == [[0.6, 0.7], [0.55, 0.55], [0.575, 0.625]]
    by_budget = drawn["gain-by-budget"]
    # `a` is supervised: its own network, not the readout on its own encoder.
    assert by_budget.values == [[0.9], [0.55], [0.725]]
    assert drawn["quality-by-budget"].values == [[0.5], [0.2], [0.35]]
    curves = drawn["by-order"]
    assert isinstance(curves, Plot)
    assert curves.curves[0].low == [0.5, 0.5] and curves.curves[1].low == [None, None]
    table = order_table(result(**PARTS))
    assert table.rows[0] == (1, 2, "0.57 [0.50, 0.80]", "0.250")


def test_a_target_that_is_not_served_has_the_numbers_of_its_floor_that_the_mean_counts():
    policy = PARTS["policies"][0] | {"transfers": {"a": ["a"], "b": []}, "mean_gain": 0.7}
    floor = {"kind": "scratch", "loss": 1.0, "metric": 0.3, "gain": 0.5, "quality": 0.1}
    tasks = [{"name": "a", "source": True}, {"name": "b", "source": False, "floor": floor}]
    drawn = blocks({}, **PARTS | {"policies": [policy], "tasks": tasks})
    assert drawn["gain-by-budget"].values == [[0.9], [0.5], [0.7]]
    assert drawn["quality-by-budget"].values == [[0.5], [0.1], [0.35]]


def test_captions_say_what_their_intervals_are_over():
    for seeds, over in (([0], "intervals over images."), ([0, 1, 2], "over images and 3 seeds.")):
        drawn = blocks({}, **PARTS | {"seeds": seeds})
        captions = [drawn[name].caption for name in ("by-order", "orders", "policies")]
        assert all(over in caption for caption in captions)


def test_a_result_without_an_evaluation_has_no_empty_sections():
    assert taxonomy_page(result(), {}).sections == []
    titles = [section.title for section in taxonomy_page(result(**PARTS), {}).sections]
    assert "A new task with few labels" not in titles and "Predictions" not in titles


def test_pictures_are_shown_as_they_are_and_words_below_them():
    picture = np.zeros((6, 3, 64, 64), dtype=np.uint8)
    picture[:, 0] = 255
    artifacts = {
        "a/input": picture,
        "a/truth": picture,
        f"a/{SUPERVISED}": picture.astype(np.float32) / 255,
        "a/b": picture,
        "b/input": picture[:, :, :, :32],
    }
    words = {"b": {"truth": ["sofa"] * 6, SUPERVISED: ["bed"] * 6, "a": ["lamp"] * 6}}
    drawn = blocks(artifacts, words=words, **PARTS)
    grid = drawn["pictures-a"]
    assert isinstance(grid, ImageGrid)
    assert [title for title, _ in grid.rows] == ["input", "truth", "supervised"]
    for _, cells in grid.rows:
        assert len(cells) == 5
        np.testing.assert_array_equal(cells[0], np.broadcast_to([1.0, 0.0, 0.0], (64, 64, 3)))
    assert grid.pixel == 2
    worded = drawn["pictures-b"]
    assert [title for title, _ in worded.rows] == ["input", "truth", "supervised", "transfer"]
    assert [cells[0] for _, cells in worded.rows[1:]] == ["sofa", "bed", "lamp"]
    assert "from a; `supervised`" in worded.caption
