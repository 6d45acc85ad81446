"""Which bytes are trusted, and what happens to those that are not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from taskspace.errors import ComponentUnavailable
from taskspace.registry import PluginState

WEATHER = "taskspace-weather"


def state(site, distribution: str = WEATHER) -> PluginState:
    return next(p for p in site.load().plugins() if p.distribution == distribution)


def test_listed_and_unchanged_is_ready(site):
    site.install(WEATHER)
    site.trust(WEATHER)
    registry = site.load()
    assert state(site).status == "ready"
    assert state(site).provides == ("task:rain",)
    assert registry.describe("task", "rain").facts["label_cost"] == 2.0
    assert registry.describe("task", "rain").owner == "taskspace-weather 1.0"


def test_installed_but_not_listed_is_shown_and_never_imported(site):
    site.install(WEATHER, "raise SystemExit('imported')")
    registry = site.load()
    assert state(site).status == "unlisted"
    assert state(site).stage == "discovered"
    with pytest.raises(Exception, match=r"not looked into: taskspace-weather"):
        registry.describe("task", "hurricane")


@pytest.mark.parametrize(
    "change",
    [
        lambda f: (f / "taskspace_weather/plugin.py").write_text("x = 1\n"),
        lambda f: (f / "taskspace_weather/plugin.py").unlink(),
        lambda f: (f / "taskspace_weather/stranger.py").write_text(""),
        lambda f: (
            (f / "taskspace_weather/deep").mkdir()
            or (f / "taskspace_weather/deep/stranger.pyc").write_bytes(b"")
        ),
        lambda f: (f / "taskspace_weather-1.0.dist-info/METADATA").write_text(
            "Name: taskspace-weather\nVersion: 1.0\nRequires-Dist: evil\n"
        ),
        lambda f: (f / "taskspace_weather-1.0.dist-info/RECORD").unlink(),
    ],
    ids=["edited", "missing", "stranger", "byte code", "metadata", "no record"],
)
def test_other_bytes_are_refused(site, change):
    site.install(WEATHER)
    site.trust(WEATHER, provides='["task:rain"]')
    change(site.folder)
    assert state(site).status == "untrusted"
    with pytest.raises(ComponentUnavailable, match=r"taskspace-weather 1\.0, which is untrusted"):
        site.load().activate("task", "rain")


def test_a_mismatch_names_both_hashes(site):
    site.install(WEATHER)
    trusted = site.digest(WEATHER)
    site.trust(WEATHER)
    (site.folder / "taskspace_weather/plugin.py").write_text("x = 1\n")
    reason = state(site).reason
    assert trusted in reason
    assert site.digest(WEATHER) in reason
    assert site.digest(WEATHER) != trusted


@pytest.mark.parametrize(("trust", "sha256"), [("pinned", ""), ("unverified", "")])
def test_a_missing_hash_is_no_pass(site, trust, sha256):
    site.install(WEATHER)
    site.trust(WEATHER, trust=f'"{trust}"', sha256=sha256)
    assert state(site).status == "untrusted"
    assert site.digest(WEATHER) in state(site).reason
    assert "(none)" in state(site).reason


def test_bookkeeping_byte_code_and_scripts_do_not_count(site):
    points = "[taskspace]\nplugin = taskspace_weather.plugin\n[console_scripts]\nrain = a:b\n"
    site.install(WEATHER, entry_points=points)
    before = site.digest(WEATHER)
    info = site.folder / "taskspace_weather-1.0.dist-info"
    with (info / "RECORD").open("a") as record:
        record.write("../../../bin/rain,sha256=0,1\ntaskspace_weather-1.0.dist-info/REQUESTED,,\n")
    (info / "INSTALLER").write_text("uv\n")
    (info / "REQUESTED").write_text("")
    (info / "direct_url.json").write_text('{"url": "file:///x", "dir_info": {}}')
    (site.folder / "taskspace_weather/__pycache__").mkdir()
    (site.folder / "taskspace_weather/__pycache__/plugin.x.pyc").write_bytes(b"x")
    assert site.digest(WEATHER) == before


def test_the_hash_is_that_of_sha256sum(site):
    import hashlib

    site.install(WEATHER)
    lines = []
    for path in site.folder.rglob("*"):
        if path.is_file() and path.name not in {"RECORD", "INSTALLER"}:
            name = path.relative_to(site.folder).as_posix()
            lines.append((name, hashlib.sha256(path.read_bytes()).hexdigest()))
    text = "".join(f"{digest}  {name}\n" for name, digest in sorted(lines))
    assert site.digest(WEATHER) == hashlib.sha256(text.encode()).hexdigest()


def make_editable(site, tree: Path) -> None:
    """Turn the installed plugin into an editable one, whose modules are in its tree alone."""
    tree.mkdir()
    (tree / "weather.py").write_text("a = 1\n")
    (site.folder / "taskspace_weather").rename(tree / "taskspace_weather")
    info = site.folder / "taskspace_weather-1.0.dist-info"
    rows = (info / "RECORD").read_text().splitlines(keepends=True)
    (info / "RECORD").write_text("".join(row for row in rows if ".dist-info/" in row))
    (info / "direct_url.json").write_text(
        json.dumps({"url": tree.as_uri(), "dir_info": {"editable": True}})
    )


def test_editable_hashes_its_source_tree(site, tmp_path):
    site.install(WEATHER)
    make_editable(site, tmp_path / "tree")
    before = site.digest(WEATHER)
    (tmp_path / "tree/.git").mkdir()
    (tmp_path / "tree/.git/HEAD").write_text("x")
    assert site.digest(WEATHER) == before
    (tmp_path / "tree/weather.py").write_text("a = 2\n")
    assert site.digest(WEATHER) != before


def test_editable_without_hash_is_usable_and_says_so(site, tmp_path):
    site.install(WEATHER)
    make_editable(site, tmp_path / "tree")
    site.trust(WEATHER, trust='"editable"', sha256="")
    assert state(site).status == "ready", state(site).reason
    assert "not verified" in state(site).reason


def test_a_copy_does_not_pass_for_editable(site):
    site.install(WEATHER)
    site.trust(WEATHER, trust='"editable"', sha256="")
    assert state(site).status == "untrusted"


def test_another_version_is_refused(site):
    site.install(WEATHER, version="1.1")
    site.trust(WEATHER)
    assert state(site).reason == "registry.toml locks version 1.0; 1.1 is installed."


def test_another_api_is_refused(site):
    site.install(WEATHER)
    site.trust(WEATHER, api='">=2"')
    assert state(site).status == "quarantined"
    assert state(site).reason == "It is made for api >=2; this taskspace has api 1."


def test_the_digest_of_the_registry_follows_plugins_and_their_state(site):
    bare = site.load().digest
    site.install(WEATHER)
    assert site.load().digest == bare
    site.trust(WEATHER)
    trusted = site.load().digest
    assert trusted != bare
    assert site.load().digest == trusted
