"""Pictures in rows and columns, each pixel as it is."""

from __future__ import annotations

import base64
import io

import numpy as np
from PIL import Image

from taskspace.components.page import ImageGrid
from taskspace.report.frame import Ids, figure, nothing, scroll
from taskspace.report.markup import Markup, join, tag


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


def draw_image_grid(block: ImageGrid, ids: Ids) -> Markup:
    """Return a table of pictures under headings."""
    id_ = ids.new(block.name)
    caption = block.caption or block.name
    if not block.rows or not block.columns:
        return figure(nothing("No pictures."), caption, id_=id_, kind="images")
    has_names = any(name for name, _ in block.rows)
    corner = tag("td") if has_names else None
    head = tag("tr", corner, join(tag("th", name, scope="col") for name in block.columns))
    rows = [
        tag(
            "tr",
            tag("th", name, scope="row") if has_names else None,
            join(
                tag("td", cell)
                if isinstance(cell, str)
                else tag("td", _picture(cell, f"{name} {column}".strip(), block.pixel))
                for column, cell in zip(block.columns, cells, strict=True)
            ),
        )
        for name, cells in block.rows
    ]
    table = tag("table", tag("thead", head), tag("tbody", join(rows)), aria_label=caption)
    return figure(scroll(table, caption), caption, id_=id_, kind="images")
