"""Tables: numbers on the right, names on the left, None as a dash."""

from __future__ import annotations

import re

from taskspace.components.page import Scalar, Table
from taskspace.report.download import csv_link
from taskspace.report.frame import Ids, figure, nothing, scroll
from taskspace.report.markup import Markup, join, tag
from taskspace.report.numbers import is_number, show

_INTERVAL = re.compile(r"(\[[^\[\],]+,) ([^\[\],]+\])")
"""The two ends of an interval, which stay on one line."""

_LONG = 32
"""Letters from which on a cell keeps a width to wrap in, beside whatever stands there."""


def _classes(text: str, *, right: bool, absent: bool = False) -> str | None:
    named = {"number": right, "absent": absent, "long": len(text) > _LONG}
    return " ".join(name for name, holds in named.items() if holds) or None


def _cell(value: Scalar, digits: int, *, heads_row: bool, numeric: bool) -> Markup:
    text = _INTERVAL.sub("\\1\N{NO-BREAK SPACE}\\2", show(value, digits))
    classes = _classes(text, right=numeric or is_number(value), absent=value is None)
    if heads_row:
        return tag("th", text, scope="row", class_=classes)
    return tag("td", text, class_=classes)


def _is_numeric(block: Table, column: int) -> bool:
    values = [row[column] for row in block.rows if row[column] is not None]
    return bool(values) and all(is_number(value) for value in values)


def draw_table(block: Table, ids: Ids) -> Markup:
    """Return a table whose first column heads its rows, in a box of its own."""
    id_ = ids.new(block.name)
    caption = block.caption or block.name
    download = csv_link(block.name, block.columns, block.rows)
    if not block.columns:
        return figure(nothing("No columns."), caption, id_=id_, kind="table")
    numeric = [_is_numeric(block, column) for column in range(len(block.columns))]
    head = tag(
        "tr",
        join(
            tag("th", name, scope="col", class_=_classes(name, right=right))
            for name, right in zip(block.columns, numeric, strict=True)
        ),
    )
    rows = [
        tag(
            "tr",
            join(
                _cell(value, block.digits, heads_row=column == 0, numeric=numeric[column])
                for column, value in enumerate(row)
            ),
        )
        for row in block.rows
    ]
    if not rows:
        rows = [tag("tr", tag("td", "No rows.", colspan=len(block.columns), class_="absent"))]
    body = tag(
        "table",
        tag("thead", head),
        tag("tbody", join(rows)),
        aria_label=caption,
    )
    return figure(scroll(body, caption), caption, download, id_=id_, kind="table")
