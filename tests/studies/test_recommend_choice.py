"""Which model to start from: with the most images, the cheapest that is not shown to be worse."""

from __future__ import annotations

import pytest

from taskspace.studies.recommend.page.models import answer_blocks
from taskspace.studies.recommend.result.choice import choice_of
from taskspace.studies.recommend.result.findings import recommend_findings
from taskspace.studies.recommend.result.model import RankedModel, RecommendResult

ADDS = {"dear": 900, "cheap": 10, "poor": 1}


def row(model: str, error: float, rank: int, tied: bool, **changes) -> dict:
    values = {"task": "own", "images": 100, "adapt": "frozen", "draws": [error], "behind": 0.0}
    span = {"mean": error, "low": error - 0.01, "high": error + 0.01}
    own = {"model": model, "rank": rank, "error": span, "p": None, "tied": tied}
    return RankedModel.model_validate(values | own | changes).model_dump()


def result(ranking: list[dict], common: float = 0.5, **changes) -> RecommendResult:
    values = {
        "study": "recommend",
        "name": "n",
        "seed": 0,
        "interval": "95 %",
        "draws": 5,
        "own": ["own"],
        "targets": [{"name": "own", "dataset": "d", "group": "0", "common": common}],
        "models": [
            {"name": name, "kind": "random", "multiply_adds": adds} for name, adds in ADDS.items()
        ],
        "ranking": ranking,
        **{name: [] for name in ("estimates", "methods", "verdicts", "missing")},
    }
    return RecommendResult.model_validate(values | changes)


FROZEN = [row("dear", 0.1, 1, True), row("cheap", 0.11, 2, True), row("poor", 0.3, 3, False)]


def advice(own: RecommendResult) -> str:
    (text,) = [each.text for each in recommend_findings(own) if each.code == "start-from"]
    return text


def test_the_cheapest_model_tied_with_the_best_is_the_choice():
    assert advice(result(FROZEN)) == (
        "own: start from cheap. With 100 labelled images (linear head on the frozen model) it gets "
        "11.0 [10.0, 12.0] % of the test images wrong; dear gets 10.0 [9.0, 11.0] % wrong, which "
        "is not shown to be better, and needs more multiply-adds. The best of those shown to be "
        "worse is poor (30.0 [29.0, 31.0] %)."
    )


def test_the_headline_of_the_page_is_the_choice_and_not_the_best():
    ((label, value, _),) = answer_blocks(result(FROZEN))[0].items
    assert (label, value) == ("own: cheap", "11.0 [10.0, 12.0] %")


@pytest.mark.parametrize(
    ("images", "error", "chosen"),
    [(100, 0.2, "frozen"), (100, 0.05, "finetune"), (50, 0.05, "frozen")],
)
def test_models_trained_whole_are_chosen_only_where_they_err_less(images, error, chosen):
    whole = row("poor", error, 1, True, adapt="finetune", images=images)
    choice = choice_of(result([*FROZEN, whole]), "own")
    assert choice is not None and (choice.adapt, choice.images) == (chosen, 100)


def test_settings_end_with_the_most_images():
    fewer = [one | {"images": 50, "adapt": "finetune"} for one in FROZEN]
    whole = [one | {"adapt": "finetune"} for one in FROZEN]
    assert result([*whole, *FROZEN, *fewer]).settings() == [
        ("finetune", 50),
        ("frozen", 100),
        ("finetune", 100),
    ]


def test_a_task_at_chance_gets_no_advice_to_start_from_a_model():
    own = result(FROZEN, common=0.9)
    assert advice(own).startswith("own: no choice can be made. With 100 labelled images")
    assert "start from" not in advice(own)
    ((label, _, meaning),) = answer_blocks(own)[0].items
    assert label == "own: no choice" and meaning.endswith("not shown to beat a guess")
