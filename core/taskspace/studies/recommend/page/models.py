"""Models on the page: the ranking, the matrix of errors, and what each costs."""

from __future__ import annotations

from taskspace.components.page import Block, Figures, Heatmap, Scalar, Table, Text
from taskspace.studies.recommend.result.choice import choice_of
from taskspace.studies.recommend.result.model import Adaptation, RecommendResult
from taskspace.studies.recommend.result.tables import (
    ADAPTED,
    amount,
    licence,
    percent,
    ranking_table,
)

FINE = 10.0
"""Percent: where all errors of a table are below it, they are shown with two decimals."""


def answer_blocks(result: RecommendResult) -> list[Block]:
    """Return the rankings of the job's own tasks, the largest number of images first."""
    if result.of_table():
        return [_models_of_table(result)]
    blocks: list[Block] = []
    figures: list[tuple[str, str, str]] = []
    tables: list[Block] = []
    for task in result.own:
        for adapt, images in reversed(result.settings()):
            table = ranking_table(result, task, images, adapt)
            tables += [table] if table.rows else []
        choice = choice_of(result, task)
        if choice is not None:
            label = f"{task}: {choice.model.model}"
            meaning = (
                f"of test images wrong, {choice.images} labelled images, {ADAPTED[choice.adapt]}"
            )
            if choice.at_chance:
                label, meaning = f"{task}: no choice", f"{meaning}: not shown to beat a guess"
            figures.append((label, f"{percent(choice.model.error)} %", meaning))
    if not tables:
        return [Text("No model was measured.", tone="warning")] if result.models else []
    if figures:
        blocks.append(Figures(figures[:6]))
    return blocks + tables


def _models_of_table(result: RecommendResult) -> Table:
    """Return what a table of errors says of each model, the best on most tasks first."""
    found: list[tuple[int, float, tuple[Scalar, ...]]] = []
    for model in result.models:
        own = [row for row in result.ranking if row.model == model.name]
        if not own:
            continue
        best = sum(row.behind == 0 for row in own)
        error = 100 * sum(row.error.mean for row in own) / len(own)
        behind = 100 * sum(row.behind for row in own) / len(own)
        cells = (f"{error:.3g}", f"{behind:.3g}", amount(model.parameters))
        found.append((-best, behind, (model.name, len(own), best, *cells)))
    rows = [row for *_, row in sorted(found, key=lambda each: each[:2])]
    columns = ("model", "tasks", "best on", "error, %", "behind the best, points", "weights")
    shown = len(columns) - all(row[-1] is None for row in rows)
    caption = (
        "The models of the table: on how many tasks each was measured, on how many no other errs "
        "less, and means over its tasks; compare means over the same tasks only."
    )
    return Table("models-of-table", columns[:shown], [row[:shown] for row in rows], caption)


def matrix_blocks(result: RecommendResult) -> list[Block]:
    """Return the errors of all models on all tasks, a matrix a setting."""
    return [_matrix(result, adapt, images) for adapt, images in reversed(result.settings())]


def _matrix(result: RecommendResult, adapt: Adaptation, images: int) -> Heatmap:
    errors = {
        (row.task, row.model): 100 * row.error.mean
        for row in result.ranking
        if (row.adapt, row.images) == (adapt, images)
    }
    models = [own.name for own in result.models if any(name == own.name for _, name in errors)]
    tasks = [own.name for own in result.targets if any(name == own.name for name, _ in errors)]
    return Heatmap(
        name=f"errors-{adapt}-{images}",
        rows=tasks,
        columns=models,
        values=[[errors.get((task, model)) for model in models] for task in tasks],
        caption="Errors of the table, percent; empty where a model was not measured, or was "
        "trained on the task."
        if adapt == "table"
        else f"Test images that are wrong, percent, with {images} labelled images, "
        f"{ADAPTED[adapt]}; the mean over draws.",
        row_title="task",
        column_title="model",
        low=0.0,
        digits=0 if adapt != "table" else 1 if max(errors.values()) >= FINE else 2,
    )


def model_blocks(result: RecommendResult) -> list[Block]:
    """Return what is known of each model; of those of a table nothing is."""
    if result.of_table():
        return []
    rows: list[tuple[Scalar, ...]] = [
        (
            own.name,
            own.component,
            own.starts_from or "random weights",
            licence(own),
            own.parameters,
            own.multiply_adds,
            None if own.seconds is None else 1000 * own.seconds,
            own.code,
            own.learnt.get("metric"),
            own.beyond or "",
        )
        for own in result.models
    ]
    columns = (
        "model",
        "encoder",
        "starts from",
        "licence of weights",
        "weights",
        "multiply-adds an image",
        "ms an image",
        "code",
        "metric on its own test images",
        "beyond a limit",
    )
    caption = (
        "Milliseconds are those of an image in a batch of 16 on the machine that ran this; "
        "compare them with each other only."
    )
    return [Table("models", columns, rows, caption)] if rows else []
