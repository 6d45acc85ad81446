"""A page as the taxonomy of the scanned digits would give it; the numbers are drawn at random."""

from __future__ import annotations

import numpy as np
from scipy.cluster.hierarchy import linkage
from sklearn.datasets import load_digits

from taskspace.components.page import (
    Curve,
    Dendrogram,
    Figures,
    Heatmap,
    ImageGrid,
    Page,
    Plot,
    PolicyGraph,
    PolicyView,
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
    data = {"gain": gain.tolist(), "budgets": list(BUDGETS), "affinity": cells}
    title = "Which digit tasks to label"
    subtitle = "taxonomy · digits · seed 0: what twelve tasks on scanned digits give one another"
    return Page(title, subtitle, [asked, measured, curves, pictures], data)


MANIFEST = {
    "taskspace": "0.1.0",
    "job": {"study": "taxonomy", "name": "digits", "seed": 0, "dataset": {"use": "digits"}},
    "plugins": [{"name": "taskspace", "version": "0.1.0", "digest": "9f86d081884c7d659a2feaa0c55"}],
    "platform": {"python": "3.11.2", "cpus": 2},
    "seconds": 151.2,
}
