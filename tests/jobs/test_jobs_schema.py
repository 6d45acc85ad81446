"""The schema for editors accepts exactly what loads, as far as structure goes."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jobs_world import VALID
from jsonschema import Draft202012Validator

from taskspace.errors import JobInvalid, NotFound
from taskspace.jobs import Code, job_schema, load_job, schema_comment

SEMANTIC = {Code.DUPLICATE_NAME, Code.EXCLUSIVE_KEYS}


@pytest.fixture(scope="session")
def validator(shelf) -> Draft202012Validator:
    schema = job_schema("house", shelf)
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@pytest.fixture(scope="session")
def base(shelf) -> dict[str, object]:
    return dict(load_job(VALID, catalogue=shelf).document)


def is_well_formed(job, shelf) -> bool:
    try:
        load_job(job, catalogue=shelf)
    except JobInvalid as error:
        return all(problem.code in SEMANTIC for problem in error.problems)
    return True


WORDS = [
    *("house", "digits", "shelf/digits", "folder", "normals", "edges_2d", "rain", "conv", "highs"),
    *("source", "x", "cosine", "auto", "", "3", "a b"),
]
NUMBERS = st.integers(-3, 3) | st.sampled_from([64, 0.5, -0.5, 1.0, 1e6, 5000, 1e-9])
SMALL = st.none() | st.booleans() | NUMBERS | st.sampled_from(WORDS)
KEYS = st.sampled_from(
    [
        *("study", "name", "seed", "dataset", "tasks", "encoder", "train", "solve", "notes"),
        *("table", "use", "as", "role", "importance", "label_cost", "images", "noise", "root"),
        *("labels", "extra", "low", "high", "width", "layers", "tree", "channels", "use_bias"),
        *("leaf", "below", "epochs", "batch", "rate", "schedule", "budgets", "up_to", "solver"),
    ]
)
VALUES = st.recursive(
    SMALL,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=5,
)


def ways(value, steps=()):
    yield steps
    items = enumerate(value) if isinstance(value, list) else ()
    for step, part in value.items() if isinstance(value, dict) else items:
        yield from ways(part, (*steps, step))


def at(value, steps):
    for step in steps:
        value = value[step]
    return value


@st.composite
def mutated(draw, job):
    job = copy.deepcopy(job)
    for _ in range(draw(st.integers(1, 3))):
        steps = draw(st.sampled_from(list(ways(job))))
        part = at(job, steps)
        action = draw(st.sampled_from(["replace", "remove", "add"]))
        if action == "add" and isinstance(part, dict):
            part[draw(KEYS)] = copy.deepcopy(draw(VALUES))
        elif action == "add" and isinstance(part, list):
            part.append(copy.deepcopy(draw(VALUES)))
        elif action == "remove" and steps:
            del at(job, steps[:-1])[steps[-1]]
        elif steps:
            at(job, steps[:-1])[steps[-1]] = copy.deepcopy(draw(VALUES))
    return job


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_schema_and_loading_agree_on_mutated_jobs(shelf, validator, base, data):
    job = data.draw(mutated(base | {"dataset": {"use": "folder", "root": "r"}}))
    assert validator.is_valid(job) == is_well_formed(job, shelf)


@pytest.mark.parametrize(
    ("part", "accepted"),
    [
        ({}, True),
        ({"dataset": "digits"}, True),
        ({"dataset": "shelf/digits"}, True),
        ({"dataset": {"use": "shelf/digits", "images": 3}}, True),
        ({"dataset": "folder"}, False),
        ({"dataset": {"use": "folder", "root": "a", "labels": "b"}}, True),
        ({"dataset": {"use": "digits", "root": "a"}}, False),
        ({"dataset": {"use": "digits", "role": "source"}}, False),
        ({"dataset": {"use": "normals"}}, False),
        ({"dataset": None}, False),
        ({"tasks": []}, False),
        ({"tasks": [{"use": "normals", "as": "a/b"}]}, False),
        ({"tasks": [{"use": "normals", "importance": -1}]}, False),
        ({"tasks": [{"use": "normals", "label_cost": None, "as": None}]}, True),
        ({"tasks": ["rain"]}, False),
        ({"encoder": {"use": "conv", "layers": [{"channels": 0}]}}, False),
        ({"encoder": {"use": "conv", "layers": [{"channels": 1}]}}, True),
        ({"encoder": {"use": "conv", "tree": {"below": [{"below": [{"leaf": 1}]}]}}}, True),
        ({"encoder": {"use": "conv", "tree": {"below": [{"below": [{"leaf": "1"}]}]}}}, False),
        ({"solve": {"solver": {"use": "highs", "x": 1}}}, False),
        ({"study": "hause"}, False),
        ({"seed": "3"}, False),
        ({"seed": True}, False),
        ({"name": "a b"}, False),
        ({"x": 1}, False),
    ],
)
def test_schema_and_loading_agree(shelf, validator, base, part, accepted):
    job = base | part
    assert validator.is_valid(job) is accepted
    assert is_well_formed(job, shelf) is accepted


def test_the_schema_of_all_studies_is_that_of_the_only_one(shelf):
    assert job_schema(None, shelf) == job_schema("house", shelf)


def test_the_schema_describes_components_and_keys(shelf):
    definitions = job_schema("house", shelf)["$defs"]["study:house"]["$defs"]
    bare, mapping = definitions["Use_Dataset_"]["anyOf"][:2]
    assert bare == {"enum": ["digits", "shelf/digits"], "description": "Small scanned digits."}
    assert mapping["properties"]["images"]["description"] == "How many."
    assert {"as", "role", "importance", "label_cost", "low"} <= set(
        definitions["TaskUse"]["anyOf"][1]["properties"]
    )


def test_a_kind_without_components_accepts_nothing(shelf, base):
    bare = type(shelf)(*(cls for key, cls in shelf.classes.items() if key[0] != "dataset"))
    schema = job_schema("house", bare)
    Draft202012Validator.check_schema(schema)
    assert not Draft202012Validator(schema).is_valid(base)


def test_no_such_study(shelf):
    with pytest.raises(NotFound, match="hause"):
        job_schema("hause", shelf)


def test_the_comment_is_what_editors_look_for():
    assert schema_comment("job.schema.json") == "# yaml-language-server: $schema=job.schema.json"
