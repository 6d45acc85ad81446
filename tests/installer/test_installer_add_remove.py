"""`add` and `remove` are each other's inverse, whatever the plugin comes from."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from plugin_world import JOB, RAIN, World

REGISTRIES = {
    "absent": None,
    "with comments": "# mine\r\nschema = 1  # one\r\n\r\n[plugins] # none yet",
}


def git(tree: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-c", "user.name=a", "-c", "user.email=a@b", *arguments],
        cwd=tree,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()


def repository(world: World) -> tuple[str, str]:
    """Return the URL of a repository of the plugin, and its one commit."""
    tree = world.plugin(folder=world.root / "repository")
    git(tree, "init", "--quiet", "--initial-branch=main")
    git(tree, "add", ".")
    git(tree, "commit", "--quiet", "--message=first")
    git(tree, "tag", "v1")
    return f"git+file://{tree}", git(tree, "rev-parse", "HEAD")


def source(world: World, form: str) -> list[str]:
    match form:
        case "folder":
            world.plugin()
            return ["./weather"]
        case "wheel":
            return [str(world.wheel("taskspace-weather"))]
        case "editable":
            world.plugin()
            return ["--editable", "./weather"]
        case "git":
            return ["{}@{}".format(*repository(world))]
        case "name":
            world.wheel("taskspace-weather")
            return ["weather==1.0"]
    raise ValueError(form)


@pytest.mark.parametrize(
    ("form", "registry"),
    [
        pytest.param("folder", "absent", marks=pytest.mark.slow),
        pytest.param("folder", "with comments", marks=pytest.mark.slow),
        ("wheel", "with comments"),
        ("editable", "absent"),
        pytest.param("git", "absent", marks=pytest.mark.slow),
        pytest.param("name", "with comments", marks=pytest.mark.slow),
    ],
)
def test_remove_undoes_add(world, form, registry):
    if (text := REGISTRIES[registry]) is not None:
        world.registry.write_bytes(text.encode())
    before = world.snapshot()
    added = world.done("plugin", "add", *source(world, form), "--json", CI="").json["added"]
    assert (added["distribution"], added["version"]) == ("taskspace-weather", "1.0")
    assert added["provides"] == ["task:rain"]
    assert added["trust"] == ("editable" if form == "editable" else "pinned")
    (world.project / "job.yaml").write_text(JOB)
    world.done("check", "job.yaml")
    listed = world.done("plugin", "list", "--json").json["plugins"]
    assert [p["status"] for p in listed if p["distribution"] == "taskspace-weather"] == ["ready"]
    said = world.done("plugin", "remove", "weather")
    assert "uninstalled taskspace-weather" in said.out
    assert world.snapshot() == before
    refused = world.tasks("check", "job.yaml")
    assert refused.status == 2
    assert "rain" in refused.err


@pytest.mark.slow
def test_a_folder_is_copied_and_left_as_it_was_and_nothing_beside_it_is_imported(world):
    world.forks = None  # a fork has imported its modules already
    for name in ("pip", "json", "queue", "random", "yaml", "setuptools", "tomllib", "zipfile"):
        module = f"open({str(world.root / 'imported')!r}, 'a')\nraise RuntimeError\n"
        (world.project / f"{name}.py").write_text(module)
    tree = world.plugin()
    before = sorted(p.relative_to(tree) for p in tree.rglob("*"))
    world.done("plugin", "add", "./weather")
    assert sorted(p.relative_to(tree) for p in tree.rglob("*")) == before
    (tree / "src/taskspace_weather/plugin.py").write_text("raise SystemExit")
    (world.project / "job.yaml").write_text(JOB)
    world.done("check", "job.yaml")
    world.done("plugin", "remove", "weather")
    assert not (world.root / "imported").exists()


@pytest.mark.slow
def test_under_ci_a_run_uses_what_was_added(world):
    world.plugin()
    (world.project / "job.yaml").write_text(JOB)
    world.done("plugin", "add", "./weather", CI="true")
    run = world.done("run", "job.yaml", "--json", "--executor", "inline", CI="true").json
    assert "rain" in str(run["policies"])
    world.done("plugin", "remove", "taskspace_weather", CI="true")
    assert not world.registry.exists()


@pytest.mark.slow
def test_without_a_plan_that_is_agreed_to_nothing_changes(world):
    world.plugin()
    before = world.snapshot()
    said = world.done("plugin", "add", "./weather", "--dry-run")
    assert "task rain" in said.err
    assert world.snapshot() == before


@pytest.mark.slow
def test_an_unpinned_reference_is_pinned_or_under_frozen_refused(world):
    url, commit = repository(world)
    for address in (url, f"{url}@main", f"{url}@v1"):
        before = world.snapshot()
        refused = world.tasks("plugin", "add", address, "--frozen")
        assert refused.status == 2
        assert "40 hex digits" in refused.err
        assert world.tasks("plugin", "add", address, CI="true").status == 2
        assert world.snapshot() == before
    world.done("plugin", "add", f"{url}@main")
    assert f"@{commit}" in world.registry.read_text()


def test_what_a_plugin_needs_comes_and_goes_with_it(world):
    world.wheel("meteo", entry_points=False)
    world.wheel("clouds", needs=("meteo",), entry_points=False)
    before = world.snapshot()
    world.plugin(needs=("clouds>=1",))
    said = world.done("plugin", "add", "./weather")
    assert "clouds==1.0" in said.err
    assert "meteo==1.0" in said.err
    # A second one that needs the same: it stays as long as one of them is there.
    world.plugin("taskspace-hail", RAIN.replace('"rain"', '"hail"'), needs=("meteo",))
    world.done("plugin", "add", "./hail")
    said = world.done("plugin", "remove", "weather")
    assert "uninstalled taskspace-weather, clouds" in said.out
    assert world.done("plugin", "list", "--json").json["plugins"][1]["status"] == "ready"
    world.done("plugin", "remove", "hail")
    assert world.snapshot() == before


@pytest.mark.slow
def test_a_plugin_of_two_projects_stays_until_neither_lists_it(world):
    before = world.snapshot()
    wheel = str(world.wheel("taskspace-weather"))
    other = world.root / "other"
    other.mkdir()
    world.done("plugin", "add", wheel)
    said = world.done("plugin", "add", wheel, folder=other)
    assert "nothing: these very files are installed" in said.err
    assert "also listed in" in world.done("plugin", "remove", "weather").out
    assert world.done("plugin", "list", "--json", folder=other).json["plugins"][1]["status"] == (
        "ready"
    )
    world.done("plugin", "remove", "weather", folder=other)
    assert world.snapshot() == before


@pytest.mark.slow
def test_what_was_installed_before_stays_installed(world):
    wheel = str(world.wheel("taskspace-weather"))
    world.done("plugin", "add", wheel)
    (world.prefix / "share/taskspace/ledger.json").unlink()
    world.registry.unlink()
    before = world.snapshot()
    world.done("plugin", "add", wheel)
    assert "stays installed" in world.done("plugin", "remove", "weather").out
    assert {k: v for k, v in world.snapshot().items() if "share" not in k} == {
        k: v for k, v in before.items() if "share" not in k
    }


def test_another_version_replaces_the_first_and_keeps_the_comments_of_the_entry(added):
    text = added.registry.read_text().replace("api = ", "# who made this?\napi = ")
    added.registry.write_text(text)
    first = text[text.index("sha256") :].splitlines()[0]
    added.plugin(version="1.1")
    refused = added.tasks("plugin", "add", "./weather", CI="true")
    assert refused.status == 2
    assert "changes no lock" in refused.err
    assert added.registry.read_text() == text
    said = added.done("plugin", "add", "./weather", "--yes")
    assert "replaces  version 1.0" in said.err
    now = added.registry.read_text()
    assert "# who made this?\napi = " in now
    assert 'version = "1.1"' in now
    assert first not in now
    assert added.done("plugin", "list", "--json").json["plugins"][1]["status"] == "ready"


def test_enable_and_disable_change_one_word(added):
    text = added.registry.read_text()
    added.done("plugin", "disable", "weather")
    assert added.registry.read_text() == text.replace("enabled = true", "enabled = false")
    (added.project / "job.yaml").write_text(JOB)
    refused = added.tasks("check", "job.yaml")
    assert "tasks plugin enable taskspace-weather" in refused.err
    added.done("plugin", "enable", "taskspace-weather")
    assert added.registry.read_text() == text
    added.done("check", "job.yaml")


def test_a_name_that_is_not_listed_is_said_with_the_nearest(added):
    for command in ("remove", "enable", "disable"):
        said = added.tasks("plugin", command, "wheather")
        assert said.status == 2
        assert "Did you mean 'taskspace-weather'" in said.err
