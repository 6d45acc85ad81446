"""A plugin whose task kills its own process at a chosen step of a training.

`steps`, a file in the working directory, has a byte for each loss that was learned from. The
process ends by SIGKILL when it has as many as `kill_at` says, once. A checkpoint is due after every
step, so that no test depends on the clock.
"""

import os
import signal
from pathlib import Path
from typing import ClassVar

from taskspace.components import Task, VectorHead, hookimpl


class Odd(Task):
    """Whether a digit is odd."""

    name: ClassVar[str] = "odd"
    requires: ClassVar[frozenset[str]] = frozenset({"image", "digit"})
    metric: ClassVar[str] = "accuracy"

    def head(self, fields):
        return VectorHead(2)

    def target(self, sample):
        return (sample["digit"] % 2).long()

    def loss(self, prediction, target):
        from taskspace.components.losses import cross_entropy

        if prediction.requires_grad:
            count_step()
        return cross_entropy(prediction, target)

    def measure(self, prediction, target):
        from taskspace.components.losses import accuracy

        return accuracy(prediction, target)


def count_step():
    from taskspace.learning.fitting import fit as checkpoints

    checkpoints.SHORTEST, checkpoints.SHARE = 0.0, float("inf")
    with Path("steps").open("ab") as steps:
        steps.write(b".")
        done = steps.tell()
    order = Path("kill_at")
    if order.exists() and done == int(order.read_text()):
        order.unlink()
        os.kill(os.getpid(), signal.SIGKILL)


@hookimpl
def taskspace_tasks():
    return [Odd]
