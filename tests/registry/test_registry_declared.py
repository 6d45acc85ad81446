"""For which api a plugin says that it is made: read from its source, never by running it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from taskspace.errors import RegistryError
from taskspace.registry import registry
from taskspace.registry.builtins import read_builtins
from taskspace.registry.cautions import cautions
from taskspace.registry.distributions.declared import declared_api
from taskspace.registry.processes import supervised

WEATHER = "taskspace-weather"
BOMB = "raise SystemExit('imported')\n"


def declare(site, line: str, before: str = BOMB) -> None:
    site.install(WEATHER, f'"""Rain."""\n{before}{line}\n')


@pytest.mark.parametrize("line", ['taskspace_api = ">=1,<2"', 'taskspace_api: str = ">=1,<2"'])
def test_a_plain_assignment_is_read_with_its_place(site, line):
    declare(site, line)
    declared = declared_api(site.found(WEATHER))
    assert declared.text == ">=1,<2"
    assert declared.file == site.folder / "taskspace_weather/plugin.py"
    assert declared.line == 3
    assert declared.where == f"{declared.file}:3"


@pytest.mark.parametrize(
    "line", ["", "other = '>=1'", "# taskspace_api = '>=1'", "def f():\n    taskspace_api = 'x'"]
)
def test_what_declares_nothing_declares_nothing(site, line):
    declare(site, line)
    assert declared_api(site.found(WEATHER)) is None


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("taskspace_api = '>=' + '1'", "plain text"),
        ("taskspace_api = 1", "plain text"),
        ("taskspace_api: str", None),
        ("taskspace_api = f'>={1}'", "plain text"),
        ("taskspace_api = '1.x'", "no range of api numbers"),
        ("taskspace_api = ''", "no range of api numbers"),
    ],
)
def test_what_cannot_be_read_is_a_problem_with_its_place(site, line, said):
    declare(site, line)
    if said is None:
        assert declared_api(site.found(WEATHER)) is None
        return
    with pytest.raises(RegistryError, match=said) as caught:
        declared_api(site.found(WEATHER))
    assert caught.value.where == f"{site.folder / 'taskspace_weather/plugin.py'}:3"
    site.trust(WEATHER)
    state = site.state(WEATHER)
    assert state.status == "quarantined" and state.reason.startswith(caught.value.where)


def test_a_package_is_a_hook_module_too_and_an_object_in_it(site):
    site.install(
        WEATHER,
        more={"taskspace_weather/hooks/__init__.py": "taskspace_api = '==1'\n"},
        entry_points="[taskspace]\nplugin = taskspace_weather.hooks:plugin\n",
    )
    assert declared_api(site.found(WEATHER)).text == "==1"


def test_two_declarations_must_agree(site):
    points = "[taskspace]\na = taskspace_weather.a\nb = taskspace_weather.b\n"
    more = {
        "taskspace_weather/a.py": "taskspace_api = '>=1'\n",
        "taskspace_weather/b.py": "\ntaskspace_api = '<2'\n",
    }
    site.install(WEATHER, more=more, entry_points=points)
    with pytest.raises(RegistryError, match=r"'<2', but '>=1' in .*a\.py:1") as caught:
        declared_api(site.found(WEATHER))
    assert caught.value.where.endswith("b.py:2")
    site.install(WEATHER, more=dict.fromkeys(more, "taskspace_api = '>=1'\n"), entry_points=points)
    assert declared_api(site.found(WEATHER)).text == ">=1"


@pytest.mark.parametrize("layout", ["", "src/"])
def test_an_editable_plugin_is_read_in_its_tree_which_need_not_be_on_the_path(
    site, tmp_path, layout
):
    site.install(WEATHER)
    (site.folder / "taskspace_weather/plugin.py").unlink()
    module = tmp_path / "tree" / layout / "taskspace_weather/plugin.py"
    module.parent.mkdir(parents=True)
    module.write_text("taskspace_api = '>=1'\n")
    (site.folder / "taskspace_weather-1.0.dist-info/direct_url.json").write_text(
        json.dumps({"url": (tmp_path / "tree").as_uri(), "dir_info": {"editable": True}})
    )
    assert declared_api(site.found(WEATHER)).file == module


def test_an_api_that_is_not_supported_is_refused_before_any_import(site, monkeypatch):
    declare(site, "taskspace_api = '>=2'")
    site.trust(WEATHER)
    monkeypatch.setattr(supervised.subprocess, "Popen", None)
    state = site.state(WEATHER)
    assert state.status == "quarantined"
    assert "made for api >=2" in state.reason and "this taskspace has api 1" in state.reason
    assert f"{site.folder / 'taskspace_weather/plugin.py'}:3" in state.reason


@pytest.fixture
def api_two(monkeypatch):
    """This taskspace with the next api."""
    builtins = replace(read_builtins(), api=2)
    monkeypatch.setattr(registry, "read_builtins", lambda: builtins)


def test_the_api_before_is_supported_and_warned_of_at_the_plugins_own_line(site, api_two):
    site.install(WEATHER, site.rain + "\ntaskspace_api = '>=1,<2'\n")
    site.trust(WEATHER)
    state = site.state(WEATHER)
    assert state.status == "ready"
    source = (site.folder / "taskspace_weather/plugin.py").read_text().splitlines()
    assert state.warning.line == source.index("taskspace_api = '>=1,<2'") + 1
    assert state.warning.file == str(site.folder / "taskspace_weather/plugin.py")
    assert "taskspace-weather 1.0 is made for api >=1,<2" in state.warning.text
    assert "support ends with api 3" in state.warning.text


def test_only_who_uses_the_plugin_is_warned(site, api_two):
    from taskspace.components import ComponentSpec

    site.install(WEATHER, site.rain + "\ntaskspace_api = '==1'\n")
    site.trust(WEATHER)
    known = site.load()
    rain, other = ComponentSpec("task", "rain"), ComponentSpec("task", "identity")
    assert cautions(known, [other], "taxonomy") == []
    (told,) = cautions(known, [other, rain], "taxonomy")
    assert str(told).startswith(f"{site.folder / 'taskspace_weather/plugin.py'}:")


def test_from_python_the_warning_stands_at_the_plugins_line(site):
    from taskspace.api import _warn
    from taskspace.registry.oldapi import Notice

    with pytest.warns(FutureWarning, match="ends soon") as told:
        _warn([Notice("It ends soon.", "/p/plugin.py", 7)])
    assert (told[0].filename, told[0].lineno) == ("/p/plugin.py", 7)


def test_where_nothing_is_declared_the_range_in_the_file_counts(site, api_two):
    site.install(WEATHER)
    site.trust(WEATHER, api='">=1,<3"')
    assert site.state(WEATHER).warning is None
    (site.project / "registry.toml").unlink()
    site.trust(WEATHER, api='"<2"')
    state = site.state(WEATHER)
    assert state.status == "ready"
    assert str(state.warning).startswith(f"{site.folder / 'taskspace_weather/plugin.py'}:1: ")


def test_the_api_before_the_one_before_is_refused(site, monkeypatch):
    builtins = replace(read_builtins(), api=3)
    monkeypatch.setattr(registry, "read_builtins", lambda: builtins)
    declare(site, "taskspace_api = '>=1,<2'")
    site.trust(WEATHER, api='">=1"')
    assert site.state(WEATHER).status == "quarantined"
