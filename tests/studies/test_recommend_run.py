"""Whole runs of the study of recommendations: the answer, reuse, limits, and what fails alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import taskspace
from recommend_jobs import classes, done, image_folder, job, run, without_seconds
from taskspace.engine.planner import KeyedPlanner
from taskspace.errors import InputError, JobInvalid
from taskspace.jobs import load_job
from taskspace.registry import Registry
from taskspace.studies.recommend.plan.cells import plan_of

MODELS = {"small_conv", "mlp", "expert-loops"}
TASKS = ["identity", "parity", "loops", "at_least_five"]


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> tuple[Path, taskspace.Run]:
    place = tmp_path_factory.mktemp("finished")
    return place, run(job(), place)


def test_a_run_answers_its_question(finished):
    _, made = finished
    result = made.result
    assert result["missing"] == [] and result["own"] == TASKS
    assert {own["name"]: own["kind"] for own in result["models"]} == {
        "small_conv": "random",
        "mlp": "random",
        "expert-loops": "expert",
    }
    for task in TASKS:
        rows = [row for row in result["ranking"] if row["task"] == task]
        assert {row["model"] for row in rows} == MODELS
        assert [row["rank"] for row in rows] == [1, 2, 3]
        errors = [row["error"]["mean"] for row in rows]
        assert errors == sorted(errors)
        for row in rows:
            assert row["error"]["mean"] == pytest.approx(np.mean(row["draws"]))
            assert row["behind"] == pytest.approx(row["error"]["mean"] - errors[0])
            assert row["error"]["low"] <= row["error"]["mean"] <= row["error"]["high"]
        assert rows[0]["tied"] and rows[0]["p"] is None
    names = {own["name"] for own in result["methods"]}
    assert {"chance", "knn", "domain2vec: nearest expert", "best average (left out)"} <= names
    assert made.report.exists()


def test_the_best_on_test_images_loses_nothing_and_chance_loses_the_mean(finished):
    result = finished[1].result
    methods = {own["name"]: own for own in result["methods"]}
    assert methods["best on test images"]["relative"]["mean"] == 0
    expected = []
    for task in TASKS:
        errors = [row["error"]["mean"] for row in result["ranking"] if row["task"] == task]
        expected.append(100 * (np.mean(errors) - min(errors)) / min(errors))
    assert methods["chance"]["relative"]["mean"] == pytest.approx(np.mean(expected))


def test_a_model_without_a_classifier_has_no_leep_and_the_page_says_so(finished):
    result = finished[1].result
    values = {row["model"]: row["values"] for row in result["estimates"] if row["score"] == "leep"}
    assert values["mlp"] == values["small_conv"] == [None, None]
    assert all(isinstance(value, float) for value in values["expert-loops"])
    assert result["reasons"]["leep"] == ["the model has no classifier"]
    assert "the model has no classifier" in finished[1].report.read_text(encoding="utf-8")


def test_equal_runs_give_equal_results_but_for_seconds(finished, tmp_path):
    again = run(job(), tmp_path)
    assert without_seconds(again.result) == without_seconds(finished[1].result)


def test_running_again_computes_nothing(finished):
    place, made = finished
    before = done(made.folder)
    again = run(job(), place)
    assert done(again.folder) == before and again.result == made.result


def test_another_score_recomputes_its_cells_and_no_others(finished):
    place, made = finished
    more = run(job(name="more", scores=["knn", "leep", "logme"]), place)
    assert all(cell.startswith("score/logme/") for cell in done(more.folder))
    assert len(done(more.folder)) == len(MODELS) * len(TASKS)
    assert more.result["ranking"] == made.result["ranking"]


def test_another_draw_adds_cells_and_changes_none(finished):
    place, made = finished
    more = run(job(name="third", seeds=3), place)
    # Scores are one cell for all draws.
    others = [cell for cell in done(more.folder) if not cell.startswith("score/")]
    assert others and all(cell.endswith("/2") for cell in others)
    first = {(r["task"], r["model"]): r["draws"] for r in made.result["ranking"]}
    for row in more.result["ranking"]:
        assert row["draws"][:2] == first[row["task"], row["model"]]


def test_models_beyond_a_limit_are_left_out_and_named(finished):
    place, made = finished
    adds = {own["name"]: own["multiply_adds"] for own in made.result["models"]}
    limit = sorted(adds.values())[0]
    small = run(job(name="limited", limits={"multiply_adds": limit}), place)
    within = {name for name, value in adds.items() if value <= limit}
    assert {row["model"] for row in small.result["ranking"]} == within < MODELS
    assert all((own["beyond"] is None) == (own["name"] in within) for own in small.result["models"])
    assert any(found.code == "beyond-limits" for found in small.findings)


def test_where_every_model_exceeds_the_limits_a_warning_says_so(finished):
    made = run(job(name="none", limits={"parameters": 1}), finished[0])
    assert made.result["ranking"] == []
    (found,) = [each for each in made.findings if each.code == "beyond-limits"]
    assert found.tone == "warning" and found.text.startswith("Every model exceeded the limits")
    assert "Raise `limits:`" in found.text and len(found.details) == 3


def test_one_measured_model_is_no_choice_and_a_warning_says_so(finished):
    made = run(job(name="alone", models=["mlp"], experts=[], embeddings=[]), finished[0])
    (found,) = [each for each in made.findings if each.code == "one-model"]
    assert found.text.startswith("mlp is the only model that was measured")


def test_an_expert_on_a_targets_images_does_not_see_those_that_test(finished):
    registry = Registry.load(plugins=False)
    plan = plan_of(load_job(job(), catalogue=registry).job, KeyedPlanner(registry))
    group = plan.experts[0]
    head = plan.head(plan.models[0], plan.targets[0], "parity", 40, 0)
    assert plan.expert(group, "expert-loops").parameters["split"] == head.parameters["split"]
    assert any(found.code == "expert-shares-images" for found in finished[1].findings)


def test_fine_tuning_trains_whole_models_on_the_same_images(tmp_path):
    document = job(
        tasks=["parity", "loops"],
        scores=[],
        embeddings=[],
        seeds=1,
        finetune={"models": ["mlp", "experts"], "steps": 5},
    )
    result = run(document, tmp_path).result
    whole = {row["model"] for row in result["ranking"] if row["adapt"] == "finetune"}
    assert whole == {"mlp", "expert-loops"}
    assert {own["adapt"] for own in result["methods"]} == {"frozen", "finetune"}


def test_a_task_without_enough_images_is_missing_and_the_others_are_ranked(tmp_path):
    few = [{"few": "ab"[i % 2] if i < 12 else "", "all": "ab"[i // 3 % 2]} for i in range(40)]
    document = job(
        dataset=image_folder(tmp_path / "images", few),
        tasks=[classes("few"), classes("all")],
        models=[{"use": "mlp", "width": 4}],
        experts=[],
        scores=[],
        embeddings=[],
        images=[12],
        seeds=1,
    )
    result = run(document, tmp_path).result
    assert {row["task"] for row in result["ranking"]} == {"all"}
    (missing,) = result["missing"]
    assert "12 labelled images were asked for" in missing["message"]


def test_a_task_of_one_class_is_refused_in_words(tmp_path):
    labels = [{"one": "a" if i else "b", "two": "ab"[i % 2]} for i in range(30)]
    document = job(
        dataset=image_folder(tmp_path / "images", labels),
        tasks=[classes("one"), classes("two")],
        models=[{"use": "mlp", "width": 4}],
        experts=[],
        scores=[],
        embeddings=[],
        images=[10],
        seeds=1,
    )
    messages = [row["message"] for row in run(document, tmp_path).result["missing"]]
    assert all("of one class" in message for message in messages)


def test_tasks_without_classes_are_refused_before_anything_is_computed(tmp_path):
    with pytest.raises(InputError, match="does not predict a class of each image"):
        run(job(tasks=["autoencoding"]), tmp_path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"generic": "mpl"}, "No model of the job is called 'mpl'"),
        ({"finetune": {"models": ["nothing"]}}, "No model of the job is called 'nothing'"),
        ({"models": ["mlp", {"use": "small_conv", "as": "mlp"}]}, "called 'mlp'"),
        ({"models": [], "experts": []}, "at least one model"),
        ({"models": [{"use": "mlp", "as": "expert-loops"}]}, "Two models are called"),
        ({"others": [{"dataset": "digits", "tasks": ["loops"]}]}, "Two tasks are called"),
        ({"scores": ["knn"], "embeddings": [{"use": "domain2vec", "as": "knn"}]}, "Two methods"),
        ({"models": [], "probe": None}, "Embeddings need a network"),
        ({"images": [1]}, "must be at least 2, and it is 1"),
    ],
)
def test_mistakes_of_a_job_are_named(tmp_path, changes, message):
    with pytest.raises(JobInvalid, match=message):
        run(job(**changes), tmp_path)


def test_an_expert_may_have_the_name_of_a_target(tmp_path):
    twin = job()["experts"][0] | {"tasks": ["loops"]}
    result = run(job(experts=[twin]), tmp_path).result
    assert "domain2vec: nearest expert" in {own["name"] for own in result["methods"]}
    (distances, *_) = result["distances"]
    assert distances["experts"] == ["loops"] and distances["targets"] == TASKS
    assert len(distances["towards"][0]) == 4
    assert {"loops", "loops (expert)"} <= set(distances["difficulty"])
