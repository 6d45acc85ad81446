"""The tables that the terminal and the report share."""

from __future__ import annotations

from taskspace.components.page import Scalar, Table
from taskspace.studies.recommend.result.model import Adaptation, ModelRecord, RecommendResult, Span

ADAPTED: dict[Adaptation, str] = {
    "frozen": "linear head on the frozen model",
    "finetune": "trained whole",
    "table": "as the table says",
}
LONG = 1e6
"""From here on a number of percent is shown with an exponent."""
TIE = 3
"""The column of ties, left out where there is none."""
SHOWN = 8
"""Models of a ranking that the terminal shows."""


def percent(span: Span, scale: float = 100.0) -> str:
    """Return a share with its interval as text, in percent."""
    if span.low is None or span.high is None:
        return _decimal(scale * span.mean)
    return (
        f"{_decimal(scale * span.mean)} "
        f"[{_decimal(scale * span.low)}, {_decimal(scale * span.high)}]"
    )


def _decimal(value: float) -> str:
    return f"{value:z.1f}" if abs(value) < LONG else f"{value:.3g}"


def answer_tables(result: RecommendResult) -> tuple[Table, ...]:
    """Return the ranking of the job's own tasks and what methods lose, last setting first."""
    tables: list[Table] = []
    for adapt, images in reversed(result.settings()):
        for task in result.own:
            table = ranking_table(result, task, images, adapt, SHOWN)
            tables += [table] if table.rows else []
        table = method_table(result, adapt, images)
        tables += [table] if table.rows else []
    return tuple(tables)


def ranking_table(
    result: RecommendResult, task: str, images: int, adapt: Adaptation, most: int | None = None
) -> Table:
    """Return the models on a task, best first, with what each costs."""
    rows: list[tuple[Scalar, ...]] = []
    for own in result.ranked(task, images, adapt)[:most]:
        model = result.model(own.model)
        rows.append(
            (
                own.rank,
                own.model,
                percent(own.error),
                "tied with the best" if own.tied and own.rank > 1 else "",
                amount(model.parameters),
                amount(model.multiply_adds),
                None if model.seconds is None else f"{1000 * model.seconds:.3g}",
                licence(model),
            )
        )
    columns: tuple[str, ...] = ("rank", "model", "error, %", "tie")
    columns += ("weights", "multiply-adds", "ms", "licence")
    tied = "Tied: not shown to be worse than the best (paired over test images, Holm). "
    if not any(row[TIE] for row in rows):
        columns, tied = columns[:TIE] + columns[TIE + 1 :], ""
        rows = [row[:TIE] + row[TIE + 1 :] for row in rows]
    caption = (
        f"{task}: the share of test images that each model gets wrong with {images} labelled "
        f"images, {ADAPTED[adapt]}. {tied}Multiply-adds and milliseconds are for one image."
    )
    return Table(f"ranking-{task}-{adapt}-{images}", columns, rows, caption, digits=1, keys=2)


def method_table(result: RecommendResult, adapt: Adaptation, images: int) -> Table:
    """Return what the choices of each method lose."""
    rows = [
        (
            own.name,
            own.kind,
            None if own.relative is None else percent(own.relative, 1.0),
            percent(own.regret, 1.0),
            None if own.tau is None else f"{own.tau.mean:.2f}",
            own.tasks,
            own.seconds,
        )
        for own in sorted(
            (each for each in result.methods if (each.adapt, each.images) == (adapt, images)),
            key=lambda each: (each.regret if each.relative is None else each.relative).mean,
        )
    ]
    caption = (
        f"What the choice of each method loses{setting(images, adapt)}: relative error over the "
        "best model of each task, and regret; intervals over tasks."
    )
    columns = ("method", "kind", "over the best, %", "regret, points", "tau", "tasks", "seconds")
    return Table(f"methods-{adapt}-{images}", columns, rows, caption, digits=2)


def setting(images: int, adapt: Adaptation) -> str:
    """Return with what a model was judged, as a sentence goes on; nothing for a table."""
    return "" if adapt == "table" else f" with {images} labelled images, {ADAPTED[adapt]}"


def licence(model: ModelRecord) -> str:
    """Return the licence of a model's weights, in words."""
    if model.kind == "published":
        return model.licence or "unknown"
    return "yours" if model.kind == "expert" else "none needed"


def counted(count: int, what: str) -> str:
    """Return a count with its noun: `1 task`, `2 tasks`."""
    return f"{count} {what}{'s' * (count != 1)}"


def amount(count: int | None) -> str | None:
    """Return a count with three digits and a unit, such as 4.65 M."""
    if count is None:
        return None
    for unit, size in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if count >= size:
            return f"{count / size:.3g} {unit}"
    return str(count)
