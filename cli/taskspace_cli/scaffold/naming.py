"""From the name that an author gives to those of distribution, package, component and class."""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from importlib.util import find_spec

from taskspace.errors import InputError
from taskspace.registry import BUILT_IN, Registry
from taskspace.registry.intent import normalised
from taskspace.registry.names import PREFIX

LONGEST = 25
"""Characters: longer ones would break lines of the templates."""

_WORD = re.compile(r"[a-z][a-z0-9]*(?:[-_.]?[a-z0-9]+)*")
_YAML_VALUES = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})
_FILES = frozenset({"plugin", "conformance"})
"""Of the module and of the test that every plugin has beside the component's own."""


@dataclass(frozen=True)
class Names:
    """What the parts of a new plugin are called.

    Attributes:
        short: as it stands in `tasks plugin add`: `my-thing`.
        component: as it stands in a job, and the module: `my_thing`.
    """

    short: str
    component: str

    @property
    def distribution(self) -> str:
        """Return `taskspace-my-thing`."""
        return f"{PREFIX}{self.short}"

    @property
    def package(self) -> str:
        """Return `taskspace_my_thing`."""
        return f"{BUILT_IN}_{self.component}"

    @property
    def cls(self) -> str:
        """Return `MyThing`."""
        return "".join(part.capitalize() for part in self.component.split("_"))


def checked_names(name: str, kind: str, registry: Registry, used: Collection[str] = ()) -> Names:
    """Return what a plugin of this name and kind consists of.

    Args:
        name: with or without the leading `taskspace-`.
        kind: of its component.
        registry: says which names the built-ins have.
        used: names that the modules need in which the class will stand.

    Raises:
        InputError: if the name cannot be that of a distribution, a module and a component of a job,
            or is taken.
    """
    short = normalised(name.removeprefix(PREFIX))
    if _WORD.fullmatch(name) is None or _WORD.fullmatch(short) is None:
        meant = _suggested(name)
        raise InputError(
            f"{name!r} cannot be the name of a plugin: it must be lower-case letters a to z, "
            "digits and '-', and start with a letter.",
            advice=f"How about {meant!r}?" if meant else None,
        )
    if len(short) > LONGEST:
        raise InputError(
            f"The name {short!r} has {len(short)} characters; at most {LONGEST} are possible.",
            advice="Choose a shorter one.",
        )
    names = Names(short, short.replace("-", "_"))
    reason = _taken(names, kind, registry, used)
    if reason is not None:
        raise InputError(
            f"{name!r} cannot be the name of a new {kind}: {reason}.", advice="Choose another."
        )
    return names


def _taken(names: Names, kind: str, registry: Registry, used: Collection[str]) -> str | None:
    if keyword.iskeyword(names.component) or names.component in _YAML_VALUES:
        return "it is a word of Python or of YAML"
    if names.component in _FILES or names.short == BUILT_IN:
        return "it has a meaning of its own in every plugin"
    if names.component in registry.names(kind):
        return f"there is a built-in {kind} {names.component!r}"
    if find_spec(names.package) is not None:
        return f"a package {names.package} is installed already"
    if hasattr(builtins, names.cls) or names.cls in used:
        return f"its class would be called {names.cls}, which its code needs for something else"
    tests = f"its class would be called {names.cls}, which pytest would take for tests"
    return tests if names.cls.startswith("Test") else None


def _suggested(name: str) -> str | None:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    word = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    return word if _WORD.fullmatch(word) else None
