"""What to say of a name that cannot be had: who has it, or which was meant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from taskspace.errors import ComponentUnavailable, NotFound
from taskspace.registry.descriptions.description import Description
from taskspace.registry.state import PluginState
from taskspace.registry.suggest import nearest


def unavailable(kind: str, name: str, state: PluginState) -> ComponentUnavailable:
    """Return the error for a component whose plugin is known and may not be used."""
    version = f" {state.version}" if state.version else ""
    return ComponentUnavailable(
        f"The {kind} {name!r} is provided by {state.distribution}{version}, which is "
        f"{state.status}: {state.reason}",
        advice=f"What to do: {state.remedy}." if state.remedy else None,
    )


def not_found(
    kind: str, name: str, usable: Mapping[str, Description], states: Sequence[PluginState]
) -> NotFound:
    """Return the error for a name that nobody provides, with the nearest name that somebody does.

    Args:
        kind: of the component.
        name: that was asked for.
        usable: the usable components of the kind by name.
        states: every plugin.
    """
    elsewhere = {
        component: state
        for state in states
        if state.status != "ready"
        for component in names_of(state, kind)
    }
    meant = nearest(name.rpartition("/")[2], [*usable, *elsewhere])
    advice = f"`tasks components {kind}` lists what there is."
    if meant is not None and meant in usable:
        advice = f"Did you mean {meant!r} ({usable[meant].owner})?"
    elif meant is not None:
        state = elsewhere[meant]
        owner = f"{state.distribution}, which is {state.status}: {state.remedy}"
        advice = f"Did you mean {meant!r}? It is provided by {owner}."
    elif missed := [state for state in states if state.missed and not state.provides]:
        said = "; ".join(f"{state.title} is {state.status}: {state.reason}" for state in missed)
        advice = f"It may be of a plugin that is not used. {said}"
    elif strangers := [state.distribution for state in states if state.status == "unlisted"]:
        unlisted = "Installed but not listed in registry.toml, so not looked into: "
        advice = f"{unlisted}{', '.join(strangers)}. {advice}"
    return NotFound(f"There is no {kind} {name!r}.", advice=advice)


def unknown_kind(kind: str, kinds: Iterable[str]) -> NotFound:
    """Return the error for a kind that does not exist."""
    known = tuple(kinds)
    meant = nearest(kind, known)
    return NotFound(
        f"There is no kind {kind!r} of component.",
        advice=f"Did you mean {meant!r}?" if meant else f"The kinds are {', '.join(known)}.",
    )


def names_of(state: PluginState, kind: str) -> tuple[str, ...]:
    """Return the names of the components of a kind that a plugin provides."""
    return tuple(p.partition(":")[2] for p in state.provides if p.startswith(f"{kind}:"))
