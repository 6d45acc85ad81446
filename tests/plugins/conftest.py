"""Images on disk and samples in memory for the tests of the built-in components."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from cifar_files import EACH, Either, made_up, write_folder
from PIL import Image

from taskspace_plugins.datasets.cifar10 import Cifar10
from taskspace_plugins.datasets.cifar100 import Cifar100

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


@pytest.fixture(scope="session")
def cifar_folders(tmp_path_factory: pytest.TempPathFactory) -> dict[Either, Path]:
    """Return a folder of CIFAR-10 and of CIFAR-100 with few records in every file."""
    root = tmp_path_factory.mktemp("cifar")
    return {
        cls: write_folder(root / cls.release.folder, made_up(cls, EACH))
        for cls in (Cifar10, Cifar100)
    }


@pytest.fixture
def own_cifar(cifar_folders: dict[Either, Path], tmp_path: Path) -> Callable[[Either], Path]:
    """Return `own_cifar(cls)`, which copies such a folder for a test that changes it."""
    return lambda cls: shutil.copytree(cifar_folders[cls], tmp_path / cls.release.folder)
