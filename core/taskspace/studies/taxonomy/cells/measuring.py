"""What people look at: predictions and targets of a sample of `test`."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from taskspace.components import Call, Dataset, Result, Task
from taskspace.learning.examples import Examples, inputs_of
from taskspace.learning.networks import measured
from taskspace.learning.shown import shown, whole
from taskspace.learning.splits import indices_of, random_part

PREVIEW = 6
"""Images whose predictions are kept for the report."""


@torch.inference_mode()
def previewed(network: nn.Module, call: Call, data: Examples) -> Result:
    """Return losses and metric [N] on `test`, and the predictions for a sample of it.

    The positions are those of `indices_of(call, "test", PREVIEW)`.
    """
    losses = measured(network, call, data)
    sample = torch.from_numpy(random_part(np.arange(len(data.inputs)), PREVIEW, seed=0))
    first = shown_on_test(call, call.component("task", Task).decode(network(data.inputs[sample])))
    return Result({**losses.record, **first.record}, {**losses.arrays, **first.arrays})


def shown_on_test(call: Call, values: Tensor) -> Result:
    """Return the targets or decoded predictions of a sample of `test`, as `shown` does."""
    inputs = whole(inputs_of(call, indices_of(call, "test", PREVIEW)))
    fields = call.component("dataset", Dataset).fields()
    return shown(call.component("task", Task), values, inputs, fields)
