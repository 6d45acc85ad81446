"""What a reader must know of a recommendation, warnings first."""

from __future__ import annotations

from collections.abc import Iterator

from taskspace.components import Finding
from taskspace.learning.missing import missing_finding
from taskspace.studies.recommend.maths.verdict import FEWEST_TASKS
from taskspace.studies.recommend.result.choice import Choice, choice_of, is_at_chance
from taskspace.studies.recommend.result.model import RecommendResult
from taskspace.studies.recommend.result.table_findings import on_average, what_was_read
from taskspace.studies.recommend.result.tables import ADAPTED, percent


def recommend_findings(result: RecommendResult) -> list[Finding]:
    """Return the findings of a result: what failed, what is not to be trusted, what to do."""
    found = [
        *([missing_finding(result.missing)] if result.missing else []),
        *_choices(result),
        *on_average(result),
        *what_was_read(result),
        *_chance(result),
        *_verdicts(result),
        *_few_tasks(result),
        *_beyond(result),
        *_nothing_to_choose(result),
        *_shared(result),
        *_one_draw(result),
    ]
    tones = ("warning", "advice", "note")
    return sorted(found, key=lambda each: tones.index(each.tone))


def _choices(result: RecommendResult) -> Iterator[Finding]:
    """Yield which model to start from, for each task of the job's own dataset."""
    for task in result.own:
        choice = choice_of(result, task)
        if choice is not None:
            yield Finding("start-from", "advice", f"{task}: {_chosen(choice)}.")


def _chosen(choice: Choice) -> str:
    """Return a choice and its reasons in words."""
    best, model = choice.best, choice.model
    setting = f"{choice.images} labelled images ({ADAPTED[choice.adapt]})"
    if choice.at_chance:
        return (
            f"no choice can be made. With {setting} the best model, {best.model}, gets "
            f"{percent(best.error)} % of the test images wrong, which is not shown to be better "
            "than naming the most common class. Label more images (`images:`), or try other models"
        )
    text = (
        f"start from {model.model}. With {setting} it gets {percent(model.error)} % of the test "
        "images wrong"
    )
    if model.model != best.model:
        text += (
            f"; {best.model} gets {percent(best.error)} % wrong, which is not shown to be better, "
            "and needs more multiply-adds"
        )
    if choice.unseen is not None:
        text += (
            f". The same images ranked the models: picked on one half of them, the best model gets "
            f"{100 * choice.unseen:.1f} % of the other half wrong"
        )
    if choice.worse is not None:
        text += f". The best of those shown to be worse is {choice.worse.model}"
        text += f" ({percent(choice.worse.error)} %)"
    return text


def _chance(result: RecommendResult) -> Iterator[Finding]:
    """Yield the tasks on which no model is shown to be better than naming the commonest class."""
    for adapt, images in result.settings():
        lost = []
        for target in result.targets:
            rows = result.ranked(target.name, images, adapt)
            if rows and target.common is not None and is_at_chance(result, rows):
                error, guess = percent(rows[0].error), f"{100 * (1 - target.common):.1f}"
                lost.append(f"{target.name}: {error} % wrong, {guess} % by a guess")
        if lost:
            yield Finding(
                "task-at-chance",
                "warning",
                f"With {images} labelled images ({ADAPTED[adapt]}) no model is shown to be better "
                f"than naming the most common class on {len(lost)} "
                f"task{'s' * (len(lost) > 1)}: the ranking means nothing there.",
                tuple(lost),
            )


def _verdicts(result: RecommendResult) -> Iterator[Finding]:
    for own in result.verdicts:
        text = own.text
        if own.adapt != "table":
            text = f"With {own.images} labelled images ({ADAPTED[own.adapt]}): {text}"
        details = tuple(
            f"{each.name}: {percent(each.gain, 1.0)} points less over the best than {own.static}"
            + ("" if each.p is None else f", p = {each.p:.2g}")
            for each in sorted(own.gains, key=lambda each: -each.gain.mean)
        )
        if own.winners:
            yield Finding("method-beats-static", "note", text, details)
        else:
            yield Finding("no-method-beats-static", "warning", text, details)


def _few_tasks(result: RecommendResult) -> Iterator[Finding]:
    methods = [own for own in result.methods if own.kind in ("score", "embedding", "trials")]
    if methods and not result.verdicts:
        count = len(result.targets)
        reason = (
            f"{count} task{' is' if count == 1 else 's are'} too few to tell which method to trust"
        )
        if count >= FEWEST_TASKS:
            reason = (
                "Too few tasks tell which method to trust: none ranks models on every one of "
                f"{FEWEST_TASKS} or more whose best model makes an error"
            )
        yield Finding(
            "too-few-tasks",
            "warning",
            f"{reason}; with fewer than {FEWEST_TASKS} no method can be shown to beat a choice "
            f"that looks at no task. {_more_tasks(result)}, or trust the measured errors alone.",
        )


def _more_tasks(result: RecommendResult) -> str:
    of_table = any(own.adapt == "table" for own in result.methods)
    return "Add tasks to the table" if of_table else "Add tasks (`others:`)"


def _beyond(result: RecommendResult) -> Iterator[Finding]:
    beyond = [own for own in result.models if own.beyond is not None]
    if not beyond:
        return
    every = len(beyond) == len(result.models)
    text = f"Left out, beyond the limits of the job: {len(beyond)} of {len(result.models)} models."
    if every:
        text = (
            "Every model exceeded the limits of the job, and none was tried. Raise `limits:`, or "
            "add smaller models."
        )
    yield Finding(
        "beyond-limits",
        "warning" if every else "note",
        text,
        tuple(f"{own.name}: {own.beyond}" for own in beyond),
    )


def _nothing_to_choose(result: RecommendResult) -> Iterator[Finding]:
    """Yield that a choice needs two models, and an average over tasks needs two tasks."""
    measured = {row.model for row in result.ranking}
    if len(measured) == 1:
        yield Finding(
            "one-model",
            "warning",
            f"{measured.pop()} is the only model that was measured: there is nothing to choose "
            "from. Add models.",
        )
    elif measured and not result.own and len(result.targets) == 1:
        yield Finding(
            "one-task",
            "warning",
            "The table has one task: its errors tell nothing of another task. Add tasks.",
        )


def _shared(result: RecommendResult) -> Iterator[Finding]:
    shared = [own.name for own in result.models if own.shares]
    if shared:
        yield Finding(
            "expert-shares-images",
            "warning",
            f"{', '.join(shared)} learnt from images of a dataset whose tasks are served here. "
            "Test images were left out, labelled ones were not: compare these models with others "
            "on a dataset of their own.",
        )


def _one_draw(result: RecommendResult) -> Iterator[Finding]:
    if result.draws == 1 and result.ranking:
        yield Finding(
            "one-draw",
            "note",
            "The labelled images were drawn once: intervals of errors cover other test images and "
            "not other labelled ones. Set `seeds: 5` to cover both.",
        )
