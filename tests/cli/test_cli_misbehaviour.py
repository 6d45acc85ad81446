"""Plugins that misbehave, seen from outside: named with their reason, and no harm to the rest."""

from __future__ import annotations

import shutil

import pytest
from cli_site import RAIN

BAD = "taskspace-bad"

# The plugin's module, and what the reason must say.
MISBEHAVIOURS = {
    "raises": ("raise RuntimeError('broken wing')\n", "broken wing"),
    "hangs": ("import threading\nthreading.Event().wait()\n", "took more than 1 s"),
    "exits": ("import sys\nsys.exit(0)\n", "ended the process that described it (exit status 0)"),
    "shadows": (RAIN.replace('"rain"', '"identity"'), "Two plugins provide the task 'identity'"),
    "schema": (RAIN.replace("sharpness: float =", "sharpness: type(len) ="), "builtin_function"),
}


@pytest.mark.parametrize("misbehaviour", MISBEHAVIOURS)
def test_a_plugin_that_misbehaves_is_set_aside_and_harms_nothing(
    misbehaviour, site, plugged, small_job, needing, kept
):
    module, said = MISBEHAVIOURS[misbehaviour]
    site.install(BAD, module)
    site.trust(BAD)
    _set_aside(plugged, small_job, needing, kept, "quarantined", said, misbehaviour == "shadows")


@pytest.mark.parametrize("removed", ["taskspace_bad/plugin.py", "taskspace_bad"])
def test_a_plugin_that_is_half_uninstalled(removed, site, plugged, small_job, needing, kept):
    site.install(BAD)
    site.trust(BAD)
    path = site.folder / removed
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    _set_aside(plugged, small_job, needing, kept, "untrusted", "plugin.py is missing")


def test_a_plugin_of_which_only_metadata_is_left(site, plugged, small_job, needing, kept):
    site.install(BAD)
    site.trust(BAD)
    (site.folder / "taskspace_bad-1.0.dist-info/entry_points.txt").unlink()
    _set_aside(plugged, small_job, needing, kept, "quarantined", "Only parts of it are installed")


def _set_aside(plugged, small_job, needing, kept, status, said, shadows=False):
    place = {**kept, "TASKS_DESCRIBE_SECONDS": "1" if "took" in said else "60"}
    assert plugged("--help").status == 0
    listed = plugged("plugin", "list", **place)
    assert listed.status == 0 and said in listed.out and status in listed.out
    shown = plugged("plugin", "show", "bad", "--json", **place).json
    assert shown["status"] == status and said in shown["reason"] and shown["remedy"]

    run = plugged("run", str(small_job), "--json", **place)
    assert run.status == 0, run.err
    assert run.json["study"] == "taxonomy"
    warnings = [line for line in run.err.splitlines() if "not used" in line]
    assert len(warnings) == 1 and BAD in warnings[0] and said in warnings[0]

    if shadows:
        needing.write_text(needing.read_text().replace("rain", f"{BAD}/identity"))
    refused = plugged("run", str(needing), **place)
    assert refused.status == 2
    assert BAD in refused.err and said in " ".join(refused.err.split())


def test_what_a_plugin_prints_is_never_taken_for_an_answer(site, plugged, needing, kept):
    noise = "import os, sys\nprint('{noise')\nos.write(1, b'{noise')\nsys.stderr.write('noise')\n"
    site.install(BAD, noise + RAIN)
    site.trust(BAD)
    assert plugged("plugin", "list", "--json").json["plugins"][1]["status"] == "ready"
    assert "noise" not in plugged("plugin", "list").out + plugged("plugin", "list").err
    for executor in ("inline", "local"):
        place = {**kept, "TASKS_EXECUTOR": executor, "TASKS_WORKERS": "1"}
        run = plugged("run", str(needing), "--json", **place)
        assert run.status == 0, run.err
        assert run.json["study"] == "taxonomy" and "noise" in run.err
    assert plugged("check", str(needing), "--json").json["errors"] == []
