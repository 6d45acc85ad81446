"""The bundled digits are what scikit-learn itself reads."""

import gzip
import subprocess
import sys

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

from taskspace.errors import DataError
from taskspace_plugins.datasets import digits as module
from taskspace_plugins.datasets.digits import Digits


def test_samples_are_those_of_scikit_learn() -> None:
    reference = load_digits()
    sample = Digits().read(range(Digits().length()))
    assert torch.equal(sample["image"][:, 0], torch.tensor(reference.images / 16).float())
    assert np.array_equal(sample["digit"].numpy(), reference.target)


def test_samples_have_the_declared_shapes_and_ranges() -> None:
    dataset = Digits()
    sample = dataset.read([0, 5, 5])
    for name, field in dataset.fields().items():
        assert sample[name].shape == (3, *field.shape)
    assert sample["image"].dtype == torch.float32
    assert sample["image"].min() >= 0 and sample["image"].max() <= 1
    assert sample["digit"].dtype == torch.int64
    assert dataset.length() == 1797
    assert dataset.groups() is None


def test_reading_keeps_the_order_that_was_asked_for() -> None:
    dataset = Digits()
    everything = dataset.read(range(20))["image"]
    assert torch.equal(dataset.read(np.array([7, 3, 11]))["image"], everything[[7, 3, 11]])
    assert dataset.read([])["image"].shape == (0, 1, 8, 8)


def test_what_is_read_is_the_readers_own() -> None:
    dataset = Digits()
    dataset.read([0])["image"].zero_()
    assert dataset.read([0])["image"].sum() > 0


def test_the_fingerprint_follows_the_content(monkeypatch, tmp_path) -> None:
    before = Digits().fingerprint()
    assert before == Digits().fingerprint()
    lines = gzip.decompress(module._bundled_file().read_bytes()).splitlines(keepends=True)
    changed = tmp_path / "digits.csv.gz"
    changed.write_bytes(gzip.compress(b"".join(lines[:-1])))
    monkeypatch.setattr(module, "_bundled_file", lambda: changed)
    assert Digits().fingerprint() != before


@pytest.mark.parametrize("content", [b"", b"no gzip", gzip.compress(b"1,2\n3,4\n", mtime=0)])
def test_a_broken_file_is_named(monkeypatch, tmp_path, content: bytes) -> None:
    broken = tmp_path / "digits.csv.gz"
    broken.write_bytes(content)
    monkeypatch.setattr(module, "_bundled_file", lambda: broken)
    with pytest.raises(DataError, match=r"digits\.csv\.gz") as caught:
        Digits().fingerprint()
    assert "scikit-learn" in str(caught.value.advice)


def test_a_missing_file_is_named(monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(module, "_bundled_file", lambda: tmp_path / "absent.gz")
    with pytest.raises(DataError, match=r"absent\.gz"):
        Digits().length()


def test_scikit_learn_that_is_not_installed_is_asked_for(monkeypatch) -> None:
    monkeypatch.setattr(module.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(DataError, match="pip install scikit-learn"):
        Digits().fingerprint()


def test_listing_and_fingerprints_import_neither_torch_nor_scikit_learn() -> None:
    code = (
        "import sys\n"
        "from taskspace_plugins.datasets.digits import Digits\n"
        "import taskspace_plugins.datasets.folders.image_folder\n"
        "Digits().identity(), Digits().fields()\n"
        "assert not {'torch', 'sklearn'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
