"""plugin list, show, doctor; what is blocked and what is frozen, as the command does it."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys

import pytest
from cli_site import RAIN, CliSite
from processor_time import needed_imports

BAD = "taskspace-bad"
IN_A_WORKER = {"TASKS_EXECUTOR": "local", "TASKS_WORKERS": "1"}
MOST = 3.2
"""0.4 s on a machine where the imports of a command alone take 0.13 s."""


def test_changed_bytes_are_told_alike_everywhere(site, plugged, small_job, needing, kept):
    site.install(BAD)
    locked = site.digest(BAD)
    site.trust(BAD)
    file = site.folder / "taskspace_bad/plugin.py"
    file.write_text(file.read_text() + " ")
    shown = plugged("plugin", "show", "bad", "--json").json
    reason = shown["reason"]
    assert shown["changes"] == ["taskspace_bad/plugin.py has changed"]
    assert shown["sha256"]["locked"] == locked != shown["sha256"]["installed"]
    assert all(part in reason for part in ("plugin.py has changed", *shown["sha256"].values()))
    doctor = plugged("plugin", "doctor")
    refused = plugged("run", str(needing), "--json", **kept)
    assert (doctor.status, refused.status) == (1, 2)
    assert f"{BAD} 1.0" in doctor.out and reason in doctor.out
    assert f"{BAD} 1.0" in refused.json["errors"][0]["message"]
    assert reason in refused.json["errors"][0]["message"]
    assert reason in plugged("plugin", "list").out
    assert reason in plugged("plugin", "show", "bad").out
    other = plugged("run", str(small_job), "--dry-run", **kept)
    assert other.status == 0 and other.err.count(reason) == 1


def test_show_says_everything_of_a_plugin_that_is_ready(site, plugged):
    site.install(BAD, RAIN + "\ntaskspace_api = '>=1'\n")
    site.trust(BAD)
    for name in ("bad", BAD, "Taskspace_Bad"):
        shown = plugged("plugin", "show", name, "--json").json
        assert (shown["distribution"], shown["version"]) == (BAD, "1.0")
    assert (shown["stage"], shown["status"], shown["enabled"]) == ("described", "ready", True)
    assert (shown["trust"], shown["source"]) == ("pinned", f"pypi:{BAD}==1.0")
    assert shown["sha256"]["locked"] == shown["sha256"]["installed"] == site.digest(BAD)
    line = RAIN.count("\n") + 2
    assert shown["api"] == {
        "ours": 1, "locked": ">=1,<2", "declared": ">=1",
        "declared_at": f"{site.folder / 'taskspace_bad/plugin.py'}:{line}",
    }  # fmt: skip
    assert shown["location"] == str(site.folder)
    assert shown["entry_points"] == {"plugin": "taskspace_bad.plugin"}
    assert 0 <= shown["import_seconds"] < 60
    (rain,) = shown["components"]
    assert (rain["kind"], rain["name"], rain["summary"]) == ("task", "rain", "Whether it rains.")
    assert rain["target"] == "taskspace_bad.plugin:Rain"
    assert rain["parameters"]["properties"]["sharpness"]["exclusiveMinimum"] == 0
    said = plugged("plugin", "show", "bad").out
    for part in ("task rain: Whether it rains.", "sharpness: How sure it is. (default 1.0)",
                 site.digest(BAD), "declared >=1"):  # fmt: skip
        assert part in said


def test_show_works_for_plugins_in_every_state(site, plugged):
    site.install("taskspace-stranger", "raise SystemExit('imported')\n")
    site.install("taskspace-off")
    site.trust("taskspace-off", enabled="false")
    site.trust("taskspace-gone", sha256="")
    expected = {
        "taskspace": ("ready", "described"),
        "stranger": ("unlisted", "discovered"),
        "off": ("disabled", "discovered"),
        "gone": ("absent", "known"),
    }
    for name, (status, stage) in expected.items():
        shown = plugged("plugin", "show", name, "--json").json
        assert (shown["status"], shown["stage"]) == (status, stage)
        assert plugged("plugin", "show", name).status == 0
        assert status == "ready" or (shown["reason"] and shown["remedy"])
    assert "task:rain" in plugged("plugin", "show", "gone").out
    unknown = plugged("plugin", "show", "strangr")
    assert unknown.status == 2 and "Did you mean 'taskspace-stranger'?" in unknown.err


def test_doctor_is_content_with_what_is_ready(site, plugged):
    site.install(BAD)
    site.trust(BAD)
    said = plugged("plugin", "doctor", "--json")
    assert said.status == 0, said.out
    assert said.json["healthy"] is True
    about = {finding["about"]: finding for finding in said.json["findings"]}
    assert {"environment", "installer", "registry", "taskspace-bad 1.0", "cache"} <= set(about)
    assert "imported in" in about["taskspace-bad 1.0"]["message"]
    assert about["solver highs"]["level"] == "ok"
    assert plugged("plugin", "doctor").out.endswith("No problems.\n")


def test_doctor_survives_a_wrong_file_and_a_solver_that_crashes(site, plugged, tmp_path):
    solver = (
        "import os\nfrom typing import ClassVar\n"
        "from taskspace.components import Solver, hookimpl\n"
        "class A(Solver):\n    '''One.'''\n    name: ClassVar[str] = 'crashing'\n"
        "    def solve(self, model, limits):\n        raise NotImplementedError\n"
        "    def missing(self):\n        os._exit(9)\n"
        "class B(A):\n    '''Two.'''\n    name: ClassVar[str] = 'wanting'\n"
        "    def missing(self):\n        return 'Install it.'\n"
        "@hookimpl\ndef taskspace_solvers():\n    return [A, B]\n"
    )
    site.install(BAD, solver)
    site.trust(BAD, provides="[]")
    findings = plugged("plugin", "doctor", "--json").json["findings"]
    solvers = {f["about"]: f for f in findings if f["about"].startswith("solver ")}
    assert "exit status 9" in solvers["solver crashing"]["message"]
    assert solvers["solver wanting"]["message"] == "Install it."
    assert {f["level"] for f in findings if f["level"] == "problem"} == set()

    (tmp_path / "registry.toml").write_text("schema = 1\n[plugins.x]\nsource = 3\n")
    said = plugged("plugin", "doctor")
    assert said.status == 1
    assert f"problem  registry: {tmp_path / 'registry.toml'}" in said.out
    assert "1 problem." in said.out
    wrong = plugged("plugin", "list")
    assert wrong.status == 2 and "registry.toml" in wrong.err
    assert plugged("--no-plugins", "plugin", "list").status == 0


def test_from_python_nothing_passes_in_silence_either(site, forks, small_job, kept, tmp_path):
    site.install(BAD, "raise RuntimeError\n")
    site.trust(BAD)
    code = (
        "import sys, warnings, taskspace\n"
        "def run(**how):\n"
        "    with warnings.catch_warnings(record=True) as told:\n"
        "        warnings.simplefilter('always', UserWarning)\n"
        "        taskspace.run(sys.argv[1], executor='inline', store=sys.argv[2], **how)\n"
        "    return [(str(w.message), w.filename) for w in told if 'not used' in str(w.message)]\n"
        "((said, file),) = run()\n"
        "assert 'taskspace-bad 1.0' in said and 'RuntimeError' in said, said\n"
        "assert file == '<string>', file\n"
        "assert run(blocked=['bad']) == run(plugins=False) == []\n"
    )
    arguments = (str(small_job), kept["TASKS_STORE"])
    environment = {**os.environ, **site.environment}
    told = forks.start(
        arguments, environment, directory=tmp_path, before=f"{code}sys.exit('all as expected')"
    ).wait()
    assert told.stderr.endswith("all as expected\n"), told.stderr


def test_blocked_plugins_are_blocked_in_workers_too(site, plugged, light_job, needing, kept):
    site.install(BAD)
    site.trust(BAD)
    block = {"TASKS_BLOCK_PLUGINS": "nobody, bad"}
    # A worker that used the plugin would have another digest, and refuse.
    run = plugged("run", str(light_job), **IN_A_WORKER, **block)
    assert run.status == 0, run.err
    assert "not used" not in run.err
    refused = plugged("run", str(needing), **kept, **block)
    assert refused.status == 2 and "TASKS_BLOCK_PLUGINS names it" in refused.err
    assert plugged("run", str(needing), "--dry-run", **kept).status == 0


def test_frozen_is_asked_for_or_the_default_of_ci(site, plugged, light_job, needing, tmp_path):
    tree = tmp_path / "tree"
    tree.mkdir()
    url = json.dumps({"url": tree.as_uri(), "dir_info": {"editable": True}})
    site.install(BAD, more={"taskspace_bad-1.0.dist-info/direct_url.json": url})
    (site.folder / "taskspace_bad").rename(tree / "taskspace_bad")
    record = site.folder / "taskspace_bad-1.0.dist-info/RECORD"
    rows = record.read_text().splitlines(keepends=True)
    record.write_text("".join(row for row in rows if ".dist-info/" in row))
    site.trust(BAD, trust='"editable"', sha256="")

    def status(*options, **environment):
        return plugged("check", str(needing), *options, **environment).status

    assert status() == 0
    assert status("--frozen") == status(CI="true") == status(TASKS_FROZEN="1") == 2
    assert status("--no-frozen", CI="true") == status(TASKS_FROZEN="0", CI="true") == 0
    assert status("--frozen", TASKS_FROZEN="0") == 2
    assert status(TASKS_FROZEN="perhaps") == 2
    wrong = plugged("components", TASKS_FROZEN="perhaps")
    assert wrong.status == 2 and "'perhaps'" in wrong.err
    assert "\n  rain " in plugged("components", "task").out
    assert "\n  rain " not in plugged("components", "task", CI="1").out
    listed = plugged("plugin", "list", "--frozen")
    assert "untrusted" in listed.out and "--no-frozen" in listed.out
    run = plugged("run", str(light_job), "--frozen", **IN_A_WORKER)
    assert run.status == 0, run.err
    assert "--frozen (the default under CI=true)" in run.err


def test_the_time_that_describing_may_take_is_a_number(site, plugged):
    site.install(BAD)
    site.trust(BAD)
    said = plugged("plugin", "list", TASKS_DESCRIBE_SECONDS="soon")
    assert said.status == 2 and "TASKS_DESCRIBE_SECONDS" in said.err
    assert plugged("plugin", "doctor", TASKS_DESCRIBE_SECONDS="soon").status == 1


@pytest.fixture
def fifty(site) -> None:
    """Install fifty plugins that are described already; to import one fails."""
    for n in range(50):
        name = f"taskspace-fake{n}"
        more = {f"taskspace_fake{n}/m{m}.py": f"x = {m}\n" * 100 for m in range(6)}
        site.install(name, "raise RuntimeError\n", more=more)
        site.trust(name, provides=f'["task:rain{n}"]')
    _cache_descriptions(site)


@pytest.mark.usefixtures("fifty")
def test_fifty_plugins_are_listed_without_importing_one(plugged):
    listed = plugged("plugin", "list", "--json").json["plugins"]
    assert [state["status"] for state in listed] == ["ready"] * 51


@pytest.mark.slow  # measures processor time
@pytest.mark.usefixtures("fifty")
def test_fifty_plugins_are_listed_at_once(site, started):
    times = []
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = started("plugin", "list", **site.environment)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert done.out.count("ready") == 51
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert min(times) < MOST * needed_imports(), times


def _cache_descriptions(site: CliSite) -> None:
    """Write what describing fifty plugins, each in a process of its own, would have kept."""
    code = (
        "import os, sys\n"
        "from dataclasses import replace\n"
        "from taskspace.registry import Registry\n"
        "from taskspace.registry.descriptions import cache\n"
        "from taskspace.registry.descriptions.contained import Described\n"
        "from taskspace.registry.builtins import read_builtins\n"
        "model = next(d for d in read_builtins().components if d.name == 'identity')\n"
        "def described(found, **how):\n"
        "    name = 'rain' + found.distribution.removeprefix('taskspace-fake')\n"
        "    return Described((replace(model, name=name),), seconds=0.1)\n"
        "cache.describe_in_child = described\n"
        "Registry.load()\n"
    )
    subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        cwd=site.project,
        env={"PATH": "", **site.environment},
    )
