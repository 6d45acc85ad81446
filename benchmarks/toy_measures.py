"""How the Fisher matrices of tasks on the square relate to what the tasks are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from last_layer_fisher import (
    Array,
    cosine_distances,
    distances,
    features,
    fisher,
    fit_head,
    random_relu,
)
from scipy.special import expit
from scipy.stats import spearmanr
from sklearn.manifold import TSNE
from square_tasks import (
    ANGLES,
    SHIFTS,
    Labels,
    disagreement,
    grid,
    half_planes,
    neighbour_errors,
    random_cubics,
)

WIDTH = 10
"""Features of the model."""
CUBICS = 100
NOISE = tuple(0.05 * level for level in range(9))
"""Shares of labels that are exchanged."""
NOISY = 20
"""Tasks on which the noise is planted."""
NEAREST = 5


@dataclass(frozen=True)
class Embedded:
    """Tasks of one family with their embeddings.

    Attributes:
        tasks: labels [T, N].
        matrices: Fisher information of each task's head [T, K, K].
        errors: share of the square on which the head is wrong [T].
        places: on the map [T, 2].
    """

    tasks: Labels
    matrices: Array
    errors: Array
    places: Array


@dataclass(frozen=True)
class Draw:
    """The tasks under one draw of features, and what was measured."""

    lines: Embedded
    cubics: Embedded
    measured: Mapping[str, float]


def measure(seed: int, penalty: float) -> Draw:
    """Embed all tasks with the features, polynomials and noise of one seed."""
    generator = np.random.default_rng(seed)
    points = grid()
    phi = features(points, random_relu(WIDTH, generator))
    lines = embedded(phi, half_planes(points), penalty, seed)
    cubics = embedded(phi, random_cubics(points, CUBICS, generator), penalty, seed)
    size = norms(cubics.matrices)
    measured = {
        **{f"half-planes: {name}": value for name, value in order(lines).items()},
        **angle_and_shift(lines.matrices),
        **{f"polynomials: {name}": value for name, value in order(cubics).items()},
        "polynomials: norm and planted noise": noise(phi, cubics.tasks[:NOISY], penalty, generator),
        "polynomials: norm and the head's error": ranks(size, cubics.errors),
        "polynomials: norm and the nearest neighbour's error": ranks(
            size, neighbour_errors(points, cubics.tasks, generator)
        ),
    }
    return Draw(lines, cubics, measured)


def embedded(phi: Array, tasks: Labels, penalty: float, seed: int) -> Embedded:
    """Fit a head to each task and place the tasks by their Fisher matrices."""
    likely = probabilities(phi, tasks, penalty)
    matrices = np.stack([fisher(phi, each) for each in likely])
    errors = ((likely > 0.5) != tasks).mean(axis=1)
    return Embedded(tasks, matrices, errors, places(matrices, seed))


def probabilities(phi: Array, tasks: Labels, penalty: float) -> Array:
    """Return what the fitted head of each task says of each point [T, N]."""
    weights = np.stack([fit_head(phi, labels, penalty) for labels in tasks])
    return np.asarray(expit(weights @ phi.T))


def norms(matrices: Array) -> Array:
    """Return the Frobenius norm of each of [T, K, K]."""
    return np.asarray(np.linalg.norm(matrices, axis=(1, 2)))


def places(matrices: Array, seed: int) -> Array:
    """Return a place for each of [T, K, K] on a map [T, 2]: t-SNE of Frobenius distances."""
    flat = matrices.reshape(len(matrices), -1)
    made = TSNE(perplexity=10, init="pca", random_state=seed)
    return np.asarray(made.fit_transform(flat / np.abs(flat).max()), dtype=np.float64)


def ranks(first: Array, second: Array) -> float:
    """Return Spearman's coefficient of two sequences, or of the pairs of two matrices [T, T]."""
    if first.ndim == 2:
        pairs = np.triu_indices(len(first), 1)
        first, second = first[pairs], second[pairs]
    return float(spearmanr(first, second).statistic)


def order(family: Embedded) -> dict[str, float]:
    """Return how distances of embeddings, and the map, follow the disagreement of tasks."""
    differ = disagreement(family.tasks)
    diagonal = np.diagonal(family.matrices, axis1=1, axis2=2)
    pairs = np.triu_indices(len(differ), 1)
    return {
        "distance and disagreement": ranks(distances(family.matrices), differ),
        "cosine distance and disagreement": ranks(cosine_distances(family.matrices), differ),
        "distance of the diagonals and disagreement": ranks(distances(diagonal), differ),
        "disagreement of neighbours on the map": neighbours_differ(family.places, differ),
        "disagreement of the most alike": float(np.sort(differ)[:, 1 : 1 + NEAREST].mean()),
        "disagreement of any two": float(differ[pairs].mean()),
    }


def neighbours_differ(places: Array, differ: Array) -> float:
    """Return the mean disagreement of each task with its `NEAREST` neighbours on the map."""
    far = ((places[:, None] - places[None]) ** 2).sum(2)
    np.fill_diagonal(far, np.inf)
    nearest = far.argsort(axis=1, kind="stable")[:, :NEAREST]
    return float(np.take_along_axis(differ, nearest, axis=1).mean())


def angle_and_shift(matrices: Array) -> dict[str, float]:
    """Return how distances of half-planes follow one parameter while the other stays."""
    far = distances(matrices).reshape((len(ANGLES), len(SHIFTS)) * 2)
    angle = np.abs(np.subtract.outer(ANGLES, ANGLES))
    middle = far[:, SHIFTS.index(0.0), :, SHIFTS.index(0.0)]
    shift = np.abs(np.subtract.outer(SHIFTS, SHIFTS))
    shifted = [ranks(far[number, :, number, :], shift) for number in range(len(ANGLES))]
    return {
        "half-planes: distance and angle": ranks(middle, np.minimum(angle, 180 - angle)),
        "half-planes: distance and shift": float(np.mean(shifted)),
    }


def noise(phi: Array, tasks: Labels, penalty: float, generator: np.random.Generator) -> float:
    """Return Spearman's coefficient of noise and norm within a task, the mean over tasks."""
    exchanged = generator.uniform(size=tasks.shape)
    sizes = []
    for share in NOISE:
        likely = probabilities(phi, tasks ^ (exchanged < share), penalty)
        sizes.append(norms(np.stack([fisher(phi, each) for each in likely])))
    return float(np.mean([ranks(np.array(NOISE), each) for each in np.stack(sizes, axis=1)]))
