"""Cell functions for the tests of runs on ray; workers import them by name."""

from __future__ import annotations

import numpy as np

from taskspace.components import Result, Task


def large(call):
    """Return four megabytes, and the sum of those that the inputs hold."""
    total = sum(float(stored.array("noise").sum()) for stored in call.inputs.values())
    noise = np.random.default_rng(call.parameters["seed"]).random(500_000)
    return Result({"total": total}, {"noise": noise})


def name_of_task(call):
    """Return what the task in the slot is and where it comes from."""
    task = call.component("task", Task)
    return Result({"name": task.name, "module": type(task).__module__})
