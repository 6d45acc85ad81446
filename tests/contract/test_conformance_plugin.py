"""The kit on a whole plugin: what a plugin does to its process is its own failure, and no more."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from planted_plugin import IDENTITY, PROJECT, plant

from taskspace.errors import InputError, NotFound
from taskspace.testing import INVENTORY, Children, check_plugin
from taskspace.testing.installed import named_target
from taskspace.testing.source_tree import source_target
from taskspace_plugins.executors.inline import Inline

CHECK = "identity_is_stable"
GPU_CHECKS = {"loss_runs_on_gpu"}
AROUND = ("schema_round_trip", CHECK, "job_model_extends_the_job")


def outcomes(report, component="study:look"):
    return {o.check: (o.status, o.reason) for o in report.reports[component].outcomes}


@pytest.mark.usefixtures("cold_python")
def test_a_good_plugin_passes_every_check_of_every_component(tmp_path):
    heard = []
    target = source_target(plant(tmp_path))
    report = check_plugin(target, listener=lambda *news: heard.append(news))
    assert report.ok
    assert (report.target.distribution, report.target.version) == ("taskspace-planted", "1.2")
    assert list(report.reports) == ["study:listen", "study:look"]
    for component in report.reports:
        assert tuple(outcomes(report, component)) == INVENTORY["study"]
        assert {status for status, _ in outcomes(report, component).values()} == {"passed"}
    total = 2 * len(INVENTORY["study"])
    assert [(done, of) for _, _, done, of in heard] == [(n, total) for n in range(total)]


ENDINGS = {
    "exit": ("sys.exit(3)", "It ended the process (exit status 3)."),
    "hard exit": ("os._exit(0)", "It ended the process (exit status 0)."),
    "crash": (
        "os.kill(os.getpid(), signal.SIGSEGV)",
        "It ended the process (signal SIGSEGV).",
    ),
    "forged event": (
        "open('events.jsonl', 'a').write('odd\\n')",
        "An event that it reported cannot be read: Expecting value: line 1 column 1 (char 0).",
    ),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_whoever_ends_the_process_fails_and_the_rest_is_checked(tmp_path, ending):
    fault, reason = ENDINGS[ending]
    report = check_plugin(source_target(plant(tmp_path, IDENTITY, fault)), only=AROUND)
    assert outcomes(report) == {
        "schema_round_trip": ("passed", ""),
        CHECK: ("failed", reason),
        "job_model_extends_the_job": ("passed", ""),
    }
    assert report.reports["study:listen"].ok


@pytest.mark.usefixtures("cold_python")
def test_a_hang_is_ended_with_all_that_it_started(tmp_path, capfd):
    note = tmp_path / "pid"
    fault = (
        "import subprocess\n"
        "        p = subprocess.Popen([sys.executable, '-c', "
        "'import threading; threading.Event().wait()'])\n"
        f"        open({str(note)!r}, 'w').write(str(p.pid))\n"
        "        print('noise')\n"
        "        threading.Event().wait()"
    )
    target = source_target(plant(tmp_path / "tree", IDENTITY, fault))
    seconds = 2
    while not note.exists():  # a busy machine needs longer to get there
        seconds *= 2
        report = check_plugin(target, only=AROUND, components=["study:look"], seconds=seconds)
    assert outcomes(report)[CHECK] == ("failed", f"It took more than {seconds} s.")
    assert outcomes(report)["job_model_extends_the_job"] == ("passed", "")
    assert capfd.readouterr() == ("", "")
    assert not runs(int(note.read_text()))


def runs(process: int) -> bool:
    try:
        stat = Path(f"/proc/{process}/stat").read_text()
        return stat.rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def test_an_excuse_holds_for_a_process_that_ends_too(tmp_path):
    excuse = f'[tool.taskspace.conformance.excused."study:look"]\n{CHECK} = "known"\n'
    target = source_target(plant(tmp_path, IDENTITY, "os._exit(1)", project=excuse))
    report = check_plugin(target, only=AROUND)
    assert report.ok
    assert outcomes(report)[CHECK] == ("excused", "known")


def test_an_excuse_that_is_not_needed_fails(tmp_path):
    excuse = f'[tool.taskspace.conformance.excused."study:look"]\n{CHECK} = "known"\n'
    report = check_plugin(source_target(plant(tmp_path, project=excuse)), only=AROUND)
    assert outcomes(report)[CHECK] == ("failed", "It passes; the excuse is not needed: known")


TAMPERS = {
    "the check": (
        "from taskspace.testing import common\ndelattr(common, {!r})\n",
        "The check is in the inventory and was not found.",
    ),
    "its name": (
        "from taskspace.testing import INVENTORY\n"
        "INVENTORY['study'] = tuple(n for n in INVENTORY['study'] if n != {!r})\n",
        "It did not run.",
    ),
}


@pytest.mark.parametrize("tamper", TAMPERS)
def test_a_check_that_goes_missing_fails(tmp_path, tamper):
    code, reason = TAMPERS[tamper]
    report = check_plugin(source_target(plant(tmp_path, end=code.format(CHECK))), only=AROUND)
    assert outcomes(report)[CHECK] == ("failed", reason)
    assert report.count("passed") == 4


FAULTY = {
    "import error": ("import os, signal", "import nothing_of_that_name, os, signal", "ModuleNotF"),
    "says where": ("import os, signal", "1 / 0; import os, signal", r"ZeroDiv.*plugin\.py:1"),
    "exit": ("import os, signal", "raise SystemExit(4); import os, signal", "exit status 4"),
    "no components": ("return [Look, Listen]", "return []", "no components"),
    "no class": ("return [Look, Listen]", "return [5]", "5, which is no study"),
    "another api": ("import os, signal", "taskspace_api = '>=9'\nimport os, signal", "api >=9; "),
    "no api": ("import os, signal", "taskspace_api = 'new'\nimport os, signal", "no range of api"),
    "a built-in's name": ('"look"\n', '"taxonomy"\n', "built-in study 'taxonomy' already"),
}


@pytest.mark.parametrize("fault", FAULTY)
def test_a_plugin_that_cannot_be_described_fails_with_the_reason(tmp_path, fault):
    old, new, said = FAULTY[fault]
    report = check_plugin(source_target(plant(tmp_path, old, new)))
    assert not report.ok
    assert not report.reports
    assert re.search(said, report.failure), report.failure


def test_parameters_come_from_the_author_else_from_examples_and_paths_are_the_trees(tmp_path):
    needy = 'depth: int = Field(1, description="How deep.")\n\n    def stages'
    fields = (
        'depth: int = Field(description="How deep.", examples=[3])\n'
        '    given: str = Field(description="What the author says.")\n'
        '    place: JobPath = Field(description="Where it is.")\n'
        '    pictures: JobPath = Field(description="A folder.")\n\n    def stages'
    )
    body = (
        "assert (self.depth, self.given) == (3, 'wind')\n"
        "        assert self.place.read_text() == 'here'\n"
        "        assert len(list(self.pictures.rglob('*.png'))) == 12\n"
        "        return super().identity()"
    )
    table = (
        '[tool.taskspace.conformance.parameters."study:look"]\ngiven = "wind"\nplace = "data.txt"\n'
        '[tool.taskspace.conformance.parameters."study:listen"]\ngiven = "x"\nplace = "data.txt"\n'
    )
    tree = plant(tmp_path, IDENTITY, body, project=table)
    file = tree / "src/taskspace_planted/plugin.py"
    assert needy in file.read_text()
    text = file.read_text().replace(needy, fields)
    file.write_text(text.replace("Component, Job,", "Component, Job, JobPath,"))
    (tree / "data.txt").write_text("here")
    report = check_plugin(source_target(tree))
    assert report.ok, [str(r) for r in report.reports.values()]


def test_what_must_be_given_and_is_not_is_said_in_words(tmp_path):
    old = 'depth: int = Field(1, description="How deep.")\n\n    def stages'
    tree = plant(tmp_path, old, old.replace("1, ", ""))
    whole = check_plugin(source_target(tree), components=["study:look"])
    (failure,) = whole.reports["study:look"].of("failed")
    assert (failure.check, failure.reason) == (
        "parameters_are_valid",
        "depth has no default: write Field(examples=[...]), or "
        '[tool.taskspace.conformance.parameters."study:look"] in pyproject.toml.',
    )
    assert {o.reason for o in whole.reports["study:look"].of("skipped")} == {
        "parameters_are_valid failed."
    }
    alone = check_plugin(source_target(tree), only=(CHECK,), components=["study:look"])
    assert outcomes(alone) == {CHECK: ("failed", "It cannot be made: depth: Field required.")}


def test_the_job_of_a_study_may_name_what_its_own_plugin_provides(tmp_path):
    plans = (
        "planner.component(ComponentSpec('study', job.other), Study)\n"
        '        yield Stage("look", [planner.cell('
    )
    tree = plant(tmp_path, 'yield Stage("look", [planner.cell(', plans)
    file = tree / "src/taskspace_planted/plugin.py"
    text = file.read_text().replace(
        'depth: int = Field(1, description="How deep.")\n\n\nclass Look(',
        'other: str = Field(description="Who looks.", examples=["listen"])\n\n\nclass Look(',
    )
    file.write_text(text.replace("import CellFunction,", "import CellFunction, ComponentSpec,"))
    only = ("first_stage_is_planned",)
    assert check_plugin(source_target(tree), only=only).ok
    # Another length: Python knows byte code of the same second by the size of its source.
    file.write_text(file.read_text().replace('["listen"]', '["nobody_else"]'))
    status, reason = outcomes(check_plugin(source_target(tree), only=only))[only[0]]
    assert status == "failed"
    assert "no study 'nobody_else'" in reason


def test_the_line_of_a_failure_is_the_plugins(tmp_path):
    tree = plant(tmp_path, IDENTITY, "return __import__('json').loads('{')")
    status, reason = outcomes(check_plugin(source_target(tree), only=(CHECK,)))[CHECK]
    line = (tree / "src/taskspace_planted/plugin.py").read_text().split("loads")[0].count("\n") + 1
    assert status == "failed"
    assert reason.endswith(f"{tree}/src/taskspace_planted/plugin.py:{line})")
    fault = ("import os, signal", "import json; json.loads('{'); import os, signal")
    report = check_plugin(source_target(plant(tmp_path / "import", *fault)))
    assert report.failure.endswith("plugin.py:1)")


WRONG = {
    "no tables": ("[tool.taskspace.conformance]\nexcuse = {}\n", "Did you mean 'excused'"),
    "no table": ("[tool.taskspace.conformance]\nexcused = 5\n", "must be a table"),
    "a date": (
        '[tool.taskspace.conformance.parameters."study:look"]\ndepth = 2024-01-01\n',
        r"Found datetime.date\(2024, 1, 1\); a parameter is text.*",
    ),
    "no number": (
        '[tool.taskspace.conformance.parameters."study:look"]\ndepth = {deep = [inf]}\n',
        "a parameter is text, a number",
    ),
    "no reason": (
        f'[tool.taskspace.conformance.excused."study:look"]\n{CHECK} = true\n',
        "an excuse is a reason in words",
    ),
    "no component": (
        '[tool.taskspace.conformance.parameters."study:loook"]\ndepth = 2\n',
        "no component 'study:loook'.*Did you mean 'study:look'",
    ),
    "no check": (
        '[tool.taskspace.conformance.excused."study:look"]\nidentity_stable = "x"\n',
        "no check 'identity_stable'.*Did you mean 'identity_is_stable'",
    ),
}


@pytest.mark.parametrize("mistake", WRONG)
def test_wrong_tables_are_the_authors_mistake_with_their_place(tmp_path, mistake):
    table, said = WRONG[mistake]
    with pytest.raises(InputError, match=said) as caught:
        check_plugin(source_target(plant(tmp_path, project=table)))
    assert "pyproject.toml: tool.taskspace.conformance" in str(caught.value.where)


TREES = {
    "no file": (None, "cannot be read"),
    "no toml": ("[project", "not TOML"),
    "no plugin": ("[project]\nname = 'x'\n", "no entry point in the group 'taskspace'"),
    "no module": (PROJECT.replace(".plugin", ".plugin!"), "names no module"),
    "no package": (PROJECT.replace("_planted", "_moved"), "no package 'taskspace_moved'"),
}


@pytest.mark.parametrize("mistake", TREES)
def test_a_folder_that_is_no_plugin_is_refused(tmp_path, mistake):
    text, said = TREES[mistake]
    if text is not None:
        (tmp_path / "pyproject.toml").write_text(text)
    with pytest.raises(InputError, match=said) as caught:
        source_target(tmp_path)
    assert str(tmp_path / "pyproject.toml") in caught.value.where


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"only": ["identity_stable"]}, "Did you mean 'identity_is_stable'"),
        ({"components": ["study:lok"]}, "Did you mean 'study:look'"),
        ({"only": ["loss_is_differentiable"]}, "None of study:listen, study:look has a check"),
    ],
    ids=("check", "component", "check of another kind"),
)
def test_what_is_asked_for_must_exist(tmp_path, asked, said):
    with pytest.raises(NotFound, match=said):
        check_plugin(source_target(plant(tmp_path)), **asked)


CHOICE = {
    "dataset:cifar10": "a folder of pictures for its path, with few records",
    "dataset:cifar100": "the same one",
    "dataset:cifar10_compositions": "the same one",
    "dataset:image_folder": "the same one",
    "dataset:taskonomy_folder": "the same one",
    "task:classification": "the blobs' classes",
    "task:identity": "the digits",
    "task:regression": "the example of its field",
}


def test_every_built_in_is_given_what_it_needs():
    report = check_plugin(named_target("taskspace"), components=CHOICE)
    assert report.ok, [str(r) for r in report.reports.values()]
    assert list(report.reports) == list(CHOICE)
    assert {o.check for r in report.reports.values() for o in r.of("skipped")} <= GPU_CHECKS


def test_a_failure_in_a_child_is_its_own_and_not_the_next_ones():
    class Nowhere(Inline):
        """It cannot be imported by its name."""

    children = Children([(Nowhere, {}), (Inline, {})])
    assert "failure" in children.described(Nowhere)
    assert "<locals>" in children.activated(Nowhere)["failure"]
    assert "value" in children.described(Inline)
    assert "value" in children.activated(Inline)
