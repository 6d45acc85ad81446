"""`--set` takes text as text, opens what is short for a mapping, and answers for itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from taskspace.errors import JobInvalid
from taskspace.jobs import check_components, load_job
from taskspace.registry import AllowedPlugins, Registry

FOLDER = """\
study: taxonomy
name: case
dataset: {use: image_folder, root: photos, size: 8, masks: {semantic: m}, maps: {depth: d}}
tasks: [autoencoding, {use: dense_classification, field: semantic, as: semantic}]
encoder: {use: small_conv, width: 4}
train: {epochs: 1, batch: 8}
transfer: {max_order: 1, epochs: 1, batch: 8}
solve: {budgets: [1], random_policies: 5}
"""


@pytest.fixture(scope="module")
def catalogue():
    return Registry.under(AllowedPlugins(False, False, ()))


@pytest.fixture
def dataset(catalogue):
    def of(*overrides):
        return load_job(FOLDER, overrides=overrides, catalogue=catalogue).document["dataset"]

    return of


@pytest.mark.parametrize("text", ["2024", "1e5", "1.10", "no", "true", "2024-01-01", "0x10"])
def test_a_name_is_the_text_that_is_written(shelf, valid, text):
    job = load_job(valid, overrides=[f"name={text}"], catalogue=shelf).job
    assert job.name == text


@pytest.mark.parametrize(
    "text",
    ["2024", "1.10", "true", "~", "#1 photos", "a #b", "@home", "%data", "[old] photos", "*x",
     "a: b", "C:\\new\\table"],
)  # fmt: skip
def test_a_path_needs_no_quotes(shelf, valid, text):
    overrides = ["dataset={use: folder, root: x}", f"dataset.root={text}"]
    root = load_job(valid, overrides=overrides, catalogue=shelf).document["dataset"]["root"]
    assert root == str(Path.cwd() / Path(text).expanduser())


@pytest.mark.parametrize("text", ['"2024"', "'2024'", " 2024 "])
def test_quotes_and_blanks_around_a_text_are_none_of_it(shelf, valid, text):
    assert load_job(valid, overrides=[f"name={text}"], catalogue=shelf).job.name == "2024"


def test_nothing_stays_nothing_where_a_value_may_be_left_out(shelf, valid):
    for nothing in ("", "null", "~"):
        loaded = load_job(valid, overrides=[f"table={nothing}"], catalogue=shelf)
        assert loaded.document["table"] is None
    assert load_job(valid, overrides=["name=null"], catalogue=shelf).job.name == "null"


def test_a_number_stays_one_where_numbers_are_meant_too(shelf, valid):
    job = load_job(valid, overrides=["notes.a=7", "train.rate=1e-4"], catalogue=shelf).job
    assert (job.notes["a"], job.train.rate) == (7, 1e-4)


def test_texts_inside_a_value_are_texts(shelf, valid):
    loaded = load_job(valid, overrides=["dataset={use: folder, root: 2024}"], catalogue=shelf)
    assert loaded.document["dataset"]["root"] == str(Path.cwd() / "2024")


def test_paths_in_a_value_are_relative_to_the_working_directory(shelf, valid, tmp_path):
    file = tmp_path / "below" / "job.yaml"
    file.parent.mkdir()
    file.write_text(valid.replace("{use: digits, images: 20}", "{use: folder, root: own}"))
    overrides = ["dataset.extra={a: x, b: y/z}", "dataset.extra.c=w", "dataset.labels=l.csv"]
    dataset = load_job(file, overrides=overrides, catalogue=shelf).document["dataset"]
    here = Path.cwd()
    assert dataset["root"] == str(file.parent / "own")
    assert dataset["labels"] == str(here / "l.csv")
    assert dataset["extra"] == {name: str(here / path) for name, path in
                                (("a", "x"), ("b", "y/z"), ("c", "w"))}  # fmt: skip


def test_a_folder_that_is_short_for_a_mapping_is_opened_as_one(dataset):
    masks = dataset("dataset.masks.semantic.missing=0")["masks"]
    assert masks == {"semantic": {"folder": "m", "missing": 0}}
    maps = dataset("dataset.maps.depth.unit=0.001", "dataset.maps.depth.zero=3")["maps"]
    assert maps == {"depth": {"folder": "d", "unit": 0.001, "zero": 3}}
    both = dataset("dataset.masks.other=2024", "dataset.masks.other.missing=7")["masks"]
    assert both["other"] == {"folder": "2024", "missing": 7}


# argument, then the column of its one problem and a part of what is said.
@pytest.mark.parametrize(
    ("argument", "column", "message"),
    [
        ("name.x=3", 1, "`name` is 'my-house', which has no parts"),
        ("dataset.images.x=3", 9, "`images` is '20', which has no parts"),
        ("tasks.0.use.x=3", 9, "`use` is 'normals', which has no parts"),
        ("notes.why.x=3", 7, "`why` is 'no', which has no parts"),
        ("dataset.use=folder", 1, "`dataset` has no key `images`. It has"),
        ("solve.up_to=3", 7, "`budgets` and `up_to` exclude each other."),
        ("tasks.1.as=thin", 1, "Two tasks are called 'thin'"),
    ],
)
def test_what_is_wrong_is_said_at_the_argument(problems, valid, argument, column, message):
    found = problems(valid, argument)
    assert found
    assert {problem.file for problem in found} == {"--set"}
    assert any(message in p.message and p.column == column for p in found), found


def test_a_line_that_is_wrong_by_itself_is_blamed_itself(problems, valid):
    broken = valid.replace("seed: 3", "seed: -3")
    found = problems(broken, "dataset.use=folder", "train.batch=32")
    assert [(p.file.rpartition("/")[2], p.path) for p in found if p.path == "seed"] == [
        ("job.yaml", "seed")
    ]
    assert {p.file for p in found if p.path.startswith("dataset")} == {"--set"}


def test_a_mistake_of_two_arguments_stands_at_the_one_that_makes_it(problems, valid):
    found = problems(valid, "train.epochs=3", "dataset.use=folder", "seed=4")
    assert {p.source_line for p in found} == {"dataset.use=folder"}


def test_what_a_component_refuses_stands_at_the_argument(catalogue):
    with pytest.raises(JobInvalid) as caught:
        load_job(FOLDER, overrides=["dataset.masks.semantic.x=0"], catalogue=catalogue)
    assert {p.file for p in caught.value.problems} == {"--set"}


def test_what_only_a_component_can_refuse_stands_at_the_last_argument(catalogue):
    overrides = ["dataset.size=16", "dataset.maps.semantic=x", "seed=3"]
    loaded = load_job(FOLDER, overrides=overrides, catalogue=catalogue)
    with pytest.raises(JobInvalid, match="among the maps and among the masks") as caught:
        check_components(loaded, catalogue)
    (found,) = caught.value.problems
    assert (found.file, found.line, found.source_line) == ("--set", 1, overrides[1])
    assert "That is in line 3 of <text>" in found.message
