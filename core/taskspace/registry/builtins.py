"""The descriptions of the built-ins; `taskspace.registry.descriptions.describe` writes them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from taskspace.errors import RegistryError
from taskspace.registry.descriptions.description import BUILT_IN, Description
from taskspace.registry.distributions.discovery import built_in_version

FILE = Path(__file__).with_name("builtins.json")


@dataclass(frozen=True)
class Builtins:
    """What taskspace itself provides, and the numbers that listing needs without importing it.

    Attributes:
        api: `taskspace.components.API_VERSION`.
        kinds: the names of `taskspace.components.KINDS`.
        packages: the top-level packages whose code components reach: core, plugins.
    """

    api: int
    kinds: tuple[str, ...]
    packages: tuple[str, ...]
    version: str
    components: tuple[Description, ...]


@cache
def known_kinds() -> frozenset[str]:
    """Return the names of all kinds of component.

    Raises:
        RegistryError: if the file is missing or damaged.
    """
    return frozenset(read_builtins().kinds)


def read_builtins(file: Path = FILE) -> Builtins:
    """Return the generated descriptions.

    Raises:
        RegistryError: if the file is missing or damaged.
    """
    version = built_in_version()
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        return Builtins(
            api=data["api"],
            kinds=tuple(data["kinds"]),
            packages=tuple(data["packages"]),
            version=version,
            components=tuple(
                Description.from_json(item, BUILT_IN, version) for item in data["components"]
            ),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RegistryError(
            f"The descriptions of the built-ins cannot be read: {error}.",
            where=str(file),
            advice="Install taskspace again, or in a checkout run "
            "`python -m taskspace.registry.descriptions.describe --write`.",
        ) from error
