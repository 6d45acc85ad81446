"""Tables: numbers on the right, names on the left, None as a dash."""

from __future__ import annotations

import re

from taskspace.components.page import Scalar, Table
from taskspace.report.download import csv_link
from taskspace.report.frame import Ids, figure, nothing, scroll
from taskspace.report.markup import Markup, breakable, breakable_label, join, tag
from taskspace.report.numbers import ABSENT, is_number, show
from taskspace.report.room import Column, table_classes

_INTERVAL = re.compile(r"(\[[^\[\],]+,) ([^\[\],]+\])")
"""The two ends of an interval, which stay on one line."""

_LONG = 32
"""Letters from which on a cell keeps a width to wrap in, beside whatever stands there."""

_PROSE = 16
"""Letters beyond which a cell of a card stands under the name of its column, not beside it."""

_QUANTITY = re.compile(rf"[-+]?\d.{{0,{_LONG - 2}}}$|{ABSENT}$")
"""A number, or what begins with one: a value with its interval."""


def _text(value: Scalar, digits: int) -> str:
    return _INTERVAL.sub("\\1\N{NO-BREAK SPACE}\\2", show(value, digits))


def _side(block: Table, column: int) -> str | None:
    """Return the class of a column of numbers, or of values that begin with one, or None."""
    values = [row[column] for row in block.rows]
    present = [value for value in values if value is not None]
    if present and all(is_number(value) for value in present):
        return "number"
    texts = (_text(value, block.digits) for value in values)
    measured = column > 0 and present and all(_QUANTITY.match(text) for text in texts)
    return "quantity" if measured else None


def _column(block: Table, column: int, side: str | None) -> Column:
    texts = [_text(row[column], block.digits) for row in block.rows]
    long = any(len(text) > _LONG for text in texts)
    return Column(block.columns[column], texts, wraps=side != "number", long=long)


def _classes(side: str | None, text: str, **named: bool) -> str | None:
    named["long"] = len(text) > _LONG
    return " ".join(filter(None, (side, *(name for name, holds in named.items() if holds)))) or None


def _cell(block: Table, column: int, value: Scalar, side: str | None) -> Markup:
    text = _text(value, block.digits)
    own = "number" if is_number(value) else side
    key, prose = 0 < column < block.keys, len(text) > _PROSE
    classes = _classes(own, text, absent=value is None, key=key, prose=prose)
    name, scope = ("th", "row") if column == 0 else ("td", None)
    # In a card the value is an item of its own beside the name of its column.
    shown = tag("span", breakable(text))
    label = breakable_label(block.columns[column])
    return tag(name, shown, scope=scope, class_=classes, data_label=label)


def draw_table(block: Table, ids: Ids) -> Markup:
    """Return a table whose first column heads its rows; where it does not fit, cards."""
    id_ = ids.new(block.name)
    caption = block.caption or block.name
    download = csv_link(block.name, block.columns, block.rows)
    if not block.columns:
        return figure(nothing("No columns."), caption, id_=id_, kind="table")
    sides = [_side(block, column) for column in range(len(block.columns))]
    head = tag(
        "tr",
        join(
            tag("th", breakable(name), scope="col", class_=_classes(side, name))
            for name, side in zip(block.columns, sides, strict=True)
        ),
    )
    rows = [
        tag("tr", join(_cell(block, at, value, sides[at]) for at, value in enumerate(row)))
        for row in block.rows
    ]
    columns = [_column(block, at, side) for at, side in enumerate(sides)]
    classes = table_classes(columns) if rows else None
    if not rows:
        rows = [tag("tr", tag("td", "No rows.", colspan=len(block.columns), class_="absent"))]
    body = tag(
        "table",
        tag("thead", head),
        tag("tbody", join(rows)),
        aria_label=caption,
        class_=classes,
    )
    return figure(scroll(body, caption), caption, download, id_=id_, kind="table")
