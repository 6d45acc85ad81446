"""Damaged installations: each is a state with a reason, and stops nothing else."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from taskspace.registry import BUILT_IN
from taskspace.registry.plugin_report import plugin_report

WEATHER = "taskspace-weather"
INFO = "taskspace_weather-1.0.dist-info"
NAMES = ("METADATA", "entry_points.txt", "RECORD", "direct_url.json")


def folder_in_place(file: Path) -> None:
    file.unlink(missing_ok=True)
    file.mkdir()


def ring(file: Path) -> None:
    file.unlink(missing_ok=True)
    file.symlink_to(file)


def pipe(file: Path) -> None:
    file.unlink(missing_ok=True)
    os.mkfifo(file)


def enormous(file: Path) -> None:
    with file.open("ab") as stream:
        stream.truncate(1 << 40)


DAMAGES = {
    "gone": lambda file: file.unlink(missing_ok=True),
    "empty": lambda file: file.write_text(""),
    "no text": lambda file: file.write_bytes(b"\xff\xfe\x00[taskspace]\xff"),
    "no text after it": lambda file: file.write_bytes(file.read_bytes() + b"\xff"),
    "nul": lambda file: file.write_bytes(file.read_bytes() + b"\n[taskspace]\na\0b = c\0d\n"),
    "a folder": folder_in_place,
    "a ring": ring,
    "a pipe": pipe,
    "enormous": enormous,
    "other things": lambda file: file.write_text('[taskspace]\n,,,\n"\n{"url": 3}\n../../x,,\n'),
}
URLS = [
    "[]", "3", "null", '"x"', "{}", '{"dir_info": 3}', '{"dir_info": {"editable": true}}',
    '{"url": 3, "dir_info": {"editable": true}}',
    '{"url": "", "dir_info": {"editable": true}}',
    '{"url": "https://[", "dir_info": {"editable": true}}',
    '{"url": "https://example.org/", "dir_info": {"editable": true}}',
    '{"url": "file:///nowhere/at/all", "dir_info": {"editable": true}}',
    '{"url": "file:///nowhere%00", "dir_info": {"editable": true}}',
    "[" * 100_000,
]  # fmt: skip


def states(site) -> dict[str, str]:
    """Return status by plugin, having looked at everything that commands look at."""
    registry = site.load()
    found = registry.plugins()
    assert found[0].distribution == BUILT_IN and found[0].status == "ready"
    assert "identity" in registry.names("task")
    assert registry.digest
    for state in found:
        if state.status != "ready":
            assert state.reason and state.remedy, state
        assert json.dumps(plugin_report(registry, state.distribution).as_json())
    return {state.distribution: state.status for state in found[1:]}


@pytest.fixture(scope="module")
def descriptions(tmp_path_factory) -> Path:
    """The cache of the first test, for the others: each description costs a process."""
    return tmp_path_factory.mktemp("descriptions")


@pytest.fixture
def two(site, tmp_path, descriptions):
    """A plugin to damage, and one that must not suffer."""
    for name, task in ((WEATHER, "rain"), ("taskspace-bad", "snow")):
        site.install(name, site.rain.replace('"rain"', f'"{task}"'))
        site.trust(name)
    shutil.copytree(descriptions, tmp_path / "cache")
    site.load()
    shutil.copytree(tmp_path / "cache", descriptions, dirs_exist_ok=True)
    return site


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", NAMES)
def test_damaged_metadata_is_a_state_with_a_reason(two, name, damage):
    file = two.folder / INFO / name
    if name == "direct_url.json":
        file.write_text("{}")
    DAMAGES[damage](file)
    found = states(two)
    harmless = name == "direct_url.json" and damage in ("gone", "a folder")
    assert (found[WEATHER] == "ready") == harmless
    assert found["taskspace-bad"] == "ready"


@pytest.mark.parametrize("url", URLS, ids=range(len(URLS)))
def test_every_direct_url_is_a_copy_or_a_state_with_a_reason(two, url):
    (two.folder / INFO / "direct_url.json").write_text(url)
    found = states(two)
    assert found[WEATHER] == ("ready" if url == "{}" else "untrusted")
    assert found["taskspace-bad"] == "ready"


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(name=st.sampled_from(NAMES), content=st.binary(max_size=80), keep=st.booleans())
def test_no_bytes_in_the_metadata_break_a_listing(two, name, content, keep):
    file = two.folder / INFO / name
    before = file.read_bytes() if file.exists() else None
    file.write_bytes((before or b"") + content if keep else content)
    try:
        assert states(two)["taskspace-bad"] == "ready"
    finally:
        file.unlink()
        if before is not None:
            file.write_bytes(before)


def test_a_package_that_is_half_uninstalled(two):
    shutil.rmtree(two.folder / "taskspace_weather")
    state = two.state(WEATHER)
    assert state.status == "untrusted"
    assert "taskspace_weather/__init__.py is missing" in state.reason
    shutil.rmtree(two.folder / INFO)
    assert states(two)[WEATHER] == "absent"


def test_what_is_left_of_its_metadata_is_not_called_absent(two):
    (two.folder / INFO / "entry_points.txt").unlink()
    state = two.state(WEATHER)
    assert state.status == "quarantined"
    assert state.reason.startswith("Only parts of it are installed")
    assert state.missed


def test_two_of_one_distribution_side_by_side(two):
    other = two.folder / "taskspace_weather-2.0.dist-info"
    shutil.copytree(two.folder / INFO, other)
    (other / "METADATA").write_text(f"Name: {WEATHER}\nVersion: 2.0\n")
    state = two.state(WEATHER)
    assert state.status == "quarantined"
    assert "installed side by side" in state.reason and "2.0" in state.reason
    assert states(two)["taskspace-bad"] == "ready"


def test_one_folder_that_is_searched_twice_is_one_plugin(two):
    from taskspace.registry import Registry

    twice = Registry.load(two.project, search=[str(two.folder), str(two.folder)])
    assert twice.digest == two.load().digest


def test_of_two_folders_the_first_counts_as_for_python(two, tmp_path):
    from taskspace.registry import Registry

    shutil.copytree(two.folder, tmp_path / "later")
    (tmp_path / "later" / INFO / "METADATA").write_text(f"Name: {WEATHER}\nVersion: 2.0\n")
    first = Registry.load(two.project, search=[str(two.folder), str(tmp_path / "later")])
    assert first.digest == two.load().digest


@pytest.mark.parametrize(
    "damage",
    [
        lambda file: file.write_text("{}"),
        lambda file: file.write_text("[]"),
        lambda file: file.write_text('{"format": 2, "failure": null, "components": [[]]}'),
        lambda file: file.write_bytes(b"\xff"),
        folder_in_place,
    ],
    ids=["no format", "a list", "no components", "no text", "a folder"],
)
def test_a_damaged_cache_costs_time_and_nothing_else(two, tmp_path, damage):
    for file in (tmp_path / "cache").rglob("*.json"):
        damage(file)
    assert set(states(two).values()) == {"ready"}


def test_a_cache_that_cannot_be_kept_costs_time_and_nothing_else(two, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("TASKS_CACHE", str(tmp_path / "file/cache"))
    assert set(states(two).values()) == {"ready"}
