"""Tasks on the page: how far they are from each other and from experts, as tree and as map."""

from __future__ import annotations

import numpy as np

from taskspace.components.page import (
    Block,
    Dendrogram,
    Heatmap,
    PointGroup,
    Scatter,
    Table,
)
from taskspace.studies.recommend.result.model import DistanceRecord, RecommendResult

FEWEST = 3
"""Tasks of which a tree or a map says something."""


def task_blocks(result: RecommendResult) -> list[Block]:
    """Return the distances of each embedding, from the most images."""
    blocks: list[Block] = []
    seen: set[str] = set()
    for own in reversed(result.distances):
        if own.embedding not in seen:
            seen.add(own.embedding)
            blocks += _blocks(result, own)
    return blocks


def _blocks(result: RecommendResult, own: DistanceRecord) -> list[Block]:
    blocks: list[Block] = []
    if own.towards:
        blocks.append(
            Heatmap(
                f"distances-{own.embedding}",
                own.experts,
                own.targets,
                own.towards,
                f"How far targets are from what experts were trained on, by {own.embedding} from "
                f"{own.images} images; the nearest expert is its choice.",
                "expert",
                "target",
                digits=3,
            )
        )
    if len(own.targets) >= FEWEST:
        blocks += [_tree(own), _map(result, own)]
    difficulty = [(task, value) for task, value in own.difficulty.items() if value is not None]
    if difficulty:
        caption = f"How hard tasks seem to {own.embedding}, the norm of their embeddings."
        rows = sorted(difficulty, key=lambda row: -row[1])
        blocks.append(Table(f"difficulty-{own.embedding}", ("task", "norm"), rows, caption))
    return blocks


def _tree(own: DistanceRecord) -> Dendrogram:
    from scipy.cluster.hierarchy import average  # noqa: PLC0415  listing studies needs no SciPy
    from scipy.spatial.distance import squareform  # noqa: PLC0415

    between = _symmetric(own)
    merges = average(squareform(between, checks=False))
    return Dendrogram(
        f"tree-{own.embedding}",
        own.targets,
        [(int(a), int(b), float(height)) for a, b, height, _ in merges],
        f"Targets joined by their distance by {own.embedding} (average linkage).",
    )


def _map(result: RecommendResult, own: DistanceRecord) -> Scatter:
    """Return targets in the plane that keeps their distances best (classical scaling)."""
    between = _symmetric(own)
    centre = np.eye(len(between)) - 1 / len(between)
    values, vectors = np.linalg.eigh(-0.5 * centre @ between**2 @ centre)
    points = vectors[:, ::-1][:, :2] * np.sqrt(np.maximum(values[::-1][:2], 0.0))
    groups: dict[str, list[int]] = {}
    datasets = {each.name: f"{each.dataset} {each.group}" for each in result.targets}
    for place, task in enumerate(own.targets):
        groups.setdefault(datasets[task], []).append(place)
    return Scatter(
        f"map-{own.embedding}",
        [
            PointGroup(label, points[places], [own.targets[place] for place in places])
            for label, places in groups.items()
        ],
        f"Targets in the plane that keeps their distances by {own.embedding} best (classical "
        "multidimensional scaling), by dataset.",
    )


def _symmetric(own: DistanceRecord) -> np.ndarray:
    between = np.array(own.between)
    between = (between + between.T) / 2
    np.fill_diagonal(between, 0.0)
    distances: np.ndarray = np.maximum(between, 0.0)
    return distances
