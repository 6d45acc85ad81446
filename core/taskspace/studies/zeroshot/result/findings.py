"""What a reader must know of a zero-shot result, warnings first."""

from __future__ import annotations

from collections.abc import Iterator
from math import log

from taskspace.components import Finding, Tone
from taskspace.learning.missing import missing_finding
from taskspace.learning.records import IntervalRecord
from taskspace.learning.statistics import share_interval
from taskspace.studies.zeroshot.result.comparison import control_gap
from taskspace.studies.zeroshot.result.material_findings import material_findings
from taskspace.studies.zeroshot.result.model import MethodKind, ZeroshotResult
from taskspace.studies.zeroshot.result.tables import VECTORS, percent

SLOPES = (0.8, 1.2)
"""Between these a critic's mean slope is near enough to 1 for its distance to mean something."""

UNTRAINED = 0.9
"""A cross-entropy above this share of that of guessing is next to nothing learnt."""

DESIGNS = ("ss", "uds", "ss_mtc_add", "ss_mtc_affine", "tds")
"""In the order of Table 5.2, the worst first."""


def zeroshot_findings(result: ZeroshotResult) -> list[Finding]:
    """Return the findings of a result: what failed, what is not to be trusted, what was found."""
    found = [
        *([missing_finding(result.missing)] if result.missing else []),
        *(_methods(result) if result.chance() != 1 else _one_unseen(result)),
        *_untrained(result),
        *_slopes(result),
        *_repetitions(result),
        *material_findings(result),
    ]
    tones = ("warning", "advice", "note")
    return sorted(found, key=lambda each: tones.index(each.tone))


def _methods(result: ZeroshotResult) -> Iterator[Finding]:
    """Yield what accuracy on unseen compositions says of methods."""
    yield from _chance(result)
    yield from _baselines(result)
    yield from _controls(result)
    yield from _answer(result)
    yield from _order(result)


def _one_unseen(result: ZeroshotResult) -> Iterator[Finding]:
    if result.trials:
        yield Finding(
            "one-unseen",
            "warning",
            "One composition is unseen, so every method names it where only unseen ones may be "
            "predicted. Compare methods by AUC, or leave out more compositions (`unseen`).",
        )


def best(result: ZeroshotResult, *kinds: MethodKind) -> str | None:
    """Return the method of some kinds with the best mean accuracy on unseen compositions.

    Of equal ones it is the one with the larger AUC.
    """
    names = [each.name for each in result.methods if each.kind in kinds]
    known = {name: own.mean for name in names if (own := result.measure(name, "unseen"))}
    areas = {name: own.mean for name in known if (own := result.measure(name, "auc_1"))}
    return max(known, key=lambda name: (known[name], areas.get(name, 0.0))) if known else None


def _answer(result: ZeroshotResult) -> Iterator[Finding]:
    name = best(result, "generator", "classifier")
    chance = result.chance()
    if name is None or chance is None:
        return
    counts = result.compositions[0]
    text = (
        f"{name} names {percent(result.measure(name, 'unseen'))} % of the images of {counts.unseen}"
        f" compositions that it has no training image of; chance is {100 * chance:.1f} %"
    )
    oracle = result.measure("oracle", "unseen")
    if oracle is not None:
        text += f", and a classifier that was given real images of them reaches {percent(oracle)} %"
    yield Finding("unseen-recognised", "advice", f"{text}.")


def _chance(result: ZeroshotResult) -> Iterator[Finding]:
    chance = result.chance()
    shares = {
        each.name: own
        for each in result.methods
        if each.kind != "oracle" and (own := result.measure(each.name, "unseen")) is not None
    }
    if chance is None:
        return
    guessing = {name: own for name, own in shares.items() if not _above(result, name, chance)}
    if guessing:
        verb = "is" if len(guessing) == 1 else "are"
        yield Finding(
            "unseen-at-chance",
            "warning",
            f"{', '.join(guessing)} {verb} not shown to name unseen compositions better than "
            f"chance ({100 * chance:.1f} %).",
            tuple(f"{name}: {percent(own)} %" for name, own in guessing.items()),
        )


def _above(result: ZeroshotResult, method: str, value: float) -> bool:
    """Return whether unseen top-1 is shown to be above a value.

    Where repetitions give no interval, the one over the test images of the first is asked.
    """
    own = result.measure(method, "unseen")
    if own is None or own.low is not None:
        return own is not None and own.low is not None and own.low > value
    tested = next(
        trial.evaluation["test"].images["unseen"]
        for trial in result.trials
        if (trial.method, trial.vectors) == (method, "own") and "test" in trial.evaluation
    )
    return share_interval(own.mean, tested)[0] > value


def _baselines(result: ZeroshotResult) -> Iterator[Finding]:
    generator, classifier = best(result, "generator"), best(result, "classifier")
    # A classifier stands after the generators, so that it comes first in a difference.
    gaps = {
        own.measure: own.over
        for own in result.differences
        if (own.first, own.second) == (classifier, generator)
    }
    gap, area = gaps.get("unseen"), gaps.get("auc_1")
    if gap is None or generator is None or classifier is None:
        return
    behind = area is not None and area.low is not None and area.low > 0
    if gap.low is not None and gap.high is not None and gap.high < 0:
        if not behind:
            return
        text = f"{generator} beats {classifier}, which generates nothing, on unseen compositions."
    elif gap.low is not None and gap.low > 0:
        text = (
            f"{classifier}, which generates nothing, beats the best generator, {generator}, by "
            f"{percent(gap)} points on unseen compositions."
        )
    else:
        text = (
            f"The best generator, {generator}, is not shown to beat {classifier}, which generates "
            f"nothing: {generator} minus {classifier} is {percent(_negated(gap))} points on unseen "
            "compositions."
        )
    if behind:
        text += (
            f" On seen and unseen ones together, by AUC, {classifier} is ahead of it by "
            f"{percent(area)} points."
        )
    yield Finding("generators-do-not-win", "warning", text)


def _negated(gap: IntervalRecord) -> IntervalRecord:
    low, high = (None if end is None else -end for end in (gap.high, gap.low))
    return gap.model_copy(update={"mean": -gap.mean, "low": low, "high": high})


def _controls(result: ZeroshotResult) -> Iterator[Finding]:
    chance = result.chance()
    for each in result.methods:
        exchanged = result.measure(each.name, "unseen", "exchanged")
        low = None if exchanged is None else exchanged.low
        if exchanged is not None and low is not None and chance is not None and low > chance:
            yield Finding(
                "control-above-chance",
                "warning",
                f"With unseen compositions described as each other, {each.name} still names "
                f"{percent(exchanged)} % of their images, above chance ({100 * chance:.1f} %): "
                "something other than the description gives them away.",
            )
        gap = control_gap(result.trials, each.name, "shuffled")
        if gap is not None and gap.repetitions > 1:
            shown = gap.low is not None and gap.low > 0
            tone: Tone = "note" if shown else "warning"
            text = (
                f"The meaning of words adds {percent(gap)} points to {each.name}: without it, with "
                "vectors exchanged among words, accuracy on unseen compositions falls by as much."
                if shown
                else f"{each.name} is not shown to use the meaning of words: its accuracy on "
                "unseen compositions minus that with vectors exchanged among words is "
                f"{percent(gap)} points."
            )
            yield Finding("meaning-of-words", tone, text)
    name = best(result, "generator", "classifier")
    controlled = {trial.method for trial in result.trials if trial.vectors != "own"}
    if name is not None and name not in controlled:
        yield Finding(
            "best-without-control",
            "note",
            f"No control was made with {name}, which did best: `controls: [{name}]` makes them.",
        )


def _slopes(result: ZeroshotResult) -> Iterator[Finding]:
    measured = [trial for trial in result.trials if trial.slope is not None]
    off = [
        f"{trial.method}{VECTORS[trial.vectors]}, repetition {trial.repetition}: {trial.slope:.3f}"
        for trial in measured
        if trial.slope is not None and not SLOPES[0] <= trial.slope <= SLOPES[1]
    ]
    if off:
        yield Finding(
            "critic-slope",
            "warning",
            f"In {len(off)} of {len(measured)} trainings the critic's mean slope between real and "
            f"generated features is outside {SLOPES[0]} to {SLOPES[1]}, so its scores do not "
            "measure a Wasserstein distance. Where it is below, train longer (steps, "
            "critic_steps); where it is above, raise the penalty.",
            tuple(off),
        )


def _repetitions(result: ZeroshotResult) -> Iterator[Finding]:
    if result.trials and len(result.compositions) == 1:
        yield Finding(
            "one-repetition",
            "warning",
            "One repetition shows no difference between methods and gives no interval; set `seeds` "
            "to 5 or more.",
        )
    elif result.trials and len(result.compositions) == 2:
        yield Finding(
            "two-repetitions",
            "warning",
            "Intervals of two repetitions say next to nothing; set `seeds` to 5 or more.",
        )


def _untrained(result: ZeroshotResult) -> Iterator[Finding]:
    """Yield which classifiers learnt next to nothing of the features that were made for them."""
    guess = {own.repetition: log(own.seen + own.unseen) for own in result.compositions}
    measured = [
        (trial, trial.losses.classification[-1], guess[trial.repetition])
        for trial in result.trials
        if trial.losses and trial.losses.classification and trial.repetition in guess
    ]
    lost = [
        f"{trial.method}{VECTORS[trial.vectors]}, repetition {trial.repetition}: "
        f"{last:.2f} where guessing has {worst:.2f}"
        for trial, last, worst in measured
        if last > UNTRAINED * worst
    ]
    if lost:
        yield Finding(
            "classifier-untrained",
            "warning",
            f"In {len(lost)} of {len(measured)} trainings the classifier learnt next to nothing of "
            "generated features: its cross-entropy ends near that of guessing. Train longer "
            "(steps), or with a larger learning_rate.",
            tuple(lost),
        )


def _order(result: ZeroshotResult) -> Iterator[Finding]:
    """Yield which claims of Table 5.2 hold here."""
    design = {each.name: each.component for each in result.methods if each.component in DESIGNS}
    if len(set(design.values())) < 2:
        return
    rank = {name: DESIGNS.index(str(own)) for name, own in design.items()}
    held, reversed_, open_ = [], [], []
    for own in result.differences:
        if own.measure != "unseen" or not {own.first, own.second} <= rank.keys():
            continue
        if rank[own.first] == rank[own.second]:
            continue  # One design with other parameters: the paper claims nothing about these.
        better, worse = sorted((own.first, own.second), key=lambda name: -rank[name])
        sign = 1 if own.first == better else -1
        line = f"{better} over {worse}: {100 * sign * own.over.mean:+.1f} points"
        if own.p is None or own.p > 0.05:
            open_.append(f"{line}, undecided")
        elif sign * own.over.mean > 0:
            held.append(f"{line}, as published")
        else:
            reversed_.append(f"{line}, reversed")
    total = len(held) + len(reversed_) + len(open_)
    if total:
        yield Finding(
            "order-of-designs",
            "note",
            "Table 5.2 of Yan (2020) orders the designs ss < uds < ss_mtc_add < ss_mtc_affine < "
            f"tds. Of its claims about pairs of this job ({total}), as published: {len(held)}; "
            f"reversed: {len(reversed_)}; undecided: {len(open_)} (5 % level, corrected for their "
            "number).",
            (*held, *reversed_, *open_),
        )
