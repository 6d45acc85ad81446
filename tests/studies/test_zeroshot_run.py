"""Whole runs of the zero-shot study: the answer, reuse, and what fails alone."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner
from zeroshot_jobs import ATTRIBUTES, OBJECTS, done, features_job, job, run, word_vectors

import taskspace
from taskspace.engine.planner import KeyedPlanner
from taskspace.errors import InputError, JobInvalid
from taskspace.jobs import load_job
from taskspace.registry import Registry
from taskspace.studies.zeroshot.plan.cells import plan_of
from taskspace_cli.main import app

METHODS = ["ss", "tds", "nearest_prototype", "oracle"]
CONTROLS = ["exchanged", "shuffled"]


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> tuple[Path, taskspace.Run]:
    place = tmp_path_factory.mktemp("finished")
    return place, run(job(), place)


def trainings(*names: str, repetitions: int = 2, controlled: bool = False) -> set[str]:
    kinds = ["", *(f"/{own}" for own in CONTROLS)] if controlled else [""]
    return {f"train/{n}/{r}{k}" for n in names for r in range(repetitions) for k in kinds}


def test_a_run_answers_its_question(finished):
    _, made = finished
    result = made.result
    assert result["missing"] == [] and len(result["pairs"]) == 224
    assert [row["name"] for row in result["methods"]] == METHODS
    # 40 % of 224 compositions are unseen; each of the others has an image to learn from.
    assert [(row["seen"], row["unseen"], row["untaught"]) for row in result["compositions"]] == [
        (134, 90, 0)
    ] * 2
    assert all(sum(row["images"].values()) == 448 for row in result["compositions"])
    found = {(row["method"], row["vectors"]) for row in result["trials"]}
    assert found == {(name, "own") for name in METHODS} | {("ss", own) for own in CONTROLS}
    for trial in result["trials"]:
        tested = trial["evaluation"]["test"]
        assert 0 <= tested["unseen"][0] <= tested["unseen"][1] <= tested["unseen"][2] <= 1
        assert 0 <= tested["auc"][0] <= tested["best_seen"] * tested["best_unseen"]
    assert result["encoder"] == {"name": "mlp", "starts_from": None, "learns": True}
    assert "seconds" not in json.dumps(result) and made.report.exists()


def test_equal_runs_give_equal_results(tmp_path):
    made = []
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        made.append(run(features_job(tmp_path / name, maps=["tsne"], seeds=1), tmp_path / name))
    first, second = (each.folder / "result.json" for each in made)
    assert first.read_bytes() == second.read_bytes()
    arrays = [dict(np.load(each.folder / "arrays.npz")) for each in made]
    assert arrays[0].keys() == arrays[1].keys()
    assert all(np.array_equal(arrays[0][name], arrays[1][name]) for name in arrays[0])
    assert {"map/tds/tsne/noise", "prediction/by/oracle"} <= arrays[0].keys()


def test_running_again_computes_nothing(finished):
    place, made = finished
    before = done(made.folder)
    again = run(job(), place)
    assert done(again.folder) == before and again.result == made.result


def test_results_do_not_depend_on_the_executor(finished, tmp_path):
    _, made = finished
    # One worker: a second one would import torch as well, and cells know nothing of each other.
    assert run(job(), tmp_path, executor="local", workers=1).result == made.result


def test_another_generator_recomputes_its_cells_and_no_others(finished):
    place, made = finished
    tds = {"use": "tds", "width": 5, "hidden": 4, "noise": 4}
    changed = run(job(name="wider", generators=[job()["generators"][0], tds]), place)
    assert set(done(changed.folder)) == trainings("tds")
    same = [
        [row for row in each.result["trials"] if row["method"] != "tds"] for each in (made, changed)
    ]
    assert same[0] == same[1]
    ss = {"use": "ss", "width": 5, "hidden": 4, "noise": 4}
    controlled = run(job(name="controlled", generators=[ss, job()["generators"][1]]), place)
    assert set(done(controlled.folder)) == trainings("ss", controlled=True)


def test_another_training_leaves_features_alone(finished):
    place, _ = finished
    longer = run(job(name="longer", train={"steps": 5, "batch": 16}), place)
    expected = trainings("ss", controlled=True) | trainings("tds")
    assert set(done(longer.folder)) == expected
    third = run(job(name="third", seeds=3), place)
    assert all("/2" in cell for cell in done(third.folder))


def test_methods_of_a_repetition_have_one_seed_and_other_repetitions_another():
    registry = Registry.load(plugins=False)
    plan = plan_of(load_job(job(), catalogue=registry).job, KeyedPlanner(registry))
    seeds = {r: set() for r in range(2)}
    for trial, cell in plan.trials.items():
        seeds[trial.repetition].add(cell.parameters["seed"])
    assert all(len(own) == 1 for own in seeds.values()) and seeds[0] != seeds[1]
    assert len({cell.key for cell in plan.trials.values()}) == len(plan.trials) == 12


def test_a_run_stops_where_it_is_told_and_goes_on_later(tmp_path):
    document = features_job(tmp_path, seeds=1)
    prepared = run(document, tmp_path, until="prepare")
    assert prepared.result["trials"] == [] and prepared.result["compositions"][0]["seen"] == 7
    assert not any(cell.startswith("train/") for cell in done(prepared.folder))
    whole = run(document, tmp_path)
    assert {row["method"] for row in whole.result["trials"]} == set(METHODS)
    assert done(whole.folder).count("compositions/0") == 1
    with pytest.raises(InputError, match=r"no stage 'solve'; it has prepare, train"):
        run(document, tmp_path, until="solve")


def test_trainings_that_fail_leave_the_others_and_are_named(tmp_path):
    # A weight beyond 32-bit numbers: no generator survives it, and nothing else has it.
    train = {"steps": 4, "batch": 16, "penalty": 1e39}
    document = features_job(tmp_path, train=train, seeds=1, maps=["tsne"])
    made = run(document, tmp_path)
    missing = {row["cell"]: row["message"] for row in made.result["missing"]}
    failed = trainings("tds", repetitions=1) | trainings("ss", repetitions=1, controlled=True)
    assert set(missing) == failed | {"map/ss/tsne", "map/tds/tsne"}
    assert all("critic loss became" in missing[cell] for cell in failed)
    assert {row["method"] for row in made.result["trials"]} == {"nearest_prototype", "oracle"}
    assert made.report.exists() and any("no result" in found.text for found in made.findings)


def test_a_word_without_a_vector_stops_before_features(tmp_path):
    document = features_job(tmp_path)
    word_vectors(tmp_path / "words.txt", ("red", "old", "apple", "fire", "dog"))
    made = run(document, tmp_path)
    assert set(done(made.folder)) == {"compositions/0", "compositions/1"}
    messages = {row["message"] for row in made.result["missing"]}
    assert {row["cell"] for row in made.result["missing"]} == {"words/0", "words/1"}
    assert all(
        "'dark' (of 'dark green'), 'green' (of 'dark green'), 'house', 'truck' (of 'fire truck')"
        in message
        for message in messages
    )


def test_one_mistake_is_said_once(tmp_path):
    document = features_job(tmp_path, unseen=0.99)
    (tmp_path / "job.json").write_text(json.dumps(document))
    places = ["--store", str(tmp_path / "store"), "--runs", str(tmp_path / "runs")]
    arguments = ["run", str(tmp_path / "job.json"), "--executor", "inline", *places]
    said = CliRunner().invoke(app, arguments, env={"COLUMNS": "400", "TERM": "dumb"})
    assert said.exit_code == 1
    failed = "prepare: failed: "
    (line,) = (line for line in said.stderr.splitlines() if line.startswith(failed))
    assert line.startswith(f"{failed}unseen: Of ") and "while each word stays in one" in line


def test_the_encoder_learns_nothing_from_images_of_unseen_compositions(tmp_path):
    unseen = [["red", "apple"], ["old", "dog"]]

    def marked(features: np.ndarray, names: np.ndarray) -> None:
        for words in unseen:
            features[(names == words).all(axis=1)] = 100.0

    encoder, registry = {"use": "mlp", "width": 4}, Registry.load(plugins=False)
    weights, keys = [], []
    for name, change in (("plain", None), ("marked", marked)):
        place = tmp_path / name
        place.mkdir()
        document = features_job(place, change, encoder=encoder, unseen=unseen, seeds=1)
        run(document, place, until="prepare")
        plan = plan_of(load_job(document, catalogue=registry).job, KeyedPlanner(registry))
        (cell,) = (cell for cell in plan.encodings() if cell.name == "encoder/0")
        (file,) = (place / "store" / "objects").glob(f"*/{cell.key}/*.safetensors")
        weights.append(file.read_bytes())
        keys.append(cell.key)
    assert keys[0] != keys[1] and weights[0] == weights[1]


def test_features_that_were_computed_elsewhere_are_passed_on(tmp_path):
    made = run(features_job(tmp_path, baseline={"steps": 200, "learning_rate": 0.03}), tmp_path)
    assert made.result["encoder"] == {"name": "identity", "starts_from": None, "learns": False}
    assert not any(cell.startswith("encoder") for cell in done(made.folder))
    assert "identity (not trained)" in made.report.read_text()
    oracle = [row for row in made.result["summary"] if row["method"] == "oracle"]
    assert oracle[0]["measures"]["unseen"]["mean"] > 0.7
    assert ("dark green", "fire_truck") in {tuple(words) for words in made.result["pairs"]}


@pytest.fixture
def photographs(tmp_path) -> dict[str, object]:
    from PIL import Image

    draw = np.random.default_rng(0)
    rows = ["file,attribute,object"]
    (tmp_path / "photographs").mkdir()
    for attribute in (*ATTRIBUTES, "grün, hell"):
        for thing in (*OBJECTS, "<b>日本</b>"):
            for _ in range(2):
                name = f"{len(rows):02}.png"
                Image.fromarray(draw.integers(0, 255, (8, 8, 3), dtype=np.uint8)).save(
                    tmp_path / "photographs" / name
                )
                rows.append(f'{name},"{attribute}",{thing}')
    text = "\n".join(rows) + "\n"
    (tmp_path / "photographs" / "labels.csv").write_text(text, encoding="utf-8")
    return {
        "use": "image_folder",
        "root": str(tmp_path / "photographs"),
        "size": 8,
        "words": ["attribute", "object"],
    }


def test_your_own_photographs_with_a_list_of_unseen_compositions(photographs, tmp_path):
    unseen = [["grün, hell", "apple"], ["red", "<b>日本</b>"], ["old", "fire_truck"]]
    names = (*ATTRIBUTES, *OBJECTS, "grün, hell", "<b>日本</b>")
    lexicon = word_vectors(tmp_path / "words.txt", names)
    made = run(job(dataset=photographs, lexicon=lexicon, unseen=unseen), tmp_path)
    result = made.result
    assert result["missing"] == [] and result["fields"] == ["attribute", "object"]
    # Sixteen and one seen compositions of two images: one of each learns, one tests.
    assert [row["images"] for row in result["compositions"]] == [
        {"train": 17, "val": 0, "test": 17 + 6}
    ] * 2
    assert result["compositions"][0]["unseen"] == 3
    assert result["compositions"][0]["telling"] == ["attribute", "object"]
    assert result["compositions"][0]["unseen_words"] == []
    page = made.report.read_text()
    assert "<b>日本</b>" not in page and "grün, hell" in page


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"fields": ["attribute", "objects"]}, r"'objects' is no field.*Did you mean 'object'"),
        ({"fields": ["attribute", "attribute"]}, r"fields: 'attribute' stands there twice"),
        ({"encoder": "identity", "dataset": "digits"}, r"does not say which of its fields are"),
        ({"lexicon": {"use": "glove", "file": "nowhere.txt"}}, r"word vectors cannot be read"),
        ({"unseen": [["chair", "red"]]}, r"'chair' is a class of 'object'; the order of words is"),
        ({"unseen": [["rad", "chair"]]}, r"no class 'rad'.*Did you mean 'red'"),
        ({"unseen": [["red chair"]]}, r"has 1 words.*\n?.*one word of each: \[wooden, chair\]"),
        ({"unseen": [["zzzz", "chair"]]}, r"no class 'zzzz'.* It has wooden, "),
    ],
)
def test_what_cannot_be_had_is_refused_before_anything_is_computed(changes, message, tmp_path):
    with pytest.raises(InputError, match=message):
        run(job(**changes), tmp_path)
    assert not list((tmp_path / "store" / "objects").iterdir())


def test_a_published_split_has_unseen_compositions_of_its_own(tmp_path):
    document = features_job(tmp_path)
    stored = dict(np.load(tmp_path / "features.npz"))
    part = np.where((stored["object"] == "dog") & (stored["attribute"] != "red"), "test", "train")
    np.savez(tmp_path / "features.npz", **stored, part=part)
    document["dataset"]["part"] = "part"
    assert run(document, tmp_path).result["compositions"][0]["unseen"] == 2
    with pytest.raises(InputError, match=r"unseen: .* published with its own.*Leave `unseen` out"):
        run(document | {"unseen": 0.3}, tmp_path)
    with pytest.raises(InputError, match=r"fields: .* published for the fields attribute, object"):
        run(document | {"fields": ["object", "attribute"]}, tmp_path)


@pytest.mark.parametrize(
    ("changes", "path", "message"),
    [
        ({"unseen": 1}, "unseen", "less than 1"),
        ({"unseen": []}, "unseen", "empty|at least"),
        ({"unseen": ["red apple"]}, "unseen.0", "list"),
        ({"seeds": 0}, "seeds", "1"),
        ({"controls": ["nobody"]}, "controls.0", "no generator or classifier of this job"),
        ({"controls": ["oracle"]}, "controls.0", "no generator or classifier of this job"),
        ({"maps": ["pca"]}, "maps.0", "pca"),
        ({"generators": [], "classifiers": []}, "generators", "at least one"),
        ({"generators": ["tds", "tds"]}, "generators.1", "called 'tds'"),
        ({"generators": [{"use": "tds", "as": "chance"}]}, "generators.0", "something else"),
        ({"classifiers": [{"use": "redwine", "as": "ss"}]}, "classifiers.0", "something else"),
        ({"train": {"steps": 1, "critic_steps": 0}}, "train.critic_steps", "1"),
        ({"train": {"steps": 1, "epochs": 1}}, "train.epochs", "exclude each other"),
        ({"networks": {"critic_layers": 1}}, "networks.critic_layers", "2"),
        ({"lexicon": "tds"}, "lexicon", "no lexicon"),
    ],
)
def test_a_mistake_in_a_job_is_found_at_its_place(changes, path, message, tmp_path):
    with pytest.raises(JobInvalid) as error:
        run(job(**changes), tmp_path)
    (problem,) = error.value.problems
    assert problem.path == path or problem.path.startswith(f"{path}.")
    said = problem.message + str(problem.suggestion)
    assert any(part in said for part in message.split("|"))
