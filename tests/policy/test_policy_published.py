"""The published 16k affinities of Taskonomy: the known optima, where the data is there."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from taskspace.policy import compare_with_random, solve_policies
from taskspace.studies.taxonomy.table.affinities import AffinityTable, read_table
from taskspace_plugins.solvers.glpk import Glpk
from taskspace_plugins.solvers.highs import Highs

DATA = Path(__file__).parents[3] / "shared" / "data" / "taxonomy"
TABLE, REFERENCE = DATA / "taskonomy_transfers_16k.csv", DATA / "reference_policies_16k.json"
COEFFICIENT = {"sqrt_aff": "sqrt_affinity", "aff": "affinity"}
SOURCE_ONLY = ["colorization", "impainting_whole", "jigsaw", "random"]

pytestmark = pytest.mark.skipif(
    not (TABLE.exists() and REFERENCE.exists()), reason=f"the published table is not in {DATA}"
)


def published(**options):
    defaults = {"max_order": 4, "exclude": ["class_selected"], "source_only": SOURCE_ONLY}
    return read_table(AffinityTable(**{"table": TABLE} | defaults | options))


@pytest.fixture(params=[Highs(), Glpk()], ids=lambda solver: solver.name)
def solver(request):
    if (reason := request.param.missing()) is not None:
        pytest.skip(reason)
    return request.param


def test_the_table_is_read_as_its_makers_used_it():
    table = published().record
    assert table.transfers == 1292
    assert len(table.targets) == 22
    assert {*table.sources} - {*table.targets} == set(SOURCE_ONLY)
    assert table.left_out == {"excluded": 62, "missing value": 4, "order": 360, "own encoder": 22}


@pytest.mark.parametrize("mode", sorted(COEFFICIENT))
@pytest.mark.parametrize("max_order", [1, 4])
def test_the_reference_policies_are_found(solver, mode, max_order):
    references = {
        entry["budget"]: entry
        for entry in json.loads(REFERENCE.read_text())
        if entry["objective_mode"] == mode and entry["max_order"] == max_order
    }
    assert len(references) == 3
    table = published(coefficient=COEFFICIENT[mode], max_order=max_order)
    for policy in solve_policies(table.problem(), sorted(references), solver):
        reference = references[policy.budget]
        assert policy.status == "optimal"
        assert policy.objective == pytest.approx(reference["objective"], abs=1e-9)
        assert policy.supervised == tuple(sorted(reference["sources"]))
        assert policy.mean_gain == pytest.approx(reference["mean_gain"], abs=1e-9)
        assert policy.mean_quality == pytest.approx(reference["mean_quality"], abs=1e-9)
        for target, sources in policy.transfers.items():
            listed = reference["policy"][target].split("__")[:-1]
            assert listed == (["self"] if sources == (target,) else [*sources])


@pytest.mark.parametrize(
    ("formulation", "max_order", "budgets"),
    [("per_source", 1, [2, 6, 10]), ("paper", 1, [2, 6, 10]), ("per_source", 4, [10])],
)
def test_other_formulations_find_them_too(formulation, max_order, budgets):
    references = {
        entry["budget"]: entry
        for entry in json.loads(REFERENCE.read_text())
        if entry["objective_mode"] == "sqrt_aff" and entry["max_order"] == max_order
    }
    problem = published(max_order=max_order).problem()
    for policy in solve_policies(problem, budgets, Highs(), formulation=formulation):
        reference = references[policy.budget]
        assert policy.status == "optimal"
        assert policy.objective == pytest.approx(reference["objective"], abs=1e-9)
        assert policy.supervised == tuple(sorted(reference["sources"]))


COMMAND = """
import json, sys
from taskspace.policy import solve_policies
from taskspace.studies.taxonomy.table.affinities import AffinityTable, read_table
import importlib
module = importlib.import_module("taskspace_plugins.solvers." + sys.argv[2])
solver = getattr(module, sys.argv[2].capitalize())()
table = read_table(AffinityTable(table=sys.argv[1], max_order=4, exclude=["class_selected"]))
policies = solve_policies(table.problem(), [2, 6, 10], solver)
print(json.dumps([policy.as_json() for policy in policies]))
"""


@pytest.mark.slow  # looks at the clock
def test_all_budgets_take_less_than_ten_seconds_with_the_start_of_the_process(solver):
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, TABLE, solver.name],
        check=True,
        capture_output=True,
        text=True,
    )
    seconds = time.perf_counter() - started
    found = json.loads(done.stdout)
    assert [p["objective"] for p in found] == pytest.approx([3.43668, 5.03283, 5.59112], abs=1e-5)
    assert found[1]["mean_gain"] == pytest.approx(0.797, abs=5e-4)
    assert found[1]["mean_quality"] == pytest.approx(0.376, abs=5e-4)
    assert seconds < 10


def test_the_published_policy_beats_random_ones():
    problem = published().problem()
    (policy,) = solve_policies(problem, [6], Highs())
    null = compare_with_random(problem, 6, policy.transfers, count=200, seed=0)
    assert null.source_sets == 230_230  # 26 choose 6
    drawn = {(c.serving, c.statistic): c for c in null.comparisons}
    assert drawn["random", "gain"].p == 1 / 201
    assert drawn["random", "quality"].p == 1 / 201
