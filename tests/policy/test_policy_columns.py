"""Transfers as columns: the same transfers, the same refusals, the same policies."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from policy_cases import problems

import taskspace
from taskspace.errors import InputError, TableError
from taskspace.policy import PolicyProblem, Transfer
from taskspace.policy.model.reading import transfers_of
from taskspace.studies.taxonomy.table import affinities
from taskspace.studies.taxonomy.table.affinities import AffinityTable, read_table
from taskspace_plugins.solvers.highs import Highs

name = st.sampled_from(["a", "b", "ä", "c\0", "d e"])
share = st.none() | st.floats(0, 1)
transfers = st.builds(
    Transfer,
    name,
    st.lists(name, min_size=1, max_size=3, unique=True).map(tuple),
    st.floats(-5, 5),
    share,
    share,
    st.sampled_from([0.0, 0.5]),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(transfers), st.data())
def test_columns_read_as_the_transfers_that_they_were_made_of(listed, data):
    columns = transfers_of(listed)
    assert list(columns) == listed and len(columns) == len(listed)
    assert columns == transfers_of(columns) == transfers_of(asdict(t) for t in listed)
    if listed:
        row = data.draw(st.integers(-len(listed), len(listed) - 1))
        assert columns[row] == listed[row]
        assert list(columns[row:]) == listed[row:]
        rows = data.draw(st.lists(st.integers(0, len(listed) - 1)))
        assert list(columns.take(np.array(rows, dtype=np.int64))) == [listed[k] for k in rows]


@settings(max_examples=150, deadline=None)
@given(st.lists(transfers))
def test_the_first_row_that_is_there_twice_is_found(listed):
    seen: dict[tuple[str, frozenset[str]], int] = {}
    expected = None
    for row, transfer in enumerate(listed):
        key = (transfer.target, frozenset(transfer.sources))
        if key in seen and expected is None:
            expected = (seen[key], row)
        seen[key] = row
    assert transfers_of(listed).duplicate() == expected


@settings(max_examples=20, deadline=None)
@given(problems())
def test_a_problem_of_columns_is_the_problem_of_their_records(problem):
    rows = list(problem.transfers)
    columns = {
        "target": np.array([t.target for t in rows]),
        "sources": [" + ".join(t.sources) for t in rows],
        "value": np.array([t.value for t in rows]),
    }
    assert PolicyProblem.of(columns) == PolicyProblem.of(rows)


class Frame:
    """What pandas frames share with others of their kind."""

    def __init__(self, **columns: object) -> None:
        self.columns = list(columns)
        self._cells = columns

    def __getitem__(self, column: str) -> object:
        return self._cells[column]


COLUMNS = {
    "target": ["a", "b", "b"],
    "sources": ["a", ("b",), ["a"]],
    "value": np.array([1, 1, 0.5], dtype=np.float32),
    "gain": [0.9, 0.8, None],
}


@pytest.mark.parametrize("given", [COLUMNS, Frame(**COLUMNS)], ids=["mapping", "frame"])
def test_a_table_is_enough_for_a_policy(given):
    policy = taskspace.solve_policy(given, budget=1, solver=Highs())
    assert (policy.status, policy.objective, policy.bound) == ("optimal", 1.5, 1.5)
    assert (policy.supervised, policy.cost) == (("a",), 1.0)
    assert policy.transfers == {"a": ("a",), "b": ("a",)}
    assert policy.mean_gain is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"value": None}, "has no column 'value'"),
        ({"order": [1, 1, 1]}, "has 'order'"),
        ({"value": [1.0, 1.0]}, "different lengths: target 3, sources 3, value 2"),
        ({"value": [1.0, 1.0, "much"]}, "a -> b is 'much', which is no number"),
        ({"value": [1.0, True, 0.5]}, "b -> b is True, which is no number"),
        ({"value": np.array([1.0, 1.0, np.nan])}, "a -> b is nan"),
        ({"gain": [0.1, 0.2, 30.0]}, "gain of the transfer a -> b is 30.0"),
        ({"cost": [0.0, 0.0, float("nan")]}, "cost of the transfer a -> b is nan"),
        ({"cost": [0.0, 0.0, -1.0]}, "cost of the transfer a -> b is -1.0"),
        ({"target": ["a", "b", None]}, "None, which is no name"),
        ({"target": ["a", "b", ""]}, "'', which is no name"),
        ({"sources": ["a", "b", "a+"]}, "'', which is no name"),
        ({"sources": ["a", "b", 3]}, "The sources in the table of transfers are 3"),
        ({"sources": ["a", "b", "b"]}, "b -> b is there twice"),
        ({"sources": ["a", "b", "a+a"]}, "names a source twice"),
        ({"sources": ["a", "b", "z+a"]}, "cannot be supervised: 'z'"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused_with_the_row(change, message):
    columns = {name: cells for name, cells in (COLUMNS | change).items() if cells is not None}
    with pytest.raises(InputError, match=message):
        PolicyProblem.of(columns, source_only=[])


def test_a_job_refuses_a_table_of_millions_and_says_what_can_read_it(tmp_path, monkeypatch):
    monkeypatch.setattr(affinities, "MOST_ROWS", 2)
    file = tmp_path / "transfers.csv"
    file.write_text("target,sources,gain\na,a,0.9\nb,b,0.9\nb,a,0.5\n")
    described = AffinityTable(
        table=file, coefficient="gain", supervised=None, columns={"gain": "gain"}
    )
    with pytest.raises(TableError, match=r"transfers.csv:4.*More than 2 .*solve_policy"):
        read_table(described)
    monkeypatch.setattr(affinities, "MOST_ROWS", 3)
    assert len(read_table(described).transfers) == 3
