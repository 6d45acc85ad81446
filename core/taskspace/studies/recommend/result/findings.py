"""What a reader must know of a recommendation, warnings first."""

from __future__ import annotations

from collections.abc import Iterator

from taskspace.components import Finding
from taskspace.learning.missing import missing_finding
from taskspace.studies.recommend.maths.verdict import FEWEST_TASKS
from taskspace.studies.recommend.result.guesses import AVERAGE
from taskspace.studies.recommend.result.model import RankedModel, RecommendResult
from taskspace.studies.recommend.result.tables import ADAPTED, percent

WEAK = 0.9
"""An expert whose loss ended above this share of where it began has learnt next to nothing."""


def recommend_findings(result: RecommendResult) -> list[Finding]:
    """Return the findings of a result: what failed, what is not to be trusted, what to do."""
    found = [
        *([missing_finding(result.missing)] if result.missing else []),
        *_choices(result),
        *_on_average(result),
        *_chance(result),
        *_verdicts(result),
        *_few_tasks(result),
        *_beyond(result),
        *_shared(result),
        *_one_draw(result),
    ]
    tones = ("warning", "advice", "note")
    return sorted(found, key=lambda each: tones.index(each.tone))


def _choices(result: RecommendResult) -> Iterator[Finding]:
    """Yield which model to start from, for each task of the job's own dataset."""
    for task in result.own:
        for adapt, images in reversed(result.settings()):
            rows = result.ranked(task, images, adapt)
            if not rows:
                continue
            best, cheapest = rows[0], _cheapest(result, rows)
            text = (
                f"{task}: start from {cheapest.model}. With {images} labelled images "
                f"({ADAPTED[adapt]}) it gets {percent(cheapest.error)} % of the test images wrong"
            )
            if cheapest.model != best.model:
                text += (
                    f"; {best.model} gets {percent(best.error)} % wrong, which is not shown to be "
                    "better, and costs more"
                )
            others = [row for row in rows if not row.tied]
            if others:
                text += f". The next that is shown to be worse is {others[0].model}"
                text += f" ({percent(others[0].error)} %)"
            yield Finding("start-from", "advice", f"{text}.")
            break


def _on_average(result: RecommendResult) -> Iterator[Finding]:
    """Yield the model for a task like those of a table, of which nothing else is known."""
    own = next((each for each in result.methods if each.name == AVERAGE), None)
    if own is None or own.adapt != "table":
        return
    picks = [model for models in own.picks.values() for model in models]
    model = max(dict.fromkeys(picks), key=picks.count)
    yield Finding(
        "start-from-average",
        "advice",
        f"For a task like these {own.tasks}, start from {model}: the best average model without "
        f"the task itself is {percent(own.relative, 1.0)} % over the best one of each task.",
    )


def _cheapest(result: RecommendResult, rows: list[RankedModel]) -> RankedModel:
    """Return the cheapest of the models that are not shown to be worse than the best."""
    tied = [row for row in rows if row.tied]

    def cost(row: RankedModel) -> tuple[float, int]:
        adds = result.model(row.model).multiply_adds
        return float("inf") if adds is None else adds, row.rank

    return min(tied, key=cost)


def _chance(result: RecommendResult) -> Iterator[Finding]:
    """Yield the tasks on which no model is shown to be better than naming the commonest class."""
    for adapt, images in result.settings():
        lost = []
        for target in result.targets:
            rows = result.ranked(target.name, images, adapt)
            if rows and target.common is not None and not _above(rows[0], 1 - target.common):
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


def _above(best: RankedModel, guess: float) -> bool:
    """Return whether the error of a model is shown to be below that of a guess."""
    high = best.error.mean if best.error.high is None else best.error.high
    return high < guess


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
        yield Finding(
            "too-few-tasks",
            "warning",
            f"{count} task{' is' if count == 1 else 's are'} too few to tell which method to "
            f"trust: with fewer than {FEWEST_TASKS} no method can be shown to beat a choice that "
            "looks at no task. Add tasks (`others:`), or trust the measured errors alone.",
        )


def _beyond(result: RecommendResult) -> Iterator[Finding]:
    beyond = [own for own in result.models if own.beyond is not None]
    if beyond:
        yield Finding(
            "beyond-limits",
            "note",
            f"{len(beyond)} of {len(result.models)} models are beyond the limits of the job and "
            "were not tried.",
            tuple(f"{own.name}: {own.beyond}" for own in beyond),
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
