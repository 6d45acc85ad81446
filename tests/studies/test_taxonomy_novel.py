"""New tasks with few labels: win rates over rivals by hand, and what must change nothing."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from taskspace.components.page import Heatmap, Table
from taskspace.studies.taxonomy.cells.evidence import novel_tasks
from taskspace.studies.taxonomy.maths.novel import (
    SINGLE_SOURCES,
    TRANSFER,
    mean_wins,
    novel_task,
    single_source_rivals,
)
from taskspace.studies.taxonomy.page.evaluation import novel_tasks as novel_blocks
from taskspace.studies.taxonomy.result.model import NovelRecord, NovelTarget

NAN = np.nan


def losses(*values: float) -> np.ndarray:
    """Losses [1, N] of one repetition."""
    return np.array([values], dtype=np.float32)


def test_win_rates_and_losses_by_hand():
    found = novel_task(
        {
            TRANSFER: losses(1, 2, 3, 4, NAN),
            "scratch": losses(2, 2, 2, 5, NAN),
            "supervised": losses(0, 1, 2, 3, NAN),
        },
        seed=0,
    )
    assert found["wins"]["scratch"][0] == pytest.approx((1 + 0.5 + 0 + 1) / 4)
    assert found["wins"]["supervised"] == [0.0, 0.0, 0.0]
    assert found["losses"] == {TRANSFER: 2.5, "scratch": 2.75, "supervised": 1.5}


def test_without_labels_there_is_nothing_to_say():
    found = novel_task({TRANSFER: losses(NAN, NAN), "scratch": losses(NAN, NAN)}, seed=0)
    assert found == {"wins": {"scratch": None}, "losses": {TRANSFER: None, "scratch": None}}


def test_images_and_scale_change_no_win_rate():
    random = np.random.default_rng(0)
    table = {name: random.random((1, 40), dtype=np.float32) for name in (TRANSFER, "a", "b")}
    order = random.permutation(40)
    factor = 2.0 ** random.integers(-5, 5, 40).astype(np.float32)
    before = novel_task(table, 0)["wins"]
    after = novel_task({name: (v * factor)[:, order] for name, v in table.items()}, 0)["wins"]
    assert {name: w[0] for name, w in after.items()} == pytest.approx(
        {name: w[0] for name, w in before.items()}
    )
    for name in ("a", "b"):
        turned = novel_task({TRANSFER: table[name], "it": table[TRANSFER]}, 0)["wins"]["it"]
        assert turned[0] == pytest.approx(1 - before[name][0])


def test_means_are_over_the_tasks_that_have_the_rival():
    tasks = [
        {TRANSFER: losses(1, 1), "scratch": losses(2, 2), "jigsaw": losses(0, 2)},
        {TRANSFER: losses(1, 1), "scratch": losses(0, 2)},
    ]
    means = mean_wins(tasks, seed=0)
    assert {rival: found[0] for rival, found in means.items()} == {"scratch": 0.75, "jigsaw": 0.5}


def test_usual_sources_are_rivals_but_never_the_task_itself():
    assert single_source_rivals("normals", ["normals", "jigsaw", "autoencoding"]) == [
        "autoencoding",
        "jigsaw",
    ]
    assert single_source_rivals("jigsaw", ["jigsaw"]) == []
    assert single_source_rivals("x", SINGLE_SOURCES) == list(SINGLE_SOURCES)


def made_up():
    stored = {
        "x/t": losses(1, 3),
        "x/s": losses(2, 2),
        "y/t": losses(1, 1),
        "y/j": losses(2, 2),
    }
    return SimpleNamespace(
        parameters={
            "seed": 7,
            "competitors": {
                "x": {TRANSFER: "x/t", "scratch": "x/s"},
                "y": {TRANSFER: "y/t", "jigsaw": "y/j"},
            },
        },
        inputs={
            name: SimpleNamespace(array=lambda part, v=values[0]: {"loss": v}[part])
            for name, values in stored.items()
        },
    )


def test_the_cell_reads_the_losses_of_every_target():
    record = novel_tasks(made_up()).record
    assert record["targets"]["x"]["wins"]["scratch"][0] == 0.5
    assert record["targets"]["y"]["losses"] == {TRANSFER: 1.0, "jigsaw": 2.0}
    assert {rival: found[0] for rival, found in record["mean_wins"].items()} == {
        "scratch": 0.5,
        "jigsaw": 1.0,
    }


def test_the_page_shows_tasks_by_rivals():
    record = novel_tasks(made_up()).record
    novel = NovelRecord(
        targets=[
            NovelTarget(target=target, sources=["a", "b"], **found)
            for target, found in record["targets"].items()
        ],
        mean_wins=record["mean_wins"],
    )
    figures, wins, table = novel_blocks(novel)
    assert [item[:2] for item in figures.items] == [("beats scratch", "50 %")]
    assert isinstance(wins, Heatmap) and isinstance(table, Table)
    assert wins.columns == ["scratch", "jigsaw"]
    assert wins.values == [[0.5, None], [None, 1.0], [0.5, 1.0]]
    assert table.columns == ("target", "best sources", "transfer", "scratch", "jigsaw")
    assert table.rows[1] == ("y", "a + b", 1.0, None, 2.0)
    assert novel_blocks(None) == []
