"""Codes of pretrained sources: one pass over all images, from which each split takes its rows."""

from __future__ import annotations

from functools import partial

import numpy as np
import torch

from taskspace.components import Call, Encoder, Result
from taskspace.errors import CellError
from taskspace.learning.examples import blocks, image_shape, inputs_of, stored_parts, stored_rows
from taskspace.learning.networks import encode, seeded, settled
from taskspace.learning.shown import whole
from taskspace.learning.splits import indices_of
from taskspace.studies.taxonomy.cells.representations import scaled_codes

AT_ONCE = 32
"""Inputs that pass an encoder at once: published ones enlarge an image to 224 pixels and more."""


@torch.inference_mode()
def encode_images(call: Call) -> Result:
    """Return the codes [N, c, h, w] of a chunk of images, float32, the array `code`.

    Those of several views stand one after another, channelwise. An encoder that starts at random
    is drawn with the parameter `seed`.

    Raises:
        CellError: if a code is not finite; what learns from it would blame the labels.
    """
    with settled(call.cpus):
        with seeded(call.parameters.get("seed"), "encoder"):
            network = call.component("encoder", Encoder).build(image_shape(call))
        encoder = partial(encode, network.to(call.device).eval())
        slot = "input" if "input0" in call.inputs else "image"
        rows = np.arange(len(stored_parts(call, slot, slot)[0].values))
        codes = torch.cat([encoder(block) for block in blocks(inputs_of(call, rows), AT_ONCE)])
        codes = codes.float()
        broken = int((~codes.flatten(1).isfinite().all(1)).sum())
        if broken:
            raise CellError(
                f"The encoder gives codes that are not finite for {broken} of {len(codes)} images.",
                where=call.name,
                advice="Look for enormous numbers in its weights, or for a `mean` and `std` that "
                "are not those it was trained with.",
            )
        return Result({"levels": {"code": None}}, {"code": codes.cpu().numpy()})


def represent_encoded(call: Call) -> Result:
    """Return the codes [N, c, h, w] of each split from those of all images, scaled as all are.

    The inputs `encoded0`, `encoded1`, ... are the chunks of one pass.
    """
    with settled(call.cpus):
        codes = {
            split: whole(stored_rows(call, "encoded", "code", indices_of(call, split)))
            for split in call.parameters["of"]
        }
        return scaled_codes(call, codes)
