"""What this plugin provides: one hook a kind of component."""

from taskspace.components import Component, hookimpl

from taskspace_sketch.patch_mixer import PatchMixer
from taskspace_sketch.scipy_milp import ScipyMilp
from taskspace_sketch.symmetry import Symmetry

taskspace_api = ">=1,<2"


@hookimpl
def taskspace_tasks() -> list[type[Component]]:
    """Return the tasks."""
    return [Symmetry]


@hookimpl
def taskspace_encoders() -> list[type[Component]]:
    """Return the encoders."""
    return [PatchMixer]


@hookimpl
def taskspace_solvers() -> list[type[Component]]:
    """Return the solvers."""
    return [ScipyMilp]
