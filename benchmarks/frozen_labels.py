"""Labels of ten classes without annotations, on frozen codes of CIFAR-10: accuracy and seconds.

    python benchmarks/frozen_labels.py cifar10_jpeg.npz codes.npz
    python benchmarks/frozen_labels.py cifar10_jpeg.npz codes.npz --descent 1000

The archive holds the images as JPEG bytes: `test_jpeg` (uint8), `test_offset` (int64, n + 1) and
`test_label`. Codes are those of `efficientnet_lite` with published weights, computed once (6
minutes) and kept in the second file. Every labelling is compared with the classes under the best
naming; the probe that learns from all labels, on three of four folds, is what a linear function of
these codes can reach. Seconds are of one core's time.
"""

from __future__ import annotations

import argparse
import io
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from taskspace.learning.frozen.linear_head import fit_linear_head, folds
from taskspace.studies.discovery.frozen.kmeans import kmeans_labelling
from taskspace.studies.discovery.frozen.labelling import FrozenOptions, frozen_labelling
from taskspace.studies.discovery.frozen.priors import task_prior
from taskspace.studies.discovery.frozen.scaling import column_scales
from taskspace.studies.discovery.maths.similarity import similarity
from taskspace_plugins.encoders.efficientnet_lite import EfficientnetLite

Ids = NDArray[np.int64]

CLASSES, IMAGES, SEEDS, FOLDS = 10, 10_000, 3, 4
DIRECTIONS = 64
STRENGTH = 0.01
"""Of the probe's penalty."""


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("archive", type=Path)
    parser.add_argument("codes", type=Path)
    parser.add_argument("--descent", type=int, default=0, help="rounds of the authors' probes")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    if not arguments.codes.exists():
        np.savez(arguments.codes, codes=image_codes(arguments.archive))
    with np.load(arguments.codes) as file, np.load(arguments.archive) as archive:
        codes, truth = file["codes"], archive["test_label"][:IMAGES].astype(np.int64)
    space = torch.from_numpy(codes)

    def frozen(options: FrozenOptions) -> Callable[[int], Ids]:
        return lambda seed: (
            frozen_labelling([space], CLASSES, options, torch.Generator().manual_seed(seed))
            .logits.argmax(1)
            .numpy()
        )

    if arguments.descent:
        options = FrozenOptions(
            probe="descent",
            rounds=arguments.descent,
            rate=1e-3,
            starts=1,
            dimensions=None,
            batch=1_000,
        )
        show("probes by descent, batches of 1,000", frozen(options), truth)
        return
    reduced = directions(codes)
    on_sphere = reduced / np.linalg.norm(reduced, axis=1, keepdims=True)
    for name, values in (("k-means", reduced), ("k-means on the sphere", on_sphere)):
        show(name, clusters(values), truth)
    show("probes in closed form, one start", frozen(FrozenOptions(starts=1)), truth)
    show("probes in closed form, three starts", frozen(FrozenOptions()), truth)
    show("a probe of all labels", lambda seed: probed(codes, truth, seed), truth)
    start = time.process_time()
    score = task_prior(space, space)
    values = f"{score.mean:.4f}, deviation {score.deviation:.5f}"
    print(
        f"{'task prior of the codes themselves':38} {values}   {time.process_time() - start:.1f} s"
    )


def show(name: str, labels: Callable[[int], Ids], truth: Ids) -> None:
    """Print the accuracy of the labels of each seed, their mean, and the mean seconds."""
    shares, start = [], time.process_time()
    for seed in range(SEEDS):
        shares.append(similarity(labels(seed), truth))
    seconds = (time.process_time() - start) / SEEDS
    values = " ".join(f"{share:.4f}" for share in shares)
    print(f"{name:38} {values}   mean {np.mean(shares):.4f}   {seconds:6.1f} s", flush=True)


def clusters(values: NDArray[np.float64]) -> Callable[[int], Ids]:
    """Return k-means of five starts, by seed."""
    return lambda seed: kmeans_labelling(values, CLASSES, starts=5, seed=seed)


def directions(codes: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return standardised codes on their principal directions, which is what the method reads."""
    mean, deviation = column_scales(torch.from_numpy(codes).double())
    values = (codes - mean.numpy()) / deviation.numpy()
    return np.asarray(values @ np.linalg.eigh(values.T @ values)[1][:, -DIRECTIONS:])


def probed(codes: NDArray[np.float32], truth: Ids, seed: int) -> Ids:
    """Return the predictions of probes that learned from the labels of the other folds."""
    fold, predictions = folds(truth, FOLDS, seed), np.empty_like(truth)
    for number in range(FOLDS):
        own = fold == number
        head = fit_linear_head(codes[~own], truth[~own], CLASSES, seed, [STRENGTH])
        predictions[own] = head.logits(codes[own]).argmax(1)
    return predictions


@torch.inference_mode()
def image_codes(archive: Path) -> NDArray[np.float32]:
    """Return the codes of the test images, [10000, 1280]."""
    with np.load(archive) as file:
        pixels, offsets = file["test_jpeg"], file["test_offset"]
    network = EfficientnetLite().build((3, 32, 32)).eval()
    parts = []
    for start in range(0, IMAGES, 50):
        images = np.stack(
            [
                np.asarray(Image.open(io.BytesIO(pixels[low:high].tobytes())).convert("RGB"))
                for low, high in zip(
                    offsets[start : start + 50], offsets[start + 1 : start + 51], strict=True
                )
            ]
        )
        batch = torch.from_numpy(images).permute(0, 3, 1, 2) / 255  # channels last, as decoded
        parts.append(network(batch).flatten(1))
    return torch.cat(parts).numpy()


if __name__ == "__main__":
    main()
