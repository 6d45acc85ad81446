"""What a reader must know of a co-training result: warnings, the verdict, then notes."""

from __future__ import annotations

from collections.abc import Iterator

from taskspace.components import Finding
from taskspace.learning.missing import missing_finding
from taskspace.learning.statistics import share_interval
from taskspace.studies.cotraining.result.model import CotrainingResult
from taskspace.studies.cotraining.result.verdict import listed, verdict_finding

LEAST_AP, LEAST_TESTED = 0.005, 30
"""Of boxes, and test images: below either a network is not shown to have learnt anything, since a
few boxes are hit by chance. Three steps of training have had .05 on one image, .007 on eight."""


def cotraining_findings(result: CotrainingResult) -> Iterator[Finding]:
    """Yield the findings of a result."""
    if result.missing:
        yield missing_finding(result.missing)
    helping = _helping_controls(result)
    if helping:
        yield Finding(
            "control-helps",
            "warning",
            f"{listed(helping)} {'helps' if len(helping) == 1 else 'help'} {result.central.name}, "
            "although shuffled labels say nothing of an image: what helps is not what these labels "
            "mean, but learning beside anything. Compare with another baseline, such as weight "
            "decay or more steps.",
        )
    untaught = _not_learnt(result)
    if untaught:
        yield Finding(
            "auxiliary-not-learnt",
            "warning",
            f"{listed(untaught)}: test accuracy is not shown to be above that of always predicting "
            "the most frequent class, so the comparison says nothing of what such a task is worth. "
            "Train for more steps, or raise its `weight`.",
        )
    if result.trials and not result.summary:
        yield Finding(
            "central-unmeasured",
            "warning",
            f"The test images do not allow {result.central.metric} of {result.central.name} to be "
            "measured, so nothing is compared: there is no box in them. Give `test` a larger "
            "share, or label some.",
        )
    if result.summary and not _central_learnt(result):
        yield Finding(
            "central-not-learnt",
            "warning",
            f"{result.central.name}: no arm is shown to be better on test images than what needs "
            "no image at all, so their differences say nothing. Train for more steps, with another "
            "`train.learning_rate`, with more labels, or test on more images.",
        )
    verdict = verdict_finding(result)
    if verdict is not None:
        yield verdict
    if result.trials and not any(arm.kind == "control" for arm in result.arms):
        yield Finding(
            "no-control",
            "note",
            "No arm has shuffled labels, so nothing tells what labels mean from learning beside "
            "anything; name an auxiliary task in `shuffled`.",
        )


def _central_learnt(result: CotrainingResult) -> bool:
    """Return whether some arm has learnt the central task, as far as can be told.

    Of classes the accuracy has to be above the share of the most frequent one, as of auxiliary
    tasks; AP has to be above what boxes drawn at random get.
    """
    if not result.central.rising:
        return True
    for row in result.summary:
        task, found = result.first_of(row).central, float(row.metric.mean)
        if task.base_rate is not None:
            low, _ = share_interval(found, task.tested)
            learnt = low > task.base_rate
        else:
            of_boxes = "ap" in task.overall
            learnt = found > LEAST_AP and task.tested >= LEAST_TESTED if of_boxes else found > 0
        if learnt:
            return True
    return False


def _helping_controls(result: CotrainingResult) -> list[str]:
    names = [
        row.arm
        for row in result.differences
        if row.outcome == "helps" and result.kind_of(row.arm) == "control"
    ]
    return list(dict.fromkeys(names))


def _not_learnt(result: CotrainingResult) -> list[str]:
    """Return the auxiliary tasks of classes that no arm of their own is shown to have learnt.

    Shown is what the lower end of the 95 % interval of the accuracy, over test images, says above
    the share of the most frequent class.
    """
    learnt: dict[str, bool] = {}
    for row in result.summary:
        task = result.first_of(row).tasks[-1]
        rate, tested = task.base_rate, task.tested
        if result.kind_of(row.arm) != "auxiliary" or rate is None or row.arm not in row.auxiliary:
            continue
        low, _ = share_interval(float(row.auxiliary[row.arm].mean), tested)
        learnt[row.arm] = learnt.get(row.arm, False) or low > rate
    of_classes = {each.name for each in result.auxiliary if each.metric == "accuracy"}
    return [name for name, is_learnt in learnt.items() if name in of_classes and not is_learnt]
