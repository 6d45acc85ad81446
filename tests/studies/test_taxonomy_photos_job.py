"""The job that asks whether ImageNet beats labels runs to its end: few images, one epoch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

import taskspace

JOB = Path(__file__).parents[2] / "jobs" / "photos-imagenet.yaml"
SHORT = (
    "seeds=1",
    "sources.0.side=32",
    "train={epochs: 1, batch: 8}",
    "transfer={max_order: 1, epochs: 1, batch: 8}",
    "solve={budgets: [1], random_policies: 0}",
)


def test_the_job_runs(tmp_path):
    folder, random = tmp_path / "photos", np.random.default_rng(0)
    folder.mkdir()
    columns = ("animal", "pet", "hooves", "flies", "road")
    rows = [",".join(["image", *columns])]
    for i in range(40):
        Image.fromarray(random.integers(0, 255, (32, 32, 3), dtype=np.uint8)).save(
            folder / f"{i:02}.png"
        )
        rows.append(",".join([f"{i:02}.png", *random.choice(["yes", "no"], len(columns))]))
    (folder / "labels.csv").write_text("\n".join(rows))
    made = taskspace.run(
        JOB, overrides=(*SHORT, f"dataset.root={folder}"), executor="inline",
        store=tmp_path / "store", runs=tmp_path / "runs",
    )  # fmt: skip
    assert made.result["missing"] == []
    (source,) = made.result["pretrained"]["sources"]
    assert [row["target"] for row in source["targets"]] == list(columns)
    assert source["licence"] in ("Apache-2.0", None)
