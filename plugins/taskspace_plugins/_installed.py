"""Packages of extras: whether they are there, and which version."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

from taskspace.errors import InputError


def install_line(package: str, extra: str) -> str | None:
    """Return what installs a package that is not there; None where it is."""
    return f"pip install 'taskspace[{extra}]'" if find_spec(package) is None else None


def installed_version(package: str, component: str, extra: str) -> str:
    """Return the version of a package.

    Args:
        component: what needs it, for the error: "encoder 'timm'".

    Raises:
        InputError: if it is not installed.
    """
    advice = install_line(package, extra)
    if advice is None:
        try:
            return version(package)
        except PackageNotFoundError:
            advice = f"pip install --force-reinstall {package}"
    raise InputError(
        f"The {component} needs the package {package}, which is not installed.",
        advice=advice,
    )
