"""What the conformance of built-ins needs beside them: images on disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from taskspace.layout.write import export_dataset
from taskspace.testing.checks.values import write_pictures
from taskspace_plugins.datasets.rooms import Rooms


@pytest.fixture(scope="session")
def image_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of pictures that the kit makes for those who must be given one."""
    root = tmp_path_factory.mktemp("images")
    write_pictures(root)
    return root


@pytest.fixture(scope="session")
def official_root(tmp_path_factory: pytest.TempPathFactory, generated_data: Path) -> Path:
    """Return a folder in the official layout of Taskonomy."""
    root = tmp_path_factory.mktemp("official") / "rooms"
    export_dataset(Rooms(images=8, size=32), root)
    return root
