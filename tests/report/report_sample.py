"""A page as the taxonomy of the scanned digits would give it; the numbers are drawn at random."""

from __future__ import annotations

import numpy as np
from scipy.cluster.hierarchy import linkage
from sklearn.datasets import load_digits

from taskspace.components import Finding
from taskspace.components.exchanged.intervals import IntervalRow, Intervals
from taskspace.components.page import (
    Curve,
    Dendrogram,
    Figures,
    Heatmap,
    ImageGrid,
    Page,
    Plot,
    PointGroup,
    PolicyGraph,
    PolicyView,
    Scatter,
    Section,
    Table,
    Text,
)

TARGETS = (
    "identity", "parity", "at_least_five", "loops", "autoencoding", "denoising", "inpainting",
    "jigsaw", "edges", "rotation", "thickness", "left_to_right",
)  # fmt: skip
SOURCES = (*TARGETS, "random_projection")
_SENTENCE = (
    "Sources on the left are labelled; each target on the right is its own supervised network or "
    "reads the sources that it is joined to."
)
BUDGETS = (1, 2, 3, 4, 5, 6, 8, 10)


def _policies(affinity: np.ndarray) -> list[PolicyView]:
    policies = []
    for budget in BUDGETS:
        supervised = [TARGETS[i] for i in np.argsort(-affinity.sum(axis=0)[:12])[:budget]]
        transfers = {}
        for row, target in enumerate(TARGETS):
            ranked = sorted(supervised, key=lambda s: -affinity[row, SOURCES.index(s)])
            transfers[target] = [target] if target in supervised else ranked[: 1 + row % 3]
        mean = 0.55 + 0.03 * budget
        figures = [("objective", f"{2.1 + 0.4 * budget:.3f}", "proven optimal")]
        losses = Table(
            f"sensitivity-budget-{budget}",
            ("task", "forced in", "left out"),
            [
                (task, 0 if task in supervised else 0.2 * row, 0.3 * row * (task in supervised))
                for row, task in enumerate(TARGETS)
            ],
            "What deciding a task beforehand costs, in % of the objective",
            digits=2,
        )
        note = f"Mean gain {mean:.2f}."
        policies.append(PolicyView(str(budget), supervised, transfers, note, figures, [losses]))
    return policies


def _findings() -> list[Finding]:
    """Return two warnings, three recommendations and two notes, mixed as studies give them."""
    losses = tuple(
        f"{name}: training loss 0.{11 + 2 * at}, validation loss 0.{34 + 3 * at}"
        for at, name in enumerate(SOURCES)
    )
    pairs = [f"{source} → {target}" for source in SOURCES for target in TARGETS[:2]]
    return [
        Finding(
            "network-not-sane", "warning",
            "The network for jigsaw beats the best constant prediction on 58 % of test images, "
            "below the threshold of 60 %; its transfers are not reliable.",
        ),
        Finding(
            "networks-overfitted", "advice",
            "13 networks overfit: validation loss exceeds training loss by more than 20 %. Train "
            "for fewer steps or on more images.",
            losses,
        ),
        Finding("table-in-sample", "note", "Gain and quality are in-sample."),
        Finding(
            "budget-not-proven", "warning",
            "Budgets 8 and 10: the solver reached its time limit; the policies are not proven "
            "optimal.",
            ("Budget 8: gap 0.4 %.", "Budget 10: gap 1.1 %."),
        ),
        Finding(
            "budget-suggested", "advice",
            "Label 4 tasks: each further label adds less than 0.02 to the mean gain.",
            tuple(f"Budget {budget}: +{0.4 / budget:.2f}" for budget in BUDGETS),
        ),
        Finding(
            "transfers-noisy", "advice",
            "22 transfers differ by less than their standard error. Repeat with more seeds before "
            "relying on their order.",
            tuple(f"{pair}: 0.{30 + at} ± 0.0{1 + at % 8}" for at, pair in enumerate(pairs[:22])),
        ),
        Finding("null-size", "note", "p is based on 999 random policies of the same budget."),
    ]  # fmt: skip


def _maps(rng: np.random.Generator) -> list[Scatter]:
    """Return three maps of real and generated samples, the last with numbers on its axes."""
    classes = ("zero", "one", "two", "three", "four")
    centres = rng.normal(0, 20, (len(classes), 1, 2))
    real, generated = (centres + rng.normal(0, 4, (len(classes), 30, 2)) for _ in range(2))
    pairs = [
        PointGroup(kind, points[at], family=name)
        for at, name in enumerate(classes)
        for kind, points in (("real", real), ("generated", generated))
    ]
    alone = [PointGroup(name, real[at]) for at, name in enumerate(classes)]
    names = [f"scan {at}" for at in range(30)]
    measured = [PointGroup("scans", np.abs(real[0]) / 40, names)]
    return [
        Scatter("map-pairs", pairs, "Real and generated features"),
        Scatter("map-real", alone, "Real features alone"),
        Scatter("measured", measured, "Two scores of a scan", "score of the first kind", "second"),
    ]


def sample_page() -> Page:
    """Return 13 tasks, 8 budgets, heat maps of 12 x 13, a tree, curves and pictures."""
    rng = np.random.default_rng(7)
    affinity = rng.beta(2, 5, (12, 13))
    gain = np.clip(rng.normal(0.62, 0.2, (12, 8)), 0, 1)
    quality = np.clip(gain - 0.25, 0, 1)
    digits = load_digits().images[:6] / 16
    cells: list[list[float | None]] = affinity.tolist()
    for at in range(12):
        cells[at][at] = None
    mean_gain, mean_quality = gain.mean(axis=0), quality.mean(axis=0)
    by_budget = [
        [b, "optimal", *(float(v) for v in (2.1 + 0.4 * b, mean_gain[i], mean_quality[i], 0.5**b))]
        for i, b in enumerate(BUDGETS)
    ]
    by_budget.append([12, "infeasible", None, None, None, None])
    asked = Section(
        "What was decided",
        [
            Text(
                "Twelve targets and one source-only task on 1,797 scanned digits. With a budget of "
                "four labelled tasks, the other eight are served by transfer from those four."
            ),
            Figures(
                [
                    ("budget 4", "autoencoding, edges, identity, rotation", "the tasks to label"),
                    ("Mean gain", "0.67", "win rate against training from scratch"),
                    ("Mean quality", "0.42", "win rate against full supervision"),
                    ("p against random", "0.004", "999 random policies of the same budget"),
                ]
            ),
            Text("The network for jigsaw wins 58 % against a constant: below 60 %.", "warning"),
            Table(
                "policies",
                ["budget", "status", "objective", "mean gain", "mean quality", "p"],
                by_budget,
                "Policies by budget",
            ),
            PolicyGraph("policy-graph", _policies(affinity), SOURCES, TARGETS, _SENTENCE, first=3),
        ],
    )
    measured = Section(
        "What was measured",
        [
            Heatmap(
                "affinity", TARGETS, SOURCES, cells, "Affinity of each source for each target",
                "target", "source",
            ),
            Dendrogram(
                "similarity", SOURCES,
                [(int(a), int(b), float(h)) for a, b, h, _ in linkage(affinity.T, "average")],
                "Tasks that help the same targets stand together",
            ),
            Heatmap(
                "gain", TARGETS, [str(b) for b in BUDGETS], gain.tolist(),
                "Gain by target and budget", "target", "budget", 0.0, 1.0, 0.5,
            ),
            Text("Win rates from 0 to 1; 0.5 is a draw.", "note"),
        ],
    )  # fmt: skip
    curves = Section(
        "Gain and quality by budget",
        [
            Plot(
                "by-budget",
                [
                    Curve(label, BUDGETS, mean.tolist(), (mean - 0.06).tolist(),
                          (mean + 0.05).tolist())
                    for label, mean in (("gain", mean_gain), ("quality", mean_quality))
                ],
                "budget (labelled tasks)", "mean win rate", "Mean over the 12 targets",
            ),
        ],
    )  # fmt: skip
    maps = Section("Maps of features", _maps(rng))
    noisy = np.clip(digits + rng.normal(0, 0.3, digits.shape), 0, 1)
    colour = np.stack([digits, digits**2, 1 - digits], axis=-1)
    pictures = Section(
        "Samples",
        [
            ImageGrid(
                "samples",
                ["input", "truth", "prediction", "difference", "label"],
                [
                    (f"digit {i}", [noisy[i], digits[i], digits[i] * 0.9, colour[i], f"is a {i}"])
                    for i in range(6)
                ],
                "Denoising: prediction beside the truth",
            )
        ],
    )
    sections = [asked, measured, curves, maps, pictures]
    data = {"gain": gain.tolist(), "budgets": list(BUDGETS), "affinity": cells}
    title = "Which digit tasks to label"
    subtitle = "taxonomy · digits · seed 0: what twelve tasks on scanned digits give one another"
    return Page(title, subtitle, sections, data, _findings())


LONG = ("semantic_segmentation", "unsupervised_segmentation_2.5d", "reshading_from_a_single_image")
"""Names that no drawing has on one line."""


def wide_page() -> Page:
    """Return what is wider than a page: tables of 14 and 22 columns, a heat map of 22 x 26, names.

    Beside them stand a table of 3 columns and a heat map of 8, which fit a phone as they are.
    """
    rng = np.random.default_rng(3)
    names = [*LONG, *SOURCES, *(f"task_{at}" for at in range(10))]
    columns = ("scheme", "samples", "M multiply-adds", *TARGETS[:10], "mean over tasks")
    rows = [
        (scheme, 1437, 10.4, *(f"{v:.2f} ± {v / 20:.2f}" for v in rng.random(10)), 0.612)
        for scheme in ("separate_networks", "equal_weights", "uncertainty_weighting", "gradnorm")
    ]
    merges = linkage(rng.random((6, 4)), "average")
    blocks = [
        Table("schemes", columns, rows, "Schemes by task: mean ± standard error"),
        Table(
            "decisions",
            ("task", *(str(budget) for budget in range(1, 22))),
            [(name, *rng.random(21).tolist()) for name in names[:5]],
            "What deciding a task otherwise costs under each budget",
        ),
        Table(
            "small",
            ("task", "rank", "of"),
            [(name, at, 13) for at, name in enumerate(TARGETS)],
            "Ranks",
        ),
        Heatmap(
            "gain", TARGETS, [str(budget) for budget in BUDGETS],
            rng.random((12, 8)).tolist(), "Gain", "target", "budget",
        ),
        Heatmap(
            "transfers", names[:22], names, (rng.random((22, 26)) - 0.5).tolist(),
            "Relative gain of each transfer", "target", "source", middle=0.0,
        ),
        Dendrogram(
            "long-names", names[:6], [(int(a), int(b), float(h)) for a, b, h, _ in merges],
            "Six tasks with long names",
        ),
        PolicyGraph(
            "long-graph",
            [PolicyView("2", names[:2], dict.fromkeys(names[2:6], names[:2]))],
            names[:6], names[2:6], "Two sources with long names",
        ),
        Plot(
            "long-titles",
            [
                Curve(f"{name}, trained from scratch on the target's own labels", (0, 500),
                      (0.2, 1200.5))
                for name in LONG
            ],
            "labelled images of the target task among all images of the training split",
            "mean loss on test images, relative to the loss of the best constant prediction",
            "Loss by number of labels",
        ),
        Intervals(
            "long-rows",
            [
                IntervalRow(f"{name}, trained beside the target", 0.1, -0.2, 0.4, (0.05, 0.15))
                for name in LONG
            ],
            "mean loss on test images, relative to the loss of the best constant prediction",
            "Differences with long names",
            mark=0.0,
        ),
        Scatter(
            "long-groups",
            [PointGroup(f"{name}, features of images that nobody labelled", rng.random((9, 2)))
             for name in LONG],
            "Groups with long names",
            "mean loss on test images, relative to the loss of the best constant prediction",
            "labelled images of the target task among all images of the training split",
        ),
        ImageGrid(
            "wide-grid",
            [f"view {at}" for at in range(14)],
            [("all views of one image", list(rng.random((14, 8, 8))))],
            "Fourteen views of one image",
        ),
        ImageGrid("large", ["input", LONG[2]], [("", list(rng.random((2, 64, 64))))], "Large"),
    ]  # fmt: skip
    return Page("Wide tables and long names", "", [Section("All blocks", blocks)])


MANIFEST = {
    "taskspace": "0.1.0",
    "job": {"study": "taxonomy", "name": "digits", "seed": 0, "dataset": {"use": "digits"}},
    "plugins": [{"name": "taskspace", "version": "0.1.0", "digest": "9f86d081884c7d659a2feaa0c55"}],
    "platform": {"python": "3.11.2", "cpus": 2},
    "seconds": 151.2,
}
