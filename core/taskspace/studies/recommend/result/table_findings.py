"""What a reader must know of a table of errors: what was read, and whether it tells anything."""

from __future__ import annotations

from collections.abc import Iterator

from taskspace.components import Finding
from taskspace.studies.recommend.maths.verdict import FEWEST_TASKS, SIGNIFICANT
from taskspace.studies.recommend.result.guesses import AVERAGE, CHANCE, HINDSIGHT
from taskspace.studies.recommend.result.model import RecommendResult, SelectionRecord
from taskspace.studies.recommend.result.tables import counted, percent

MOST_NAMED = 10


def what_was_read(result: RecommendResult) -> Iterator[Finding]:
    """Yield how many tasks, models and errors a table has, and in which range they are."""
    rows = [row for row in result.ranking if row.adapt == "table"]
    if not rows:
        return
    present = {(row.task, row.model) for row in rows}
    pairs = [
        (task.name, model.name)
        for task in result.targets
        for model in result.models
        if task.name != model.name
    ]
    missing = [pair for pair in pairs if pair not in present]
    errors = [100 * row.error.mean for row in rows]
    text = (
        f"{result.targets[0].dataset}: {counted(len(result.targets), 'task')} and "
        f"{counted(len(result.models), 'model')}, read as errors from {min(errors):.4g} to "
        f"{max(errors):.4g} %"
    )
    if missing:
        named = ", ".join(f"{model} on {task}" for task, model in missing[:MOST_NAMED])
        more = f" and {len(missing) - MOST_NAMED} more" if len(missing) > MOST_NAMED else ""
        text += (
            f". Of {counted(len(pairs), 'error')}, {len(missing)} "
            f"{'is' if len(missing) == 1 else 'are'} missing: {named}{more}. No model is chosen "
            "where it was not measured"
        )
    yield Finding("table-read", "note", f"{text}.")


def on_average(result: RecommendResult) -> Iterator[Finding]:
    """Yield the model for a task like those of a table, of which nothing else is known.

    There is none where the choice by the average is not shown to be better than a random one.
    """
    methods = {each.name: each for each in result.methods if each.adapt == "table"}
    average, hindsight, chance = (methods.get(name) for name in (AVERAGE, HINDSIGHT, CHANCE))
    if average is None or hindsight is None or chance is None or len(result.models) < 2:
        return
    picks = [model for models in hindsight.picks.values() for model in models]
    model = max(dict.fromkeys(picks), key=picks.count)
    tasks = len(result.targets)
    losses = (
        f"Chosen by the average over the other tasks, models were {_loss(average)} the best one of "
        f"each task; drawn at random, {_loss(chance)} it"
    )
    if average.p_chance is not None and average.p_chance < SIGNIFICANT:
        yield Finding(
            "start-from-average",
            "advice",
            f"For a task like these {tasks}, start from {model}, the best on average. {losses} "
            f"(p = {average.p_chance:.2g}).",
        )
        return
    yield Finding(
        "average-at-chance",
        "warning",
        f"For a task like these {tasks}, no model can be recommended: the best on average, "
        f"{model}, is not shown to be a better choice than a model drawn at random. {losses}"
        + ("." if average.p_chance is None else f" (p = {average.p_chance:.2g})."),
    )
    of_methods = any(each.kind in ("score", "embedding", "trials") for each in methods.values())
    if tasks < FEWEST_TASKS and not of_methods:
        yield Finding(
            "too-few-tasks",
            "warning",
            f"{tasks} tasks are too few to tell which model serves another task: {FEWEST_TASKS} "
            "are the fewest that can show a difference to chance. Add tasks to the table.",
        )


def _loss(method: SelectionRecord) -> str:
    """Return what the choices of a method lose, up to the words `the best one`."""
    if method.relative is None:
        return f"{percent(method.regret, 1.0)} points behind"
    return f"{percent(method.relative, 1.0)} % over"
