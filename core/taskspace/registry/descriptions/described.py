"""What a plugin provides, as a child process or the cache says it: believed within bounds alone."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from taskspace.errors import RegistryError
from taskspace.registry.bounded.shortened import cut
from taskspace.registry.bounded.strict_json import refuse_oversized
from taskspace.registry.bounded.usable_schema import refuse_unusable_schema
from taskspace.registry.builtins import known_kinds
from taskspace.registry.descriptions.description import NAME_PATTERN, Description
from taskspace.registry.distributions.discovery import InstalledPlugin

COMPONENTS = 500
"""Components of one plugin; taskspace itself has 70."""

SUMMARY = 300
REASON = 2_000
"""Characters of a summary, and of why a plugin cannot be described; what is longer is cut."""

_TARGET = re.compile(r"[\w.]+:[\w.]+")


@dataclass(frozen=True)
class Described:
    """What a plugin provides, or why that could not be learned.

    Attributes:
        seconds: that importing the plugin's modules took, beyond taskspace itself.
    """

    components: tuple[Description, ...] = ()
    failure: str | None = None
    seconds: float | None = None

    def as_json(self) -> dict[str, Any]:
        """Return it as `read_described` reads it."""
        if self.failure is not None:
            return {"failure": self.failure}
        components = [description.as_json() for description in self.components]
        return {"components": components, "seconds": self.seconds}


def read_described(data: object, found: InstalledPlugin) -> Described:
    """Return what was said of a plugin.

    Args:
        data: `{failure}`, or `{components, seconds}`, as far as anybody knows.
        found: the plugin.

    Raises:
        ValueError: with the first thing that is not as it must be.
    """
    if not isinstance(data, dict):
        raise ValueError("it is no mapping")
    if "failure" in data:
        return Described(failure=cut(_text(data["failure"], "failure"), REASON))
    items, seconds = data.get("components"), data.get("seconds")
    if not isinstance(items, list) or not 0 < len(items) <= COMPONENTS:
        raise ValueError(f"its components are no list of 1 to {COMPONENTS}")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise ValueError("its seconds are no number")
    if not (math.isfinite(seconds) and seconds >= 0):
        raise ValueError(f"its seconds are {seconds}")
    components = tuple(_description(item, found) for item in items)
    if len({(each.kind, each.name) for each in components}) < len(components):
        raise ValueError("it has two components of one kind and name")
    return Described(components, seconds=float(seconds))


def _description(item: object, found: InstalledPlugin) -> Description:
    if not isinstance(item, dict):
        raise ValueError("a component is no mapping")
    try:
        description = Description.from_json(item, found.distribution, found.version)
    except KeyError as error:
        raise ValueError(f"a component lacks {error}") from error
    kind, name = _text(description.kind, "kind"), _text(description.name, "name")
    if kind not in known_kinds():
        raise ValueError(f"there is no kind {cut(kind, 40)!r}")
    if NAME_PATTERN.fullmatch(name) is None:
        raise ValueError(f"{cut(name, 40)!r} is no name of a component")
    if len(_text(description.summary, "summary")) > SUMMARY:
        raise ValueError(f"the summary of {name!r} has more than {SUMMARY} characters")
    if _TARGET.fullmatch(_text(description.target, "target")) is None:
        raise ValueError(f"the target of {name!r} names no class")
    if isinstance(description.api, bool) or not isinstance(description.api, int):
        raise ValueError(f"the api of {name!r} is no number")
    try:
        refuse_unusable_schema(description.schema, f"the {kind} {name!r}")
        refuse_unusable_facts(kind, description.facts, f"the {kind} {name!r}")
    except RegistryError as error:
        raise ValueError(error.what.rstrip(".")) from error
    return description


def refuse_unusable_facts(kind: str, facts: object, whose: str) -> None:
    """Raise RegistryError if what a class says for its kind is out of bounds, or of no use.

    Raises:
        RegistryError: with what is wrong.
    """
    try:
        if not isinstance(facts, Mapping):
            raise ValueError("they are no mapping")
        refuse_oversized(facts, "what its class variables say")
        if kind == "study":
            _refuse_unusable_study(facts)
    except ValueError as error:
        raise RegistryError(f"{whose} declares what cannot be used: {error}.") from error


def _refuse_unusable_study(facts: Mapping[str, Any]) -> None:
    names = facts.get("stage_names")
    if not (isinstance(names, list) and names and all(isinstance(name, str) for name in names)):
        raise ValueError("stage_names is no list of texts")
    refuse_unusable_schema(facts.get("job_model"), "job_model")
    if "properties" not in facts["job_model"]:
        raise ValueError("job_model has no properties")
    if facts.get("result_model") is not None:
        refuse_unusable_schema(facts["result_model"], "result_model")


def _text(value: object, name: str) -> str:
    if not isinstance(value, str):
        raise ValueError(f"its {name} is no text")
    return value
