"""Ctrl-C in a cell: it goes through the engine, and leaves nothing half-written in the store."""

from __future__ import annotations

import numpy as np
import pytest

from taskspace.components import Assignment, Result, Workplace
from taskspace.engine.storage import store as store_module
from taskspace.engine.worker import PERFORM, perform
from taskspace.registry import Registry

DIGEST = Registry.load(plugins=False).digest


def reports_until_interrupted(bench, cells) -> list:
    place = Workplace(bench.store.root, "cpu", PERFORM, DIGEST, bench.directory, plugins=False)
    reports = []
    with pytest.raises(KeyboardInterrupt):
        for report in perform(Assignment(0, tuple(cells)), place):
            reports.append(report)
    return reports


@pytest.mark.parametrize("function", ["interrupted", "interrupted_all"])
def test_an_interrupt_goes_through_and_keeps_what_was_done(inline, function):
    cells = [inline.cell(f"c{i}", function, plus=plus) for i, plus in enumerate((1, -1, 3))]
    (report,) = reports_until_interrupted(inline, cells)
    assert (report.event, report.key) == ("done", cells[0].key)
    assert [inline.store.has(cell.key) for cell in cells] == [True, False, False]
    assert list((inline.store.root / "writing").iterdir()) == []


@pytest.mark.parametrize("step", ["write_files", "write_own"])
def test_an_interrupt_while_a_result_is_written_leaves_no_draft(inline, monkeypatch, step):
    whole = getattr(store_module, step)

    def interrupted(*arguments):
        whole(*arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(store_module, step, interrupted)
    cell = inline.cell("cell")
    assert reports_until_interrupted(inline, [cell]) == []
    assert not inline.store.has(cell.key)
    assert list((inline.store.root / "writing").iterdir()) == []
    monkeypatch.undo()
    inline.store.put(cell.key, Result({}, {"array": np.zeros(3)}), {})
    assert inline.store.has(cell.key)


def test_an_interrupted_run_goes_on_where_it_stopped(inline, monkeypatch):
    cells = [inline.cell(f"c{i}", "interrupted", plus=plus) for i, plus in enumerate((1, -1, 3))]
    with pytest.raises(KeyboardInterrupt):
        inline.run(cells)
    again = [inline.cell(f"c{i}", "add", plus=plus) for i, plus in enumerate((1, 3))]
    outcomes = inline.run([cells[0], *again])
    assert [outcomes[cell.key].record["value"] for cell in again] == [1, 3]
    assert inline.times_run("c0") == 2  # once each as `interrupted` and as `add`
