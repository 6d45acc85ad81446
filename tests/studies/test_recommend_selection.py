"""Methods judged by what their choices lose: by hand, and with a planted winner."""

from __future__ import annotations

import numpy as np
import pytest

from taskspace.studies.recommend.maths.errors import NO_TASK, ErrorTable
from taskspace.studies.recommend.result.findings import recommend_findings
from taskspace.studies.recommend.result.guesses import Guess, static_guesses
from taskspace.studies.recommend.result.model import RecommendResult
from taskspace.studies.recommend.result.ranking import chosen_errors, ranking
from taskspace.studies.recommend.result.selection import curves, selections, verdict_record

ERRORS = np.array([[0.2, 0.1, 0.4], [0.3, 0.6, 0.2]])


def table(errors: np.ndarray) -> ErrorTable:
    tasks, models = errors.shape
    return ErrorTable.of(
        [f"task{row}" for row in range(tasks)],
        [f"model{column}" for column in range(models)],
        errors,
        own=np.full(models, NO_TASK, dtype=np.int64),
        groups=np.arange(tasks),
    )


def test_what_a_choice_loses_by_hand():
    # It picks model0 on both tasks: 100 % and 50 % over the best, 10 and 10 points.
    guess = Guess("first", "score", [np.tile([0.0, 1.0, 2.0], (2, 1))])
    (own,) = selections(table(ERRORS), [guess], "frozen", 100, seed=0)
    assert own.relative.mean == pytest.approx(75)
    assert own.regret.mean == pytest.approx(10)
    assert own.picks == {"task0": ["model0"], "task1": ["model0"]}


def test_draws_are_averaged_and_not_their_choices():
    right = ERRORS
    wrong = -ERRORS
    guess = Guess("torn", "score", [right, wrong])
    (own,) = selections(table(ERRORS), [guess], "frozen", 100, seed=0)
    worst = [100 * (row.max() - row.min()) / row.min() for row in ERRORS]
    assert own.relative.mean == pytest.approx(np.mean(worst) / 2)
    assert own.picks["task0"] == ["model1", "model2"]


def test_a_method_counts_on_the_tasks_that_it_ranks():
    expected = ERRORS.copy()
    expected[0] = np.nan
    (own,) = selections(table(ERRORS), [Guess("half", "score", [expected])], "frozen", 9, seed=0)
    assert own.tasks == 1 and own.relative.mean == 0


def test_trying_all_models_loses_nothing_and_more_tries_never_lose_more():
    draw = np.random.default_rng(0)
    errors = draw.uniform(0.1, 0.9, (6, 5))
    guesses = [*static_guesses(table(errors), {}, None), Guess("blind", "score", [-errors])]
    for own in curves(table(errors), guesses, "frozen", 100, seed=0):
        reached = [span.mean for span in own.relative]
        assert own.tried == [1, 2, 3, 4, 5]
        assert reached == sorted(reached, reverse=True)
        assert reached[-1] == pytest.approx(0, abs=1e-9)


def planted(knows: bool) -> tuple[ErrorTable, list[Guess]]:
    """Twelve tasks whose best models all differ, and a method that knows them or draws."""
    draw = np.random.default_rng(1)
    errors = draw.uniform(0.2, 0.9, (12, 6))
    guess = errors if knows else draw.uniform(0.2, 0.9, (12, 6))
    own = table(errors)
    return own, [*static_guesses(own, {}, "model0"), Guess("score", "score", [guess])]


def test_a_score_that_knows_the_best_beats_static_rankings():
    own, guesses = planted(knows=True)
    found = verdict_record(own, guesses, "frozen", 100, seed=0)
    assert found is not None and found.winners == ["score"]
    assert found.gains[0].gain.low > 0 and "score beats" in found.text
    findings = recommend_findings(_result(verdicts=[found]))
    assert [each.code for each in findings] == ["method-beats-static"]


def test_a_score_that_draws_is_not_said_to_beat_anything():
    own, guesses = planted(knows=False)
    found = verdict_record(own, guesses, "frozen", 100, seed=0)
    assert found is not None and found.winners == []
    assert "No evidence" in found.text
    (finding,) = recommend_findings(_result(verdicts=[found]))
    assert (finding.code, finding.tone) == ("no-method-beats-static", "warning")


def test_hindsight_is_no_static_ranking():
    own, guesses = planted(knows=False)
    found = verdict_record(own, guesses, "frozen", 100, seed=0)
    assert found is not None and "hindsight" not in found.static
    methods = {each.name: each for each in selections(own, guesses, "frozen", 100, 0)}
    hindsight, honest = (methods[f"best average ({how})"] for how in ("hindsight", "left out"))
    assert hindsight.kind == "reference" and honest.kind == "static"


def test_few_tasks_have_no_verdict():
    own = table(ERRORS)
    guesses = [*static_guesses(own, {}, "model0"), Guess("score", "score", [ERRORS])]
    assert verdict_record(own, guesses, "frozen", 100, seed=0) is None


def test_the_best_of_many_equal_models_is_no_better_on_other_images():
    # All models are wrong on half of the images by chance; the best of 200 looks better than that.
    draw = np.random.default_rng(0)
    models = {f"m{k}": (draw.random((1, 400)) < 0.5).astype(np.float32) for k in range(200)}
    wrong = {("frozen", 100, "task"): models}
    best = ranking(wrong, seed=0)[0].error.mean
    (chosen,) = chosen_errors(wrong, seed=0)
    assert best < 0.45
    assert chosen.error == pytest.approx(0.5, abs=0.05)


def test_a_model_that_is_best_everywhere_keeps_its_error():
    models = {"good": np.zeros((2, 10), np.float32), "bad": np.ones((2, 10), np.float32)}
    (chosen,) = chosen_errors({("frozen", 9, "task"): models}, seed=0)
    assert chosen.error == 0


def test_one_model_is_not_chosen():
    assert chosen_errors({("frozen", 9, "task"): {"m": np.zeros((1, 9), np.float32)}}, 0) == []


def _result(**changes) -> RecommendResult:
    return RecommendResult.model_validate(
        {
            "study": "recommend",
            "name": "small",
            "seed": 0,
            "interval": "",
            "draws": 2,
            "own": [],
            "targets": [],
            "models": [],
            "ranking": [],
            "estimates": [],
            "methods": [],
            "verdicts": [],
            "missing": [],
        }
        | changes
    )
