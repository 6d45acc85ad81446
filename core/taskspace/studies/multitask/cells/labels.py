"""How many labels each task has, and what a constant guess gets right."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from taskspace.components import JSON, Call, Result
from taskspace.learning.splits import call_split
from taskspace.studies.multitask.cells.data import labelled, labels


def count_labels(call: Call) -> Result:
    """Return, for each task, its training and test labels and its base rate.

    The base rate is the share of the most frequent class among the test labels; None where the
    task has no classes or no test labels.
    """
    divided, present = call_split(call), labelled(call)
    tasks: list[Mapping[str, JSON]] = []
    for number, name in enumerate(call.parameters["tasks"]):
        own = labels(call, number)
        tests = divided.test[present[divided.test, number]]
        counts = None if own is None else np.bincount(own[tests])
        rate = None if counts is None or not len(tests) else float(counts.max() / len(tests))
        train = int(present[divided.train, number].sum())
        tasks.append({"name": name, "train": train, "test": len(tests), "base_rate": rate})
    return Result({"tasks": tasks, "train": len(divided.train), "test": len(divided.test)})
