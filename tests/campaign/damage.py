"""Damage: to stores, runs, jobs, caches and lists of plugins, at rest and under a run."""

from __future__ import annotations

import json
import os
import shutil
import time
from pathlib import Path

from catalogue import group
from cli_site import CliSite
from mutations import damage, files_below, mutated, remove
from scene import Scene, expect

some_damage = group("damage", 420)


@some_damage(share=8)
def a_stored_file_is_damaged(scene: Scene) -> None:
    """Whatever becomes of a stored file, the run finds what it found, computing it again."""
    scene.finished()
    files = files_below(scene.folder / ".taskspace/store/objects")
    for file in scene.chance.sample(files, scene.chance.randint(1, 3)):
        damage(scene.chance, file)
    if scene.chance.random() < 0.5:
        # Not even the run's own files say that all is done.
        shutil.rmtree(scene.folder / "runs")
    scene.expect_result("damage to the store")


@some_damage(share=2)
def results_change_places(scene: Scene) -> None:
    """A result that lies where another should is none."""
    scene.finished()
    seals = (scene.folder / ".taskspace/store/objects").glob("??/*/seal.json")
    one, other = scene.chance.sample(sorted(seal.parent for seal in seals), 2)
    aside = scene.folder / "aside"
    one.rename(aside)
    other.rename(one)
    aside.rename(other)
    shutil.rmtree(scene.folder / "runs")
    scene.expect_result("exchanged results")


@some_damage(share=8)
def a_file_of_a_run_is_damaged(scene: Scene) -> None:
    """A damaged run says so or says what it found; it never says anything else."""
    run = scene.finished()
    file = scene.chance.choice(files_below(run))
    what = damage(scene.chance, file)
    place = f"{what} in place of {file.name}"
    said = scene.tasks("show", "small", "--json")
    expect(
        said.status != 0 or json.loads(said.out) == scene.stage.result,
        f"with {place}, `tasks show` says something else",
    )
    expect(scene.tasks("runs").status == 0, f"with {place}, runs cannot be listed")
    scene.tasks("report", "small")
    again = scene.tasks("rerun", "small", "--executor", "inline")
    runs = sorted(path.name for path in (scene.folder / "runs").iterdir())
    expect(runs == [run.name], f"with {place}, `tasks rerun` made the run {runs}")
    if again.status == 0:
        expect(scene.same_result(), f"with {place}, `tasks rerun` found something else")
    said = scene.tasks("run", "job.yaml", "--executor", "inline")
    if said.status == 1 and os.path.lexists(file) and not _is_file(file):
        # What no run writes is not removed either, but named.
        expect(file.name in said.err, f"with {place}, the error does not name it: {said.err}")
        remove(file)
    scene.expect_result(place)


def _is_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


@some_damage(share=3)
def parts_vanish(scene: Scene) -> None:
    """Folders of the store and of runs vanish between commands."""
    run = scene.finished()
    store = scene.folder / ".taskspace/store"
    parts = [store, run, run.parent, *store.iterdir(), *(store / "objects").iterdir()]
    part = scene.chance.choice(sorted(parts))
    remove(part)
    name = part.relative_to(scene.folder).as_posix()
    scene.tasks("runs")
    scene.tasks("show", "small")
    scene.tasks("runs", "gc", "--dry-run")
    scene.expect_result(f"the loss of {name}")


@some_damage(share=2)
def parts_vanish_under_a_run(scene: Scene) -> None:
    """Parts of the store vanish or change while a run uses it."""
    scene.finished()
    store = scene.folder / ".taskspace/store"
    results = sorted(seal.parent for seal in store.glob("objects/??/*/seal.json"))
    for result in scene.chance.sample(results, len(results) // 2):
        shutil.rmtree(result)
    shutil.rmtree(scene.folder / "runs")
    process = scene.start("run", "job.yaml", "--executor", "inline")
    time.sleep(scene.chance.uniform(0.0, scene.stage.seconds))
    try:
        if scene.chance.random() < 0.5:
            files = files_below(store / "objects")
            file = scene.chance.choice(files)
            file.write_bytes(mutated(scene.chance, file.read_bytes()))
        else:
            remove(scene.chance.choice([store, store / "objects", store / "writing"]))
    except OSError:
        pass  # the run writes where this removes
    scene.ended(process)
    scene.expect_result("damage under a run")


@some_damage(share=3)
def a_job_is_damaged(scene: Scene) -> None:
    """A damaged job is a valid one or wrong; checking it never breaks."""
    scene.job()
    file = scene.folder / "job.yaml"
    content = file.read_bytes()
    for _ in range(scene.chance.randint(1, 3)):
        content = mutated(scene.chance, content)
    file.write_bytes(content)
    said = scene.tasks("check", "job.yaml", "--json")
    expect(said.status in {0, 2}, f"status {said.status} of {content!r}")
    expect(isinstance(json.loads(said.out), dict), "no answer in JSON")


def _project(scene: Scene) -> CliSite:
    """Return a project with a trusted plugin, described already."""
    site = CliSite(scene.folder / "site", scene.folder)
    site.install("taskspace-rain")
    site.trust("taskspace-rain")
    said = scene.tasks("components", "task", "--json", **site.environment)
    expect("rain" in _names(said.out), f"the plugin is not usable: {said.err[-300:]}")
    return site


def _names(out: str) -> set[str]:
    return {component["name"] for component in json.loads(out)["components"]}


@some_damage(share=2)
def a_cache_is_damaged(scene: Scene) -> None:
    """A damaged description in the cache is made anew."""
    site = _project(scene)
    file = scene.chance.choice(files_below(scene.folder / "cache"))
    damage(scene.chance, file)
    said = scene.tasks("components", "task", "--json", **site.environment)
    expect(said.status == 0 and "rain" in _names(said.out), f"without its cache: {said.err[-300:]}")


@some_damage(share=3)
def a_list_of_plugins_is_damaged(scene: Scene) -> None:
    """A damaged registry.toml is refused or read; safe mode works without it."""
    site = _project(scene)
    file = scene.folder / "registry.toml"
    what = damage(scene.chance, file)
    kept = file.read_bytes() if file.is_file() and not file.is_symlink() else None
    for command in (["plugin", "list"], ["components"], ["plugin", "doctor"]):
        said = scene.tasks(*command, **site.environment)
        expect(said.status in {0, 1, 2}, f"status {said.status}")
    said = scene.tasks("--no-plugins", "components", **site.environment)
    expect(said.status == 0, f"with {what}, safe mode ends with {said.status}: {said.err[-300:]}")
    expect(kept is None or file.read_bytes() == kept, "reading registry.toml has changed it")


@some_damage(share=3)
def a_plugin_is_damaged(scene: Scene) -> None:
    """A plugin of which any file is damaged is used as it was trusted, or set aside."""
    site = _project(scene)
    files = [f for f in files_below(site.folder) if "__pycache__" not in f.parts]
    file: Path = scene.chance.choice(files)
    what = damage(scene.chance, file)
    said = scene.tasks("components", "task", "--json", **site.environment)
    expect(said.status == 0, f"with {what} in place of {file.name}: {said.err[-300:]}")
    expect("parity" in _names(said.out), "built-ins are gone")
    if file.suffix == ".py":
        expect("rain" not in _names(said.out), f"{what} in place of {file.name} was not noticed")
    expect(
        scene.tasks("plugin", "list", **site.environment).status == 0, "plugins cannot be listed"
    )
    scene.tasks("plugin", "doctor", **site.environment)
