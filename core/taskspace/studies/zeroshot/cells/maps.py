"""Pictures of generated features beside real ones, and of the noise at the last level."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from taskspace.components import Call, Generator, Result
from taskspace.learning.networks import settled
from taskspace.studies.zeroshot.cells.compositions import CompositionTable
from taskspace.studies.zeroshot.cells.features import features_of
from taskspace.studies.zeroshot.cells.generation import adversaries_of

MOST_PAIRS = 8
"""Unseen compositions in a picture of features; more could not be told apart without colour."""
MOST_NOISY = 33
"""Unseen compositions in a picture of noise: as many as in Fig. 5.7."""
EACH = 25
"""Points of each composition, real or generated."""


def draw_map(call: Call) -> Result:
    """Return points in the plane for features and noise of unseen compositions.

    The arrays `real` and `generated` [n, 2] share one picture (Fig. 5.6); `noise` [m, 2] is what
    noise adds at the generator's last level (Fig. 5.7), absent where it adds nothing there. Those
    with `_pair` say whose points they are.
    """
    with settled(call.cpus), torch.inference_mode():
        pairs = CompositionTable.of(call.inputs["compositions"])
        learned = adversaries_of(call, pairs)
        learned.networks.load_state_dict(call.inputs["trained"].weights())
        learned.networks.eval()
        tests = pairs.samples("test")
        draw = np.random.default_rng(call.parameters["seed"])
        own = np.unique(pairs.pair[tests][~pairs.seen[pairs.pair[tests]]])
        shown = np.sort(draw.permutation(own)[:MOST_PAIRS])
        rows = np.concatenate(
            [draw.permutation(tests[pairs.pair[tests] == pair])[:EACH] for pair in shown]
        )
        asked = torch.from_numpy(shown.repeat(EACH)).to(call.device)
        generated, _ = learned.generate(asked)
        real = features_of(call, rows) / learned.material.scale
        points = _plane(torch.cat([real, generated.cpu()]).numpy(), call)
        arrays = {
            "real": points[: len(rows)],
            "real_pair": pairs.pair[rows],
            "generated": points[len(rows) :],
            "generated_pair": asked.cpu().numpy(),
        }
        noisy = np.sort(draw.permutation(own)[:MOST_NOISY]).repeat(EACH)
        component = call.component("generator", Generator)
        noise = learned.last_noise(component, torch.from_numpy(noisy).to(call.device))
        if noise is not None:
            arrays |= {"noise": _plane(noise.cpu().numpy(), call), "noise_pair": noisy}
        return Result({"noise": noise is not None}, arrays)


def _plane(vectors: NDArray[np.float32], call: Call) -> NDArray[np.float32]:
    """Return a point for each vector [n, d], near each other where vectors are, [n, 2]."""
    if vectors.shape[1] < 2:
        # A picture starts from two principal components.
        vectors = np.pad(vectors, ((0, 0), (0, 2 - vectors.shape[1])))
    seed = call.parameters["seed"]
    neighbours = min(30, max(2, (len(vectors) - 1) // 3))
    if call.parameters["kind"] == "umap":
        from umap import UMAP  # noqa: PLC0415  not installed with the project

        made = UMAP(n_neighbors=neighbours, random_state=seed)
    else:
        from sklearn.manifold import TSNE  # noqa: PLC0415  a second that only pictures need

        made = TSNE(perplexity=neighbours, init="pca", random_state=seed)
    points: NDArray[np.float32] = made.fit_transform(vectors).astype(np.float32)
    return points
