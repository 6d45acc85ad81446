"""Images on disk and samples in memory for the tests of the built-in components."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

WriteImage = Callable[..., Path]


@pytest.fixture
def write_image(tmp_path: Path) -> WriteImage:
    """Return `write(name, height=, width=, seed=)`, which writes a random colour image."""

    def write(name: str, height: int = 12, width: int = 9, seed: int = 0, **options) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(path, **options)
        return path

    return write


@pytest.fixture
def generator() -> torch.Generator:
    return torch.Generator().manual_seed(3)
