"""Tests with torchvision, timm and transformers: `make test-vision` has them, others skip these."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

PACKAGES = ("torchvision", "timm", "transformers")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what is in this folder, with the reason, where a package is not installed."""
    absent = [package for package in PACKAGES if find_spec(package) is None]
    if absent:
        reason = f"{' and '.join(absent)} not installed here: make test-vision"
        for item in items:
            if Path(__file__).parent in item.path.parents:
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Have a hub without a network and without a cache."""
    if find_spec("huggingface_hub") is not None:
        from huggingface_hub import constants

        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
