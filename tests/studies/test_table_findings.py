"""Tables of transfers: what is not in the answer is said, and what costs mean."""

from __future__ import annotations

import re

import pytest

import taskspace
from taskspace.studies.taxonomy.table.affinities import read_table
from taskspace.studies.taxonomy.table.description import AffinityTable

OWN = "target,sources,affinity\na,a,0.9\nb,b,0.8\nb,a,0.7\na,b,0.3\n"


@pytest.fixture
def findings(tmp_path):
    def read(text, **options):
        file = tmp_path / "table.csv"
        file.write_text(text)
        table = read_table(AffinityTable(table=file, **{"supervised": None, **options}))
        return {found.code: found for found in table.findings}

    return read


def test_a_table_that_is_used_as_a_whole_has_none(findings):
    assert findings(OWN) == {}


@pytest.mark.parametrize(
    ("rows", "text", "details"),
    [
        ("c,c,nan\n", "1 task is not in the answer, .*: c.", ("c: 1 row without a value",)),
        (
            "c,c,\nd,a,?\nd,b,#N/A\n",
            "2 tasks are not in the answer, .* with them are left out: c, d.",
            ("c: 1 row without a value", "d: 2 rows without a value"),
        ),
        ("b,e,NA\n", "1 task is not in the answer, .*: e.", ("e: 1 row without a value",)),
        (
            "c,a+b,0.5\nc,b,-\n",
            "1 task is not in the answer, .*: c.",
            ("c: 1 row of an order beyond `max_order`, 1 row without a value",),
        ),
    ],
)
def test_a_task_whose_rows_are_all_left_out_is_named_with_its_rows(findings, rows, text, details):
    found = findings(OWN + rows, max_order=1)["table-tasks-vanished"]
    assert found.tone == "warning"
    assert found.details == details
    assert re.fullmatch(text, found.text)


def test_a_task_whose_own_row_has_no_value_is_named(findings):
    found = findings(OWN + "d,d,NA\nd,a,0.5\n")
    assert found.keys() == {"table-networks-without-value", "table-rows-left-out"}
    assert found["table-networks-without-value"].text == (
        "1 task can only be served by transfers, because the row of its supervised network has no "
        "value: d."
    )
    with_self = OWN.replace("a,a", "a,self").replace("b,b", "b,self") + "d,self,\nd,a,0.5\n"
    assert "table-networks-without-value" in findings(with_self, supervised="self")
    assert "table-networks-without-value" not in findings(OWN + "d,d,\nd,a,1\n", supervised_value=1)


def test_rows_left_out_are_counted_by_reason(findings):
    found = findings(OWN + "a,z,1\nz,z,1\nb,a+c,1\nc,c,\nb,c,0.5\n", exclude=["z"], max_order=1)
    assert found["table-rows-left-out"].text == (
        "4 rows left out, 5 used: 2 rows with a task that the job excludes, 1 row without a value, "
        "1 row of an order beyond `max_order`."
    )


@pytest.mark.parametrize("value", ["1.5", "90", "1e9"])
def test_affinities_that_the_root_clips_are_counted(findings, value):
    assert "table-affinities-clipped" not in findings(OWN.replace("0.9", "1"))
    found = findings(OWN.replace("0.9", value))["table-affinities-clipped"]
    assert found.text.startswith("1 affinity beyond 1 counts as 1,")
    assert findings(OWN.replace("0.9", value), coefficient="affinity") == {}


def test_tasks_that_the_job_excludes_did_not_vanish(findings):
    assert findings(OWN + "z,z,\na,z,\n", exclude=["z"]).keys() == {"table-rows-left-out"}


COSTS = "target,sources,affinity,label_cost\na,a,0.9,{own}\nb,b,0.8,0\nb,a,0.7,0.25\na,b,0.3,0\n"


@pytest.mark.parametrize(
    ("own", "costs", "tone"), [("0", {}, "note"), ("20", {}, "warning"), ("20", {"a": 0}, "note")]
)
def test_what_a_column_of_costs_means_is_said(findings, own, costs, tone):
    found = findings(COSTS.format(own=own), costs=costs)["table-costs-added"]
    assert found.tone == tone
    assert "'label_cost'" in found.text and "`affinities.costs`" in found.text


@pytest.mark.parametrize(
    ("affinities", "costs"),
    [
        ({}, [1, 2]),
        ({"costs": {"a": 0}}, [0, 1]),
        ({"costs": {"a": 0, "b": 0}}, [0, 0]),
        ({"costs": {"a": 20, "b": 0.5}}, [0.5, 20.5]),
    ],
)
def test_labels_that_cost_nothing_are_in_every_policy(tmp_path, affinities, costs):
    (tmp_path / "table.csv").write_text(OWN)
    made = taskspace.run(
        {
            "study": "taxonomy",
            "name": "costs",
            "affinities": {"table": str(tmp_path / "table.csv"), "supervised": None, **affinities},
            "solve": {"budgets": costs, "random_policies": 0},
        },
        store=tmp_path / "store",
        runs=tmp_path / "runs",
        executor="inline",
    )
    assert [policy["cost"] for policy in made.result["policies"]] == costs
