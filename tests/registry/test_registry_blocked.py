"""Plugins that are named as ones to leave alone, and the names that a plugin answers to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskspace.errors import ComponentUnavailable, NotFound
from taskspace.registry.names import full_name, matching, no_plugin
from taskspace.registry.processes import supervised

WEATHER = "taskspace-weather"


@pytest.mark.parametrize("name", ["weather", "taskspace-weather", "Taskspace_Weather", "WEATHER"])
def test_a_blocked_plugin_is_not_looked_into(site, name, monkeypatch):
    site.install(WEATHER, "raise SystemExit('imported')")
    site.trust(WEATHER, sha256=f'"{"0" * 64}"', provides='["task:rain"]')
    # Neither hashed nor described: the one would say untrusted, the other needs a process.
    monkeypatch.setattr(supervised.subprocess, "Popen", None)
    blocked = site.state(WEATHER, blocked=(name,))
    assert (blocked.status, blocked.stage, blocked.sha256) == ("blocked", "discovered", None)
    assert blocked.reason == "TASKS_BLOCK_PLUGINS names it."
    assert blocked.remedy == "take it out of TASKS_BLOCK_PLUGINS"
    with pytest.raises(ComponentUnavailable, match="blocked: TASKS_BLOCK_PLUGINS names it"):
        site.load(blocked=(name,)).activate("task", "rain")


def test_only_what_is_named_is_blocked(site):
    site.install(WEATHER)
    site.trust(WEATHER)
    site.install("taskspace-bad", site.rain.replace('"rain"', '"snow"'))
    site.trust("taskspace-bad")
    registry = site.load(blocked=("weather",))
    assert "snow" in registry.names("task") and "rain" not in registry.names("task")
    assert registry.digest != site.load().digest


def test_what_nobody_has_and_what_is_built_in_cannot_be_blocked(site):
    before = site.load().plugins()
    assert site.load(blocked=("nobody", "taskspace", "", "-")).plugins() == before


def test_an_unlisted_and_an_absent_plugin_are_blocked_too(site):
    site.install(WEATHER)
    site.trust("taskspace-gone", sha256="")
    registry = site.load(blocked=("weather", "gone"))
    assert {p.distribution: (p.status, p.stage) for p in registry.plugins()[1:]} == {
        WEATHER: ("blocked", "discovered"),
        "taskspace-gone": ("blocked", "known"),
    }


def test_a_plugin_of_exactly_the_name_goes_before_the_one_it_is_short_for():
    both = ["taskspace-weather", "Weather"]
    assert matching("weather", both) == "Weather"
    assert matching("taskspace.weather", both) == "taskspace-weather"
    assert matching("taskspace", ["taskspace-taskspace"]) is None


@given(st.from_regex(r"[a-z][a-z0-9]{0,8}([-_.][a-z0-9]{1,5})?", fullmatch=True))
def test_a_short_name_finds_its_distribution_however_it_is_spelled(short):
    full = full_name(short)
    assert full_name(full) == full
    for spelled in (full, full.upper(), full.replace("-", "_")):
        assert matching(short, [spelled]) == spelled
        assert matching(full, [spelled]) == spelled
    assert matching(short + "x", [full]) is None


def test_an_unknown_plugin_is_answered_with_the_nearest_by_either_name(site):
    site.install(WEATHER)
    for wrong in ("wether", "taskspace-wether"):
        with pytest.raises(NotFound, match=r"no plugin '.*wether'. Did you mean 'taskspace-weath"):
            site.load().examined(wrong)
    assert site.load().examined("weather").state.distribution == WEATHER
    assert "tasks plugin list" in no_plugin("xyz", []).advice
