"""The conformance kit in pytest: one test for each component of a plugin and each check.

pytest loads this module wherever taskspace is installed; it does nothing unless a test asks for
its fixture. In the tests of a plugin:

    def test_conformance(conformance_check):
        conformance_check()

becomes `test_conformance[task:rain-loss_is_differentiable]` and so on for all that the plugin
provides. A check fails with its reason, is skipped with the reason why it does not apply, or is an
expected failure where pyproject.toml excuses it; an excused check that passes fails. At the end
there is a line a component that counts what ran, was skipped, was excused and was left out.

Which plugin: the source tree in pytest's rootdir, whose pyproject.toml has the entry points; or in
pytest's configuration `taskspace_plugin = FOLDER`, from the rootdir, or the name of an installed
one. Parameters and excuses are tables of the source tree's pyproject.toml:

    [tool.taskspace.conformance.parameters."task:rain"]
    station = "Kew"

    [tool.taskspace.conformance.excused."task:rain"]
    loss_is_differentiable = "it counts drops"

Checks run in pytest's own process, so a debugger stops in the component and coverage sees it;
`tasks plugin check` runs the same ones where a hang or a crash does no harm.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from taskspace.testing.bench import PluginBench
    from taskspace.testing.target import Target

FIXTURE = "conformance_check"
OPTION = "taskspace_plugin"
_PROPERTY = "taskspace_component"
_BENCH = pytest.StashKey["PluginBench | str"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that says which plugin is checked."""
    parser.addini(OPTION, "The plugin that `conformance_check` checks: a folder or a name.")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make a test of every component and check.

    Raises:
        CollectError: if the plugin cannot be found, imported or described, with the reason.
    """
    if FIXTURE not in metafunc.fixturenames:
        return
    from taskspace.testing.inventory import INVENTORY  # noqa: PLC0415  on demand

    bench = _bench(metafunc.config)
    pairs = [
        (component, check)
        for component in bench.components
        for check in INVENTORY[component.partition(":")[0]]
    ]
    ids = [f"{component}-{check}" for component, check in pairs]
    metafunc.parametrize(FIXTURE, pairs, ids=ids, indirect=True)


@pytest.fixture
def conformance_check(request: pytest.FixtureRequest) -> Iterator[Callable[[], None]]:
    """Return a function that runs one check of one component of the plugin."""
    component, check = request.param
    bench = _bench(request.config)
    called = False

    def run() -> None:
        nonlocal called
        called = True
        request.node.user_properties.append((_PROPERTY, component))
        outcome = bench.outcome(component, check)
        if outcome.error is not None:
            raise outcome.error
        match outcome.status:
            case "failed":
                pytest.fail(f"{component} {check}: {outcome.reason}", pytrace=False)
            case "skipped":
                pytest.skip(outcome.reason)
            case "excused":
                pytest.xfail(outcome.reason)

    yield run
    if not called:
        pytest.fail(f"The test does not call {FIXTURE}().", pytrace=False)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say for each component how many checks ran, were skipped, excused and left out."""
    counts: dict[str, dict[str, int]] = {}
    for status in ("passed", "failed", "skipped", "xfailed"):
        for report in terminalreporter.getreports(status):
            # A module that is skipped as a whole has none.
            component = dict(getattr(report, "user_properties", ())).get(_PROPERTY)
            if component is not None and (report.when == "call" or status == "skipped"):
                found = counts.setdefault(
                    str(component), dict.fromkeys(("run", "skipped", "excused"), 0)
                )
                found[{"skipped": "skipped", "xfailed": "excused"}.get(status, "run")] += 1
    if not counts:
        return
    from taskspace.testing.inventory import INVENTORY  # noqa: PLC0415  on demand

    terminalreporter.section("conformance")
    for component, found in counts.items():
        left_out = len(INVENTORY[component.partition(":")[0]]) - sum(found.values())
        listed = [f"{count} {what}" for what, count in found.items()]
        listed += [f"{left_out} left out"] if left_out > 0 else []
        terminalreporter.write_line(f"{component}: {', '.join(listed)}")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove what was written to try components on."""
    bench = config.stash.get(_BENCH, None)
    if bench is not None and not isinstance(bench, str):
        bench.close()


def _bench(config: pytest.Config) -> PluginBench:
    """Return the plugin's components; raises CollectError with the reason if there are none."""
    if _BENCH not in config.stash:
        config.stash[_BENCH] = _described(config)
    bench = config.stash[_BENCH]
    if isinstance(bench, str):
        raise pytest.Collector.CollectError(bench)
    return bench


def _described(config: pytest.Config) -> PluginBench | str:
    from taskspace.errors import TaskspaceError  # noqa: PLC0415  on demand
    from taskspace.registry.descriptions.child import explain, packages_of  # noqa: PLC0415
    from taskspace.testing.bench import PluginBench  # noqa: PLC0415
    from taskspace.testing.target import chosen_components  # noqa: PLC0415

    where, own = "The plugin under test", frozenset[str]()
    try:
        target = _target(config)
        where = f"The plugin {target.distribution} ({target.origin})"
        own = packages_of(value for _, value in target.entry_points)
        sys.path[:0] = [path for path in target.paths if path not in sys.path]
        bench = PluginBench(target)
        chosen_components(target, bench.components, ())
    except TaskspaceError as error:
        return f"{where} cannot be checked: {error}"
    except (Exception, SystemExit) as error:  # noqa: BLE001  whatever its import raises is said
        return f"{where} cannot be imported: {explain(error, error.__traceback__, own)}"
    return bench


def _target(config: pytest.Config) -> Target:
    from taskspace.testing.installed import named_target  # noqa: PLC0415
    from taskspace.testing.source_tree import source_target  # noqa: PLC0415

    said = str(config.getini(OPTION))
    folder: Path = config.rootpath / said
    return source_target(folder) if folder.is_dir() else named_target(said)
