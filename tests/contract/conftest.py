"""What the conformance of built-ins needs beside them: images on disk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

import taskspace
from composed_files import COMPOSITIONAL, write_pairs, write_vrd
from drive_files import write_drives
from taskspace.layout.write import export_dataset
from taskspace.testing.checks.values import write_pictures
from taskspace_plugins.datasets.rooms import Rooms
from taskspace_plugins.encoders.resnet import Resnet


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


@pytest.fixture(scope="session")
def composed_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in the layouts of MIT-States and of StanfordVRD, with features and weights.

    The weights are those of a ResNet-18, as torchvision names them.
    """
    root = tmp_path_factory.mktemp("composed")
    write_vrd(write_pairs(root, COMPOSITIONAL))
    np.savez(root / "features.npz", features=np.arange(6.0).reshape(3, 2) - 2)
    torch.manual_seed(0)
    save_file(Resnet().build((3, 32, 32)).state_dict(), root / "weights.safetensors")
    return root


@pytest.fixture(scope="session")
def drives_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in the layout of BDD100K."""
    return write_drives(tmp_path_factory.mktemp("drives"))


@pytest.fixture(scope="session")
def discovered_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a finished discovery on digits."""
    search = {"tasks": 1, "steps": 2, "warm_up": 1, "inner_steps": 20, "batch": 16}
    job = {
        "study": "discovery",
        "name": "contract",
        "dataset": "digits",
        "images": 32,
        "network": {"use": "mlp", "width": 8, "depth": 1},
        "discover": [search | {"agreement": 0}],
        "controls": [],
        "train": {"epochs": 1},
        "judges": 2,
    }
    place = tmp_path_factory.mktemp("discovered")
    return taskspace.run(job, store=place / "store", runs=place / "runs", executor="inline").folder
