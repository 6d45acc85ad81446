"""The kit as a pytest plugin, in the tests of somebody who writes a plugin."""

from __future__ import annotations

import pytest
from planted_plugin import IDENTITY, plant

# Imported here, the kit is not imported again by each run of pytest in this process.
from taskspace.testing import INVENTORY, bench  # noqa: F401

pytest_plugins = ["pytester"]

TEST = """\
def test_conformance(conformance_check):
    conformance_check()
"""
CHECK = "identity_is_stable"
AROUND = "identity_is_stable or schema_round_trip"


@pytest.fixture
def author(pytester, monkeypatch):
    """Run pytest as an author does, in the source tree of a plugin, warnings as errors.

    In this process, unless what is planted would stay in it (`alone`).
    """
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)

    def call(*planted, arguments=(), test=TEST, more="", alone=False, **changes):
        plant(pytester.path, *planted, **changes)
        pytester.makepyfile(test_kit=test)
        with (pytester.path / "pyproject.toml").open("a") as project:
            project.write(f"\n[tool.pytest.ini_options]\nfilterwarnings = ['error']\n{more}")
        run = pytester.runpytest_subprocess if alone else pytester.runpytest_inprocess
        return run("-p", "no:cacheprovider", "-v", "-ra", *arguments)

    return call


def test_a_good_plugin_has_a_passing_test_for_each_component_and_check(author):
    result = author()
    checks = INVENTORY["study"]
    result.assert_outcomes(passed=2 * len(checks))
    result.stdout.fnmatch_lines(
        [f"*::test_conformance[[]study:look-{check}[]] PASSED*" for check in checks]
        + [f"study:look: {len(checks)} run, 0 skipped, 0 excused"]
    )


def test_a_broken_rule_is_a_failure_that_names_the_check_and_the_reason(author):
    result = author(IDENTITY, "return {'drawn': os.urandom(8).hex()}", arguments=("-k", AROUND))
    result.assert_outcomes(failed=1, passed=3, deselected=2 * len(INVENTORY["study"]) - 4)
    left_out = len(INVENTORY["study"]) - 2
    result.stdout.fnmatch_lines(
        [
            f"study:look {CHECK}: Two equal components have the identities*",
            f"study:look: 2 run, 0 skipped, 0 excused, {left_out} left out",
            f"FAILED *study:look-{CHECK}*",
        ]
    )


def test_an_error_of_the_component_shows_its_place(author):
    result = author(IDENTITY, "return 1 / 0", arguments=("-k", CHECK))
    result.assert_outcomes(failed=1, passed=1, deselected=2 * len(INVENTORY["study"]) - 2)
    result.stdout.fnmatch_lines(["*plugin.py:*: ZeroDivisionError"])


def test_an_excused_check_is_an_expected_failure_until_it_passes(author):
    excuse = '[tool.taskspace.conformance.excused."study:{}"]\n{} = "it is known"\n'
    project = excuse.format("look", CHECK) + excuse.format("listen", CHECK)
    result = author(IDENTITY, "return 1 / 0", project=project, arguments=("-k", AROUND))
    result.assert_outcomes(
        xfailed=1, failed=1, passed=2, deselected=2 * len(INVENTORY["study"]) - 4
    )
    result.stdout.fnmatch_lines(
        [
            f"study:listen {CHECK}: It passes; the excuse is not needed: it is known",
            "study:look: 1 run, 0 skipped, 1 excused, *",
            f"XFAIL *study:look-{CHECK}* - it is known",
            f"FAILED *study:listen-{CHECK}*",
        ]
    )


def test_a_check_that_goes_missing_fails(author, pytester):
    pytester.makeconftest(f"from taskspace.testing import common\ndel common.{CHECK}\n")
    result = author(arguments=("-k", AROUND), alone=True)
    result.assert_outcomes(failed=2, passed=2, deselected=2 * len(INVENTORY["study"]) - 4)
    result.stdout.fnmatch_lines(["*The check is in the inventory and was not found."])


def test_a_test_that_does_not_call_the_check_is_an_error(author):
    result = author(
        test="def test_conformance(conformance_check):\n    pass\n", arguments=("-k", CHECK)
    )
    result.assert_outcomes(passed=2, errors=2, deselected=2 * len(INVENTORY["study"]) - 2)
    result.stdout.fnmatch_lines(["*does not call conformance_check()*"])
    result.stdout.no_fnmatch_line("*study:look: * run, *")


BROKEN = {
    "import": ("import os, signal", "import nothing_of_that_name", "ModuleNotFoundError*plugin.py"),
    "exit": ("import os, signal", "raise SystemExit(3); import os", "SystemExit: 3*plugin.py"),
    "no components": ("return [Look, Listen]", "return []", "It provides no components."),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_plugin_that_cannot_be_used_is_one_collection_error(author, fault):
    old, new, said = BROKEN[fault]
    result = author(old, new)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"The plugin taskspace-planted (*) cannot be *{said}*"])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_wrong_tables_are_a_collection_error_too(author):
    project = '[tool.taskspace.conformance.parameters."study:loook"]\ndepth = 2\n'
    result = author(project=project)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*no component 'study:loook'*Did you mean 'study:look'*"])


def test_another_plugin_can_be_named(author, pytester):
    plant(pytester.path / "nested", '"look"\n', '"stare"\n')
    result = author(more="taskspace_plugin = 'nested'\n", arguments=("-k", CHECK))
    assert result.parseoutcomes()["passed"] == 2
    result.stdout.fnmatch_lines([f"*study:stare-{CHECK}*"])


def test_nothing_heavy_is_imported_and_nothing_happens_unless_it_is_asked_for(pytester):
    heavy = ("torch", "pydantic", "numpy", "jsonschema", "pluggy._x", "taskspace.components")
    pytester.makepyfile(
        "import sys\n\n\ndef test_light():\n"
        "    assert 'taskspace.testing.pytest_plugin' in sys.modules\n"
        f"    assert not set({heavy!r}) & set(sys.modules)\n"
    )
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-W", "error")
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*conformance*")


def test_a_module_that_is_skipped_as_a_whole_is_no_error(pytester):
    pytester.makepyfile('import pytest\n\npytest.importorskip("no_such_package")\n')
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    result.assert_outcomes(skipped=1)
    result.stderr.no_fnmatch_line("*AttributeError*")
