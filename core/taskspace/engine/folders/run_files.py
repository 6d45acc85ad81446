"""The files of a run: what they are called, and what a manifest and a result must hold."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

MANIFEST = "manifest.json"
RESULT = "result.json"
REPORT = "report.html"
ARRAYS = "arrays.npz"
CELLS = "cells.txt"
JOURNAL = "events.jsonl"
SEAL = "seal.json"
LOCK = "lock"
SEALED = (MANIFEST, RESULT, ARRAYS)
FILES = (*SEALED, REPORT, CELLS, JOURNAL, SEAL, LOCK)
NAME = re.compile(r".+-([0-9a-f]{8})", re.DOTALL)
"""What a run is called: its job's name and eight digits of the job's hash."""


def is_complete(name: str, value: Mapping[str, Any]) -> bool:
    """Return whether a JSON file holds what is read from it."""
    if name != MANIFEST:
        return name != RESULT or isinstance(value.get("study"), str)
    job, attempts = value.get("job"), value.get("attempts")
    return (
        isinstance(job, dict)
        and isinstance(job.get("study"), str)
        and isinstance(value.get("state"), str)
        and isinstance(value.get("started"), str)
        and isinstance(attempts, list)
        and all(isinstance(a, dict) and isinstance(a.get("seconds"), int | float) for a in attempts)
    )
