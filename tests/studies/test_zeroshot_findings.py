"""Every finding of a zero-shot result, from results that no training made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from zeroshot_page_sample import METHODS, sample_result, trial

from taskspace.components import Finding
from taskspace.studies.zeroshot.result.comparison import differences
from taskspace.studies.zeroshot.result.findings import zeroshot_findings
from taskspace.studies.zeroshot.result.model import MethodRecord, ZeroshotResult, ZeroshotTrial

Shares = Mapping[str, Sequence[float]]


def trials_of(shares: Shares, vectors: str = "own", **more: Any) -> list[ZeroshotTrial]:
    """Trainings of these accuracies on unseen compositions, by method and repetition."""
    return [
        trial(name, seed, share, vectors=vectors, **more)
        for name, own in shares.items()
        for seed, share in enumerate(own)
    ]


def findings_of(trials: Sequence[ZeroshotTrial], **changes: Any) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = {}
    for each in zeroshot_findings(sample_result(trials, **changes)):
        found.setdefault(each.code, []).append(each)
    return found


def only(found: Mapping[str, list[Finding]], code: str) -> Finding:
    (finding,) = found[code]
    return finding


def test_the_best_generator_stands_beside_chance_and_the_oracle():
    shares = {"ss": (0.4, 0.5, 0.6), "tds": (0.6, 0.7, 0.8), "oracle": (0.9, 0.9, 0.9)}
    found = only(findings_of(trials_of(shares)), "unseen-recognised")
    assert found.tone == "advice"
    assert found.text == (
        "tds names 70.0 [45.2, 94.8] % of the images of 4 compositions that it has no training "
        "image of; chance is 25.0 %, and a classifier that was given real images of them reaches "
        "90.0 %."
    )


def test_without_generators_the_best_classifier_answers():
    found = only(findings_of(trials_of({"prototype": (0.5, 0.6, 0.7)})), "unseen-recognised")
    assert found.text.startswith("prototype names 60.0") and found.text.endswith("25.0 %.")


@pytest.mark.parametrize(
    ("own", "at_chance"),
    [
        ((0.2, 0.3, 0.4), True),
        ((0.1, 0.1, 0.1), True),
        ((0.5, 0.6, 0.7), False),
        # Without an interval over repetitions that over 40 images is asked.
        ((0.3, 0.3, 0.3), True),
        ((0.35,), True),
        ((0.5,), False),
    ],
)
def test_a_method_that_is_not_shown_to_beat_chance_is_named(own, at_chance):
    found = findings_of(trials_of({"tds": own, "oracle": (0.1, 0.2, 0.3)}))
    assert ("unseen-at-chance" in found) == at_chance
    if at_chance:
        finding = only(found, "unseen-at-chance")
        assert finding.tone == "warning"
        assert finding.text == (
            "tds is not shown to name unseen compositions better than chance (25.0 %)."
        )
        (line,) = finding.details
        assert line.startswith(f"tds: {100 * sum(own) / len(own):.1f}") and line.endswith(" %")


def test_methods_at_chance_stand_in_one_finding():
    shares = {"ss": (0.2, 0.3), "tds": (0.5, 0.51), "prototype": (0.1, 0.3), "oracle": (0.2, 0.3)}
    finding = only(findings_of(trials_of(shares)), "unseen-at-chance")
    assert finding.text.startswith("ss, prototype are not shown to name unseen compositions")
    assert [line.split(":")[0] for line in finding.details] == ["ss", "prototype"]


def test_a_generator_that_wins_is_no_warning():
    shares = {"tds": (0.6, 0.61, 0.62), "prototype": (0.4, 0.42, 0.41)}
    assert "generators-do-not-win" not in findings_of(trials_of(shares))


def test_a_classifier_that_beats_the_generators_is_named_with_its_lead():
    shares = {"tds": (0.4, 0.42, 0.41), "prototype": (0.6, 0.61, 0.62)}
    found = only(findings_of(trials_of(shares)), "generators-do-not-win")
    assert found.tone == "warning"
    assert found.text.startswith(
        "prototype, which generates nothing, beats the best generator, tds, by 20.0 ["
    )
    assert "] points on unseen compositions. On seen and unseen ones together, by" in found.text
    assert "AUC, prototype is ahead of it by 10.0 [" in found.text


@pytest.mark.parametrize(
    ("tds", "prototype", "gap"),
    [
        ((0.5, 0.6, 0.7), (0.6, 0.5, 0.68), "0.7 [-24.3, 25.7]"),
        ((0.5,), (0.4,), "10.0"),
        ((0.5, 0.6, 0.7), (0.5, 0.6, 0.7), "0.0"),
    ],
)
def test_a_generator_that_is_not_shown_to_win_is_named(tds, prototype, gap):
    found = only(
        findings_of(trials_of({"tds": tds, "prototype": prototype})), "generators-do-not-win"
    )
    assert found.tone == "warning"
    assert found.text == (
        "The best generator, tds, is not shown to beat prototype, which generates nothing: tds "
        f"minus prototype is {gap} points on unseen compositions."
    )


def test_a_control_above_chance_says_that_something_leaks():
    own = trials_of({"tds": (0.6, 0.7, 0.8)})
    leaking = trials_of({"tds": (0.5, 0.52, 0.54)}, "exchanged")
    found = only(findings_of(own + leaking), "control-above-chance")
    assert found.tone == "warning"
    assert found.text == (
        "With unseen compositions described as each other, tds still names 52.0 [47.0, 57.0] % of "
        "their images, above chance (25.0 %): something other than the description gives them away."
    )


@pytest.mark.parametrize("exchanged", [(0.2, 0.25, 0.3), (0.1, 0.1, 0.12), (0.9,)])
def test_a_control_at_chance_is_as_it_has_to_be(exchanged):
    own = trials_of({"tds": (0.6, 0.7, 0.8)})
    found = findings_of(own + trials_of({"tds": exchanged}, "exchanged"))
    assert "control-above-chance" not in found


def test_what_the_meaning_of_words_adds_is_a_note():
    own = trials_of({"tds": (0.6, 0.7, 0.8)})
    found = only(
        findings_of(own + trials_of({"tds": (0.3, 0.41, 0.49)}, "shuffled")), "meaning-of-words"
    )
    assert found.tone == "note"
    assert found.text.startswith("The meaning of words adds 30.0 [27.5, 32.5] points to tds")


@pytest.mark.parametrize("shuffled", [(0.7, 0.6, 0.8), (0.7, 0.81, 0.89), (0.6, 0.7, 0.8)])
def test_words_whose_meaning_adds_nothing_are_a_warning(shuffled):
    own = trials_of({"tds": (0.6, 0.7, 0.8)})
    found = only(findings_of(own + trials_of({"tds": shuffled}, "shuffled")), "meaning-of-words")
    assert found.tone == "warning"
    assert found.text.startswith("tds is not shown to use the meaning of words: its accuracy")


def test_one_repetition_says_nothing_about_the_meaning_of_words():
    trials = trials_of({"tds": (0.6,)}) + trials_of({"tds": (0.2,)}, "shuffled")
    result = sample_result(trials)
    found = findings_of(trials, compositions=result.compositions[:1])
    assert "meaning-of-words" not in found
    assert only(found, "one-repetition").tone == "warning"


@pytest.mark.parametrize(("slope", "off"), [(0.79, True), (0.8, False), (1.2, False), (1.3, True)])
def test_a_critic_of_another_slope_is_named(slope, off):
    trials = [
        *trials_of({"tds": (0.6, 0.7)}, slope=1.0),
        trial("ss", 1, 0.5, slope=slope),
        trial("tds", 1, 0.2, vectors="shuffled", slope=slope),
        trial("prototype", 0, 0.5),
    ]
    found = findings_of(trials)
    assert ("critic-slope" in found) == off
    if off:
        finding = only(found, "critic-slope")
        assert finding.text.startswith("In 2 of 4 trainings the critic's mean slope")
        assert finding.details == (
            f"ss, repetition 1: {slope:.3f}",
            f"tds, vectors exchanged among words, repetition 1: {slope:.3f}",
        )


def test_claims_of_the_paper_hold_are_reversed_or_stay_open():
    shares = {"ss": (0.60, 0.61, 0.62), "uds": (0.40, 0.42, 0.41), "tds": (0.60, 0.72, 0.60)}
    found = only(findings_of(trials_of(shares)), "order-of-designs")
    assert found.tone == "note"
    assert found.text.endswith(
        "pairs of this job (3), as published: 1; reversed: 1; undecided: 1 (5 % level, "
        "corrected for their number)."
    )
    assert found.details == (
        "tds over uds: +23.0 points, as published",
        "uds over ss: -20.0 points, reversed",
        "tds over ss: +3.0 points, undecided",
    )
    shares = {"tds": (0.70, 0.72, 0.71), "ss": (0.60, 0.61, 0.62)}
    assert only(findings_of(trials_of(shares)), "order-of-designs").details == (
        "tds over ss: +10.0 points, as published",
    )


def test_variants_of_one_design_are_no_claim_of_the_paper():
    names = {"a": "tds", "b": "tds", "c": "ss"}
    methods = [MethodRecord(name=n, kind="generator", component=own) for n, own in names.items()]
    shares = {"a": (0.6, 0.7, 0.8), "b": (0.6, 0.71, 0.82), "c": (0.5, 0.6, 0.7)}
    trials = trials_of(shares)
    compared = with_methods(trials, methods)
    found = [each for each in zeroshot_findings(compared) if each.code == "order-of-designs"]
    assert [line.split(":")[0] for line in found[0].details] == ["b over c", "a over c"]
    assert not [
        each
        for each in zeroshot_findings(with_methods(trials_of({"a": (0.5,)}), methods[:2]))
        if each.code == "order-of-designs"
    ]


def with_methods(
    trials: Sequence[ZeroshotTrial], methods: Sequence[MethodRecord]
) -> ZeroshotResult:
    return sample_result(trials, methods=list(methods), differences=differences(trials, methods))


def test_published_weights_may_have_seen_what_is_unseen_here():
    found = only(findings_of(trials_of({"tds": (0.6,)})), "encoder-published")
    assert found.tone == "note" and found.text.startswith("Features come from ImageNet: ")
    own = {"name": "mlp", "starts_from": None, "learns": True}
    assert "encoder-published" not in findings_of(trials_of({"tds": (0.6,)}), encoder=own)


def test_compositions_that_groups_took_from_the_seen_ones_are_a_warning():
    counts = [each.model_dump() for each in sample_result().compositions]
    found = findings_of([], compositions=[own | {"untaught": k} for k, own in enumerate(counts)])
    finding = only(found, "compositions-untaught")
    assert finding.tone == "warning" and "count as unseen: 0 to 2 in a repetition." in finding.text
    same = findings_of([], compositions=[own | {"untaught": 3} for own in counts])
    assert "count as unseen: 3 in a" in only(same, "compositions-untaught").text
    assert "compositions-untaught" not in findings_of([])


def test_of_equally_good_methods_the_one_with_the_larger_area_is_best():
    trials = []
    for own in trials_of({"tds": (0.6, 0.7), "prototype": (0.6, 0.7)}):
        area = 0.9 if own.method == "prototype" else 0.3
        tested = own.evaluation["test"].model_copy(update={"auc": [area] * 3})
        trials.append(own.model_copy(update={"evaluation": {"test": tested}}))
    assert only(findings_of(trials), "unseen-recognised").text.startswith("prototype names")


def test_the_best_method_without_a_control_is_named():
    own = trials_of({"ss": (0.4, 0.5), "tds": (0.6, 0.7)})
    found = findings_of([*own, *trials_of({"ss": (0.2, 0.3)}, vectors="shuffled")])
    assert "controls: [tds]" in only(found, "best-without-control").text
    found = findings_of([*own, *trials_of({"tds": (0.2, 0.3)}, vectors="shuffled")])
    assert "best-without-control" not in found


@pytest.mark.parametrize(("last", "lost"), [(2.4, True), (2.3, True), (2.2, False)])
def test_a_classifier_that_learnt_nothing_is_named(last, lost):
    # Guessing among 12 compositions has a cross-entropy of 2.48.
    curve = {part: [1.0] for part in ("critic", "slope", "adversarial", "clustering")}
    losses = {"step": [10], **curve, "classification": [last]}
    found = findings_of(trials_of({"tds": (0.6,)}, losses=losses))
    assert ("classifier-untrained" in found) == lost
    if lost:
        details = only(found, "classifier-untrained").details
        assert details == (f"tds, repetition 0: {last:.2f} where guessing has 2.48",)


def test_intervals_of_two_repetitions_say_next_to_nothing():
    two = [own.model_dump() for own in sample_result().compositions[:2]]
    trials = trials_of({"tds": (0.6, 0.7)})
    assert only(findings_of(trials, compositions=two), "two-repetitions").tone == "warning"
    assert "two-repetitions" not in findings_of(trials)


def test_words_that_nothing_teaches_and_words_that_tell_all_are_warnings():
    (own,) = [each.model_dump() for each in sample_result().compositions[:1]]
    found = findings_of([], compositions=[own | {"unseen_words": ["red"], "telling": ["object"]}])
    assert only(found, "words-unseen").details == ("red",)
    assert "share a word of object" in only(found, "told-by-one-word").text
    assert not {"words-unseen", "told-by-one-word"} & set(findings_of([]))


def test_intervals_of_shares_stay_between_0_and_1():
    result = sample_result(trials_of({"tds": (0.1, 0.9, 0.99)}))
    own = result.measure("tds", "unseen")
    assert own is not None and own.low == 0.0 and own.high == 1.0


def test_classes_that_are_described_alike_are_listed():
    found = only(findings_of([], alike=[["Red", "red"], ["a b", "a_b"]]), "words-alike")
    assert found.tone == "warning" and found.text.startswith("The lexicon glove describes some")
    assert found.details == ("'Red' = 'red'", "'a b' = 'a_b'")


def test_one_unseen_composition_says_nothing_about_methods():
    counts = [
        each.model_dump() | {"unseen": 1, "chance": {"test": 1.0}}
        for each in sample_result().compositions
    ]
    trials = trials_of({"tds": (1.0,) * 3, "prototype": (1.0,) * 3})
    found = findings_of(trials, compositions=counts)
    assert set(found) == {"one-unseen", "encoder-published"}
    assert only(found, "one-unseen").tone == "warning"


def test_warnings_stand_first_and_notes_last():
    trials = trials_of({name: (share,) * 3 for name, (_, _, share) in METHODS.items()})
    tones = [each.tone for each in zeroshot_findings(sample_result(trials))]
    assert tones == sorted(tones, key=("warning", "advice", "note").index)
    assert {"warning", "advice", "note"} == set(tones)


def test_a_result_without_trainings_claims_nothing_about_methods():
    result = sample_result()
    assert set(findings_of([], compositions=result.compositions[:1])) == {"encoder-published"}


def test_what_has_no_result_is_said_first():
    missing = [{"cell": "train/tds/0", "message": "why"}]
    found = zeroshot_findings(sample_result(missing=missing))
    assert found[0].code == "cells-missing" and "(train/tds/0)" in found[0].text
