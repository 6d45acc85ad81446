"""The published tables of errors, where they are there, and small planted ones."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from taskspace.studies.recommend.maths.errors import ErrorTable
from taskspace.studies.recommend.table.description import ErrorColumns, ErrorFile
from taskspace.studies.recommend.table.reading import MeasuredModels, read_errors

DATA = Path(__file__).parents[3] / "shared" / "data" / "model_zoo"
EXPERTS = DATA / "cub_inat_experts_50x50.csv"
RANKING = DATA / "tllib_model_ranking.csv"

needs_tables = pytest.mark.skipif(
    not EXPERTS.is_file() or not RANKING.is_file(), reason="published tables are not there"
)

MILLIONS = {
    "GoogleNet": 6.6,
    "Inception V3": 27.2,
    "ResNet50": 25.6,
    "ResNet101": 44.5,
    "ResNet152": 60.2,
    "DenseNet121": 8.0,
    "DenseNet169": 14.1,
    "Densenet201": 20.0,
    "MobileNet V2": 3.5,
    "MNasNet": 4.4,
}
"""Parameters as torchvision's documentation rounds them."""


def experts() -> tuple[ErrorTable, np.ndarray]:
    """Return the 50 x 50 table and the errors of the generic expert."""
    measured = read_errors(ErrorFile(table=EXPERTS, exclude=["optimal", "imagenet"]))
    with EXPERTS.open(encoding="utf-8", newline="") as stream:
        generic = [float(row["imagenet"]) for row in csv.DictReader(stream)]
    return measured.table, np.array(generic)


def ranking() -> MeasuredModels:
    """Return the 8 x 10 table with its four scores."""
    columns = ErrorColumns(
        task="dataset", value="finetuned_acc", scores=["hscore", "leep", "logme", "nce"]
    )
    return read_errors(ErrorFile(table=RANKING, columns=columns, measure="accuracy"))


def planted(tasks: int, models: int, seed: int, spread: float) -> tuple[ErrorTable, np.ndarray]:
    """Return errors that grow with the distance of points, and the tasks' points [T, 2].

    Model m is trained on no task of the table and lies somewhere among them; `spread` is the
    weight of the distance against what a model is worth everywhere.
    """
    random = np.random.default_rng(seed)
    points, places = random.normal(size=(tasks, 2)), random.normal(size=(models, 2))
    distances = ((points[:, None] - places) ** 2).sum(axis=2)
    logs = spread * distances + 0.3 * random.normal(size=models) + random.normal(size=(tasks, 1))
    names = [f"task {one}" for one in range(tasks)]
    return ErrorTable.of(names, [f"model {one}" for one in range(models)], np.exp(logs)), points
