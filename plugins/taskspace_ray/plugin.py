"""The hook of the executor `ray`; nothing here imports ray."""

from taskspace.components import Component, hookimpl
from taskspace_ray.executor import Ray


@hookimpl
def taskspace_executors() -> list[type[Component]]:
    """Return the one executor of this plugin."""
    return [Ray]
