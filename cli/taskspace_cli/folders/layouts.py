"""Which dataset a folder is, by what lies in it."""

from __future__ import annotations

from pathlib import Path

from taskspace.components import Dataset
from taskspace.errors import DataError
from taskspace.jobs import read_reference
from taskspace.layout.domains import RGB
from taskspace.registry import Registry, nearest


def is_official(root: Path) -> bool:
    """Return whether a folder is meant to be in the official Taskonomy layout.

    It has images in the domain `rgb`: below it, or below each building.
    """
    return root.is_dir() and ((root / RGB).is_dir() or any(root.glob(f"*/{RGB}/")))


def is_reference(given: str, registry: Registry) -> bool:
    """Return whether an argument names a dataset, `NAME` or `{use: NAME, ...}`, and no folder."""
    if Path(given).is_dir():
        return False
    return given.lstrip().startswith("{") or given in registry.names("dataset")


def refuse_unknown(given: str, registry: Registry) -> None:
    """Refuse what is neither a folder or file nor the name of a dataset.

    Raises:
        DataError: with the nearest name of a dataset, where there is one.
    """
    if is_reference(given, registry) or Path(given).exists():
        return
    guess = nearest(given, registry.names("dataset"))
    raise DataError(
        "There is no such folder.",
        where=given,
        advice=f"Did you mean the dataset {guess!r}?"
        if guess
        else "Give a folder of images, or a dataset: `{use: NAME, parameter: value}`.",
    )


def opened(given: str, parameters: list[str] | None, registry: Registry) -> Dataset:
    """Return the dataset that an argument names, or that a folder of images is.

    Raises:
        JobInvalid: with every mistake in the argument or in `--set`.
    """
    if is_reference(given, registry):
        spec = read_reference(given, "dataset", "DATASET", registry, overrides=parameters or ())
    else:
        mapping = {"use": "image_folder", "root": given}
        spec = read_reference(mapping, "dataset", "DATASET", registry, overrides=parameters or ())
    made = registry.component(spec)
    assert isinstance(made, Dataset)
    return made
