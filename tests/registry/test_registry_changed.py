"""A plugin whose bytes are not the trusted ones: which file, which plugin, which two hashes."""

from __future__ import annotations

import json

import pytest

from taskspace.errors import ComponentUnavailable
from taskspace.registry.cautions import cautions
from taskspace.registry.distributions.digest import inventory
from taskspace.registry.distributions.record import RecordRow

WEATHER = "taskspace-weather"
PACKAGE = "taskspace_weather"


@pytest.fixture
def trusted(site) -> str:
    """The weather plugin, trusted as it is; its hash."""
    site.install(WEATHER, more={f"{PACKAGE}/m{n}.py": f"x = {n}\n" for n in range(6)})
    site.trust(WEATHER, provides='["task:rain"]')
    return site.digest(WEATHER)


def actual(site) -> str:
    return inventory(site.found(WEATHER).metadata).sha256


def test_one_byte_is_enough_and_everything_is_named(site, trusted):
    file = site.folder / PACKAGE / "m3.py"
    file.write_text("x = 4\n")
    state = site.state(WEATHER)
    assert state.changes == (f"{PACKAGE}/m3.py has changed",)
    assert (state.locked, state.sha256) == (trusted, actual(site))
    assert state.locked != state.sha256
    assert state.reason == (
        f"Its files are not the ones that were trusted: {PACKAGE}/m3.py has changed. "
        f"registry.toml says sha256 {trusted}, the installed files have {state.sha256}."
    )
    with pytest.raises(ComponentUnavailable) as caught:
        site.load().describe("task", "rain")
    assert "taskspace-weather 1.0" in caught.value.what and state.reason in caught.value.what
    (told,) = cautions(site.load(), [], "taxonomy")
    assert "taskspace-weather 1.0 is listed and enabled, and not used" in told.text
    assert state.reason in told.text and state.remedy in told.text


def test_changed_missing_and_strange_files_are_told_apart(site, trusted):
    (site.folder / PACKAGE / "m1.py").write_text("x = 9\n")
    (site.folder / PACKAGE / "m2.py").unlink()
    (site.folder / PACKAGE / "stranger.py").write_text("")
    state = site.state(WEATHER)
    assert state.changes == (
        f"{PACKAGE}/m1.py has changed",
        f"{PACKAGE}/m2.py is missing",
        f"{PACKAGE}/stranger.py was not installed with it",
    )
    assert trusted in state.reason and actual(site) in state.reason


def test_three_are_named_and_the_others_counted(site, trusted):
    for n in range(5):
        (site.folder / PACKAGE / f"m{n}.py").write_text("x = 9\n")
    reason = site.state(WEATHER).reason
    assert f"{PACKAGE}/m2.py has changed (and 2 more). " in reason
    assert "m3.py" not in reason and len(site.state(WEATHER).changes) == 5


def test_a_record_that_was_changed_too_is_said(site, trusted):
    site.install(WEATHER, more={f"{PACKAGE}/m{n}.py": f"x = {n + (n == 3)}\n" for n in range(6)})
    state = site.state(WEATHER)
    assert state.status == "untrusted" and state.changes == ()
    assert "No single file differs from its RECORD" in state.reason
    assert trusted in state.reason and state.sha256 in state.reason


def test_a_linked_folder_among_the_files_is_strange(site, trusted, tmp_path):
    (site.folder / PACKAGE / "ring").symlink_to(site.folder / PACKAGE)
    assert site.state(WEATHER).changes == (f"{PACKAGE}/ring was not installed with it",)


def test_a_changed_source_tree_is_said_to_be_one(site, trusted, tmp_path):
    (tmp_path / "tree").mkdir()
    (site.folder / f"{PACKAGE}-1.0.dist-info/direct_url.json").write_text(
        json.dumps({"url": (tmp_path / "tree").as_uri(), "dir_info": {"editable": True}})
    )
    state = site.state(WEATHER)
    assert state.status == "untrusted"
    assert "Its source tree is not the one that was trusted" in state.reason


def test_a_changed_plugin_whose_names_are_not_known_is_named_for_unknown_words(site, trusted):
    file = site.project / "registry.toml"
    file.write_text(file.read_text().replace('provides = ["task:rain"]', ""))
    (site.folder / PACKAGE / "m3.py").write_text("")
    with pytest.raises(Exception, match=r"taskspace-weather 1\.0 is untrusted: Its files are not"):
        site.load().describe("task", "hurricane")


@pytest.mark.parametrize(
    ("checksum", "agrees"),
    [
        ("sha256=LPJNul-wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ", True),  # of b"hello"
        ("sha256=LPJNul-wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=", True),
        ("sha256=LPJNul-wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCR", False),
        ("md5=XUFAKrxLKna5cZ2REBfFkg", True),
        ("md5=XUFAKrxLKna5cZ2REBfFkh", False),
        ("shake_128=x", True),
        ("unheard=x", True),
        ("", True),
    ],
)
def test_a_row_of_record_is_compared_as_it_is_written(checksum, agrees):
    assert RecordRow("x", checksum).agrees(b"hello") == agrees
