"""What the conformance of built-ins needs beside them: images on disk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image


@pytest.fixture(scope="session")
def image_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of images in two classes, with numbers and words in labels.csv."""
    root = tmp_path_factory.mktemp("images")
    draw = np.random.default_rng(0)
    rows = ["path,weight,kind"]
    for index in range(12):
        name = f"{'cats' if index % 2 else 'dogs'}/{index:02d}.png"
        (root / name).parent.mkdir(exist_ok=True)
        Image.fromarray(draw.integers(0, 255, (40, 48, 3), dtype=np.uint8)).save(root / name)
        rows.append(f"{name},{'' if index == 5 else index / 4},{'old' if index % 3 else 'new'}")
    (root / "labels.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return root
