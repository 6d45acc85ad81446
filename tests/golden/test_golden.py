"""Every number that small jobs give, and the name and seed of every cell, stay what they were.

Between them the jobs have each choice that a job may make. They run on the executor `inline`;
that others give the same is shown by `test_results_do_not_depend_on_executor_and_workers` and
`test_results_do_not_depend_on_the_executor` (studies) for `local`, and by
`test_one_job_on_three_executors_one_node_killed_in_the_middle` (engine) for `ray`.
"""

from __future__ import annotations

import os

import pytest
from golden_comparison import OTHER_PROCESSOR, differences
from golden_files import cell_lines, stored_cells, stored_numbers
from golden_numbers import golden_numbers, reduced
from golden_run import HERE, JOBS, Workplace

import taskspace

NUMBERS = """\
{count} golden numbers of {job} are others:
{lines}
If they are meant to change, say so in the commit, with what `python tests/golden --write` writes.
`python tests/golden --exact {job}` compares to the last bit."""
CELLS = """\
Cells of {job} have other names or seeds:
{lines}
A seed follows from the name of its cell: a rename draws other weights and shuffles, and changes
numbers. Where there is no seed ("-"), it only changes what a run's journal says."""


@pytest.fixture(scope="module")
def workplace(tmp_path_factory) -> Workplace:
    """Return a place of this process, and the store that all processes of this session share."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    place = Workplace(tmp_path_factory.mktemp("golden"), shared / "golden-store")
    place.prepare()
    return place


@pytest.mark.parametrize("job", JOBS)
def test_numbers_and_seeds_are_those_that_are_stored(workplace, job):
    run = workplace.run(job)
    cells = list(differences(stored_cells(job), cell_lines(run), OTHER_PROCESSOR))
    assert not cells, CELLS.format(job=job, lines="\n".join(cells[:20]))
    found = list(differences(stored_numbers(job), golden_numbers(run), OTHER_PROCESSOR))
    assert not found, NUMBERS.format(count=len(found), job=job, lines="\n".join(found[:20]))


@pytest.mark.parametrize(
    ("job", "change"),
    [
        ("multitask-equal", "seed=1"),
        ("multitask-equal", "train.learning_rate=0.0105"),
        ("multitask-equal", "train.batch=15"),
        ("multitask-equal", "test=0.21"),
        ("taxonomy-table", "affinities.coefficient=affinity"),
    ],
)
def test_a_change_that_matters_is_more_than_a_processor_makes(workplace, job, change):
    changed = taskspace.run(
        workplace.root / "jobs" / f"{job}.yaml", overrides=[change], executor="inline",
        store=workplace.store, runs=workplace.root / "changed", plugins=False,
    )  # fmt: skip
    stored = stored_numbers(job)["result"]
    found = list(differences(stored, reduced(dict(changed.result)), OTHER_PROCESSOR))
    # Of what the job itself says, its seed is the only number in a result.
    assert [line for line in found if not line.startswith("/seed:")]


def test_what_is_stored_is_of_these_jobs_and_of_no_other():
    stored = {path.stem for path in (HERE / "results").glob("*.json")}
    assert stored == set(JOBS)
