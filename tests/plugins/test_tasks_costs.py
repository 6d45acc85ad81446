"""Labels that come from the image alone, or with the recording, cost nothing, all others one."""

from __future__ import annotations

from typing import ClassVar

import pytest

from taskspace.components import ComponentSpec, Task, VectorHead
from taskspace.registry import Registry

FREE = {
    "autoencoding", "colorization", "colorize_rgb", "denoising", "edges_2d", "ink_moments",
    "inpainting", "jigsaw", "keypoints_2d", "random_projection", "right_half", "rotation",
    "segment_2d", "stroke_thickness",
}  # fmt: skip
RECORDED = {"angle_change", "distance_change"}
"""Free as well: the phone that films records them."""

FIELDS = {"classification", "regression", "dense_classification", "dense_regression"}


OF_A_RUN = {"discovered"}
"""Costs nothing, in test_discovery_after: it needs a run."""


def built_in() -> list[str]:
    return sorted(set(Registry.load(plugins=False).names("task")) - OF_A_RUN)


@pytest.mark.parametrize("name", built_in())
def test_default_costs_of_the_built_in_tasks(name):
    parameters = {"field": "label"} if name in FIELDS else {}
    task = Registry.load(plugins=False).component(ComponentSpec("task", name, parameters))
    assert isinstance(task, Task)
    assert task.labels_itself() == (name in FREE)
    assert task.default_label_cost() == (0.0 if name in FREE | RECORDED else 1.0)


def test_a_class_may_say_what_its_labels_cost():
    class Survey(Task):
        """Labels that a surveyor makes."""

        name: ClassVar[str] = "survey"
        label_cost: ClassVar[float] = 40.0

        def head(self, fields):
            return VectorHead(1)

        def loss(self, prediction, target):
            raise AssertionError

    assert Survey().default_label_cost() == 40.0
