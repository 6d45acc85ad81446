"""The report of a zero-shot run."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from taskspace.components.page import Page, Section
from taskspace.studies.zeroshot.result.model import ZeroshotResult
from taskspace.studies.zeroshot.result.tables import difference_table, method_table


def zeroshot_page(result: ZeroshotResult, artifacts: Mapping[str, np.ndarray]) -> Page:
    """Return the report of a result."""
    tables = [method_table(result, part) for part in ("test", "val")] + [difference_table(result)]
    shown = [table for table in tables if table.rows]
    return Page(result.name, "Compositions that nobody labelled", [Section("Methods", shown)])
