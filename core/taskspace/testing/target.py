"""What the kit is run on: a plugin's entry points, where they are, what its author says of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from taskspace.errors import InputError, NotFound
from taskspace.registry.suggest import nearest
from taskspace.testing.inventory import INVENTORY

TABLE = "tool.taskspace.conformance"


@dataclass(frozen=True)
class Target:
    """A plugin, installed or as a source tree.

    Attributes:
        entry_points: name and `module` or `module:object` of each.
        paths: folders from which it is imported before all others; () where it is installed.
        folder: its source tree, against which paths among its parameters are read.
        parameters: component (`task:rain`) to the parameters with which it is tried.
        excused: component to check name to the reason why its failure is known.
    """

    distribution: str
    version: str
    entry_points: tuple[tuple[str, str], ...]
    paths: tuple[str, ...] = ()
    folder: Path | None = None
    parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    excused: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        """Return where it comes from, as people say it."""
        return f"{self.folder}" if self.paths else "installed"

    def as_json(self) -> dict[str, Any]:
        """Return the target as it travels to a child process; `Target.from_json` reads it."""
        return {**vars(self), "folder": None if self.folder is None else str(self.folder)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Return the target that `as_json` wrote."""
        folder = data["folder"]
        entries = tuple((name, value) for name, value in data["entry_points"])
        return cls(**{**data, "entry_points": entries, "folder": Path(folder) if folder else None})


def chosen_components(
    target: Target, provided: Sequence[str], wanted: Collection[str]
) -> tuple[str, ...]:
    """Return the components that are to be checked, in the order in which they are provided.

    Args:
        target: whose tables must speak of nothing else.
        provided: `kind:name` of all that the plugin has.
        wanted: of those that are asked for; empty for all.

    Raises:
        NotFound: if one that is asked for is not provided.
        InputError: if the author's tables speak of a component or a check that does not exist.
    """
    for name in wanted:
        if name not in provided:
            raise NotFound(
                f"{target.distribution} has no component {name!r}.",
                advice=_advice(name, provided),
            )
    for table, content in (("parameters", target.parameters), ("excused", target.excused)):
        for name in content:
            if name not in provided:
                raise InputError(
                    f"{target.distribution} has no component {name!r}.",
                    where=f'{_pyproject(target)}: {TABLE}.{table}."{name}"',
                    advice=_advice(name, provided),
                )
    for name, checks in target.excused.items():
        known = INVENTORY[name.partition(":")[0]]
        for check in checks:
            if check not in known:
                raise InputError(
                    f"There is no check {check!r} of it.",
                    where=f'{_pyproject(target)}: {TABLE}.excused."{name}"',
                    advice=_advice(check, known),
                )
    return tuple(name for name in provided if not wanted or name in wanted)


def checks_of(component: str, wanted: Collection[str]) -> list[str]:
    """Return the checks of a component, as `task:rain`, that are wanted; all where none is."""
    names = INVENTORY[component.partition(":")[0]]
    return [name for name in names if not wanted or name in wanted]


def known_checks(names: Iterable[str]) -> frozenset[str]:
    """Return the names of checks as a set.

    Raises:
        NotFound: if no kind has a check of one of the names.
    """
    known = sorted({check for checks in INVENTORY.values() for check in checks})
    for name in names:
        if name not in known:
            raise NotFound(f"There is no check {name!r}.", advice=_advice(name, known))
    return frozenset(names)


def _advice(name: str, known: Iterable[str]) -> str:
    listed = tuple(known)
    meant = nearest(name, listed)
    return f"Did you mean {meant!r}?" if meant else f"There are: {', '.join(listed)}."


def _pyproject(target: Target) -> str:
    return str((target.folder or Path()) / "pyproject.toml")
