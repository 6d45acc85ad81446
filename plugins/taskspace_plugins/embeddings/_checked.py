"""What an embedding needs of a task, and what two embeddings need to be compared."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from taskspace.components import LabelledImages, TaskEmbedding
from taskspace.errors import InputError


def require_images(task: LabelledImages) -> None:
    """Raise InputError unless there are two images or more, all of finite numbers."""
    count = len(task.images)
    if count < 2:
        raise InputError(
            f"The task has {count} image{'' if count == 1 else 's'}; an embedding needs 2 or more.",
            advice="Give it more images.",
        )
    finite = task.images.flatten(1).isfinite().all(dim=1)
    if not bool(finite.all()):
        bad = (~finite).nonzero()[:, 0].tolist()
        raise InputError(
            f"{len(bad)} of {count} images hold NaN or infinite numbers; the first is image "
            f"{bad[0]}.",
            advice="Leave them out, or look at how they were read.",
        )


def require_classes(task: LabelledImages) -> None:
    """Raise InputError unless each image has a label and two classes or more occur."""
    labels, images = task.labels, task.images
    if labels.shape != (len(images),):
        raise InputError(
            f"There are {len(images)} images and labels of the shape {tuple(labels.shape)}.",
            advice="Give one class an image.",
        )
    low, high = int(labels.min()), int(labels.max())
    if low < 0 or high >= task.classes:
        raise InputError(
            f"The labels are from {low} to {high}; of {task.classes} classes they are from 0 to "
            f"{task.classes - 1}.",
            advice="Leave out images without a label.",
        )
    if low == high:
        raise InputError(
            f"All {len(images)} images have the class {low}; an embedding needs two classes.",
            advice="Give it images of another class.",
        )


def require_finite(features: torch.Tensor) -> None:
    """Raise InputError unless a network gives finite numbers."""
    if not bool(features.isfinite().all()):
        raise InputError(
            "The probe network's codes of these images hold NaN or infinite numbers.",
            advice="Look at its weights, and at the range of the images: [0, 1].",
        )


def stacked(
    first: Sequence[TaskEmbedding], second: Sequence[TaskEmbedding]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the vectors of tasks [A, F] and [B, F].

    Raises:
        InputError: if their sizes differ.
    """
    sizes = sorted({len(task.vector) for task in (*first, *second)})
    if len(sizes) > 1:
        raise InputError(
            f"The embeddings have {sizes[0]} and {sizes[-1]} numbers, so they are by different "
            "networks or settings.",
            advice="Compare embeddings by one network and one component.",
        )
    size = sizes[0] if sizes else 0
    return _rows([task.vector for task in first], size), _rows([t.vector for t in second], size)


def trivial(tasks: Sequence[TaskEmbedding]) -> NDArray[np.float64]:
    """Return the trivial task's vector for each of the tasks [A, F].

    Raises:
        InputError: if one has none.
    """
    bases = [task.base for task in tasks if task.base is not None]
    if len(bases) < len(tasks):
        raise InputError(
            f"{len(tasks) - len(bases)} of {len(tasks)} embeddings have no trivial task to be "
            "compared with.",
            advice="Make them with `method: variational`.",
        )
    return _rows(bases, len(bases[0]) if bases else 0)


def _rows(vectors: Sequence[NDArray[np.float64]], size: int) -> NDArray[np.float64]:
    return np.array(vectors, dtype=np.float64).reshape(len(vectors), size)
