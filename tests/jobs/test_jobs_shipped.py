"""The jobs that ship load with what is installed, and editors accept them."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from taskspace.errors import JobInvalid
from taskspace.jobs import check_components, job_schema, load_job
from taskspace.registry import Registry

ROOT = Path(__file__).parents[2]
SHIPPED = sorted([*ROOT.glob("jobs/*.yaml"), *ROOT.glob("cli/taskspace_cli/templates/*.yaml")])
WORDS = st.sampled_from(["taxonomy", "digits", "parity", "both", "auto", "x", "", "7"])
SMALL = st.none() | st.booleans() | st.integers(-2, 40) | st.floats(-2, 2) | WORDS
VALUES = SMALL | st.lists(SMALL, max_size=2) | st.dictionaries(WORDS | st.just("use"), SMALL)


@pytest.fixture(scope="module")
def registry() -> Registry:
    return Registry.load(plugins=False)


@pytest.fixture(scope="module")
def validator(registry) -> Draft202012Validator:
    schema = job_schema(None, registry)
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def test_there_are_jobs():
    assert {"digits.yaml", "taskonomy-published.yaml", "job.yaml"} <= {f.name for f in SHIPPED}


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.name)
def test_a_shipped_job_is_right(file, registry, validator):
    loaded = load_job(file, catalogue=registry)
    check_components(loaded, registry)
    assert validator.is_valid(dict(loaded.document))
    assert load_job(loaded.document, catalogue=registry).job == loaded.job


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.name)
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_what_loads_is_accepted_by_editors(file, registry, validator, data):
    job = copy.deepcopy(dict(load_job(file, catalogue=registry).document))
    part = data.draw(st.sampled_from([job, *(p for p in job.values() if isinstance(p, dict))]))
    for _ in range(data.draw(st.integers(1, 2))):
        part[data.draw(st.sampled_from([*part, "use", "x"]))] = data.draw(VALUES)
    try:
        load_job(job, catalogue=registry)
    except JobInvalid:
        return
    assert validator.is_valid(job)
