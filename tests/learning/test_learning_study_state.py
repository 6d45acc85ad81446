"""What a study may read of the outcomes of its cells."""

from __future__ import annotations

import pytest

from taskspace.components import Cell, CellFunction, Failure, Result
from taskspace.engine.storage.store import Store
from taskspace.learning.study_state import StudyState


def cell(number: int) -> Cell:
    return Cell(f"cell{number}", f"{number}" * 64, CellFunction("a:b", 1), {}, {}, {})


DONE, OTHER, FAILED, BLOCKED, NOT_ASKED = map(cell, range(1, 6))


@pytest.fixture
def state(tmp_path) -> StudyState:
    store = Store(tmp_path / "store")
    store.prepare()
    for done in (DONE, OTHER):
        store.put(done.key, Result({"name": done.name}), {})
    return StudyState(
        {
            DONE.key: store.get(DONE.key),
            BLOCKED.key: Failure(BLOCKED, "Its input failed.", blocked_by=FAILED.name),
            FAILED.key: Failure(FAILED, "The loss is not finite."),
            OTHER.key: store.get(OTHER.key),
        }
    )


def test_a_cell_without_a_result_has_an_empty_record(state):
    assert state.record(DONE) == {"name": "cell1"}
    for missing in (FAILED, BLOCKED, NOT_ASKED, None):
        assert state.record(missing) == {}
        assert not state.has(missing)


def test_cells_that_count_together_have_all_results_or_none(state):
    assert [stored.record["name"] for stored in state.every([OTHER, DONE])] == ["cell2", "cell1"]
    for missing in (FAILED, BLOCKED, NOT_ASKED):
        assert state.every([DONE, missing]) == []


def test_what_failed_is_told_before_what_it_blocked(state):
    assert [failure.cell for failure in state.failures()] == [FAILED, BLOCKED]
