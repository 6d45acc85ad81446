"""Where a component is named, something that is no name is refused in a sentence of its kind."""

from __future__ import annotations

import pytest

from taskspace.errors import JobInvalid
from taskspace.jobs import load_job
from taskspace.registry import Registry

PLACES = {
    "encoder": "encoder",
    "readout": "readout",
    "solve.solver": "solver",
}


@pytest.mark.parametrize("place", PLACES)
def test_a_number_is_no_name(place):
    job = {"study": "taxonomy", "name": "x", "dataset": "digits", "tasks": ["identity"]}
    with pytest.raises(JobInvalid) as caught:
        load_job(job, overrides=[f"{place}=5"], catalogue=Registry.load(plugins=False))
    said = f"Name the {PLACES[place]}: `NAME`, or `{{use: NAME, ...}}`."
    assert [problem.message for problem in caught.value.problems] == [said]
