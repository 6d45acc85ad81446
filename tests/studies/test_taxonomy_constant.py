"""The best constant prediction, which a task network must beat."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from taskspace.components import Component, Result
from taskspace.learning.splits import split_indices
from taskspace.studies.taxonomy.cells.networks import fit_constant, measure_constant
from taskspace_plugins.datasets.digits import Digits
from taskspace_plugins.tasks.digits.ink_moments import InkMoments

SHARES = {"train": 0.5, "transfer": 0.15, "select": 0.15, "test": 0.2}


@dataclass
class Kept:
    """A result as a store gives it back."""

    result: Result
    key: str = ""

    @property
    def record(self) -> Any:
        return self.result.record

    def array(self, name: str) -> np.ndarray:
        return self.result.arrays[name]

    def weights(self) -> Any:
        return dict(self.result.weights)


@dataclass
class OneCall:
    """A cell that has targets and no image."""

    parameters: dict[str, Any]
    inputs: dict[str, Kept]
    components: dict[str, Component]
    name: str = "constant"
    device: str = "cpu"
    cpus: int = 1
    checkpoint: None = None

    def component(self, slot: str, kind: type[Component]) -> Component:
        return self.components[slot]

    def identity(self, slot: str) -> str:
        return str(self.components[slot].identity())


@dataclass
class Data:
    dataset: Digits = field(default_factory=Digits)
    task: InkMoments = field(default_factory=InkMoments)

    def call(self, split: str, **inputs: Kept) -> OneCall:
        splits = {"shares": [*SHARES.items()], "seed": 0}
        return OneCall(
            {"split": split, "splits": splits, "seed": 1},
            {"target0": Kept(Result({"levels": {"target": None}}, {"target": self.targets()}))}
            | inputs,
            {"dataset": self.dataset, "task": self.task},
        )

    def targets(self) -> np.ndarray:
        sample = self.dataset.read(np.arange(self.dataset.length()), {"image"})
        targets: np.ndarray = self.task.target(sample).numpy()
        return targets


@pytest.fixture(scope="module")
def data() -> Data:
    return Data()


def test_the_best_constant_of_a_squared_loss_is_the_mean_and_needs_no_image(data: Data) -> None:
    fitted = fit_constant(data.call("train"))
    train = split_indices(data.dataset.length(), data.dataset.groups(), SHARES, 0)["train"]
    mean = data.targets()[train].mean(axis=0)
    assert np.allclose(fitted.weights["value"].numpy(), mean, atol=5e-3)


def test_a_constant_is_measured_on_the_split_that_is_named(data: Data) -> None:
    fitted = fit_constant(data.call("train"))
    measured = measure_constant(data.call("test", network=Kept(fitted)))
    test = split_indices(data.dataset.length(), data.dataset.groups(), SHARES, 0)["test"]
    away = data.targets()[test] - fitted.weights["value"].numpy()
    assert np.allclose(measured.arrays["loss"], np.square(away).mean(axis=1), atol=1e-6)
    assert measured.record["metric"] is not None
