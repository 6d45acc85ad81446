"""What the fields of a dataset hold, as a table and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from taskspace.components.page import Table

if TYPE_CHECKING:
    from taskspace.learning.checking.samples import FieldLabels, LookedAt

MOST_CLASSES = 6
"""Classes of a field that are named in a table, the largest first."""


def fields_table(name: str, looked: LookedAt) -> Table:
    """Return a row a field: what it holds, how many samples have a label and how many none.

    A column that is read as numbers and as classes is one row.
    """
    readable = looked.samples - len(looked.unreadable)
    rows = [
        (
            called,
            readings[0].labelled,
            readable - readings[0].labelled,
            "; ".join(map(_holds, readings)),
        )
        for called, readings in _by_name(looked).items()
    ]
    broken = len(looked.unreadable)
    unreadable = f"; {broken:,} of them cannot be read" if broken else ""
    pixels = "x".join(map(str, looked.image))
    caption = f"{name}: {looked.samples:,} samples, images {pixels}{unreadable}."
    return Table("fields", ("field", "labels", "missing", "what"), rows, caption)


def looked_json(looked: LookedAt) -> dict[str, Any]:
    """Return what was seen as plain JSON."""
    readable = looked.samples - len(looked.unreadable)
    return {
        "samples": looked.samples,
        "image": list(looked.image),
        "fields": [
            {
                "field": called,
                "shape": list(readings[0].field.shape),
                "labels": readings[0].labelled,
                "missing": readable - readings[0].labelled,
                **{key: what for each in readings for key, what in _details(each).items()},
            }
            for called, readings in _by_name(looked).items()
        ],
        "unreadable": [
            {"sample": each.sample, "problem": each.problem} for each in looked.unreadable
        ],
    }


def _by_name(looked: LookedAt) -> Mapping[str, list[FieldLabels]]:
    """Return each field by what people call it: its numbers, its classes or both."""
    named: dict[str, list[FieldLabels]] = {}
    for each in looked.fields.values():
        named.setdefault(each.called, []).append(each)
    return named


def _details(labels: FieldLabels) -> Mapping[str, Any]:
    if labels.field.classes is not None and labels.values is not None:
        return {"classes": labels.counts()}
    if labels.field.classes is not None:
        return {"classes": list(labels.field.classes), "missing_share": labels.missing_share}
    if labels.values is None:
        return {"missing_share": labels.missing_share}
    numbers = labels.present().tolist()
    span = (min(numbers), max(numbers)) if numbers else (None, None)
    return {"lowest": span[0], "highest": span[1], "values": len(set(numbers))}


def _holds(labels: FieldLabels) -> str:
    """Return what a field holds, in a few words."""
    classes, shape = labels.field.classes, labels.field.shape
    if labels.values is None:
        size = "x".join(map(str, shape))
        kind = "numbers" if classes is None else f"{len(classes)} classes"
        return f"{kind}, {size}, {labels.missing_share or 0:.0%} of the values missing"
    if classes is None:
        details = _details(labels)
        if not details["values"]:
            return "numbers"
        # Times in seconds differ in their last digits.
        lowest, highest = (
            f"{details[end]:.{6 if labels.field.span is None else 15}g}"
            for end in ("lowest", "highest")
        )
        return f"numbers, {details['values']:,} different, {lowest} to {highest}"
    counts = sorted(labels.counts().items(), key=lambda item: -item[1])
    named = ", ".join(f"{name} {count:,}" for name, count in counts[:MOST_CLASSES])
    more = ", ..." if len(counts) > MOST_CLASSES else ""
    return f"{len(counts):,} class{'es' * (len(counts) != 1)}: {named}{more}"
