"""Sizes of a terminal that variables state: those that none can have are left out."""

from __future__ import annotations

import os
from collections.abc import MutableMapping

_VARIABLES = ("COLUMNS", "LINES", "TERMINAL_WIDTH")
"""Read by rich and typer, which take any number, and what only looks like one."""
_LARGEST = 10_000


def leave_out_odd_sizes(environment: MutableMapping[str, str] = os.environ) -> None:
    """Forget sizes that are no number from 1 to 10,000: the terminal itself is asked instead.

    At 0 columns nothing would be printed; a thousand million would fill the memory with spaces.
    """
    for name in _VARIABLES:
        text = environment.get(name, "1")
        is_number = text.isascii() and text.isdigit() and len(text) <= len(str(_LARGEST))
        if not (is_number and 1 <= int(text) <= _LARGEST):
            del environment[name]
