"""What no score can be computed from is refused before anything is, with what to do."""

from __future__ import annotations

import re

import numpy as np
import pytest
from score_cases import ALL, OF_FEATURES, OF_PROBABILITIES, clusters, evidence_of

from taskspace.components import LabelledFeatures, Score
from taskspace.errors import InputError
from taskspace_plugins.plugin import taskspace_scores
from taskspace_plugins.scores.parc import parc

COMPONENTS = {cls.name: cls for cls in taskspace_scores()}
BY_FUNCTION = pytest.mark.parametrize("score", ALL, ids=lambda score: score.__name__)
BY_NAME = pytest.mark.parametrize("name", COMPONENTS)


def test_there_is_a_component_for_each_of_the_nine():
    assert set(COMPONENTS) == {score.__name__ for score in ALL}


def data_of(rows, labels, classes, probabilities=None):
    return LabelledFeatures(rows, labels, classes, probabilities)


@BY_NAME
def test_a_component_gives_what_its_function_gives(name):
    function = next(score for score in ALL if score.__name__ == name)
    rows, labels = clusters()
    component: Score = COMPONENTS[name]()
    found = component.score(data_of(rows, labels, 3, evidence_of(function, rows)))
    assert found == function(evidence_of(function, rows), labels)
    assert component.reads == ("probabilities" if function in OF_PROBABILITIES else "features")


def refused(call, what, advice=""):
    with pytest.raises(InputError, match=what) as caught:
        call()
    assert caught.value.where.startswith("score ")
    assert re.search(advice, caught.value.advice)


@BY_FUNCTION
def test_one_class_is_refused(score):
    rows = evidence_of(score, clusters()[0])
    refused(lambda: score(rows, [7] * 60), "All 60 images have the class 7", "another class")


@BY_FUNCTION
def test_a_class_of_one_image_is_refused(score):
    rows, labels = clusters()
    refused(
        lambda: score(evidence_of(score, rows), np.append(labels[:-1], 8)),
        r"Class 8 has one image \(60 images of 4 classes\)",
        "at least 2 images of each class",
    )


@BY_FUNCTION
@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_none_are_refused(score, number):
    rows, labels = clusters()
    rows = evidence_of(score, rows).astype(np.float32)
    rows[4, 2] = number
    refused(lambda: score(rows, labels), "Row 4 has a number that is NaN or infinite", "weights")


@BY_FUNCTION
def test_rows_that_are_all_equal_are_refused(score):
    labels = clusters()[1]
    refused(lambda: score(np.full((60, 4), 0.25), labels), "All 60 rows are equal", "weights")


@BY_FUNCTION
@pytest.mark.parametrize("shape", [(60,), (60, 2, 2), (59, 3), (60, 0), (0, 3)])
def test_shapes_that_do_not_fit_are_refused(score, shape):
    labels = clusters()[1][: shape[0] if shape[0] == 0 else 60]
    refused(lambda: score(np.zeros(shape), labels), r"rows of shape \(", r"\[N, D\]")


@BY_FUNCTION
def test_labels_that_are_no_class_numbers_are_refused(score):
    rows, labels = clusters()
    refused(lambda: score(evidence_of(score, rows), labels / 2), "Labels are float64", "integers")


@pytest.mark.parametrize("score", OF_PROBABILITIES)
def test_rows_that_are_no_distributions_are_refused(score):
    rows, labels = clusters()
    refused(lambda: score(rows, labels), "is no distribution", "softmax")
    refused(lambda: score(np.abs(rows), labels), "Row 0 is no distribution: its sum is")


@BY_NAME
def test_classes_without_an_image_are_refused(name):
    rows, labels = clusters()
    function = next(score for score in ALL if score.__name__ == name)
    probabilities = evidence_of(function, rows)
    score = COMPONENTS[name]().score
    refused(lambda: score(data_of(rows, labels, 5, probabilities)), "Class 3 of 5 has no image")
    many = data_of(rows, labels, 61, probabilities)
    refused(lambda: score(many), "There are 60 images of 61 classes", "at least 2 images")


@pytest.mark.parametrize("name", [score.__name__ for score in OF_PROBABILITIES])
def test_a_model_without_a_classifier_has_no_such_score(name):
    rows, labels = clusters()
    score = COMPONENTS[name]().score
    refused(lambda: score(data_of(rows, labels, 3)), "no probabilities", "reads features")


def test_pairs_that_cannot_be_ranked_are_refused():
    rows, _ = clusters(images=40)
    refused(lambda: parc(rows, np.arange(40) // 2, images=4, seed=3), "cannot be ranked", "images")
    flat = np.arange(40.0)[:, None] * np.ones(3)
    refused(lambda: parc(flat, np.arange(40) % 2), "cannot be ranked", "features")


@pytest.mark.parametrize("score", OF_FEATURES, ids=lambda score: score.__name__)
def test_integers_and_half_precision_are_read(score):
    rows, labels = clusters()
    whole = np.round(10 * rows).astype(np.int8)
    assert score(whole, labels) == pytest.approx(score(whole.astype(np.float64), labels))
    assert np.isfinite(score(rows.astype(np.float16), labels))
