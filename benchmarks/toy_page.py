"""The page of toy_tasks.py: maps of tasks, their matrices, and the figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from last_layer_fisher import distances
from square_tasks import ANGLES, SHIFTS
from toy_measures import NEAREST, Draw, Embedded, norms
from toy_pictures import enlarged, mosaic, tile

from taskspace.components import Finding
from taskspace.components.page import (
    Heatmap,
    ImageGrid,
    Page,
    PointGroup,
    Scatter,
    Section,
    Table,
    Text,
)
from taskspace.learning.statistics import Interval


def page_of(first: Draw, figures: Mapping[str, Interval], subtitle: str) -> Page:
    """Return the report: pictures of one draw, figures of all."""
    sections = [
        Section("Figures", [figure_table(figures)]),
        Section("Half-planes", [*map_blocks("half-planes", first.lines), *line_blocks(first)]),
        Section("Polynomials of degree 3", [*map_blocks("polynomials", first.cubics)]),
        Section("Norm and difficulty", [difficulty(first)]),
    ]
    data = {name: each._asdict() for name, each in figures.items()}
    return Page("Tasks on the unit square", subtitle, sections, data, [summary(figures)])


def summary(figures: Mapping[str, Interval]) -> Finding:
    """Return what the figures come to."""
    lines = [order_sentence(figures, family) for family in ("half-planes", "polynomials")]
    norm = figures["polynomials: norm and the head's error"]
    lines.append(f"polynomials: rank correlation of norm and error of the head {shown(norm)}.")
    text = "How far Fisher matrices order tasks by what they ask, and by how hard they are."
    return Finding("fisher-order", "note", text, tuple(lines))


def order_sentence(figures: Mapping[str, Interval], family: str) -> str:
    """Return how near alike tasks are to each other."""
    near = figures[f"{family}: disagreement of neighbours on the map"].mean
    any_two = figures[f"{family}: disagreement of any two"].mean
    rank = shown(figures[f"{family}: distance and disagreement"])
    return (
        f"{family}: neighbours on the map differ on {100 * near:.1f} % of the square, any two "
        f"tasks on {100 * any_two:.1f} %; rank correlation of distance and disagreement {rank}."
    )


def shown(figure: Interval) -> str:
    """Return the mean with its interval, where it has one."""
    if figure.low is None or figure.high is None:
        return f"{figure.mean:.3f}"
    return f"{figure.mean:.3f} [{figure.low:.3f}, {figure.high:.3f}]"


def figure_table(figures: Mapping[str, Interval]) -> Table:
    """Return every figure with its interval."""
    return Table(
        "figures",
        ("figure", "mean", "low", "high", "draws"),
        [(name, *each) for name, each in figures.items()],
        "The disagreement of two tasks is the share of the square on which they differ, classes "
        f"exchanged where fewer do then; neighbours and the most alike are {NEAREST} tasks. "
        "`A and B` is Spearman's rank correlation of A and B. Means over draws of features, "
        "polynomials and noise, with 95 % intervals by Student's t.",
    )


def map_blocks(name: str, family: Embedded) -> list[Text | ImageGrid]:
    """Return the tiles in the order of the map."""
    told = (
        f"Each tile is a task. t-SNE places the {len(family.tasks)} tasks by the distances of "
        "their Fisher matrices; each goes to the square of the grid nearest its place, all "
        "together as near as can be. Exchanging the classes of a task leaves its matrix as it is, "
        "so neighbours may have their colours exchanged."
    )
    grid = ImageGrid(
        f"map-{name}", [""], [("", [mosaic(family)])], f"The map of the {name}, first draw.", 1
    )
    return [Text(told), grid]


def line_blocks(first: Draw) -> list[ImageGrid | Scatter | Heatmap]:
    """Return the half-planes by their angle: the map, some matrices, and their distances."""
    lines, shifts = first.lines, len(SHIFTS)
    names = [f"{angle:.0f}°, {shift:+.2f}" for angle in ANGLES for shift in SHIFTS]
    groups = []
    for start in range(0, len(ANGLES), 3):
        rows = range(start * shifts, (start + 3) * shifts)
        label = f"{ANGLES[start]:.0f}° to {ANGLES[start + 2]:.0f}°"
        groups.append(PointGroup(label, lines.places[rows], [names[row] for row in rows]))
    middle = np.arange(len(ANGLES)) * shifts + SHIFTS.index(0.0)
    far = distances(lines.matrices[middle])
    shown = [middle[0], middle[4], middle[8], middle[0] - 2, middle[0] + 2]
    top = lines.matrices[shown].max()
    angles = [f"{angle:.0f}°" for angle in ANGLES]
    return [
        ImageGrid(
            "matrices",
            [names[row] for row in shown],
            [
                ("task", [tile(lines.tasks[row]) for row in shown]),
                ("Fisher matrix", [enlarged(lines.matrices[row] / top) for row in shown]),
            ],
            "Five half-planes and the 10 x 10 Fisher information of their heads; white is the "
            "greatest entry among them.",
            2,
        ),
        Scatter("map-angles", groups, "The same map: angles of the normals, shifts on pointing."),
        Heatmap(
            "angle-distances",
            angles,
            angles,
            (far / far.max()).tolist(),
            "Distances of half-planes through the middle, over the greatest. Angles meet again "
            "after 180°: beside 170° is 5°.",
            low=0.0,
            high=1.0,
        ),
    ]


def difficulty(first: Draw) -> Scatter:
    """Return the norm of each polynomial task against the error of its head."""
    cubics = first.cubics
    points = np.stack([cubics.errors, norms(cubics.matrices)], axis=1)
    return Scatter(
        "difficulty",
        [PointGroup("", points)],
        "Polynomials of the first draw: the norm of the Fisher matrix against the share of the "
        "square on which the head is wrong.",
        "error of the head",
        "norm of the Fisher matrix",
    )


def printed(figures: Mapping[str, Interval]) -> Sequence[str]:
    """Return a line for each figure, and what they are."""
    return [f"{name:<60}{shown(each)}" for name, each in figures.items()] + [
        f"(neighbours and the most alike are {NEAREST}; correlations are Spearman's)"
    ]
