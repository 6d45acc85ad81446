"""`tasks plugin list`, `show`, `doctor`: what is installed, what is trusted, and why not."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from taskspace_cli import options
from taskspace_cli.options import Frozen, Json, PluginName
from taskspace_cli.reporting import reported
from taskspace_cli.terminal.output import answer, echo, echo_json

if TYPE_CHECKING:
    from taskspace.registry import PluginState
    from taskspace.registry.plugin_report import PluginReport


@reported
def list_plugins(frozen: Frozen = None, as_json: Json = False) -> None:
    """List every plugin that is installed or listed, with its stage, its state and why."""
    registry = options.load_registry(frozen)
    states = registry.plugins()
    if as_json:
        file = str(registry.file) if registry.file else None
        echo_json({"registry": file, "plugins": [asdict(s) for s in states]})
        return
    echo(f"registry: {registry.file or 'none (only the built-ins are enabled)'}")
    width = max(len(state.distribution) for state in states)
    for state in states:
        _listed(state, width)


def _listed(state: PluginState, width: int) -> None:
    version = state.version or "-"
    echo(f"{state.distribution:{width}}  {version:8}  {state.stage:10}  {state.status}")
    kinds = Counter(provided.partition(":")[0] for provided in state.provides)
    more = [f"provides {', '.join(f'{n} {kind}' for kind, n in kinds.items())}"] if kinds else []
    if state.reason:
        more.append(f"{state.reason}{f' -> {state.remedy}' if state.remedy else ''}")
    if state.warning:
        more.append(str(state.warning))
    for line in more:
        echo(f"{'':{width}}  {line}")


@reported
def show(name: PluginName, frozen: Frozen = None, as_json: Json = False) -> None:
    """Show everything about one plugin: its state and why, its hashes, what it provides."""
    from taskspace.registry.plugin_report import plugin_report  # noqa: PLC0415  for `--help`

    report = plugin_report(options.load_registry(frozen), name)
    if as_json:
        echo_json(report.as_json())
        return
    echo(report.state.title)
    for label, value in _lines(report):
        if value:
            echo(f"  {label:14} {value}")
    for component in report.components:
        echo(f"\n{component.kind} {component.name}: {component.summary}")
        echo(f"  {component.target}")
        for parameter, schema in component.schema.get("properties", {}).items():
            default = f" (default {json.dumps(schema['default'])})" if "default" in schema else ""
            echo(f"  {parameter}: {schema.get('description', '')}{default}")


def _lines(report: PluginReport) -> list[tuple[str, str | None]]:
    state, declared = report.state, report.declared
    made_for = [f"ours {report.ours}"]
    made_for += [f"registry.toml {state.api}"] if state.api else []
    made_for += [f"declared {declared.text} in {declared.where}"] if declared else []
    points = ", ".join(f"{point} = {value}" for point, value in report.entry_points)
    described = {f"{d.kind}:{d.name}" for d in report.components}
    undescribed = [provided for provided in state.provides if provided not in described]
    return [
        ("stage", state.stage),
        ("status", state.status),
        ("reason", state.reason),
        ("what to do", state.remedy),
        ("warning", str(state.warning) if state.warning else None),
        ("trust", state.trust),
        ("source", state.source),
        ("location", report.location),
        ("sha256 locked", state.locked),
        ("sha256 here", state.sha256),
        *(("file", change) for change in state.changes),
        ("api", ", ".join(made_for)),
        ("entry points", points),
        ("import", f"{report.seconds:.2f} s" if report.seconds is not None else None),
        ("should provide", ", ".join(undescribed)),
    ]


@reported
def doctor(frozen: Frozen = None, as_json: Json = False) -> None:
    """Look for what is wrong: the environment, registry.toml, every plugin, every solver.

    Exit status 0 when everything that is enabled is ready, else 1.
    """
    from taskspace.installer.doctor.health import findings, surroundings  # noqa: PLC0415  for `--help`

    found = findings(surroundings(options.allowed_plugins(frozen)))
    problems = [finding for finding in found if finding.level == "problem"]
    record = {"healthy": not problems, "findings": [asdict(finding) for finding in found]}
    lines = [
        f"{f.level:8} {f.about}: {f.message}{f' -> {f.remedy}' if f.remedy else ''}" for f in found
    ]
    total = f"{len(problems) or 'No'} problem{'' if len(problems) == 1 else 's'}."
    answer(record, *lines, total, as_json=as_json)
    if problems:
        raise typer.Exit(1)
