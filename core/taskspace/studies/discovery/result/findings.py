"""What a reader must know of a result, warnings first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from taskspace.components import Finding
from taskspace.learning.missing import missing_finding
from taskspace.studies.discovery.job import CONTROLS
from taskspace.studies.discovery.result.model import (
    AgreementGain,
    DiscoveryResult,
    NamedMatch,
    RungRecord,
)
from taskspace.studies.discovery.result.tables import shown

ALPHA = 0.05
FITTED = 0.4
"""Of the way from chance to 1, what networks must get right of the labels that they have learnt."""
ALIKE = 0.6
"""Similarity above which the tasks of a set are not different from each other (Atanov et al.)."""
UNBALANCED = 0.6
"""Share of an equal part below which a class is rare: .3 of two classes."""
NAMED = 5
"""Classes that a sentence names."""
FLOORS = ("start", "without_agreement", "uniformity_only")
"""Controls that a search must leave behind to have found anything."""


def discovery_findings(result: DiscoveryResult) -> Iterator[Finding]:
    """Yield the findings of a result."""
    if result.missing:
        yield missing_finding(result.missing)
    yield from _absent(result)
    yield from _unlearnt(result)
    for rung in result.rungs:
        if rung.kind == "discovered":
            yield from _shape(rung)
    yield from _verdicts(result)
    yield from _frozen(result)
    yield from _splits(result)
    yield from _floor(result)
    single = any(rung.agreement.repetitions == 1 for rung in result.rungs)
    if single:
        yield Finding(
            "one-repetition", "note", "One repetition has no interval; set `seeds` to 3 or more."
        )


def _absent(result: DiscoveryResult) -> Iterator[Finding]:
    """Yield the classes that networks cannot have learnt, or that nothing is measured on."""
    for each in result.absent:
        named = ", ".join(each.classes[:NAMED])
        more = len(each.classes) - NAMED
        which = f"{named} and {more} more" if more > 0 else named
        part = "among those to learn from" if each.part == "learnt" else "in the test part"
        yield Finding(
            "class-absent",
            "warning",
            f"Of the task {each.task}, no image {part} shows {which}: scores of the task say "
            "nothing of that. Give another `test` or `images`, or leave such classes out.",
        )


def _unlearnt(result: DiscoveryResult) -> Iterator[Finding]:
    chances = {rung.name: 1 / rung.classes for rung in result.rungs}
    worst: dict[str, float] = {}
    for own in result.sets:
        chance = chances[own.name]
        for task in own.tasks:
            learnt = (task.fitted - chance) / (1 - chance)
            if learnt < FITTED and own.name != "random_labels":
                worst[own.name] = min(worst.get(own.name, 1.0), float(task.fitted))
    if worst:
        named = ", ".join(f"{name} ({value:.2f})" for name, value in worst.items())
        yield Finding(
            "judges-not-learnt",
            "warning",
            "Networks have hardly learnt the labels that they are judged by; lowest accuracy on "
            f"what they learnt: {named}. What they agree on says little; raise "
            "`train.epochs` or `train.learning_rate`.",
        )


def _shape(rung: RungRecord) -> Iterator[Finding]:
    if rung.similarity is not None and rung.similarity.mean > ALIKE:
        yield Finding(
            "tasks-alike",
            "warning",
            f"The tasks of {rung.name} are alike: two of them give {rung.similarity.mean:.2f} of "
            f"the images the same label in the mean, where unrelated ones give "
            f"{1 / rung.classes:.2f}. Raise `uniformity` or `dimensions`.",
        )
    if rung.balance < UNBALANCED / rung.classes:
        yield Finding(
            "tasks-unbalanced",
            "warning",
            f"A task of {rung.name} has a class with {100 * float(rung.balance):.0f} % of the "
            "images: networks agree on the others without having learnt anything. Look at kappa, "
            "or raise `uniformity`.",
        )


def _verdicts(result: DiscoveryResult) -> Iterator[Finding]:
    for rung in result.rungs:
        own = [gain for gain in result.gains if gain.search == rung.name and gain.p is not None]
        if not own:
            continue
        above = [gain for gain in own if _shown(gain) and gain.difference.mean > 0]
        below = [gain for gain in own if _shown(gain) and gain.difference.mean < 0]
        open_ = [gain for gain in own if not _shown(gain)]
        floors = [gain for gain in own if gain.control in FLOORS and gain not in above]
        sentences = [f"Networks agree on {rung.name} on {shown(rung.agreement)} of new images."]
        for words, gains in (
            ("Shown to be above", above),
            ("below", below),
            ("Undecided against", open_),
        ):
            if gains:
                start = words if words[0].isupper() else f"Shown to be {words}"
                sentences.append(f"{start} {_listed(gains)}.")
        remarks = tuple(_remarks(result))
        if floors:
            sentences.append("So it is not shown that agreement was found and not merely spread.")
            yield Finding("nothing-discovered", "warning", " ".join(sentences), remarks)
        else:
            yield Finding("verdict", "advice", " ".join(sentences), remarks)


def _remarks(result: DiscoveryResult) -> Iterator[str]:
    """Yield how it was tested, and which controls are agreed on because one class has it all."""
    yield (
        "Paired t-tests over repetitions at the 5 % level, corrected for "
        f"{len(result.gains)} comparisons by Holm's method."
    )
    for rung in result.rungs:
        if rung.kind == "control" and rung.balance < UNBALANCED / rung.classes:
            yield (
                f"{rung.name} is unbalanced: in one of its tasks a class has "
                f"{100 * float(rung.balance):.0f} % of the images, and on the others any network "
                "agrees. Compare kappa."
            )


def _shown(gain: AgreementGain) -> bool:
    return gain.p is not None and gain.p < ALPHA


def _listed(gains: Sequence[AgreementGain]) -> str:
    return ", ".join(f"{gain.control} ({gain.difference.mean:+.3f})" for gain in gains)


def _frozen(result: DiscoveryResult) -> Iterator[Finding]:
    """Yield how alike classes on frozen codes are to known ones, beside k-means."""
    empty = [f"{own.name} ({own.used} of {own.classes})" for own in result.frozen if own.is_partial]
    if empty:
        yield Finding(
            "classes-empty",
            "warning",
            f"Classes without any image: only some are used of {', '.join(dict.fromkeys(empty))}. "
            "Raise `gamma`, or ask for fewer `classes`.",
        )
    pairs: dict[tuple[str, str], list[NamedMatch]] = {}
    for own in result.frozen:
        for match in own.matches:
            pairs.setdefault((own.name, match.task), []).append(match)
    for (name, task), matches in pairs.items():
        accuracy = sum(match.accuracy for match in matches) / len(matches)
        kmeans = sum(match.kmeans for match in matches) / len(matches)
        beaten = kmeans >= accuracy
        verdict = " So the search is no better than clusters." if beaten else ""
        yield Finding(
            "frozen-classes",
            "warning" if beaten else "advice",
            f"The classes of {name} equal the labels of {task} on {accuracy:.3f} of the images "
            f"under the best naming, k-means on the same codes on {kmeans:.3f} (means over "
            f"repetitions: {len(matches)}).{verdict}",
        )


def _splits(result: DiscoveryResult) -> Iterator[Finding]:
    for target in dict.fromkeys(row.target for row in result.splits):
        rows = {row.rule: row for row in result.splits if row.target == target}
        chance = rows.get("random")
        if chance is None:
            continue
        lowest = min(rows.values(), key=lambda row: row.accuracy.mean)
        if lowest.rule == "random":
            text = (
                f"No split of {target} fools networks: on a random half they get "
                f"{shown(chance.accuracy)} right, on any other no less."
            )
        else:
            text = (
                f"Networks that get {shown(chance.accuracy)} of {target} right on a random half "
                f"get {shown(lowest.accuracy)} where {lowest.rule} chose the halves."
            )
        # A control that fools networks, or one repetition, is nothing to act on.
        found = lowest.rule not in (*CONTROLS, "random", "highest_loss")
        acted_on = found and chance.accuracy.repetitions > 1
        yield Finding("split", "advice" if acted_on else "note", text)


def _floor(result: DiscoveryResult) -> Iterator[Finding]:
    floor = next((rung for rung in result.rungs if rung.name == "random_labels"), None)
    if floor is not None:
        yield Finding(
            "agreement-floor",
            "note",
            f"On random labels, which nobody can know, networks agree on {shown(floor.agreement)} "
            "of the images: that is the floor here. High agreement is needed for generalisation "
            "and does not prove it: it is 2 accuracy - 1 or more.",
        )
