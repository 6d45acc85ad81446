"""Pictures in rows and columns, each pixel as it is."""

from __future__ import annotations

import base64
import io

import numpy as np
from PIL import Image

from taskspace.components.page import ImageGrid
from taskspace.report.frame import Ids, figure, nothing, scroll
from taskspace.report.markup import Markup, breakable, breakable_label, join, tag
from taskspace.report.room import Column, Density, cards_class

_EM = 16.0
"""Pixels of an em of the figure's text."""

_DENSITY = Density(None, 0.89, 0.85, 0.0, 16)


def png(image: np.ndarray) -> bytes:
    """Return an image [H, W] or [H, W, 3] in [0, 1] as PNG; beyond is clipped, NaN is black."""
    levels = np.nan_to_num(np.clip(np.asarray(image, dtype=np.float64), 0.0, 1.0), nan=0.0) * 255
    out = io.BytesIO()
    Image.fromarray(levels.round().astype(np.uint8)).save(out, format="PNG", optimize=True)
    return out.getvalue()


def _picture(image: np.ndarray, described: str, pixel: int) -> Markup:
    height, width = image.shape[:2]
    content = base64.b64encode(png(image)).decode()
    return tag(
        "img",
        src=f"data:image/png;base64,{content}",
        width=width * pixel,
        height=height * pixel,
        alt=described,
    )


def _cell(cell: np.ndarray | str, row: str, column: str, pixel: int) -> Markup:
    shown = (
        breakable(cell)
        if isinstance(cell, str)
        else _picture(cell, f"{row} {column}".strip(), pixel)
    )
    return tag("td", shown, data_label=breakable_label(column))


def _needed(block: ImageGrid) -> float:
    """Return the width of the grid in ems of its figure's text."""
    needed = Column("", [name for name, _ in block.rows], wraps=True).width(_DENSITY)
    for at, head in enumerate(block.columns):
        cells = [cells[at] for _, cells in block.rows]
        words = Column(head, [cell for cell in cells if isinstance(cell, str)], wraps=True)
        pixels = max(
            (cell.shape[1] * block.pixel for cell in cells if not isinstance(cell, str)), default=0
        )
        needed += max(words.width(_DENSITY), pixels / _EM + _DENSITY.padding)
    return needed


def draw_image_grid(block: ImageGrid, ids: Ids) -> Markup:
    """Return a table of pictures under headings; where it does not fit, each row wraps."""
    id_ = ids.new(block.name)
    caption = block.caption or block.name
    if not block.rows or not block.columns:
        return figure(nothing("No pictures."), caption, id_=id_, kind="images")
    has_names = any(name for name, _ in block.rows)
    corner = tag("td") if has_names else None
    head = tag(
        "tr", corner, join(tag("th", breakable(name), scope="col") for name in block.columns)
    )
    rows = [
        tag(
            "tr",
            tag("th", breakable(name), scope="row") if has_names else None,
            join(
                _cell(cell, name, column, block.pixel)
                for column, cell in zip(block.columns, cells, strict=True)
            ),
        )
        for name, cells in block.rows
    ]
    table = tag(
        "table",
        tag("thead", head),
        tag("tbody", join(rows)),
        aria_label=caption,
        class_=cards_class(_needed(block)),
    )
    return figure(scroll(table, caption), caption, id_=id_, kind="images")
