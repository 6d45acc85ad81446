"""The exact Fisher information of the last layer of a two-layer model, as plain functions.

phi_i(x) = max(0, a_i x_1 + b_i x_2 + c_i) is random and fixed; p(y = 1 | x) = sigmoid(w . phi(x))
is fitted. Seed 003, slides 5 to 8; the paper is Achille et al. 2019, arXiv 1902.03545.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

Array = NDArray[np.float64]

STEPS = 100


def random_relu(count: int, generator: np.random.Generator) -> Array:
    """Return (a, b, c) of each feature [count, 3].

    The direction (a, b) is uniform on the circle; the line on which the feature starts goes
    through a uniform point of the unit square, so that no feature is zero or linear all over it.
    """
    angle = generator.uniform(0, 2 * np.pi, count)
    direction = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    through = generator.uniform(0, 1, (count, 2))
    return np.concatenate([direction, -(direction * through).sum(1, keepdims=True)], axis=1)


def features(points: Array, relu: Array) -> Array:
    """Return phi [N, K] of points [N, 2] by (a, b, c) [K, 3]."""
    return np.maximum(0, points @ relu[:, :2].T + relu[:, 2])


def fit_head(phi: Array, labels: NDArray[np.bool_], penalty: float) -> Array:
    """Return w [K] that minimises the mean cross-entropy + penalty / 2 |w|^2, by Newton's method.

    Args:
        phi: features [N, K].
        labels: [N].
        penalty: above 0; without one, the weights of tasks without errors grow without end.

    Raises:
        ValueError: if the penalty is not positive.
        ArithmeticError: if the gradient is not below 1e-10 after `STEPS` steps.
    """
    if penalty <= 0:
        raise ValueError(f"The penalty is {penalty}; it has to be positive.")
    count, width = phi.shape
    weights = np.zeros(width)
    for _ in range(STEPS):
        gradient = phi.T @ (expit(phi @ weights) - labels) / count + penalty * weights
        if np.abs(gradient).max() < 1e-10:
            return weights
        hessian = fisher(phi, expit(phi @ weights)) + penalty * np.eye(width)
        step = np.linalg.solve(hessian, gradient)
        size = _step_size(phi, labels, penalty, weights, step, gradient @ step)
        weights = weights - size * step
    raise ArithmeticError(f"The head has a gradient of {np.abs(gradient).max():.1e} after {STEPS}.")


def _step_size(
    phi: Array,
    labels: NDArray[np.bool_],
    penalty: float,
    weights: Array,
    step: Array,
    decrease: float,
) -> float:
    """Return the first of 1, 1/2, 1/4, ... with a quarter of the decrease that the slope tells."""
    start = _loss(phi, labels, penalty, weights)
    size = 1.0
    # Near the minimum, rounding hides the decrease.
    while _loss(phi, labels, penalty, weights - size * step) > start - size * decrease / 4 + 1e-13:
        size /= 2
    return size


def _loss(phi: Array, labels: NDArray[np.bool_], penalty: float, weights: Array) -> float:
    logits = phi @ weights
    entropy = np.logaddexp(0, logits) - labels * logits
    return float(entropy.mean() + penalty / 2 * weights @ weights)


def fisher(phi: Array, probabilities: Array) -> Array:
    """Return mean p (1 - p) phi phi^T [K, K]: the Fisher information of w (slide 5)."""
    scale = probabilities * (1 - probabilities)
    matrix: Array = (phi * scale[:, None]).T @ phi / len(phi)
    return matrix


def domain(phi: Array) -> Array:
    """Return mean phi phi^T [K, K], which knows no labels (slide 6)."""
    matrix: Array = phi.T @ phi / len(phi)
    return matrix


def distances(matrices: Array) -> Array:
    """Return the Frobenius distance of any two of [T, K, K], [T, T]."""
    flat = matrices.reshape(len(matrices), -1)
    return np.asarray(np.linalg.norm(flat[:, None] - flat[None], axis=2))


def cosine_distances(matrices: Array) -> Array:
    """Return 1 - cosine of any two of [T, K, K], none of them zero, [T, T]: free of their norm."""
    flat = matrices.reshape(len(matrices), -1)
    unit = flat / np.linalg.norm(flat, axis=1, keepdims=True)
    return np.asarray(1 - np.clip(unit @ unit.T, -1, 1))
