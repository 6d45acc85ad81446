"""A plugin as a source tree: what its pyproject.toml says, without installing it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

from taskspace.errors import InputError
from taskspace.registry.bounded.shortened import brief
from taskspace.registry.bounded.toml_text import parsed_toml
from taskspace.registry.distributions.discovery import GROUP
from taskspace.registry.suggest import nearest
from taskspace.regular_file import read_regular
from taskspace.testing.target import TABLE, Target

FILE = "pyproject.toml"
_ENTRIES = f"project.entry-points.{GROUP}"


def source_target(folder: Path) -> Target:
    """Return the plugin whose source tree `folder` is.

    Raises:
        InputError: with the file and the key, if there is no pyproject.toml, it cannot be read, or
            its entry points name nothing that is there.
    """
    folder = folder.resolve()
    data = _read(folder)
    project = _table(folder, data, "project")
    entries = tuple(_entry_points(folder, project))
    roots = [folder / place for place in (*_where(data), "src", ".")]
    paths = dict.fromkeys(_root(folder, value, roots) for _, value in entries)
    return Target(
        distribution=str(project.get("name") or folder.name),
        version=str(project.get("version", "unknown")),
        entry_points=entries,
        paths=tuple(paths),
        folder=folder,
        **tables(folder),
    )


def tables(folder: Path) -> dict[str, dict[str, dict[str, Any]]]:
    """Return the author's `parameters` and `excused` of each component.

    Raises:
        InputError: with the file and the key, if one of the tables is none, a parameter is nothing
            that a job can say, or an excuse no text.
    """
    said = _table(folder, _read(folder), TABLE)
    known = ("parameters", "excused")
    for key in said:
        if key not in known:
            meant = nearest(key, known)
            raise InputError(
                "There is no such table.",
                where=f"{folder / FILE}: {TABLE}.{key}",
                advice=f"Did you mean {meant!r}?" if meant else f"Known: {', '.join(known)}.",
            )
    found = {
        key: {name: dict(_table(folder, components, name, f"{TABLE}.{key}")) for name in components}
        for key in known
        for components in (_table(folder, said, key, TABLE),)
    }
    for name, parameters in found["parameters"].items():
        for parameter, value in parameters.items():
            if not _is_plain(value):
                raise InputError(
                    f"Found {value!r}; a parameter is text, a number, true or false, or a list or "
                    "a table of these, as in a job.",
                    where=f'{folder / FILE}: {TABLE}.parameters."{name}".{parameter}',
                    advice="Write a date or a time as text, in quotes.",
                )
    for name, checks in found["excused"].items():
        for check, reason in checks.items():
            if not (isinstance(reason, str) and reason.strip()):
                raise InputError(
                    f"Found {reason!r}; an excuse is a reason in words.",
                    where=f'{folder / FILE}: {TABLE}.excused."{name}".{check}',
                )
    return found


def _is_plain(value: object) -> bool:
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError):  # a date or a time; inf or nan
        return False
    return True


def _read(folder: Path) -> Mapping[str, Any]:
    file = folder / FILE
    try:
        return parsed_toml(read_regular(file))
    except OSError as error:
        raise InputError(
            f"The source tree of a plugin has a {FILE}; this one's cannot be read: "
            f"{error.strerror}.",
            where=str(file),
            advice="Give the folder that has one; `tasks plugin new NAME` writes one.",
        ) from error
    except ValueError as error:
        raise InputError(str(error), where=str(file)) from error


def _table(folder: Path, data: Mapping[str, Any], key: str, above: str = "") -> Mapping[str, Any]:
    """Return the table at a dotted key, or `key` as it is in the table `above`; {} if none."""
    value: Any = data
    for part in [key] if above else key.split("."):
        value = value.get(part, {})
        if not isinstance(value, Mapping):
            raise InputError(
                f"Found {brief(value)}; it must be a table.",
                where=f"{folder / FILE}: {above}.{part}" if above else f"{folder / FILE}: {key}",
            )
    return value  # type: ignore[no-any-return]  # tomllib gives mappings as Any


def _entry_points(folder: Path, project: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    listed = _table(folder, project, f"entry-points.{GROUP}")
    if not listed:
        raise InputError(
            f"It has no entry point in the group {GROUP!r}, so it is no plugin.",
            where=f"{folder / FILE}: {_ENTRIES}",
            advice='Name the module with its hooks there: components = "your_package.plugin".',
        )
    for name, value in listed.items():
        if not isinstance(value, str) or EntryPoint.pattern.fullmatch(value) is None:
            raise InputError(
                f"Found {value!r}, which names no module.",
                where=f"{folder / FILE}: {_ENTRIES}.{name}",
            )
        yield name, value


def _where(data: Mapping[str, Any]) -> list[str]:
    value: Any = data
    for key in ("tool", "setuptools", "packages", "find", "where"):
        value = value.get(key, {}) if isinstance(value, Mapping) else {}
    return [place for place in value if isinstance(place, str)]


def _root(folder: Path, value: str, roots: list[Path]) -> str:
    package = value.partition(":")[0].partition(".")[0].strip()
    for root in roots:
        if (root / package).is_dir() or (root / f"{package}.py").is_file():
            return str(root.resolve())
    raise InputError(
        f"There is no package {package!r} in {' or '.join(sorted({r.name for r in roots}))}.",
        where=f"{folder / FILE}: {_ENTRIES}",
        advice="The kit imports from the folder `src`, or else from the tree itself.",
    )
