"""Tables of errors: their unit, what was read, and a choice that is no better than chance."""

from __future__ import annotations

import pytest

from recommend_jobs import run
from taskspace.components.page import Heatmap, Plot, Table, Text
from taskspace.errors import TableError
from taskspace.report.render import render
from taskspace.studies.recommend.page.methods import curve_blocks
from taskspace.studies.recommend.page.overview import recommend_page
from taskspace.studies.recommend.result.model import RecommendResult

FRACTIONS = "task;a;b\ncats;0,875;0,90\ndogs;0,93;0,91\nfish;0,5;0,6\n"
SIX = """task;resnet18;mobilenet;efficientnet;own
cats vs dogs;12,5;14,1;9,8;13,0
weather;22,4;20,9;19,7;23,8
road type;31,0;28,4;27,9;30,2
day or night;4,2;5,1;3,9;3,7
indoor;11,3;12,0;10,1;NA
vehicles;18,6;19,9;16,2;17,5
"""
TWO = "task;model;error\ncats;a;12,5\ncats;b;10,1\ndogs;a;7,0\ndogs;b;8,2\n"


@pytest.fixture
def answer(tmp_path):
    def read(text, **description):
        file = tmp_path / "errors.csv"
        file.write_text(text, encoding="utf-8")
        errors = {"table": str(file)} | description
        return run({"study": "recommend", "name": "t", "errors": errors}, tmp_path)

    return read


def findings(made):
    return {found.code: found for found in made.findings}


@pytest.mark.parametrize("options", [{}, {"measure": "accuracy"}, {"measure": "error"}])
def test_numbers_that_may_be_fractions_have_to_be_called_so_or_percent(answer, options):
    with pytest.raises(TableError, match=r"No number .* is beyond 1 .*0\.93") as own:
        answer(FRACTIONS, **options)
    for setting in ("`unit: fraction`", "`unit: percent`", "`measure: accuracy`"):
        assert setting in own.value.advice


def test_a_table_whose_errors_are_all_below_one_percent_says_so(answer):
    small = answer("task,a,b\nt,0.2,0.3\nu,0.4,0.5\n", unit="percent").result["ranking"]
    assert small[0]["error"]["mean"] == pytest.approx(0.002)
    accuracies = answer(FRACTIONS, unit="fraction", measure="accuracy").result["ranking"]
    assert (accuracies[0]["model"], accuracies[0]["error"]["mean"]) == ("b", pytest.approx(0.1))
    assert answer("task,a,b\nt,0.2,1.01\n").result["ranking"][0]["model"] == "a"


def test_a_rule_that_loses_to_chance_recommends_no_model(answer):
    found = findings(answer(TWO))
    assert "start-from-average" not in found
    lost = found["average-at-chance"]
    assert lost.tone == "warning" and "start from" not in lost.text
    assert "no model can be recommended" in lost.text
    assert "20.5 [17.1, 23.8] % over" in lost.text and "10.2 [8.6, 11.9] %" in lost.text
    assert found["too-few-tasks"].text.startswith("2 tasks are too few")


def test_few_tasks_recommend_no_model_even_where_the_rule_is_ahead(answer):
    rows = "".join(f"t{number},{number + 2},{number + 4}\n" for number in range(4))
    assert {"average-at-chance", "too-few-tasks"} <= findings(answer("task,a,b\n" + rows)).keys()
    assert "start-from-average" in findings(answer("task,a,b\n" + rows + "t4,6,9\n"))


def test_an_advice_says_what_chance_loses(answer):
    text = findings(answer(SIX))["start-from-average"].text
    assert "start from efficientnet" in text and "drawn at random, 12.9 [8.6, 18.6] %" in text


def test_what_was_read_is_told_with_what_is_missing(answer):
    assert findings(answer(SIX))["table-read"].text == (
        "errors.csv: 6 tasks and 4 models, read as errors from 3.7 to 31 %. Of 24 errors, 1 is "
        "missing: own on indoor. No model is chosen where it was not measured."
    )
    # The model `t1` is no candidate for the task `t1`, and not missing there.
    whole = findings(answer("task,t1,b\nt1,1,2\nt2,2,1\n"))["table-read"].text
    assert whole == "errors.csv: 2 tasks and 2 models, read as errors from 1 to 2 %."


def test_the_page_of_a_table_says_what_the_table_says(answer):
    page = recommend_page(RecommendResult.model_validate(answer(SIX).result), {})
    assert [section.title for section in page.sections] == [
        "Which model to start from",
        "Which method to trust",
        "What trying more models brings",
        "Errors of all models on all tasks",
    ]
    assert page.subtitle == "4 models on 6 tasks, as errors.csv says"
    blocks = [block for section in page.sections for block in section.blocks]
    (table,) = (each for each in page.sections[0].blocks if isinstance(each, Table))
    assert table.rows[0] == ("efficientnet", 6, 5, "14.6", "0.0333")
    assert table.rows[1][:3] == ("own", 5, 1)
    (matrix,) = (each for each in blocks if isinstance(each, Heatmap))
    assert matrix.digits == 1 and matrix.values[4][3] is None
    captions = [each.caption for each in blocks if isinstance(each, Heatmap | Plot | Table)]
    texts = " ".join([*captions, *(each.text for each in blocks if isinstance(each, Text))])
    for untrue in (
        "labelled images",
        "No model was measured",
        "licence",
        "random weights",
        "draws",
    ):
        assert untrue not in texts
    assert "random weights" not in render(page, {})


def test_curves_that_hide_each_other_are_one(answer):
    result = RecommendResult.model_validate(answer(SIX).result)
    first, *others = result.curves
    twin = first.model_copy(update={"name": "twin"})
    (plain,) = curve_blocks(result)
    (plot,) = curve_blocks(result.model_copy(update={"curves": [first, twin, *others]}))
    assert isinstance(plain, Plot) and isinstance(plot, Plot)
    assert len(plain.curves) == len(plot.curves) == 3
    assert "chance, twin" in {curve.label for curve in plot.curves}
    assert "share it" in plot.caption and "share it" not in plain.caption
