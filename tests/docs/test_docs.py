"""Every link leads somewhere, every job is sound, every snippet runs, every command exists."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from taskspace.jobs import load_job
from taskspace.registry import Registry
from taskspace.studies.taxonomy.job import TaxonomyJob
from taskspace.studies.taxonomy.plan.facts import untrained_of
from taskspace_cli.main import app

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
SESSIONS = ("plugins.md", "plugin-authors.md")
"""Pages whose commands and code are typed in order, by test_docs_sessions."""
JOBS = sorted((ROOT / "jobs").glob("*.yaml"))


def blocks(language: str) -> list:
    found = []
    for page in (page for page in PAGES if page.name not in SESSIONS):
        pattern = rf"^```{language}\n(.*?)^```"
        for match in re.finditer(pattern, page.read_text(), re.MULTILINE | re.DOTALL):
            line = page.read_text()[: match.start()].count("\n") + 1
            found.append(pytest.param(match[1], id=f"{page.name}:{line}"))
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)]+)\)", page.read_text()):
        if target.startswith("https://"):
            continue
        path, _, anchor = target.partition("#")
        linked = (page.parent / path) if path else page
        assert linked.exists(), target
        if anchor:
            titles = re.findall(r"^#+ (.+)$", linked.read_text(), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", t).lower().replace(" ", "-") for t in titles}


@pytest.mark.parametrize("text", blocks("yaml"))
def test_jobs_in_the_docs_are_sound(text):
    load_job(text, catalogue=Registry.load(plugins=False))


@pytest.mark.parametrize("text", blocks("yaml"))
def test_task_networks_in_the_docs_can_be_compared_with_training_from_scratch(text):
    registry = Registry.load(plugins=False)
    job = load_job(text, catalogue=registry).job
    if isinstance(job, TaxonomyJob) and job.affinities is None:
        untrained_of(registry.component(job.encoder.spec()))


@pytest.mark.parametrize("path", JOBS, ids=lambda path: path.name)
def test_jobs_that_ship_are_sound(path):
    load_job(path, catalogue=Registry.load(plugins=False))


@pytest.mark.parametrize("code", blocks("python"))
def test_python_in_the_docs_runs(code, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exec(compile(code, "docs", "exec"), {"__name__": "docs"})


@pytest.mark.parametrize("text", blocks("console"))
def test_commands_in_the_docs_exist(text):
    for line in text.splitlines():
        words = shlex.split(line.removeprefix("$ "), comments=True)
        if words[0] == "make":
            assert f"\n{words[1]}:" in (ROOT / "Makefile").read_text()
            continue
        if words[0] == "source":
            assert words[1] == ".venv/bin/activate"
            assert "VENV := .venv\n" in (ROOT / "Makefile").read_text()
            continue
        assert words[0] == "tasks"
        result = CliRunner().invoke(app, [*words[1:], "--help"])
        assert result.exit_code == 0, line


def test_the_template_of_init_is_the_job_of_digits():
    template = (ROOT / "cli/taskspace_cli/templates/job.yaml").read_text()
    demo = (ROOT / "jobs/digits.yaml").read_text()
    assert template == demo.replace("name: digits", "name: my-tasks")
    registry = (ROOT / "registry.toml").read_text()
    assert registry == (ROOT / "cli/taskspace_cli/templates/registry.toml").read_text()
