"""A column of whole numbers is a field of classes in every study that asks for classes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from zeroshot_jobs import word_vectors

import taskspace
from recommend_jobs import image_folder
from taskspace.errors import InputError

NUMBERS = ("7", "8", "10")
WORDS = ("seven", "six", "ten")
"""Sorted like the numbers, so that a class has the same id."""

MULTITASK: dict[str, Any] = {
    "study": "multitask",
    "schemes": ["separate", "shared"],
    "encoder": {"use": "mlp", "width": 4},
    "train": {"steps": 3},
    "seeds": 1,
}
RECOMMEND: dict[str, Any] = {
    "study": "recommend",
    "models": [{"use": "small_conv", "width": 4}, {"use": "mlp", "width": 8}],
    "scores": ["knn"],
    "images": [24],
    "seeds": 1,
}


def labels(classes: tuple[str, ...]) -> list[dict[str, str]]:
    return [
        {"it": classes[n % 3], "colour": ("red", "blue")[n % 2], "size": str(n)} for n in range(96)
    ]


def result(place, study: dict[str, Any], classes: tuple[str, ...]) -> dict[str, Any]:
    dataset = image_folder(place / classes[0], labels(classes))
    tasks = [{"use": "classification", "field": name, "as": name} for name in ("it", "colour")]
    job = study | {"name": "small", "dataset": dataset, "tasks": tasks}
    made = taskspace.run(job, store=place / "store", runs=place / "runs", executor="inline")
    return made.result


def numbers_in(part: Any, name: str = "") -> list[Any]:
    """Return all numbers of a result but times, in their order."""
    if isinstance(part, dict):
        return [n for key, own in part.items() for n in numbers_in(own, key)]
    if isinstance(part, list):
        return [n for own in part for n in numbers_in(own, name)]
    counts = isinstance(part, (int, float)) and "second" not in name
    return [part] if counts else []


@pytest.mark.parametrize("study", [MULTITASK, RECOMMEND], ids=lambda study: study["study"])
def test_whole_numbers_give_the_results_that_words_give(tmp_path, study) -> None:
    numbers, words = (result(tmp_path, study, classes) for classes in (NUMBERS, WORDS))
    assert numbers["missing"] == []
    assert len(numbers_in(numbers)) > 20
    assert numbers_in(numbers) == numbers_in(words)


def zeroshot(place, fields: list[str]) -> dict[str, Any]:
    job = {
        "study": "zeroshot",
        "name": "small",
        "dataset": image_folder(place / "images", labels(NUMBERS)),
        "fields": fields,
        "encoder": {"use": "mlp", "width": 4},
        "lexicon": word_vectors(place / "vectors.txt", ("red", "blue", *NUMBERS)),
        "generators": [{"use": "ss", "width": 4, "hidden": 4, "noise": 4}],
        "classifiers": ["nearest_prototype"],
        "networks": {"words": 4, "critic": 4},
        "train": {"steps": 4, "batch": 16},
        "baseline": {"epochs": 1},
        "seeds": 1,
        "maps": [],
    }
    made = taskspace.run(job, store=place / "store", runs=place / "runs", executor="inline")
    return made.result


def test_whole_numbers_are_words_of_compositions(tmp_path) -> None:
    made = zeroshot(tmp_path, ["colour", "it"])
    assert made["missing"] == []
    text = json.dumps(made)
    assert '"10"' in text and "(classes)" not in text


def test_a_field_that_is_not_there_is_refused_with_columns_of_whole_numbers(tmp_path) -> None:
    with pytest.raises(InputError, match="fields of classes colour, it, size") as caught:
        zeroshot(tmp_path, ["colour", "its"])
    assert caught.value.advice == "Did you mean 'it'?"
