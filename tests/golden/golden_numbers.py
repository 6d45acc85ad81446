"""What of a run is golden: every number, name and decision, without sentences and wall times."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from golden_run import GoldenRun

WORDING = frozenset({"text", "details", "message", "interval"})
"""Keys whose values are sentences: another wording changes nothing that a user computes."""
LONGEST = 12
"""Longer lists of numbers, and of lists of them, are told by count, sum, least and greatest."""
WIDTH = 120


def golden_numbers(run: GoldenRun) -> dict[str, Any]:
    """Return the numbers of a run as plain JSON."""
    arrays = {name: _summary(array.ravel().tolist()) for name, array in run.arrays.items()}
    parts = {"result": run.result, "arrays": arrays, "exports": run.exports}
    return {name: reduced(part) for name, part in parts.items() if part}


def reduced(value: Any) -> Any:
    """Return a JSON value without sentences, long lists of numbers as summaries."""
    if isinstance(value, Mapping):
        return {key: reduced(part) for key, part in value.items() if key not in WORDING}
    if isinstance(value, Sequence) and not isinstance(value, str):
        numbers = list(_flat(value))
        if len(numbers) > LONGEST and all(is_number(number) for number in numbers):
            return _summary(numbers)
        return [reduced(part) for part in value]
    return value


def is_number(value: Any) -> bool:
    """Return whether a JSON value is a number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _flat(value: Any) -> Iterator[Any]:
    """Yield what lists hold, however deep."""
    for part in value:
        yield from _flat(part) if isinstance(part, list) else (part,)


def _summary(values: Sequence[float]) -> dict[str, float]:
    """Return count, sum, least and greatest; the sum is rounded once, in whatever order."""
    finite = [float(value) for value in values if math.isfinite(value)]
    extremes = {"least": min(finite), "greatest": max(finite)} if finite else {}
    return {"count": len(values), "finite": len(finite), "sum": math.fsum(finite), **extremes}


def laid_out(value: Any, indent: int = 0) -> str:
    """Return JSON for reviews: lines filled up to a width, what is longer below its key."""
    flat = json.dumps(value, ensure_ascii=False, allow_nan=False)
    if len(flat) + indent <= WIDTH or not value or not isinstance(value, dict | list):
        return flat
    if isinstance(value, dict):
        keys = [f"{json.dumps(key, ensure_ascii=False)}: " for key in value]
        parts = [
            key + laid_out(part, indent + 1) for key, part in zip(keys, value.values(), strict=True)
        ]
    else:
        parts = [laid_out(part, indent + 1) for part in value]
    lines: list[str] = []
    for part in parts:
        if lines and "\n" not in lines[-1] + part and len(lines[-1]) + len(part) < WIDTH - indent:
            lines[-1] += f", {part}"
        else:
            lines.append(part)
    pad = "\n" + " " * (indent + 1)
    first, last = "{}" if isinstance(value, dict) else "[]"
    return f"{first}{pad}{f',{pad}'.join(lines)}\n{' ' * indent}{last}"
