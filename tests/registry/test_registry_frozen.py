"""--frozen: only what is pinned is used."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from taskspace.errors import ComponentUnavailable
from taskspace.registry import AllowedPlugins

WEATHER = "taskspace-weather"


@pytest.fixture
def editable(site, tmp_path) -> Path:
    """An editable install of the weather plugin; its source tree."""
    site.install(WEATHER)
    tree = tmp_path / "tree"
    tree.mkdir()
    (site.folder / "taskspace_weather").rename(tree / "taskspace_weather")
    info = site.folder / "taskspace_weather-1.0.dist-info"
    rows = (info / "RECORD").read_text().splitlines(keepends=True)
    (info / "RECORD").write_text("".join(r for r in rows if not r.startswith("taskspace_weather/")))
    (info / "direct_url.json").write_text(
        json.dumps({"url": tree.as_uri(), "dir_info": {"editable": True}})
    )
    return tree


def test_a_pinned_plugin_is_used(site):
    site.install(WEATHER)
    site.trust(WEATHER)
    assert site.state(WEATHER, frozen=True).status == "ready"
    assert site.load(frozen=True).digest == site.load().digest


def test_an_editable_plugin_is_refused_with_what_to_do(site, editable):
    site.trust(WEATHER, trust='"editable"', sha256="", provides='["task:rain"]')
    assert site.state(WEATHER).status == "ready"
    refused = site.state(WEATHER, frozen=True)
    assert refused.status == "untrusted"
    assert "--frozen (the default under CI=true) allows pinned plugins only" in refused.reason
    assert refused.reason.startswith("It is editable")
    assert "tasks plugin add pypi:taskspace-weather==1.0" in refused.remedy
    assert "--no-frozen" in refused.remedy and "TASKS_FROZEN=0" in refused.remedy
    with pytest.raises(ComponentUnavailable, match="--frozen"):
        site.load(frozen=True).activate("task", "rain")
    assert site.load(frozen=True).digest != site.load().digest


def test_a_hash_does_not_make_a_source_tree_immutable(site, editable):
    site.trust(WEATHER)
    assert site.state(WEATHER).status == "ready"
    assert site.state(WEATHER, frozen=True).status == "untrusted"


@pytest.mark.parametrize("trust", ["pinned", "unverified"])
def test_without_a_hash_nothing_is_pinned(site, trust):
    site.install(WEATHER)
    site.trust(WEATHER, trust=f'"{trust}"', sha256="")
    refused = site.state(WEATHER, frozen=True)
    assert refused.status == "untrusted"
    assert refused.reason.startswith("registry.toml has no sha256 for it")


def test_what_is_not_used_anyway_keeps_its_own_reason(site, editable):
    site.trust(WEATHER, trust='"editable"', sha256="", enabled="false")
    assert site.state(WEATHER, frozen=True).status == "disabled"


def test_a_registry_remembers_which_plugins_it_was_allowed(site):
    allowed = site.load(frozen=True, blocked=["weather"]).allowed
    assert allowed == AllowedPlugins(frozen=True, blocked=("weather",))
    assert site.load().allowed == AllowedPlugins()
    assert not site.load(plugins=False).allowed.plugins
