"""What the page of a discovery shows, from a result made by hand."""

from __future__ import annotations

import numpy as np

from taskspace.components.page import ImageGrid, Table
from taskspace.studies.discovery.page.overview import discovery_page
from taskspace.studies.discovery.result.answer import shrunk
from taskspace.studies.discovery.result.findings import discovery_findings
from taskspace.studies.discovery.result.model import (
    AbsentClasses,
    DiscoveryResult,
    FrozenRecord,
    NamedMatch,
)
from taskspace.studies.discovery.result.names import picture_name

MATCH = NamedMatch(task="kind", accuracy=0.9, kmeans=0.8)


def test_classes_without_an_image_in_a_part_are_a_warning() -> None:
    absent = [
        AbsentClasses(task="kind", part="learnt", classes=["cat"]),
        AbsentClasses(task="kind", part="test", classes=list("abcdefg")),
    ]
    first, second, *_ = discovery_findings(frozen().model_copy(update={"absent": absent}))
    assert (first.code, first.tone) == ("class-absent", "warning")
    assert "no image among those to learn from shows cat:" in first.text
    assert "no image in the test part shows a, b, c, d, e and 2 more:" in second.text


def frozen(*matches: NamedMatch) -> DiscoveryResult:
    own = FrozenRecord(name="fz", seed=0, classes=3, used=2, loss=0.5, matches=list(matches))
    return DiscoveryResult(
        study="discovery", name="small", seed=0, judges=2, images=None, searches=[], rungs=[],
        gains=[], sets=[], splits=[], frozen=[own], interval="none", missing=[],
    )  # fmt: skip


def test_classes_on_frozen_codes_are_shown_as_pictures() -> None:
    pictures = {
        picture_name("fz", 1, label): np.full((4, 3, 8, 8), 80 * label, dtype=np.uint8)
        for label in range(3)
    }
    (section,) = discovery_page(frozen(MATCH), pictures).sections
    grid, table = section.blocks
    assert isinstance(grid, ImageGrid) and isinstance(table, Table)
    assert [title for title, _ in grid.rows] == [f"fz, class {label}" for label in range(3)]
    assert all(np.shape(cell) == (8, 8, 3) for _, cells in grid.rows for cell in cells)


def test_classes_that_no_task_has_are_in_the_table() -> None:
    (section,) = discovery_page(frozen(), {}).sections
    (table,) = section.blocks
    assert isinstance(table, Table)
    assert list(table.rows) == [("fz", 0, None, None, None, 2, 0.5)]


def test_clusters_that_are_no_worse_are_a_warning() -> None:
    partial, better = discovery_findings(frozen(MATCH))
    assert (partial.code, partial.tone) == ("classes-empty", "warning")
    assert "fz (2 of 3)" in partial.text
    assert better.tone == "advice"
    assert "0.900" in better.text and "0.800" in better.text
    _, worse = discovery_findings(frozen(MATCH.model_copy(update={"kmeans": 0.9})))
    assert worse.tone == "warning" and "no better than clusters" in worse.text


def test_pictures_of_large_images_are_means_of_squares() -> None:
    images = np.arange(2 * 3 * 200 * 290, dtype=float).reshape(2, 3, 200, 290)
    small = shrunk(images)
    assert small.shape == (2, 3, 100, 145)
    assert small[1, 2, 0, 3] == images[1, 2, :2, 6:8].mean()
    assert np.array_equal(shrunk(images[:, :, :100]), images[:, :, :100])
