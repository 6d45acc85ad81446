"""Every kind of try there is, by group: a new one is a function with `@GROUP(share=...)`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from scene import Try


@dataclass(frozen=True)
class Kind:
    """One kind of try.

    Attributes:
        share: how often it is drawn among the kinds of its group.
    """

    group: str
    share: int
    attempt: Try

    @property
    def name(self) -> str:
        """Return the name of its function."""
        return self.attempt.__name__


KINDS: list[Kind] = []
WANTED: dict[str, int] = {}
"""How many tries each group makes."""


def group(name: str, tries: int) -> Callable[..., Callable[[Try], Try]]:
    """Return the decorator that adds a kind to a new group."""
    WANTED[name] = tries

    def decorated(*, share: int = 1) -> Callable[[Try], Try]:
        def added(attempt: Try) -> Try:
            KINDS.append(Kind(name, share, attempt))
            return attempt

        return added

    return decorated


def load_kinds() -> None:
    """Import the modules with the kinds."""
    for module in ("kills", "damage", "hostile", "scarcity"):
        import_module(module)
