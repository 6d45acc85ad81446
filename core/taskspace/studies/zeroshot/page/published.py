"""Published numbers beside those of a run, only where dataset and split are theirs."""

from __future__ import annotations

from taskspace.components.page import Block, Scalar, Table
from taskspace.studies.zeroshot.result.findings import DESIGNS
from taskspace.studies.zeroshot.result.model import ZeroshotResult
from taskspace.studies.zeroshot.result.tables import percent

TABLE_5_2: dict[tuple[str, str], tuple[float, ...]] = {
    ("mit_states", "compositional"): (12.4, 14.8, 18.3, 19.2, 20.9),
    ("ut_zap50k", "compositional"): (40.0, 41.4, 43.4, 44.3, 49.0),
    ("stanford_vrd", "published"): (8.3, 8.7, 9.3, 10.1, 12.7),
}
"""Unseen top-1 of `DESIGNS` in percent, by dataset and split (Yan 2020)."""

TABLE_5_1: dict[tuple[str, str], dict[str, tuple[float, ...]]] = {
    ("mit_states", "natural"): {
        "AttOperator": (2.5, 6.2, 10.1, 1.6, 4.7, 7.6),
        "RedWine": (2.9, 7.3, 11.8, 2.4, 5.7, 9.3),
        "LabelEmbed+": (3.0, 7.6, 12.2, 2.0, 5.6, 9.4),
        "TMN": (3.5, 8.1, 12.4, 2.9, 7.1, 11.5),
        "TDS": (8.9, 18.0, 25.5, 6.5, 14.0, 20.0),
    },
    ("ut_zap50k", "natural"): {
        "AttOperator": (21.5, 44.2, 61.6, 25.9, 51.3, 67.6),
        "RedWine": (30.4, 52.2, 63.5, 27.1, 54.6, 68.8),
        "LabelEmbed+": (26.4, 49.0, 66.1, 25.7, 52.1, 67.8),
        "TMN": (36.8, 57.1, 69.2, 29.3, 55.3, 69.8),
        "TDS": (41.1, 65.3, 78.1, 32.4, 58.1, 70.9),
    },
}
"""AUC in percent at top-1, 2 and 3, on validation and on test images (Yan 2020)."""


def published_blocks(result: ZeroshotResult) -> list[Block]:
    """Return Table 5.2 or Table 5.1 beside this run; nothing for another dataset or split."""
    place = (result.dataset, result.split or "")
    blocks: list[Block] = []
    if place in TABLE_5_2:
        blocks.append(_unseen(result, TABLE_5_2[place]))
    if place in TABLE_5_1:
        blocks.append(_areas(result, TABLE_5_1[place]))
    return blocks


def _unseen(result: ZeroshotResult, published: tuple[float, ...]) -> Table:
    rows: list[tuple[Scalar, ...]] = []
    for design, value in zip(DESIGNS, published, strict=True):
        own = [each.name for each in result.methods if each.component == design]
        found = [percent(result.measure(name, "unseen")) for name in own]
        rows.append((design, f"{value:.1f}", next((each for each in found if each), None)))
    caption = (
        f"Unseen top-1 of Table 5.2, with features of a ResNet-18, beside this run with those of "
        f"{result.encoder.name}."
    )
    return Table("table-5-2", ("design", "published, %", "here, %"), rows, caption)


def _areas(result: ZeroshotResult, published: dict[str, tuple[float, ...]]) -> Table:
    rows: list[tuple[Scalar, ...]] = [
        (name, "published", *(f"{value:.1f}" for value in values))
        for name, values in published.items()
    ]
    for each in result.methods:
        found = [
            percent(result.measure(each.name, f"auc_{k}", part=part))
            for part in ("val", "test")
            for k in (1, 2, 3)
        ]
        if any(found):
            rows.append((each.name, "here", *found))
    columns = (
        "method",
        "source",
        *(f"{part} top-{k}" for part in ("val", "test") for k in (1, 2, 3)),
    )
    caption = (
        f"AUC in percent of Table 5.1, beside this run with features of {result.encoder.name}."
    )
    return Table("table-5-1", columns, rows, caption, keys=2)
