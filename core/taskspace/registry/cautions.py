"""What whoever runs a job has to know of plugins, though the job can be run."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from taskspace.registry.oldapi import Notice
from taskspace.registry.registry import Registry
from taskspace.registry.state import PluginState

if TYPE_CHECKING:
    from taskspace.components import ComponentSpec


def cautions(registry: Registry, used: Iterable[ComponentSpec], study: str) -> list[Notice]:
    """Return what is to be said before a job is run, in the order of the plugins.

    A plugin that registry.toml wants used and that cannot be is named whether the job needs it or
    not: nothing passes in silence. A plugin that the next api ends is named where the job uses it.

    Args:
        registry: in which every component of the job was found.
        used: the components that the job names, and the executor.
        study: the job's.

    Raises:
        NotFound: if a component is not there.
        ComponentUnavailable: if one may not be used.
    """
    owners = {registry.describe(spec.kind, spec.name).plugin for spec in used}
    owners.add(registry.describe("study", study).plugin)
    told = []
    for state in registry.plugins():
        if state.missed:
            told.append(Notice(unused(state), None, 0))
        elif state.warning is not None and state.distribution in owners:
            told.append(state.warning)
    return told


def unused(state: PluginState) -> str:
    """Return, in a sentence, that a plugin which should be used is not, and why."""
    advice = f" What to do: {state.remedy}." if state.remedy else ""
    return (
        f"{state.title} is listed and enabled, and not used, because it is {state.status}: "
        f"{state.reason}{advice}"
    )
