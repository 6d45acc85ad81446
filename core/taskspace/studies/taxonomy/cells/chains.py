"""Transitive transfers: what one task's readout predicts, as the code another one is read from."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from taskspace.components import Call, Result
from taskspace.learning.networks import apply, build_readout, settled
from taskspace.learning.statistics import mean_interval
from taskspace.studies.taxonomy.cells.representations import scaled_codes
from taskspace.studies.taxonomy.maths.tournament import beats
from taskspace.studies.taxonomy.plan.repeated import mean_of, values

MOST_CHANNELS = 256
"""A predicted map is kept as fine as this many channels allow; what has more is averaged."""


def represent_predictions(call: Call) -> Result:
    """Return the predictions of the input `readout`, in the shape of codes [N, c, h, w].

    A map is averaged to a multiple of the code's size and its blocks become channels, as fine as
    256 channels allow; a vector is repeated at every place. Scaled as all codes are.
    """
    with settled(call.cpus):
        splits = call.parameters["of"]
        codes = {
            split: torch.from_numpy(np.array(call.inputs["code"].array(split))).to(call.device)
            for split in splits
        }
        channels, height, width = codes[splits[0]].shape[1:]
        readout = build_readout(call, "readout", (channels, height, width))
        readout.load_state_dict(call.inputs["readout"].weights())
        readout.eval()
        predicted = {
            # Block by block: whole maps of embeddings would be gigabytes.
            split: apply(lambda block: as_code(readout(block), (height, width)), code)
            for split, code in codes.items()
        }
        return scaled_codes(call, predicted)


def as_code(prediction: Tensor, side: tuple[int, int]) -> Tensor:
    """Return predictions [N, K] or [N, K, H, W] as codes [N, c, *side]."""
    if prediction.ndim == 2:
        return prediction[:, :, None, None].expand(-1, -1, *side)
    fine = 1
    while (
        prediction.shape[1] * (2 * fine) ** 2 <= MOST_CHANNELS
        and 2 * fine * side[0] <= prediction.shape[2]
        and 2 * fine * side[1] <= prediction.shape[3]
    ):
        fine *= 2
    averaged = functional.adaptive_avg_pool2d(prediction, (fine * side[0], fine * side[1]))
    return functional.pixel_unshuffle(averaged, fine)


def compare_chains(call: Call) -> Result:
    """Return how often each chain beats the direct transfer from its source, on `test`.

    The parameter `chains` lists {target, source, through}; the inputs `chain0`, `direct0`, ... hold
    the losses.
    """
    compared = []
    for index, chain in enumerate(call.parameters["chains"]):
        names = f"chain{index}", f"direct{index}"
        through, direct = (values(call.inputs, name, "loss") for name in names)
        wins = np.stack([beats(*pair) for pair in zip(through, direct, strict=True)])
        compared.append(
            {
                **chain,
                "wins": mean_interval(wins[:, None], call.parameters["seed"]),
                "loss": mean_of(call.inputs, names[0], "loss"),
                "direct_loss": mean_of(call.inputs, names[1], "loss"),
            }
        )
    return Result({"chains": compared})
