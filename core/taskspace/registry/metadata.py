"""What an installer wrote down about a distribution, read without believing that it is sound."""

from __future__ import annotations

from importlib.metadata import Distribution

from taskspace.errors import RegistryError


def text_of(metadata: Distribution, name: str) -> str | None:
    """Return the text of a file of a distribution's metadata, or None where there is none.

    Raises:
        RegistryError: if there is one that cannot be read.
    """
    try:
        return metadata.read_text(name)
    except UnicodeDecodeError as error:
        raise RegistryError(f"Its {name} is not UTF-8 text.") from error
    except (OSError, ValueError) as error:
        raise RegistryError(f"Its {name} cannot be read: {error}.") from error


def name_and_version(text: str) -> tuple[str | None, str | None]:
    """Return what the headers of a METADATA say, each None where it is missing or empty."""
    found: dict[str, str] = {}
    for line in text.partition("\n\n")[0].splitlines():
        key, _, value = line.partition(":")
        found.setdefault(key.strip().lower(), value.strip())
    return found.get("name") or None, found.get("version") or None


def entry_points(text: str, *groups: str) -> tuple[tuple[str, str], ...]:
    """Return name and value of each entry point of the groups, in the order of the file.

    Raises:
        RegistryError: if a line of theirs is no `name = value`.
    """
    found, wanted = [], False
    for line in map(str.strip, text.splitlines()):
        if line.startswith("[") and line.endswith("]"):
            wanted = line[1:-1].strip() in groups
        elif wanted and line and line[0] not in "#;":
            name, equals, value = line.partition("=")
            if not (equals and name.strip() and value.strip()):
                raise RegistryError(f"Its entry_points.txt has the line {line!r}.")
            found.append((name.strip(), value.strip()))
    return tuple(found)
