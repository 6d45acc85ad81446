"""The page of a recommendation: what stands where, and nothing where there is nothing."""

from __future__ import annotations

import re

import numpy as np
import pytest

from recommend_jobs import job, run
from taskspace.components.page import Dendrogram, Heatmap, Plot, Scatter, Table
from taskspace.report.render import render
from taskspace.studies.recommend.page.overview import recommend_page
from taskspace.studies.recommend.result.model import RecommendResult


@pytest.fixture(scope="module")
def result(tmp_path_factory) -> RecommendResult:
    document = job(images=[20, 40], embeddings=["domain2vec", "task2vec"], probe="small_conv")
    made = run(document, tmp_path_factory.mktemp("page"))
    return RecommendResult.model_validate(made.result)


def blocks(page, kind):
    return {
        block.name: block
        for section in page.sections
        for block in section.blocks
        if isinstance(block, kind)
    }


def test_the_ranking_of_the_most_images_comes_first(result):
    first = recommend_page(result, {}).sections[0]
    tables = [block.name for block in first.blocks if isinstance(block, Table)]
    assert tables[:2] == ["ranking-identity-frozen-40", "ranking-identity-frozen-20"]
    rows = blocks(recommend_page(result, {}), Table)["ranking-parity-frozen-40"].rows
    assert [row[0] for row in rows] == [1, 2, 3]
    licences = {row[1]: row[-1] for row in rows}
    assert all(re.match(r"[\d.]+( [kM])?$", cell) for row in rows for cell in row[4:6])
    assert licences == {"mlp": "none needed", "small_conv": "none needed", "expert-loops": "yours"}


def test_every_error_is_in_the_matrix(result):
    matrix = blocks(recommend_page(result, {}), Heatmap)["errors-frozen-40"]
    expected = {
        (row.task, row.model): 100 * row.error.mean for row in result.ranking if row.images == 40
    }
    shown = {
        (task, model): value
        for task, row in zip(matrix.rows, matrix.values, strict=True)
        for model, value in zip(matrix.columns, row, strict=True)
    }
    assert shown == expected


def test_tasks_are_a_tree_and_a_map_that_keeps_distances(result):
    page = recommend_page(result, {})
    assert set(blocks(page, Dendrogram)) == {"tree-domain2vec", "tree-task2vec"}
    scatter = blocks(page, Scatter)["map-task2vec"]
    points = np.concatenate([group.coordinates() for group in scatter.groups])
    assert points.shape == (4, 2)
    own = next(d for d in reversed(result.distances) if d.embedding == "task2vec")
    between = np.array(own.between)
    drawn = np.linalg.norm(points[:, None] - points[None], axis=-1)
    upper = np.triu_indices(4, 1)
    # Four tasks in a plane: the order of their distances survives.
    assert np.corrcoef(between[upper], drawn[upper])[0, 1] > 0.8


def test_curves_end_at_the_best_model(result):
    plot = blocks(recommend_page(result, {}), Plot)["tried-frozen-40"]
    assert all(curve.y[-1] == pytest.approx(0, abs=1e-9) for curve in plot.curves)


def test_domain2vec_has_no_difficulty_and_task2vec_has(result):
    tables = blocks(recommend_page(result, {}), Table)
    assert "difficulty-task2vec" in tables and "difficulty-domain2vec" not in tables
    assert {row[0] for row in tables["difficulty-task2vec"].rows} == {
        "identity",
        "parity",
        "loops",
        "at_least_five",
        "expert-loops",
    }


def test_a_result_without_trials_says_so(result):
    empty = result.model_copy(
        update={"ranking": [], "methods": [], "verdicts": [], "curves": [], "distances": []}
    )
    page = recommend_page(empty, {})
    assert page.sections[0].blocks[0].text == "No model was measured."
    assert [section.title for section in page.sections][1:] == ["Models", "Missing"]


def test_the_page_is_drawn(result):
    html = render(recommend_page(result, {}), {})
    assert "Which model to start from" in html and "expert-loops" in html
