"""The vectors that describe compositions in a cell: their own, or those of a control."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from taskspace.components import Call, stable_seed
from taskspace.studies.zeroshot.cells.compositions import CompositionTable
from taskspace.studies.zeroshot.maths.compositions import exchanged_vectors, shuffled_vectors


def vectors_of(call: Call, pairs: CompositionTable) -> Tensor:
    """Return the word vectors of all pairs [P, W, d], on the call's device.

    The parameter `vectors` says whose: `own`; `exchanged`, each unseen pair has those of one of
    them; `shuffled`, each word has those of one of its field.
    """
    vectors = np.array(call.inputs["words"].array("vectors"))
    seed = stable_seed(call.parameters["seed"], "vectors")
    match call.parameters["vectors"]:
        case "exchanged":
            vectors = exchanged_vectors(vectors, ~pairs.seen, seed)
        case "shuffled":
            vectors = shuffled_vectors(vectors, pairs.words, seed)
    return torch.from_numpy(vectors).to(call.device)
