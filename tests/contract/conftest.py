"""What the conformance of built-ins needs beside them: images on disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from taskspace.registry.conformance.pictures import write_pictures


@pytest.fixture(scope="session")
def image_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of images in two classes, with numbers and words in labels.csv."""
    root = tmp_path_factory.mktemp("images")
    write_pictures(root)
    return root
