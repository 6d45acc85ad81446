"""Numbers that 32 bits would merge are kept until a task has subtracted its offset, or refused."""

import re

import numpy as np
import pytest
import torch

from taskspace.components import VectorHead
from taskspace.errors import DataError
from taskspace_plugins.datasets.columns._precision import span_of
from taskspace_plugins.datasets.folders.image_folder import ImageFolder
from taskspace_plugins.tasks.labels.classification import Classification
from taskspace_plugins.tasks.labels.regression import Regression

MERGED = {
    "seconds": [1_700_000_000 + n for n in range(8)],
    "minutes": [1_700_000_000 + 60 * n for n in range(8)],
    "identities": [987_654_321 + 3 * n for n in range(8)],
    "two to the 24th": [2**24 + n for n in range(8)],
    "nanoseconds": [1_700_000_000 * 10**9 + 10**9 * n for n in range(8)],
    "tenths of a second": [1_700_000_000.1 + n / 10 for n in range(8)],
    "a narrow band": [20.0000001 + n * 1e-7 for n in range(8)],
}
KEPT = {
    "ages": [float(n) for n in range(8)],
    "noise": np.random.default_rng(0).normal(size=5000).tolist(),
    "metres": [12.1, 1e-3, 7.7, 120.0],
    "large and far apart": [1e9, 2e9, 3e9],
    "days": [1_700_000_000 + 86_400 * n for n in range(8)],
    "one number": [1_700_000_001] * 3,
    "nothing but one": [0.1],
}


def folder(tmp_path, write_image, cells: list) -> ImageFolder:
    rows = [
        f"{write_image(f'{n}.png', 8, 8, seed=n).name},{cell!r}" for n, cell in enumerate(cells)
    ]
    (tmp_path / "labels.csv").write_text("\n".join(["file,it", *rows]))
    return ImageFolder(root=tmp_path, size=8)


@pytest.mark.parametrize("case", MERGED)
def test_regression_is_refused_with_an_offset_and_a_scale_that_serve(
    tmp_path, write_image, case: str
) -> None:
    dataset = folder(tmp_path, write_image, MERGED[case])
    fields = dataset.fields()
    with pytest.raises(DataError, match="8 different numbers between") as caught:
        Regression(field="it").head(fields)
    offset, scale = re.findall(r"`\w+: ([^`]+)`", str(caught.value.advice))
    task = Regression(field="it", offset=float(offset), scale=float(scale))
    assert task.head(fields) == VectorHead(1)
    target = task.target(dataset.read(range(8), task.needs(fields)))
    assert target.dtype == torch.float32
    assert len(target.unique()) == 8 and target.abs().max() < 3


@pytest.mark.parametrize("case", MERGED)
def test_they_can_be_classes_all_the_same(tmp_path, write_image, case: str) -> None:
    dataset = folder(tmp_path, write_image, MERGED[case])
    task = Classification(field="it")
    if isinstance(MERGED[case][0], float):
        with pytest.raises(DataError, match=r"labels\.csv:2 has .* which is no whole number"):
            task.head(dataset.fields())
    else:
        assert task.head(dataset.fields()) == VectorHead(8)
        sample = dataset.read(range(8), task.needs(dataset.fields()))
        assert task.target(sample).tolist() == list(range(8))


def test_whole_numbers_beyond_64_bits_are_to_be_shifted_in_the_file(tmp_path, write_image) -> None:
    dataset = folder(tmp_path, write_image, [10**19 + n for n in range(4)])
    with pytest.raises(DataError, match=r"4 different numbers(.|\n)*from the labels themselves"):
        Regression(field="it", offset=1e19).head(dataset.fields())


@pytest.mark.parametrize("case", KEPT)
def test_what_32_bits_keep_stays_as_it_was(tmp_path, case: str) -> None:
    values = np.array(KEPT[case])
    whole = [int(v) for v in values] if (values == np.floor(values)).all() else None
    assert span_of(values, whole) is None


def test_fingerprints_tell_numbers_apart_that_32_bits_merge(tmp_path, write_image) -> None:
    first = folder(tmp_path, write_image, [1_700_000_000, 1_700_000_001]).fingerprint()
    second = folder(tmp_path, write_image, [1_700_000_000, 1_700_000_002]).fingerprint()
    huge = [folder(tmp_path, write_image, [10**19, 10**19 + n]).fingerprint() for n in (1, 2, 1)]
    assert first != second
    assert huge[0] == huge[2]
