"""The names that a plugin answers to: its distribution's, and the short form of it."""

from __future__ import annotations

from collections.abc import Iterable

from taskspace.errors import NotFound
from taskspace.registry.descriptions.description import BUILT_IN
from taskspace.registry.intent import normalised
from taskspace.registry.suggest import nearest

PREFIX = f"{BUILT_IN}-"
"""What the names of plugins begin with where their authors follow the scaffold."""


def full_name(name: str) -> str:
    """Return the distribution's name that `name` is short for: `taskspace-weather` for `weather`.

    A name that begins with `taskspace` already is returned in its normal form.
    """
    plain = normalised(name)
    return plain if plain == BUILT_IN or plain.startswith(PREFIX) else f"{PREFIX}{plain}"


def matching(name: str, distributions: Iterable[str]) -> str | None:
    """Return the one of `distributions` that `name` names, as it is spelled there, or None.

    A distribution of exactly this name goes before the one that it is short for.
    """
    by_name = {normalised(distribution): distribution for distribution in distributions}
    return by_name.get(normalised(name)) or by_name.get(full_name(name))


def no_plugin(name: str, distributions: Iterable[str]) -> NotFound:
    """Return the error for a name that no plugin has, with the nearest that one has."""
    known = list(distributions)
    forms = {form: spelled for spelled in known for form in (spelled, spelled.removeprefix(PREFIX))}
    meant = nearest(name, forms)
    return NotFound(
        f"There is no plugin {name!r}.",
        advice=f"Did you mean {forms[meant]!r}?"
        if meant
        else "`tasks plugin list` shows what is installed or listed.",
    )
