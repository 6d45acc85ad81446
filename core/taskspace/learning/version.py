"""The version of the learning core, which is part of the key of every cell that trains."""

from taskspace.components import CellFunction

LEARNING = 1
"""Raised whenever fitting, an optimiser, a network's start or a draw changes what is learnt."""

_STEP = 1000


def learned(target: str, version: int, *, batched: bool = False) -> CellFunction:
    """Return the function of a cell that trains with the learning core.

    Args:
        target: `package.module:function`.
        version: of the function itself, below 1000; raised whenever its own results change.
    """
    if not 0 < version < _STEP:
        raise ValueError(f"Found version = {version}; it must be from 1 to {_STEP - 1}.")
    return CellFunction(target, LEARNING * _STEP + version, batched)
