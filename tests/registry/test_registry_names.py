"""Unknown names: who has them, or which was meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskspace.errors import ComponentUnavailable, NotFound
from taskspace.registry import Registry, nearest

WEATHER = "taskspace-weather"


def test_the_nearest_built_in_is_suggested(site):
    with pytest.raises(NotFound) as caught:
        site.load().describe("dataset", "digit")
    assert caught.value.what == "There is no dataset 'digit'."
    assert caught.value.advice == "Did you mean 'digits' (built in)?"


def test_the_name_of_a_disabled_plugin_says_how_to_enable_it(site):
    site.install(WEATHER)
    site.trust(WEATHER, enabled="false", provides='["task:rain", "encoder:radar"]')
    with pytest.raises(ComponentUnavailable) as caught:
        site.load().describe("task", "rain")
    assert "'rain' is provided by taskspace-weather 1.0, which is disabled" in caught.value.what
    assert "tasks plugin enable taskspace-weather" in caught.value.advice
    with pytest.raises(NotFound, match=r"Did you mean 'radar'\?.*plugin enable taskspace-weather"):
        site.load().describe("encoder", "radr")


def test_the_name_of_an_absent_plugin_says_how_to_install_it(site):
    site.trust(WEATHER, sha256="", provides='["task:rain"]')
    with pytest.raises(
        ComponentUnavailable, match=r"tasks plugin add pypi:taskspace-weather==1\.0"
    ):
        site.load().describe("task", "rain")


def test_a_qualified_name_is_looked_for_in_its_plugin_only(site):
    site.install(WEATHER)
    site.trust(WEATHER)
    registry = site.load()
    assert registry.describe("task", "Taskspace_Weather/rain").name == "rain"
    assert registry.describe("dataset", "taskspace/digits").name == "digits"
    with pytest.raises(NotFound):
        registry.describe("dataset", "taskspace-weather/digits")


def test_an_unknown_kind_is_an_unknown_name_too(site):
    for ask in (Registry.names, Registry.descriptions, lambda r, k: r.describe(k, "x")):
        with pytest.raises(NotFound, match="Did you mean 'task'"):
            ask(site.load(), "tasks")


@given(st.sets(st.from_regex(r"[a-z_]{3,12}", fullmatch=True), min_size=1), st.data())
def test_nearest_finds_a_word_itself_and_a_word_with_one_letter_more(words, data):
    word = data.draw(st.sampled_from(sorted(words)))
    assert nearest(word, words) == word
    assert nearest(word.upper().replace("_", "-"), words) is not None
    assert nearest(word + "q", words) is not None


@given(st.text(), st.sets(st.text()))
def test_nearest_gives_a_candidate_or_nothing(word, words):
    assert nearest(word, words) in {*words, None}
    assert nearest(word, []) is None
