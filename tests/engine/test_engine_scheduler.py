"""What the scheduler promises, over every built-in executor."""

from __future__ import annotations

import shutil

import pytest
from engine_cells import overwrite

from file_limit import largest_file
from taskspace.components import Failure
from taskspace.engine import scheduler as scheduler_module
from taskspace.errors import ExecutorError, RunError, StoreError


def test_a_chain_is_computed_in_order(bench):
    first = bench.cell("first", plus=1)
    second = bench.cell("second", plus=10, inputs=[first])
    third = bench.cell("third", plus=100, inputs=[first, second])
    outcomes = bench.run([third, second, first])
    assert outcomes[third.key].record["value"] == 112
    assert outcomes[third.key].array("array")[7] == 112


def test_nothing_is_computed_twice(bench):
    cells = [bench.cell(f"c{i}", plus=i) for i in range(5)]
    bench.run(cells)
    bench.run(cells)
    assert all(bench.times_run(f"c{i}") == 1 for i in range(5))


def test_equal_cells_of_one_stage_are_computed_once(bench):
    bench.run([bench.cell("a", plus=3), bench.cell("a", plus=3)])
    assert bench.times_run("a") == 1


def test_one_more_cell_computes_only_itself(bench):
    cells = [bench.cell(f"c{i}", plus=i) for i in range(3)]
    bench.run(cells)
    bench.run([*cells, bench.cell("new", plus=7, inputs=[cells[0]])])
    assert [bench.times_run(n) for n in ("c0", "c1", "c2", "new")] == [1, 1, 1, 1]


def test_a_failure_stops_what_needs_it_and_nothing_else(bench):
    bad = bench.cell("bad", "fail", plus=5)
    child = bench.cell("child", inputs=[bad])
    grandchild = bench.cell("grandchild", inputs=[child])
    other = bench.cell("other")
    outcomes = bench.run([bad, child, grandchild, other])
    assert "no value for 5" in outcomes[bad.key].message
    assert outcomes[child.key].blocked_by == "bad"
    assert outcomes[grandchild.key].blocked_by == "bad"
    assert outcomes[other.key].record["value"] == 1
    assert bench.times_run("child") == 0


def test_a_later_stage_reads_an_earlier_one(bench):
    first = bench.cell("first", plus=2)
    second = bench.cell("second", plus=2, inputs=[first])
    assert bench.run([first], [second])[second.key].record["value"] == 4


def test_a_cell_that_fails_in_a_batch_takes_no_other_with_it(bench):
    cells = [bench.cell(f"b{i}", "add_all", plus=p, batch="b") for i, p in enumerate((1, -1, 3))]
    outcomes = bench.run(cells)
    assert isinstance(outcomes[cells[1].key], Failure)
    assert [outcomes[cells[i].key].record["value"] for i in (0, 2)] == [1, 3]


def test_a_batch_that_stumbles_keeps_what_was_done(inline):
    cells = [
        inline.cell(f"b{i}", "raise_midway", plus=p, batch="b") for i, p in enumerate((1, -1, 3))
    ]
    outcomes = inline.run(cells)
    assert outcomes[cells[0].key].record["value"] == 1
    assert all("stumbles" in outcomes[cells[i].key].message for i in (1, 2))


def test_results_do_not_depend_on_the_executor(tmp_path, inline):
    cells = [inline.cell(f"c{i}", plus=i) for i in range(4)]
    keys = [cell.key for cell in cells]
    assert keys == [inline.cell(f"renamed{i}", plus=i).key for i in range(4)]


def test_what_cannot_be_stored_fails_its_cell(bench):
    bad, good = bench.cell("bad", "unserialisable"), bench.cell("good")
    outcomes = bench.run([bad, good])
    assert "bad" in outcomes[bad.key].message
    assert outcomes[good.key].record["value"] == 1


@pytest.mark.parametrize("damage", ["flip", "truncate", "delete", "seal"])
def test_a_damaged_result_is_named_and_computed_again(bench, damage):
    first = bench.cell("first", plus=2)
    second = bench.cell("second", plus=2, inputs=[first])
    bench.run([first, second])
    file = bench.store.folder(first.key) / ("seal.json" if damage == "seal" else "array.npy")
    content = bytearray(file.read_bytes())
    if damage == "flip":
        content[-1] ^= 1
        file.write_bytes(content)
    elif damage in ("truncate", "seal"):
        file.write_bytes(content[: len(content) // 2])
    else:
        file.unlink()
    outcomes = bench.run([first, second])
    assert bench.told("damaged") == ["first"]
    assert outcomes[first.key].array("array")[0] == 2
    assert (bench.times_run("first"), bench.times_run("second")) == (2, 1)


def test_damage_that_a_reader_finds_is_repaired(inline):
    first = inline.cell("first", plus=2)
    second = inline.cell("second", plus=2, inputs=[first])
    inline.run([first])

    def damage_after_the_check(event):
        # The first stage finds `first` sound; the second does not look at it again.
        if event.kind == "stage" and event.subject == "stage 1":
            (inline.store.folder(first.key) / "record.json").write_text("{}")

    inline.listeners.append(damage_after_the_check)
    outcomes = inline.run([first], [second])
    assert outcomes[second.key].record["value"] == 4
    assert inline.told("damaged") == ["first"]


@pytest.mark.parametrize("back", [False, True])
def test_nothing_is_kept_that_was_computed_from_an_input_as_it_changed(bench, back):
    first = bench.cell("first", plus=2)
    before = bench.cell("before", plus=5, inputs=[first])
    second = bench.cell(
        "second", "add_beside_a_writer", plus=10, inputs=[first], times=1, back=back
    )
    third = bench.cell("third", plus=100, inputs=[second])
    outcomes = bench.run([first], [before], [second, third])
    assert outcomes[second.key].record["value"] == 12
    assert outcomes[third.key].record["value"] == 112
    assert bench.times_run("first") == (1 if back else 2)
    assert [bench.times_run(name) for name in ("before", "second", "third")] == [1, 2, 1]
    assert bench.told("damaged") == ([] if back else ["first"])


def test_an_input_that_changes_again_and_again_ends_the_run(inline):
    first = inline.cell("first", plus=2)
    second = inline.cell("second", "add_beside_a_writer", inputs=[first], times=99, back=True)
    with pytest.raises(StoreError, match="another program writes there"):
        inline.run([first, second])
    assert not inline.store.has(second.key)


def test_a_new_mode_or_name_of_a_stored_file_is_no_change(inline, tmp_path):
    first = inline.cell("first", plus=2)
    inline.run([first])
    stored = inline.store.get(first.key)
    stored.verify()
    file = stored.folder / "array.npy"
    file.chmod(0o640)
    assert stored.changed() is None
    (tmp_path / "backup").hardlink_to(file)
    assert stored.changed() is None
    overwrite(file, -1)
    assert stored.changed().where == str(file)


def test_an_answer_from_a_file_that_changed_is_refused(inline):
    first, second = inline.cell("first", plus=2), inline.cell("second", plus=3)
    array = inline.store.folder(first.key) / "array.npy"
    with inline.scheduler() as scheduler:
        scheduler.run("stage", [first, second])
        scheduler.conclude()
        assert scheduler.outcomes()[second.key].record == {"value": 3}
        overwrite(array, -1)
        scheduler.conclude()  # nobody has read it
        assert inline.told("damaged") == ["first"] and not inline.store.has(first.key)
        scheduler.run("again", [first])
        assert scheduler.outcomes()[first.key].array("array")[0] == 2
        overwrite(array, -1)
        with pytest.raises(
            StoreError, match=r"array\.npy.*changed while the run read it.*Run again"
        ):
            scheduler.conclude()


def test_a_result_in_the_place_of_another_is_damaged(inline):
    first, second = inline.cell("first", plus=2), inline.cell("second", plus=3)
    inline.run([first, second])
    shutil.rmtree(inline.store.folder(first.key))
    shutil.copytree(inline.store.folder(second.key), inline.store.folder(first.key))
    outcomes = inline.run([first, second])
    assert inline.told("damaged") == ["first"]
    assert outcomes[first.key].record == {"value": 2}


def test_a_worker_that_dies_once_costs_one_retry(local):
    deadly = local.cell("deadly", "die", times=1)
    others = [local.cell(f"c{i}", plus=i) for i in range(4)]
    outcomes = local.run([deadly, *others])
    assert outcomes[deadly.key].record["value"] == 1
    assert local.told("lost") == ["deadly"]
    assert all(outcomes[cell.key].record["value"] == i for i, cell in enumerate(others))


def test_a_cell_that_kills_every_worker_fails_alone(local):
    deadly = local.cell("deadly", "die", times=99)
    other = local.cell("other")
    outcomes = local.run([deadly, other])
    assert "SIGKILL" in outcomes[deadly.key].message
    assert local.times_run("deadly") == scheduler_module.ATTEMPTS
    assert outcomes[other.key].record["value"] == 1


def test_a_cell_that_exits_its_process_fails_alone(local):
    leaving, other = local.cell("leaving", "leave"), local.cell("other")
    outcomes = local.run([leaving, other])
    assert "exit status 3" in outcomes[leaving.key].message
    assert outcomes[other.key].record["value"] == 1


def test_a_cell_that_asks_to_exit_fails_alone(bench):
    leaving, other = bench.cell("leaving", "leave_politely"), bench.cell("other")
    outcomes = bench.run([leaving, other])
    assert "SystemExit" in outcomes[leaving.key].message
    assert outcomes[other.key].record["value"] == 1


@pytest.mark.parametrize("what", ["arrays", "weights"])
def test_a_full_disk_ends_the_run_and_costs_no_worker(bench, what):
    done, more = bench.cell("done"), bench.cell("more", "big", what=what)
    bench.run([done])
    with (
        largest_file(100_000),
        pytest.raises(RunError, match=r"File too large.*everything computed so far is kept"),
    ):
        bench.run([done, more])
    assert bench.told("lost") == bench.told("failed") == []
    assert bench.store.get(done.key).record["value"] == 1
    assert not bench.store.has(more.key) and bench.store.drafts() == []
    assert bench.run([more])[more.key].record == {"value": 2}


def test_other_plugins_in_a_worker_refuse(inline):
    from functools import partial

    from taskspace.components import Workplace
    from taskspace.engine.scheduler import Scheduler
    from taskspace.engine.worker import PERFORM

    place = Workplace(inline.store.root, "cpu", PERFORM, "0" * 64, inline.directory, plugins=False)
    with (
        Scheduler(inline.store, partial(inline.executor.open, place, 1), print) as scheduler,
        pytest.raises(RunError, match="plugins here are not those"),
    ):
        scheduler.run("stage", [inline.cell("a")])


def test_workers_that_cannot_start_end_the_run(local, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(local.directory))
    (local.directory / "json.py").write_text("raise RuntimeError('no json here')")
    with pytest.raises(ExecutorError, match="no json here"):
        local.run([local.cell("a")])


def test_cells_that_wait_for_what_nobody_gives_are_named(inline):
    orphan = inline.cell("orphan", inputs=[inline.cell("absent")])
    with pytest.raises(StoreError, match="orphan"):
        inline.run([orphan])
