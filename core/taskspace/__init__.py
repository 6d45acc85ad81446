"""Measure which prediction tasks to label and which to get by transfer.

`run` runs a job; `solve_policy` decides from transfers that you have measured yourself.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from taskspace.api import Run, run
    from taskspace.policy import solve_policy

_HOME = {
    "Run": "taskspace.api",
    "run": "taskspace.api",
    "solve_policy": "taskspace.policy",
}

__all__ = ["Run", "run", "solve_policy"]


def __getattr__(name: str) -> object:
    # What lists or checks imports this package and must not pay for the engine.
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'taskspace' has no attribute {name!r}")
