"""Of an editable plugin the modules of its tree run, and what a build leaves is no plugin."""

from __future__ import annotations

import json
import sys

import pytest

from taskspace.errors import ComponentUnavailable
from taskspace.registry import Registry
from taskspace.registry.distributions.discovery import discover
from taskspace.registry.distributions.from_source import SourceFinder

WEATHER = "taskspace-weather"
INFO = "taskspace_weather-1.0.dist-info"
ENTRY_POINTS = "[taskspace]\nplugin = taskspace_weather.plugin\n"


@pytest.fixture(autouse=True)
def _own_finders(monkeypatch):
    others = [f for f in sys.meta_path if not isinstance(f, SourceFinder)]
    monkeypatch.setattr(sys, "meta_path", others)


@pytest.fixture
def tree(site, tmp_path):
    """The `src` folder of a source tree that is installed and trusted as editable."""
    site.install(WEATHER)
    source = tmp_path / "tree/src"
    source.mkdir(parents=True)
    (site.folder / "taskspace_weather").rename(source / "taskspace_weather")
    info = site.folder / INFO
    url = {"url": (tmp_path / "tree").as_uri(), "dir_info": {"editable": True}}
    (info / "direct_url.json").write_text(json.dumps(url))
    (site.folder / "tree.pth").write_text(f"{source}\n")
    rows = ["tree.pth,,", *(f"{INFO}/{name},," for name in ("METADATA", "entry_points.txt"))]
    (info / "RECORD").write_text("\n".join(rows) + "\n")
    site.trust(WEATHER, trust='"editable"', sha256="")
    sys.path.append(str(source))
    yield source
    sys.path.remove(str(source))


def put(folder, **files):
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__DOT__", ".")).write_text(text)


def shadow(folder, package="taskspace_weather"):
    other = folder / package
    other.mkdir(parents=True)
    for name in ("__init__.py", "plugin.py"):
        (other / name).write_text("raise SystemExit('another copy')\n")
    return folder


def load(site, *more):
    return Registry.load(site.project, search=[str(site.folder), *map(str, more)])


def test_a_package_of_its_name_that_comes_first_is_not_taken(site, tree, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(shadow(tmp_path / "first")))
    registry = load(site)
    assert registry.source_digest("task", "rain")
    rain = registry.activate("task", "rain")
    assert sys.modules[rain.__module__].__file__ == str(tree / "taskspace_weather/plugin.py")


def test_a_package_beside_its_hooks_is_not_taken_from_elsewhere(site, tree, tmp_path, monkeypatch):
    plugin = tree / "taskspace_weather/plugin.py"
    plugin.write_text("import taskspace_weather_sky\n" + plugin.read_text())
    (tree / "taskspace_weather_sky.py").write_text("colour = 'blue'\n")
    first = tmp_path / "first"
    first.mkdir()
    (first / "taskspace_weather_sky.py").write_text("raise SystemExit('another copy')\n")
    monkeypatch.syspath_prepend(str(first))
    assert load(site).activate("task", "rain").label_cost == 2.0


def test_a_tree_of_another_layout_is_not_left_for_a_package_elsewhere(
    site, tree, tmp_path, monkeypatch
):
    load(site).describe("task", "rain")
    (tree.parent / "python").mkdir()
    (tree / "taskspace_weather").rename(tree.parent / "python/taskspace_weather")
    monkeypatch.syspath_prepend(str(tree.parent / "python"))
    assert load(site).activate("task", "rain").label_cost == 2.0
    for name in [name for name in sys.modules if name.startswith("taskspace_weather")]:
        del sys.modules[name]
    first = shadow(tmp_path / "first")
    monkeypatch.syspath_prepend(str(first))
    with pytest.raises(ComponentUnavailable) as caught:
        load(site).activate("task", "rain")
    said = str(caught.value)
    assert f"would be imported from {first}/taskspace_weather/__init__.py" in said
    assert f"shadows the one of the plugin in {tree.parent}" in said


@pytest.mark.parametrize("is_editable", [True, False])
def test_a_module_of_its_name_that_is_imported_already_is_refused(
    site, request, tmp_path, monkeypatch, is_editable
):
    if is_editable:
        request.getfixturevalue("tree")
    else:
        site.install(WEATHER)
        site.trust(WEATHER)
    first = tmp_path / "first"
    put(first / "taskspace_weather", __init____DOT__py="colour = 'red'\n")
    monkeypatch.syspath_prepend(str(first))
    import taskspace_weather

    assert taskspace_weather.colour == "red"
    monkeypatch.syspath_prepend(str(site.folder))
    with pytest.raises(ComponentUnavailable) as caught:
        load(site).activate("task", "rain")
    assert f"was imported here before from {first}/taskspace_weather/__init__.py" in str(
        caught.value
    )
    del sys.modules["taskspace_weather"]
    assert load(site).activate("task", "rain").label_cost == 2.0


LEFTOVERS = {
    "without anything": {},
    "without a Name": {"PKG-INFO": "Version: 1.0\n"},
    "of the same version": {"PKG-INFO": f"Name: {WEATHER}\nVersion: 1.0\n"},
    "of an older version": {"PKG-INFO": f"Name: {WEATHER}\nVersion: 0.9\n"},
    "spelt otherwise": {"PKG-INFO": "Name: Taskspace_Weather\nVersion: 1.0\n"},
}


@pytest.mark.parametrize("place", ["last", "first", "beside"])
@pytest.mark.parametrize("files", LEFTOVERS.values(), ids=LEFTOVERS)
def test_what_a_build_leaves_is_no_second_plugin(site, tree, files, place):
    folder = site.folder if place == "beside" else tree
    egg_info = folder / "taskspace_weather.egg-info"
    egg_info.mkdir()
    for name, text in {**files, "entry_points.txt": ENTRY_POINTS}.items():
        (egg_info / name).write_text(text)
    folders = [str(site.folder), str(tree)]
    found = discover(folders if place != "first" else folders[::-1])
    assert [(p.distribution, p.version, p.problem) for p in found] == [(WEATHER, "1.0", None)]
    assert load(site, tree).activate("task", "rain").label_cost == 2.0


def test_an_egg_info_by_itself_is_called_by_its_name(tmp_path):
    egg_info = tmp_path / "taskspace_weather-0.3-py3.11.egg-info"
    egg_info.mkdir()
    (egg_info / "entry_points.txt").write_text(ENTRY_POINTS)
    (plugin,) = discover([str(tmp_path)])
    assert plugin.distribution == "taskspace_weather"
    assert plugin.problem == "Its PKG-INFO has no Name or no Version."
    (egg_info / "PKG-INFO").write_text(f"Name: {WEATHER}\nVersion: 0.3\n")
    (plugin,) = discover([str(tmp_path)])
    assert (plugin.distribution, plugin.version, plugin.problem) == (WEATHER, "0.3", None)


@pytest.mark.parametrize(
    ("folder", "remedy"),
    [
        ("tree", "tasks plugin add {}"),
        ("gone", "tasks plugin add SOURCE, with the folder, wheel or address"),
        (None, "tasks plugin add SOURCE, with the folder, wheel or address"),
    ],
)
def test_an_unlisted_plugin_is_added_from_a_folder_that_is_there(site, tmp_path, folder, remedy):
    site.install(WEATHER)
    (tmp_path / "tree").mkdir()
    url = "file:taskspace-source" if folder is None else (tmp_path / folder).as_uri()
    info = site.folder / INFO
    (info / "direct_url.json").write_text(json.dumps({"url": url, "dir_info": {}}))
    state = site.state(WEATHER)
    assert state.status == "unlisted"
    assert state.remedy.startswith(remedy.format(tmp_path / "tree"))
