"""The conformance kit: what every component of a kind must do, as named checks.

`check_component` tries one class, `check_plugin` a whole plugin in a process of its own; the module
`pytest_plugin` makes a test of every check for the authors of plugins. Names are imported when
they are first asked for: pytest loads this package wherever taskspace is installed.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from taskspace.testing.inventory import INVENTORY
    from taskspace.testing.kit import check_component
    from taskspace.testing.plugin import Conformance, check_plugin
    from taskspace.testing.processes import Children
    from taskspace.testing.report import Outcome, Report
    from taskspace.testing.subject import Subject
    from taskspace.testing.target import Target

_HOME = {
    "Children": "processes",
    "Conformance": "plugin",
    "INVENTORY": "inventory",
    "Outcome": "report",
    "Report": "report",
    "Subject": "subject",
    "Target": "target",
    "check_component": "kit",
    "check_plugin": "plugin",
}

__all__ = [
    "INVENTORY",
    "Children",
    "Conformance",
    "Outcome",
    "Report",
    "Subject",
    "Target",
    "check_component",
    "check_plugin",
]


def __getattr__(name: str) -> object:
    if name in _HOME:
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
