"""The plugins of every kind that `tasks plugin new` writes: they conform, are clean, and run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from cli_site import CliSite

from taskspace.components import KINDS, Assignment, ComponentSpec, Workplace, hook_name
from taskspace.engine.run import Place, execute
from taskspace.jobs import load_job
from taskspace.registry import Registry
from taskspace.testing import check_plugin
from taskspace.testing.checks import performing
from taskspace.testing.source_tree import source_target
from taskspace_cli.scaffold import write_plugin
from taskspace_cli.scaffold.naming import LONGEST

ROOT = Path(__file__).parents[2]
NOT_HERE = {
    "embedding_runs_on_gpu",
    "loss_runs_on_gpu",
    "network_runs_on_gpu",
    "weights_run_on_gpu",
    "loss_masks_missing_labels",
}
STUDIES = {
    "study": "my_study",
    "gating": "multitask",
    "weighting": "multitask",
    "generator": "zeroshot",
    "classifier": "zeroshot",
    "lexicon": "zeroshot",
    "score": "recommend",
    "embedding": "recommend",
}
"""In which the job of a kind is; the others are in a taxonomy."""
SHORT = {
    "my_study": (),
    "taxonomy": ("train.epochs=1", "transfer.epochs=1"),
    "multitask": ("train.epochs=1",),
    "recommend": (),
    "zeroshot": ("train.epochs=1", "baseline.epochs=1", "dataset.images=224", "maps=[]"),
}
"""As written, networks learn for longer."""


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Write a plugin of every kind: kind to folder."""
    root = tmp_path_factory.mktemp("written")
    return {kind: write_plugin(f"my-{kind}", kind, root / kind).folder for kind in KINDS}


@pytest.fixture(scope="module")
def together(written):
    """Return all of them as one plugin, so that one process tries them."""
    targets = [source_target(folder) for folder in written.values()]
    return replace(
        targets[0],
        distribution="taskspace-together",
        entry_points=tuple(
            (f"part{i}", entry[1]) for i, t in enumerate(targets) for entry in t.entry_points
        ),
        paths=tuple(path for target in targets for path in target.paths),
    )


@pytest.fixture(scope="module")
def report(together):
    return check_plugin(together)


@pytest.mark.parametrize("kind", KINDS)
def test_the_component_of_every_kind_conforms(kind, report):
    assert report.failure is None
    found = report.reports[f"{kind}:my_{kind}"]
    assert found.ok, str(found)
    assert {outcome.check for outcome in found.of("skipped")} <= NOT_HERE
    assert not found.of("excused")


def test_what_is_written_is_clean_by_its_own_rules(written):
    for kind, folder in written.items():
        for arguments in (["check"], ["format", "--check"]):
            done = run([sys.executable, "-m", "ruff", *arguments, "--no-cache", "."], folder)
            assert done.returncode == 0, f"{kind}: {done.stdout}"


@pytest.mark.slow
def test_what_is_written_has_sound_types(written, request):
    roots = os.pathsep.join(str(ROOT / root) for root in ("core", "plugins", "cli"))
    packages = [str(folder / "src") for folder in written.values()]
    command = [sys.executable, "-m", "mypy", "--strict", "--follow-imports=silent"]
    # What is known of torch is kept from run to run: nine tenths of the time.
    cache = str(request.config.cache.mkdir("scaffold-types"))
    # All are typed under the rules that one of them has: those of all are the same.
    done = run([*command, "--cache-dir", cache, *packages], written["task"], MYPYPATH=roots)
    assert done.returncode == 0, done.stdout


def test_what_only_each_component_promises_holds(written, together):
    tests = [str(folder / "tests" / f"test_my_{kind}.py") for kind, folder in written.items()]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error"]
    paths = os.pathsep.join(together.paths)
    done = run([*command, "--rootdir", str(written["task"]), *tests], None, PYTHONPATH=paths)
    assert done.returncode == 0, done.stdout
    assert not re.search("skipped|xfailed", done.stdout)


def test_no_token_is_left_and_the_metadata_is_sound(written):
    for kind, folder in written.items():
        for file in folder.rglob("*"):
            assert not re.search("PLUGIN|PluginName|dot-", str(file.relative_to(folder)))
            if file.is_file() and file.suffix != ".pyc":
                assert not re.search("PLUGIN_|PluginName", file.read_text()), file
        project = tomllib.loads((folder / "pyproject.toml").read_text())["project"]
        assert project["name"] == f"taskspace-my-{kind}"
        assert project["license"] == "Apache-2.0"
        assert project["entry-points"]["taskspace"] == {"components": f"taskspace_my_{kind}.plugin"}
        workflow = yaml.safe_load((folder / ".github/workflows/ci.yml").read_text())
        assert [s["run"] for s in workflow["jobs"]["test"]["steps"] if "run" in s][-1] == "pytest"


@pytest.mark.parametrize("name", ["a", "a" * LONGEST, "ab-cd-ef-gh-ij-kl-mn-op-q"])
def test_names_of_any_length_leave_the_code_formatted(name, tmp_path):
    assert len(name) <= LONGEST
    for kind in KINDS:
        write_plugin(name, kind, tmp_path / kind)
    for arguments in (["check"], ["format", "--check"]):
        done = run([sys.executable, "-m", "ruff", *arguments, "--no-cache", "."], tmp_path)
        assert done.returncode == 0, done.stdout


@pytest.fixture(scope="module")
def project(written, tmp_path_factory):
    """Lay all of them out as one installed plugin that a registry.toml trusts; give its folder."""
    folder = tmp_path_factory.mktemp("installed")
    site = CliSite(folder / "site", folder / "project")
    site.project.mkdir()
    hooks = [f"from taskspace_my_{kind}.plugin import {hook_name(kind)}\n" for kind in KINDS]
    modules = {
        file.relative_to(tree / "src").as_posix(): file.read_text()
        for tree in written.values()
        for file in (tree / "src").rglob("*.py")
    }
    site.install("taskspace-together", "".join(hooks), more=modules)
    site.trust("taskspace-together", provides="")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(site.folder))
        patch.setenv("TASKS_CACHE", str(folder / "cache"))
        yield site.project


@pytest.mark.parametrize("kind", KINDS)
def test_the_job_of_every_kind_uses_it_and_runs(kind, written, project):
    registry = Registry.load(project)
    study = STUDIES.get(kind, "taxonomy")
    loaded = load_job(written[kind] / "job.yaml", catalogue=registry, overrides=SHORT[study])
    if kind not in ("executor", "study"):
        assert f"my_{kind}" in yaml.safe_dump(dict(loaded.document))
    executor = f"my_{kind}" if kind == "executor" else "inline"
    place = Place(
        store=project / "store",
        runs=project / "runs",
        executor=ComponentSpec("executor", executor),
        workers=1,
        directory=project,
    )
    outcome = execute(loaded, place, registry)
    assert outcome.answer.solved
    assert not outcome.answer.failures
    assert loaded.job.study == study
    if kind == "study":
        similarity = outcome.answer.result["similarity"]
        assert all(similarity[i][i] == pytest.approx(1) for i in range(len(similarity)))
        page = registry.component(ComponentSpec("study", "my_study")).page(
            outcome.answer.result, {}
        )
        assert page.sections[0].blocks


def run(command, folder, **environment):
    return subprocess.run(
        command,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )


def test_a_worker_that_nobody_has_heard_yet_is_interrupted_too(project, tmp_path):
    crew = (
        Registry.load(project)
        .component(ComponentSpec("executor", "my_executor"))
        .open(Workplace(tmp_path, "cpu", performing.TARGET, "none", tmp_path), 1)
    )
    crew.submit(Assignment(0, (performing.cell("waits", "wait"),)))
    deadline = time.monotonic() + 600
    while not (tmp_path / performing.WAITING).exists():
        assert time.monotonic() < deadline
    crew.close(now=True)
    assert (tmp_path / performing.CLEANED).exists()
