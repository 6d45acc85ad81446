"""The zero-shot job of photographs runs to its end: fewer of them and steps, all else as it is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import taskspace
from taskspace_plugins.datasets.altered.cifar10_compositions import Cifar10Compositions

JOB = Path(__file__).parents[2] / "jobs" / "zeroshot-photos.yaml"
SHORT = (
    "dataset.partial=true",
    "dataset.images=null",
    "encoder={use: small_conv, width: 4}",
    "networks={words: 8, critic: 8}",
    "train={steps: 2, batch: 8}",
    "baseline={steps: 2}",
    "controls=[]",
    "maps=[]",
    "seeds=1",
)


@pytest.fixture
def files(tmp_path) -> tuple[str, ...]:
    """Return where 600 random images and random vectors of the words are."""
    draw = np.random.default_rng(0)
    for file in Cifar10Compositions.release.files:
        records = (bytes([label % 10]) + draw.bytes(3 * 32 * 32) for label in range(100))
        (tmp_path / file.name).write_bytes(b"".join(records))
    fields = Cifar10Compositions(path=tmp_path, partial=True).fields()
    vectors = tmp_path / "glove.txt"
    vectors.write_text(
        "".join(
            f"{word} {' '.join(map(str, draw.normal(size=6).round(4)))}\n"
            for name in ("attribute", "object")
            for word in fields[name].classes or ()
        )
    )
    return f"dataset.path={tmp_path}", f"lexicon.file={vectors}"


def test_the_job_runs(files, tmp_path):
    made = taskspace.run(
        JOB, overrides=(*SHORT, *files), executor="inline",
        store=tmp_path / "store", runs=tmp_path / "runs",
    )  # fmt: skip
    result = made.result
    assert result["missing"] == []
    assert [method["name"] for method in result["methods"]] == [
        "ss", "uds", "ss_mtc_add", "ss_mtc_affine", "tds",
        "nearest_prototype", "label_embedding", "redwine", "oracle",
    ]  # fmt: skip
    assert all((row["seen"], row["unseen"]) == (60, 40) for row in result["compositions"])
    for trial in result["trials"]:
        tested = trial["evaluation"]["test"]["images"]
        # Only what was published for testing tests: 100 photographs.
        assert tested["seen"] + tested["unseen"] == 100
