"""The hooks of a plugin: one a kind, each returns the component classes that it provides."""

from __future__ import annotations

import pluggy

from taskspace.components import Component

hookspec = pluggy.HookspecMarker("taskspace")


def hook_name(kind: str) -> str:
    """Return the name of the hook that provides components of `kind`."""
    return "taskspace_studies" if kind == "study" else f"taskspace_{kind}s"


@hookspec
def taskspace_datasets() -> list[type[Component]]:
    """Return classes of images with labels, each a `taskspace.components.Dataset`."""
    return []


@hookspec
def taskspace_tasks() -> list[type[Component]]:
    """Return classes of prediction tasks, each a `taskspace.components.Task`."""
    return []


@hookspec
def taskspace_encoders() -> list[type[Component]]:
    """Return classes of networks from images to codes, each a `taskspace.components.Encoder`."""
    return []


@hookspec
def taskspace_readouts() -> list[type[Component]]:
    """Return classes of networks from codes to heads, each a `taskspace.components.Readout`."""
    return []


@hookspec
def taskspace_gatings() -> list[type[Component]]:
    """Return classes of ways to share experts, each a `taskspace.components.Gating`."""
    return []


@hookspec
def taskspace_weightings() -> list[type[Component]]:
    """Return classes of ways to weigh losses, each a `taskspace.components.Weighting`."""
    return []


@hookspec
def taskspace_solvers() -> list[type[Component]]:
    """Return classes of optimisers of Pyomo models, each a `taskspace.components.Solver`."""
    return []


@hookspec
def taskspace_executors() -> list[type[Component]]:
    """Return classes of ways to compute cells, each a `taskspace.components.Executor`."""
    return []


@hookspec
def taskspace_studies() -> list[type[Component]]:
    """Return classes of kinds of job, each a `taskspace.components.Study`."""
    return []
