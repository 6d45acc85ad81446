"""From a plugin's hooks to descriptions: the one place where unknown plugins are imported."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterable, Mapping
from types import ModuleType
from typing import Any

import pluggy
from pydantic import BaseModel

from taskspace.components import API_VERSION, JSON, KINDS, RESERVED_KEYS, Component, hook_name
from taskspace.errors import RegistryError
from taskspace.registry.bounded.shortened import cut
from taskspace.registry.bounded.usable_schema import refuse_unusable_schema
from taskspace.registry.descriptions.described import SUMMARY, refuse_unusable_facts
from taskspace.registry.descriptions.description import NAME_PATTERN, Description

DOCUMENTATION = 2_000
"""Characters of a description or a title; what is longer is cut."""
_hookspec = pluggy.HookspecMarker("taskspace")


def describe_plugin(plugin: str, version: str, hooks: Iterable[object]) -> tuple[Description, ...]:
    """Return a description of every component that the hooks of a plugin provide.

    Args:
        plugin: its distribution's name.
        version: its distribution's version.
        hooks: modules or objects with functions marked by `taskspace.components.hookimpl`.

    Raises:
        RegistryError: if a hook is unknown, returns something else than component classes, a
            component cannot be described, or two have one name.
    """
    manager = pluggy.PluginManager("taskspace")
    manager.add_hookspecs(hook_specifications())
    for hook in hooks:
        manager.register(hook)
    try:
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        raise RegistryError(f"One of its hooks does not exist: {error}") from error
    found: dict[tuple[str, str], Description] = {}
    for kind in KINDS:
        for provided in getattr(manager.hook, hook_name(kind))():
            for cls in _listed(provided, kind):
                description = describe_class(cls, kind, plugin, version)
                key = (kind, description.name)
                if key in found:
                    raise RegistryError(
                        f"Two classes are the {kind} {description.name!r}: "
                        f"{found[key].target} and {description.target}."
                    )
                found[key] = description
    order = list(KINDS)
    return tuple(found[key] for key in sorted(found, key=lambda k: (order.index(k[0]), k[1])))


def describe_class(cls: object, kind: str, plugin: str, version: str) -> Description:
    """Return the description of one class that the hook of `kind` gave.

    Raises:
        RegistryError: if it is no component of the kind, or breaks a rule for components.
    """
    if not (isinstance(cls, type) and issubclass(cls, KINDS[kind])):
        raise RegistryError(f"{hook_name(kind)}() gave {cls!r}, which is no {kind}.")
    target = f"{cls.__module__}:{cls.__qualname__}"
    if inspect.isabstract(cls):
        missing = ", ".join(sorted(cls.__abstractmethods__))
        raise RegistryError(f"The {kind} {target} does not define {missing}.")
    name = getattr(cls, "name", None)
    if not isinstance(name, str) or NAME_PATTERN.fullmatch(name) is None:
        raise RegistryError(
            f"The {kind} {target} has the name {name!r}; a name is lower-case letters, digits "
            "and '_', and starts with a letter."
        )
    reserved = sorted(reserved_fields(cls))
    if reserved:
        raise RegistryError(
            f"The {kind} {name!r} ({target}) has the parameter {reserved[0]!r}, which is a word "
            "of the job file itself."
        )
    schema = _schema(cls.model_json_schema(), f"The {kind} {name!r} ({target})")
    facts = class_facts(cls, KINDS[kind])
    refuse_unusable_facts(kind, facts, f"The {kind} {name!r} ({target})")
    return Description(
        kind=kind,
        name=name,
        plugin=plugin,
        version=version,
        summary=cut(cls.summary(), SUMMARY),
        target=target,
        schema=schema,
        facts=facts,
        api=API_VERSION,
    )


def reserved_fields(cls: type[Component]) -> frozenset[str]:
    """Return the parameters of a component that collide with the job's own keys."""
    aliases = {field.alias for field in cls.model_fields.values() if field.alias}
    return RESERVED_KEYS & (aliases | set(cls.model_fields))


def class_facts(cls: type[Component], kind: type[Component]) -> dict[str, Any]:
    """Return what a class says for the class variables that its kind declares, as JSON.

    Raises:
        RegistryError: if one is missing or cannot be written as JSON.
    """
    facts: dict[str, Any] = {}
    for name in sorted(kind.__class_vars__ - Component.__class_vars__):
        if not hasattr(cls, name):
            raise RegistryError(f"{cls.__module__}:{cls.__qualname__} does not declare {name}.")
        facts[name] = _plain(getattr(cls, name), f"{cls.__qualname__}.{name}")
    return facts


def _plain(value: object, where: str) -> JSON:
    if isinstance(value, type) and issubclass(value, BaseModel):
        schema: dict[str, JSON] = with_short_texts(value.model_json_schema())
        return schema
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    if isinstance(value, (tuple, list)):
        return [_plain(item, where) for item in value]
    if isinstance(value, Mapping):
        return {str(key): _plain(item, where) for key, item in value.items()}
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise RegistryError(f"{where} = {value!r} cannot be written as JSON.") from error
    return value  # type: ignore[return-value]  # json.dumps has just accepted it


def _schema(given: object, whose: str) -> dict[str, Any]:
    """Return a schema as JSON says it, with what documents it in bounds; refuse one of no use."""
    try:
        schema = json.loads(json.dumps(given, allow_nan=False))
    except (TypeError, ValueError, RecursionError) as error:
        raise RegistryError(f"{whose} has a schema that is no plain JSON: {error}.") from error
    schema = with_short_texts(schema)
    refuse_unusable_schema(schema, whose)
    return schema  # type: ignore[no-any-return]  # what is no mapping has just been refused


def with_short_texts(schema: Any) -> Any:
    """Return a schema with descriptions and titles, which may be whole docstrings, cut."""
    if isinstance(schema, list):
        return [with_short_texts(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: cut(part, DOCUMENTATION)
        if key in ("description", "title") and isinstance(part, str)
        else part
        if key in ("const", "default", "enum", "examples")
        else with_short_texts(part)
        for key, part in schema.items()
    }


def _listed(provided: object, kind: str) -> list[object]:
    if not isinstance(provided, (list, tuple)):
        raise RegistryError(
            f"{hook_name(kind)}() gave {provided!r}; it must return a list of classes."
        )
    return list(provided)


def hook_specifications() -> ModuleType:
    """Return what pluggy is told of all hooks: `taskspace_tasks`, `taskspace_datasets`, ..."""
    specifications = ModuleType("hooks")
    vars(specifications).update({hook_name(kind): _hook(cls) for kind, cls in KINDS.items()})
    return specifications


def _hook(kind: type[Component]) -> Callable[[], list[type[Component]]]:
    def provided() -> list[type[Component]]:
        return []

    provided.__doc__ = f"Return component classes, each a `{kind.__module__}.{kind.__name__}`."
    return _hookspec(provided)
