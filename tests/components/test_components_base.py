"""What every component can do, and what the package exports."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import ClassVar

import numpy as np
import pydantic
from hypothesis import given
from hypothesis import strategies as st

import taskspace
from taskspace.components import (
    Assignment,
    Cell,
    CellFunction,
    Component,
    ComponentSpec,
    JobPath,
    Resources,
    SourceText,
    Workplace,
    stable_seed,
)


class Sample(Component):
    kind: ClassVar[str] = "sample"
    name: ClassVar[str] = "sample"
    root: JobPath = Path("here")
    other: JobPath | None = None

    @cached_property
    def read(self):
        return np.zeros(3)

    sizes: list[int] = pydantic.Field(default_factory=lambda: [1])


def test_paths_are_read_against_the_folder_they_were_written_in(tmp_path):
    made = Sample.model_validate({"root": SourceText("data", tmp_path)})
    assert made.root == tmp_path / "data"
    assert Sample.model_validate({"root": SourceText("/abs", tmp_path)}).root == Path("/abs")


def test_paths_stay_out_of_the_identity_and_in_the_spec(tmp_path):
    made = Sample(root=tmp_path, other=tmp_path)
    assert made.identity() == {"sizes": [1]}
    assert made.spec().parameters["root"] == str(tmp_path)
    assert Sample.model_validate(made.spec().parameters) == made


def test_equal_components_have_equal_hashes_even_with_lists():
    assert hash(Sample(sizes=[1, 2])) == hash(Sample(sizes=[1, 2])) != hash(Sample(sizes=[2, 1]))


def test_equality_is_of_parameters_and_not_of_what_is_cached():
    one, other = Sample(), Sample()
    assert one.read.sum() == other.read.sum() == 0
    assert one == other != Sample(sizes=[2])
    assert one != "sample"


def test_seeds_are_the_same_on_every_machine():
    assert stable_seed(0, "transfer/a->b") == 3175664647379212987


@given(st.lists(st.text(), max_size=4), st.lists(st.text(), max_size=4))
def test_different_parts_give_different_seeds(first, second):
    assert (stable_seed(*first) == stable_seed(*second)) == (
        "\x1f".join(first) == "\x1f".join(second)
    )


def test_cells_and_workplaces_travel_as_json():
    import json

    cell = Cell(
        name="a/b", key="k" * 64, function=CellFunction("m:f", 2, batched=True),
        parameters={"x": [1, None]}, components={"t": ComponentSpec("task", "n", {"p": 1})},
        inputs={"i": "j" * 64}, batch="b", resources=Resources(2, 0.5),
    )  # fmt: skip
    assignment = Assignment(7, (cell, cell))
    assert Assignment.from_json(json.loads(json.dumps(assignment.as_json()))) == assignment
    place = Workplace(
        Path("/s"), "cpu", "m:f", "d", Path("/d"), plugins=False, frozen=True, blocked=("weather",)
    )
    assert Workplace.from_json(json.loads(json.dumps(place.as_json()))) == place


def test_the_package_exports_what_it_says():
    assert sorted(taskspace.__all__) == ["Run", "run", "solve_policy"]
    for name in taskspace.__all__:
        assert getattr(taskspace, name)
