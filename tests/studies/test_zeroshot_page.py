"""The page of a zero-shot run says what was measured, beside what it has to be compared with."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from zeroshot_page_sample import (
    PAIRS,
    UNSEEN,
    learned,
    phase,
    sample_arrays,
    sample_result,
    sample_trials,
    trial,
)

import taskspace
from taskspace.components.page import (
    Block,
    Figures,
    Heatmap,
    Page,
    Plot,
    Scatter,
    Table,
    Text,
)
from taskspace.report import render
from taskspace.studies.zeroshot.page.overview import zeroshot_page
from taskspace.studies.zeroshot.result.model import ZeroshotResult


def blocks_of(page: Page) -> list[Block]:
    return [block for section in page.sections for block in section.blocks]


def named(page: Page, name: str) -> Any:
    (block,) = (b for b in blocks_of(page) if getattr(b, "name", None) == name)
    return block


@pytest.fixture(scope="module")
def page() -> Page:
    return zeroshot_page(sample_result(), sample_arrays())


def test_the_page_opens_with_what_was_asked_and_who_won(page):
    asked, figures = page.sections[0].blocks[:2]
    assert isinstance(asked, Text) and isinstance(figures, Figures)
    assert "1,200 images of 8 seen compositions" in asked.text and "3 repetitions" in asked.text
    labels = [label for label, _, _ in figures.items]
    assert labels == [
        "best generator: tds",
        "best without a generator: prototype",
        "oracle",
        "difference",
        "chance",
    ]
    _, value, meaning = figures.items[0]
    assert value.startswith("6") and "times chance" in meaning and "[" in meaning
    assert figures.items[3][1].startswith("+1")
    assert figures.items[4][1] == "25.0 %"


def test_a_method_whose_interval_holds_chance_is_not_called_better():
    trials = [trial("tds", seed, share) for seed, share in enumerate((0.2, 0.3, 0.4))]
    ((_, _, meaning), *_) = zeroshot_page(sample_result(trials), {}).sections[0].blocks[1].items
    assert meaning.endswith("not shown to be above chance")


def test_methods_stand_beside_chance_and_their_words(page):
    table = named(page, "methods")
    assert table.columns[-2:] == ["attribute right, %", "object right, %"]
    assert [row[0] for row in table.rows] == [
        "ss", "uds", "tds", "prototype", "oracle", "(chance)",
    ]  # fmt: skip
    assert table.rows[-1][2:4] == ("25.0", "1.0")
    assert "times" in table.columns[3] and table.rows[2][3] == "2.4"


def test_the_generalised_table_names_both_means(page):
    table = named(page, "generalised-test")
    assert table.columns[4:] == (
        "best seen, %", "best unseen, %", "harmonic mean, %", "geometric mean, %",
    )  # fmt: skip
    assert len(table.rows) == 5


def test_validation_has_a_table_where_it_was_measured():
    both = [
        trial("tds", seed, 0.5, evaluation={"test": phase(0.5), "val": phase(0.7)})
        for seed in range(3)
    ]
    page = zeroshot_page(sample_result(both), {})
    assert named(page, "generalised-val").rows[0][5] == "70.0"
    assert "Validation images" in named(page, "generalised-val").caption


def test_designs_are_compared_in_the_order_of_the_paper(page):
    table = named(page, "differences-designs")
    assert [row[:2] for row in table.rows] == [("uds", "ss"), ("tds", "ss"), ("tds", "uds")]
    assert all(row[2].startswith("+") and row[-1] == "holds" for row in table.rows)
    assert re.fullmatch(r"\+\d+\.\d \[\+\d+\.\d, \+\d+\.\d\]", table.rows[0][2])
    assert re.fullmatch(r"\+\d+\.\d\d \[\+\d+\.\d\d, \+\d+\.\d\d\]", table.rows[0][4])
    others = named(page, "differences-others")
    assert [row[:2] for row in others.rows] == [
        ("ss", "prototype"), ("uds", "prototype"), ("tds", "prototype"),
    ]  # fmt: skip
    assert others.rows[0][2].startswith("-1") and others.rows[2][2].startswith("+1")


def test_a_claim_can_be_reversed_or_undecided():
    shares = {"ss": (0.60, 0.61, 0.62), "uds": (0.40, 0.42, 0.41), "tds": (0.50, 0.62, 0.66)}
    trials = [trial(name, k, share) for name, own in shares.items() for k, share in enumerate(own)]
    rows = named(zeroshot_page(sample_result(trials), {}), "differences-designs").rows
    verdicts = {row[:2]: (row[2][0], row[-1]) for row in rows}
    assert verdicts["uds", "ss"] == ("-", "reversed")
    assert verdicts["tds", "ss"] == ("-", "undecided")


def test_controls_stand_beside_chance(page):
    table = named(page, "controls")
    own, exchanged, shuffled = table.rows
    assert own[3:] == ("above chance", None)
    assert exchanged[1] == "unseen compositions described as each other"
    assert exchanged[3] == "contains chance" and shuffled[3] == "above chance"
    assert float(shuffled[4].split()[0]) == pytest.approx(30, abs=2)


def test_curves_are_means_and_leave_the_largest_bias_out(page):
    plot = named(page, "seen-unseen")
    assert [curve.label for curve in plot.curves] == ["ss", "uds", "tds", "prototype", "oracle"]
    (first, *_, last) = plot.curves[0].y
    assert (first, last) == (pytest.approx(80), pytest.approx(0, abs=3))
    assert list(named(page, "by-bias").curves[0].x) == [-1.0, 0.5]


def test_losses_are_averaged_over_repetitions(page):
    curve = named(page, "loss-classification").curves[0]
    assert list(curve.x) == [10, 20, 30] and list(curve.y) == [2.0, 1.5, 2.0]
    names = {block.name for block in blocks_of(page) if isinstance(block, Plot)}
    assert {f"loss-{part}" for part in ("critic", "slope", "adversarial", "clustering")} <= names


def test_repetitions_of_other_lengths_are_averaged_where_all_have_values():
    own = learned(0)
    longer = {part: [*values, values[-1]] for part, values in own["losses"].items()}
    longer["step"] = [12, 24, 36, 48]
    trials = [trial("tds", 0, 0.5, **own), trial("tds", 1, 0.5, **{**own, "losses": longer})]
    curve = named(zeroshot_page(sample_result(trials), {}), "loss-critic").curves[0]
    assert list(curve.x) == [10, 20, 30]
    assert curve.y[1] == pytest.approx((-2.0 - 1.0 - 8 / 12) / 2)


def test_quality_has_chance_and_spread_of_both(page):
    rows = named(page, "quality").rows
    assert [row[0] for row in rows] == ["ss", "uds", "tds"]
    assert rows[0][1:5] == ("70.0", "25.0", "2.00", "0.50") and rows[0][5].startswith("1.02 [")


def test_maps_show_real_and_generated_as_families_and_noise_by_composition(page):
    features = named(page, "features-tds-tsne")
    assert [(group.family, group.label) for group in features.groups[:2]] == [
        ("red sofa", "real"), ("red sofa", "generated"),
    ]  # fmt: skip
    assert len(features.groups) == 2 * len(UNSEEN)
    noise = named(page, "noise-uds-tsne")
    assert [group.label for group in noise.groups] == [" ".join(PAIRS[pair]) for pair in UNSEEN]
    assert sum(len(group.points) for group in noise.groups) == 40


def test_confusions_are_shares_of_the_true_word(page):
    attributes = named(page, "confused-attribute")
    values = dict(zip(attributes.rows, attributes.values, strict=True))
    assert values["red"][attributes.columns.index("wet")] == 0.4
    assert values["red"][attributes.columns.index("red")] == 0.6
    (row,) = named(page, "confused-pairs").rows
    assert row == ("red sofa", "wet sofa", 4, "40", "object")


def test_a_map_of_many_words_keeps_those_with_most_images():
    pairs = [[f"a{k:02}", "thing"] for k in range(30)]
    truth = [k for k in range(30) for _ in range(1 + k)]
    arrays = {f"prediction/{name}": np.array(truth) for name in ("truth", "by/tds")}
    heatmap = named(zeroshot_page(sample_result(pairs=pairs), arrays), "confused-attribute")
    assert heatmap.rows == [f"a{k:02}" for k in range(10, 30)]
    assert "The 20 of 30 words" in heatmap.caption


@pytest.mark.parametrize(
    ("dataset", "split", "tables"),
    [
        ("mit_states", "compositional", {"table-5-2"}),
        ("mit_states", "natural", {"table-5-1"}),
        ("ut_zap50k", "compositional", {"table-5-2"}),
        ("ut_zap50k", "natural", {"table-5-1"}),
        ("stanford_vrd", "published", {"table-5-2"}),
        ("mit_states", None, set()),
        ("compositions", "natural", set()),
    ],
)
def test_published_numbers_stand_beside_their_own_split_alone(dataset, split, tables):
    page = zeroshot_page(sample_result(dataset=dataset, split=split), {})
    names = {getattr(block, "name", "") for block in blocks_of(page)}
    assert {name for name in names if name.startswith("table-5")} == tables


def test_images_stand_beside_what_the_best_methods_call_them(page):
    grid = named(page, "examples")
    assert list(grid.columns) == ["image", "tds", "oracle"]
    names, cells = zip(*grid.rows, strict=True)
    assert names == ("red sofa", "wooden table", "striped lamp", "wet sofa")
    assert [row[1] for row in cells] == [
        "wet sofa", "wooden table (right)", "striped lamp (right)", "wet sofa (right)",
    ]  # fmt: skip
    assert all(row[0].shape == (8, 8, 3) and row[0].max() <= 1 for row in cells)


def test_published_values_are_those_of_the_paper():
    page = zeroshot_page(sample_result(dataset="ut_zap50k", split="compositional"), {})
    rows = named(page, "table-5-2").rows
    assert [row[:2] for row in rows] == [
        ("ss", "40.0"), ("uds", "41.4"), ("ss_mtc_add", "43.4"), ("ss_mtc_affine", "44.3"),
        ("tds", "49.0"),
    ]  # fmt: skip
    assert rows[0][2].startswith("3") and rows[2][2] is None
    page = zeroshot_page(sample_result(dataset="mit_states", split="natural"), {})
    rows = {row[:2]: row[2:] for row in named(page, "table-5-1").rows}
    assert rows["TDS", "published"] == ("8.9", "18.0", "25.5", "6.5", "14.0", "20.0")
    assert rows["tds", "here"][:3] == (None, None, None) and rows["tds", "here"][3] is not None


def test_one_repetition_has_no_intervals_and_no_arrays_are_needed():
    page = zeroshot_page(sample_result(sample_trials(1)), {})
    assert not [b for b in blocks_of(page) if isinstance(b, Scatter | Heatmap)]
    assert all("[" not in str(row[2]) for row in named(page, "methods").rows)
    assert {row[-1] for row in named(page, "differences-designs").rows} == {"undecided"}
    assert {row[3] for row in named(page, "controls").rows} == {None}


def test_a_run_without_results_says_so():
    page = zeroshot_page(sample_result([]), {})
    (section,) = page.sections
    assert [b.text for b in section.blocks][-1] == "No training has a result."


def test_a_method_alone_and_no_unseen_evaluation_of_all_is_a_page():
    alone = {**phase(0.5), "auc": [None] * 3, "curve": None}
    alone |= dict.fromkeys(("best_seen", "best_unseen", "harmonic_mean", "geometric_mean"))
    trials = [trial("prototype", seed, 0.5, evaluation={"test": alone}) for seed in range(2)]
    page = zeroshot_page(sample_result(trials), {})
    assert [section.title for section in page.sections] == [
        "Which method names unseen compositions best"
    ]


def test_a_rounded_zero_has_no_minus_sign():
    trials = [trial(name, k, 0.5 + (k - 1) * 1e-5) for name in ("ss", "uds") for k in range(3)]
    trials[4] = trial("uds", 1, 0.5 - 1e-6)
    (row,) = named(zeroshot_page(sample_result(trials), {}), "differences-designs").rows
    assert row[2] == "+0.0 [+0.0, +0.0]" and row[4] == "+0.00 [+0.00, +0.00]"


def test_words_are_shown_as_they_are():
    pairs = [[f"<b>&{k}", "</script><script>alert(1)"] for k in range(12)]
    html = render(zeroshot_page(sample_result(pairs=pairs), sample_arrays()), {})
    assert "<b>" not in html and "&lt;b&gt;&amp;1" in html and html.count("<script>") == 1


def test_the_page_is_drawn_whole(page):
    html = render(page, {})
    assert "wet sofa" in html and len(html) < 400_000
    tables = [block.name for block in blocks_of(page) if isinstance(block, Table)]
    assert len(set(tables)) == len(tables)


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> taskspace.Run:
    place = tmp_path_factory.mktemp("page")
    job = {
        "study": "zeroshot", "name": "page",
        "dataset": {"use": "compositions", "images": 448, "size": 16},
        "unseen": [["wooden", "chair"], ["red", "lamp"], ["blue", "ball"], ["red", "sofa"]],
        "encoder": {"use": "small_conv", "width": 8},
        "generators": [{"use": "tds", "width": 8, "hidden": 8, "noise": 4}], "controls": [],
        "networks": {"words": 8, "critic": 8}, "train": {"steps": 4, "batch": 16},
        "baseline": {"steps": 4, "batch": 16},
    }  # fmt: skip
    return taskspace.run(job, store=place / "store", runs=place / "runs", executor="inline")


def test_a_run_keeps_what_it_predicts_and_draws_its_maps(made):
    result = ZeroshotResult.model_validate(made.result)
    with np.load(made.folder / "arrays.npz") as stored:
        arrays = dict(stored)
    (trained,) = (each for each in result.trials if each.method == "tds")
    truth, predicted = (arrays[f"prediction/{part}"] for part in ("truth", "by/tds"))
    assert np.mean(truth == predicted) == pytest.approx(trained.evaluation["test"].unseen[0])
    page = zeroshot_page(result, arrays)
    assert sum(len(own.points) for own in named(page, "features-tds-tsne").groups) > 0
    assert sum(map(sum, named(page, "confused-object").values)) == pytest.approx(
        len(named(page, "confused-object").rows)
    )
    assert named(page, "confused-pairs").rows
    shown = named(page, "examples")
    places = arrays["example/place"]
    names = [" ".join(result.pairs[pair]) for pair in truth[places]]
    assert [name for name, _ in shown.rows] == names and len(set(names)) == 4
    column = list(shown.columns).index("tds")
    assert [cells[column].removesuffix(" (right)") for _, cells in shown.rows] == [
        " ".join(result.pairs[pair]) for pair in predicted[places]
    ]
