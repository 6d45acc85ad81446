"""What the user asked to add, in the one form in which registry.toml can write it down."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from taskspace.errors import RegistryError
from taskspace.registry.intent import DISTRIBUTION
from taskspace.registry.names import full_name

Form = Literal["pypi", "git", "path", "wheel"]

_COMMIT = re.compile(r"[0-9a-f]{40}")
_PINNED = re.compile(rf"{DISTRIBUTION.pattern}==[A-Za-z0-9.!+_-]+")
_FORMS = (
    "Say ./FOLDER, FILE.whl, git+URL@COMMIT, NAME==VERSION or NAME; or, as registry.toml does, "
    "path:FOLDER, wheel:FILE or pypi:NAME==VERSION."
)


@dataclass(frozen=True)
class Requested:
    """A source of a plugin.

    Attributes:
        target: for `path` and `wheel` an absolute path; for `git` `URL@COMMIT`; for `pypi` a name
            with or without `==VERSION`.
        editable: the source tree itself is used, and may change.
    """

    form: Form
    target: str
    editable: bool = False

    @property
    def path(self) -> Path:
        """Return the folder or file; only for `path` and `wheel`."""
        return Path(self.target)

    def recorded(self, distribution: str, version: str, registry: Path) -> str:
        """Return the source as registry.toml writes it; paths are relative to that file."""
        match self.form:
            case "pypi":
                return f"pypi:{distribution}=={version}"
            case "git":
                return f"git+{self.target}"
            case "path" | "wheel":
                return f"{self.form}:{os.path.relpath(self.target, registry.parent)}"


def parse_source(
    text: str, *, editable: bool, frozen: bool, folder: Path, registry: Path
) -> Requested:
    """Return what `tasks plugin add TEXT` means.

    Args:
        text: a folder, a wheel, a git URL, a name, or a source as registry.toml writes it.
        editable: whether `--editable` was said.
        frozen: whether only sources are allowed that cannot change.
        folder: against which paths are read.
        registry: the registry.toml, against whose folder `path:` and `wheel:` are read.

    Raises:
        RegistryError: if it is none of these, is not there, or may change and `frozen` holds.
    """
    requested = _requested(text.strip(), folder, registry.parent, frozen=frozen)
    if not editable:
        return requested
    if requested.form != "path":
        raise RegistryError(
            f"{text!r} is no folder, so it cannot be editable.",
            advice="Leave --editable out, or name the folder of a source tree.",
        )
    if frozen:
        raise RegistryError(
            "An editable plugin may change at any time, and --frozen (the default under CI=true) "
            "allows pinned plugins only.",
            where=text,
            advice="Leave --editable out: a copy is installed and pinned. Or say --no-frozen.",
        )
    return Requested("path", requested.target, editable=True)


def _requested(text: str, folder: Path, project: Path, *, frozen: bool) -> Requested:
    form, _, rest = text.partition(":")
    match form:
        case "path" | "wheel":
            return _local(rest, project, form)
        case "pypi":
            return _named(rest, rest, frozen=frozen)
    if text.startswith("git+"):
        return Requested("git", _commit(text.removeprefix("git+"), frozen=frozen))
    if text in (".", "..", "~") or text.endswith(".whl") or os.sep in text:
        return _local(text, folder, "wheel" if text.endswith(".whl") else "path")
    if (folder / text).is_dir() and DISTRIBUTION.fullmatch(text):
        raise RegistryError(
            f"{text!r} is the name of a folder here, and may be that of a plugin.",
            advice=f"Say ./{text} for the folder, or pypi:{full_name(text)} for the plugin.",
        )
    name, equals, version = text.partition("==")
    return _named(text, f"{full_name(name)}{equals}{version}", frozen=frozen)


def _local(text: str, folder: Path, form: Literal["path", "wheel"]) -> Requested:
    try:
        # Not resolved: a link to a wheel has the wheel's name, its target may have another.
        path = Path(os.path.abspath(folder / Path(text).expanduser()))  # noqa: PTH100
    except RuntimeError as error:
        raise RegistryError(f"{text!r} is in the home folder of nobody.", advice=_FORMS) from error
    if form == "wheel":
        if not path.is_file():
            raise RegistryError("There is no such wheel.", where=str(path), advice=_FORMS)
        return Requested("wheel", str(path))
    if path.is_file() and path.suffix == ".whl":
        return Requested("wheel", str(path))
    if not path.is_dir():
        raise RegistryError("There is no such folder.", where=str(path), advice=_FORMS)
    if not any((path / name).is_file() for name in ("pyproject.toml", "setup.py")):
        raise RegistryError(
            "It has no pyproject.toml, so it cannot be installed.",
            where=str(path),
            advice="Name the folder that holds the plugin's pyproject.toml; "
            "`tasks plugin new NAME` writes a complete one.",
        )
    return Requested("path", str(path))


def _named(text: str, full: str, *, frozen: bool) -> Requested:
    """Return the distribution `full` from the package index, for which the user wrote `text`."""
    if DISTRIBUTION.fullmatch(text.partition("==")[0]) is None:
        raise RegistryError(f"{text!r} is no source of a plugin.", advice=_FORMS)
    if _PINNED.fullmatch(full):
        return Requested("pypi", full)
    if "=" in full:
        raise RegistryError(
            f"{text!r} names no version.", advice=f"Say pypi:{full.partition('=')[0]}==VERSION."
        )
    if frozen:
        raise RegistryError(
            f"{text!r} names no version, and --frozen (the default under CI=true) allows pinned "
            "sources only.",
            advice=f"Say pypi:{full}==VERSION, or --no-frozen to take the newest.",
        )
    return Requested("pypi", full)


def _commit(address: str, *, frozen: bool) -> str:
    """Return `URL@COMMIT` of a git address, asking its repository where it names no commit.

    A fragment `#subdirectory=FOLDER` stays.
    """
    address, hash_sign, fragment = address.partition("#")
    if hash_sign and not fragment.startswith("subdirectory="):
        raise RegistryError(
            f"The git address has {'#' + fragment!r}; only #subdirectory=FOLDER is known.",
            advice="Say git+URL@COMMIT, or git+URL@COMMIT#subdirectory=FOLDER.",
        )
    url, at, reference = address.rpartition("@")
    # An `@` before the path belongs to the host: git+ssh://git@host/repository.
    if not at or "/" not in url.partition("://")[2]:
        url, reference = address, "HEAD"
    if not _COMMIT.fullmatch(reference):
        if frozen:
            raise RegistryError(
                f"The reference {reference!r} of {url} may move, and --frozen (the default under "
                "CI=true) allows pinned sources only.",
                advice="Say the commit: git+URL@<40 hex digits>. Or say --no-frozen to pin what "
                "the reference is now.",
            )
        reference = _resolved(url, reference)
    return f"{url}@{reference}{hash_sign}{fragment}"


def _resolved(url: str, reference: str) -> str:
    try:
        asked = subprocess.run(
            ["git", "ls-remote", "--exit-code", "--", url, reference, f"{reference}^{{}}"],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "GIT_TERMINAL_PROMPT": "0"},
        )
    except FileNotFoundError as error:
        raise RegistryError(
            "git is not installed, so a plugin cannot be had from a repository.",
            advice="Install git, or name a wheel or a folder.",
        ) from error
    lines = (line.partition("\t") for line in asked.stdout.splitlines())
    found = {name: commit for commit, _, name in lines}
    if asked.returncode not in (0, 2):
        raise RegistryError(
            f"The repository cannot be read: {asked.stderr.strip() or 'git gave no reason'}",
            where=url,
            advice="Check the address, and that you may read it.",
        )
    # Of an annotated tag, `^{}` is the commit; a branch hides no tag of its name, nor the reverse.
    named = {
        name: commit
        for name in ("HEAD", f"refs/tags/{reference}", f"refs/heads/{reference}")
        if (commit := found.get(f"{name}^{{}}", found.get(name)))
        and (name != "HEAD" or reference == "HEAD")
    }
    if len(named) != 1:
        why = "is a tag and a branch" if named else "does not exist"
        raise RegistryError(
            f"The reference {reference!r} {why} there.",
            where=url,
            advice="Say the commit: git+URL@<40 hex digits>.",
        )
    return next(iter(named.values()))
