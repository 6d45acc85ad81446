"""Whatever a job file or an argument holds, it loads or is told what is wrong; nothing else."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from taskspace.errors import JobInvalid
from taskspace.jobs import as_json, load_job, render

# Function-scoped fixtures here are constants and a folder whose one file is overwritten.
settings.register_profile("jobs", suppress_health_check=[HealthCheck.function_scoped_fixture])
FIXED = settings(settings.get_profile("jobs"), deadline=None, max_examples=150)

NASTY = (
    *("&a ", "*a", "!!python/object:os.system ", "!x ", "<<: *a", "{", "}", "[", "]", "- ", "? "),
    *(": ", "\t", "\r", "\r\n", "\n", "\x00", "\ufeff", "\u2028", "\x85", "\x1b[31m", "\u202e"),
    *("日本", "😀", "e\u0301", '"', "'", '"\\ud800"', '"\\U99999999"', '"\\x00"', '"\\e[31m": 1'),
    *("|", ">", "---\n", "...\n", "%YAML 9.9\n", "%YAML 1." + "1" * 5000 + "\n---\n"),
    *("9" * 5000, "-" + "9" * 400, "0x" + "f" * 5000, "1e999", ".inf", ".nan", "~", "null", "no"),
    *("#", "@", "`", "[" * 70, "{a: " * 70, "- " * 70),
)


def attempt(source, shelf, *overrides):
    """Load a job; of its problems check what holds for all."""
    try:
        load_job(source, overrides=overrides, catalogue=shelf)
    except JobInvalid as error:
        assert error.problems
        for problem in error.problems:
            assert problem.line >= 1 and problem.column >= 1 and problem.width >= 1
            assert problem.column <= len(problem.source_line) + 1
            assert len(render(problem)) < 20_000
            assert not any(c < " " for c in render(problem) if c not in "\t\n")
            render(problem).encode()
        json.dumps(as_json(error.problems)).encode()


@st.composite
def mutated(draw, text: str) -> str:
    for _ in range(draw(st.integers(1, 5))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 20)))
        text = text[:start] + draw(st.sampled_from(NASTY) | st.text(max_size=5)) + text[end:]
    return text


@FIXED
@given(st.data())
def test_a_mutated_job(shelf, valid, data):
    attempt(data.draw(mutated(valid)), shelf)


@FIXED
@given(content=st.binary(max_size=200), keep=st.integers(0, 200))
def test_bytes(shelf, valid, tmp_path, content, keep):
    file = tmp_path / "job.yaml"
    file.write_bytes(valid.encode()[:keep] + content)
    attempt(file, shelf)


@FIXED
@given(st.text(max_size=60), st.lists(st.sampled_from(NASTY), max_size=6))
def test_text(shelf, text, pieces):
    attempt("".join([text, *pieces]), shelf)


PATHS = st.sampled_from(
    [
        *("seed", "study", "name", "tasks", "tasks.0", "tasks.1.use", "dataset.images", "train"),
        *("solve.budgets.0", "notes", "table", "encoder.layers.0", "encoder.tree", "..", "a.b"),
    ]
)


@FIXED
@given(
    st.lists(
        st.tuples(
            PATHS | st.text(max_size=8),
            st.sampled_from(["=", ""]),
            st.sampled_from(NASTY) | st.text(max_size=8),
        ),
        max_size=4,
    )
)
@example([("\ud800", "=", "1")])
@example([("seed", "=", "\udcff")])
@example([("a\nb", "=", "1\n2")])
def test_arguments(shelf, valid, parts):
    attempt(valid, shelf, *("".join(part) for part in parts))


WORDS = st.sampled_from(["digits", "folder", "normals", "conv", "house"]) | st.text(max_size=5)
PARTS = st.sampled_from(["use", "as", "role", "images", "root", "layers", "x"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(PARTS, inner, max_size=4),
    max_leaves=8,
)
KEYS = st.sampled_from(
    [
        "study",
        "name",
        "seed",
        "dataset",
        "tasks",
        "encoder",
        "train",
        "solve",
        "notes",
        "table",
        "x",
    ]
)


@FIXED
@given(st.dictionaries(KEYS, JSON, max_size=8))
def test_well_formed_nonsense(shelf, job):
    job = {"study": "house", "name": "x", "dataset": "digits", "tasks": ["normals"]} | job
    try:
        load_job(job, catalogue=shelf)
    except JobInvalid as error:
        for problem in error.problems:
            assert (problem.line, problem.column, problem.file) == (0, 0, "<mapping>")
            render(problem).encode()


@pytest.mark.parametrize("text", NASTY, ids=lambda text: ascii(text[:8]))
@pytest.mark.parametrize("place", ["", "study: house\nname: ", "study: house\ntasks: [normals, "])
def test_every_nasty_piece_alone(shelf, text, place):
    attempt(place + text, shelf)
    attempt(place + text + "\n", shelf)


def test_data_that_contains_itself(shelf):
    tasks: list[object] = []
    tasks += [tasks, tasks]
    with pytest.raises(JobInvalid, match="deeper"):
        load_job({"study": "house", "tasks": tasks}, catalogue=shelf)


def test_things_that_no_file_could_say(shelf):
    job = {"study": "house", "name": object(), "seed": 10**400, "notes": {3: 4}, "tasks": {1}}
    with pytest.raises(JobInvalid) as caught:
        load_job(job, catalogue=shelf)
    assert {problem.path for problem in caught.value.problems} >= {"name", "seed", "notes", "tasks"}


def test_a_model_that_refers_to_itself_at_the_greatest_depth(shelf, valid):
    # A mapping and a list for each of 31 levels, below the job and its encoder: 64 in all.
    tree = "{below: [" * 31 + "]}" * 31
    job = load_job(valid, overrides=[f"encoder.tree={tree}"], catalogue=shelf).job
    assert json.dumps(job.encoder.parameters["tree"]).count("below") == 31
    wrong = "{below: [" * 30 + "{leaf: x}" + "]}" * 30
    with pytest.raises(JobInvalid, match="whole number"):
        load_job(valid, overrides=[f"encoder.tree={wrong}"], catalogue=shelf)
