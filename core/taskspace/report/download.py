"""The numbers behind a picture as files that the page carries in `data:` links."""

from __future__ import annotations

import base64
import csv
import io
import json
import math
import re
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

import numpy as np

from taskspace.components.base import JSON
from taskspace.components.page import Scalar
from taskspace.report.markup import Markup, clean, tag

_FORMULA = ("=", "+", "-", "@", "\t")


def file_name(name: str, suffix: str) -> str:
    """Return a name that every file system takes."""
    stem = re.sub(r"[^\w.-]+", "-", clean(name)).strip("-.")[:60]
    return f"{stem or 'table'}.{suffix}"


def _csv_cell(value: Scalar) -> Scalar:
    if not isinstance(value, str):
        return value
    # A spreadsheet would run a name that begins like a formula.
    return clean(f"'{value}" if value.startswith(_FORMULA) else value)


def csv_text(columns: Sequence[str], rows: Sequence[Sequence[Scalar]]) -> str:
    """Return rows under columns as CSV (RFC 4180), numbers in full; None is an empty field."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([_csv_cell(column) for column in columns])
    writer.writerows([_csv_cell(value) for value in row] for row in rows)
    return out.getvalue()


def plain(value: Any, where: str = "data") -> JSON:
    """Return `value` as JSON can hold it; numbers that are not finite become None.

    Raises:
        TypeError: if something is neither JSON, nor an array, nor a path; names where it stands.
    """
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist(), where)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, PurePath):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): plain(item, f"{where}.{key}") for key, item in value.items()}
    if isinstance(value, Sequence):
        return [plain(item, f"{where}[{index}]") for index, item in enumerate(value)]
    raise TypeError(f"{where} is a {type(value).__name__}, which JSON cannot hold.")


def json_text(value: Any, where: str = "data") -> str:
    """Return `value` as indented JSON of ASCII characters that every parser reads."""
    return json.dumps(plain(value, where), indent=2, allow_nan=False)


def link(label: str, name: str, media_type: str, text: str) -> Markup:
    """Return a link that saves `text` as the file `name`; it needs no script."""
    content = base64.b64encode(text.encode()).decode()
    return tag(
        "a",
        label,
        class_="download",
        download=name,
        href=f"data:{media_type};charset=utf-8;base64,{content}",
        aria_label=f"Download {name}",
    )


def csv_link(name: str, columns: Sequence[str], rows: Sequence[Sequence[Scalar]]) -> Markup:
    """Return a link that saves a table as `name`.csv."""
    return link("CSV", file_name(name, "csv"), "text/csv", csv_text(columns, rows))


def json_link(label: str, name: str, text: str) -> Markup:
    """Return a link that saves JSON text as `name`.json."""
    return link(label, file_name(name, "json"), "application/json", text)
