"""Labels that nothing, or little, can be learnt from: findings before a run."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import numpy as np

from taskspace.components import Finding
from taskspace.learning.checking.samples import FieldLabels

MOST_NAMED = 5
"""Classes that a finding names."""


def label_findings(
    fields: Mapping[str, FieldLabels],
    splits: Mapping[str, np.ndarray] | None = None,
    classes: Collection[str] | None = None,
) -> Iterator[Finding]:
    """Yield what is unusual about the labels of some fields.

    Args:
        fields: by name.
        splits: the samples [n] of each split of a job; none where they are not known.
        classes: the fields of which classes are learnt; every field of classes where None.
    """
    told: set[str] = set()
    for field, labels in fields.items():
        name = labels.called
        if name in told:
            continue
        if not labels.labelled:
            told.add(name)
            yield Finding("labels-absent", "warning", f"No sample has a label of {name!r}.")
        elif labels.values is None:
            continue
        elif (only := _constant(labels)) is not None:
            told.add(name)
            yield Finding(
                "labels-constant",
                "warning",
                f"All {labels.labelled:,} labels of {name!r} are {only}, so a constant predicts "
                "them and nothing is learnt.",
            )
        elif labels.field.classes is not None and (classes is None or field in classes):
            yield from _rare(name, labels)
            yield from _absent(name, labels, splits or {})


def _constant(labels: FieldLabels) -> str | None:
    """Return the one value of all labels; None where there are several."""
    values = np.unique(labels.present())
    if len(values) > 1:
        return None
    names = labels.field.classes
    return f"{values[0]:g}" if names is None else repr(names[int(values[0])])


def _rare(name: str, labels: FieldLabels) -> Iterator[Finding]:
    counts = labels.counts()
    single = [each for each, count in counts.items() if count == 1]
    if single:
        has = "has" if len(single) == 1 else "have"
        yield Finding(
            "classes-of-one",
            "warning",
            f"{len(single)} of {len(counts)} classes of {name!r} {has} one sample: "
            f"{listed(single)}. One sample is learnt or tested, never both.",
        )


def _absent(name: str, labels: FieldLabels, splits: Mapping[str, np.ndarray]) -> Iterator[Finding]:
    if labels.values is None:
        return
    names, everywhere = labels.field.classes or (), set(labels.present().tolist())
    lines = []
    for split, rows in splits.items():
        absent = everywhere - set(labels.values[rows].tolist())
        if absent:
            each = listed([names[number] for number in sorted(absent)])
            lines.append(f"{split} ({len(rows):,} samples): {each}")
    if lines:
        yield Finding(
            "classes-absent",
            "warning",
            f"Some classes of {name!r} have no sample in a split, where they are not learnt or not "
            "tested.",
            tuple(lines),
        )


def listed(names: Collection[str]) -> str:
    """Return names with commas, the first of many."""
    shown = ", ".join(repr(name) for name in list(names)[:MOST_NAMED])
    more = len(names) - MOST_NAMED
    return f"{shown} and {more:,} more" if more > 0 else shown
