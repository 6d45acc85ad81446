"""Tables of errors: both layouts say the same, and what is wrong is named with its place."""

from __future__ import annotations

import numpy as np
import pytest

from taskspace.errors import TableError
from taskspace.studies.recommend.maths.errors import NO_TASK
from taskspace.studies.recommend.table.description import ErrorFile
from taskspace.studies.recommend.table.reading import read_errors

WIDE = "task,a,b,other\na,10,20,30\nb,40,,5\n"
LONG = "task,model,error\na,a,10\na,b,20\na,other,30\nb,a,40\nb,b,\nb,other,5\n"


@pytest.fixture
def read(tmp_path):
    def write(text, **options):
        file = tmp_path / "errors.csv"
        file.write_text(text, encoding="utf-8")
        return read_errors(ErrorFile(table=file, **options))

    return write


@pytest.mark.parametrize("text", [WIDE, LONG], ids=["wide", "long"])
def test_both_layouts_say_the_same(read, text):
    found = read(text)
    assert (found.table.tasks, found.table.models) == (("a", "b"), ("a", "b", "other"))
    np.testing.assert_array_equal(found.table.errors, [[10, 20, 30], [40, np.nan, 5]])
    assert found.table.own.tolist() == [0, 1, NO_TASK]
    assert found.table.groups.tolist() == [0, 1]
    assert np.isnan(found.parameters).all()


def test_the_first_column_of_a_wide_table_holds_the_tasks_whatever_it_is_called(read):
    assert read(WIDE.replace("task", "target")).table.tasks == ("a", "b")


def test_accuracies_as_fractions_become_errors_in_percent(read):
    found = read("task,m,n\na,0.9,1\nb,0,0.25\n", measure="accuracy", unit="fraction")
    np.testing.assert_allclose(found.table.errors, [[10, 0], [100, 75]])


def test_models_are_left_out_by_name(read):
    assert read(WIDE, exclude=["other"]).table.models == ("a", "b")
    assert read(LONG, exclude=["other"]).table.models == ("a", "b")


def test_groups_parameters_and_scores_are_read(read):
    text = "set,net,acc,parameters,group,leep\nx,m,90,5,g,-1\nx,n,80,7,g,-2\n"
    text += "y,m,70,5,g,-3\ny,n,60,7,g,\nz,m,50,5,h,0\nz,n,40,7,h,0\n"
    columns = {"task": "set", "model": "net", "value": "acc", "scores": ["leep"]}
    found = read(text, measure="accuracy", columns=columns)
    assert found.table.groups.tolist() == [0, 0, 1]
    assert found.parameters.tolist() == [5, 7]
    np.testing.assert_array_equal(found.scores["leep"], [[-1, -2], [-3, np.nan], [0, 0]])
    assert found.table.errors.tolist() == [[10, 20], [30, 40], [50, 60]]


def test_groups_of_a_wide_table_are_no_model(read):
    found = read("task,group,m\nx,g,1\ny,g,2\nz,h,3\n")
    assert (found.table.models, found.table.groups.tolist()) == (("m",), [0, 0, 1])


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("", {}, "errors.csv:1: The header has 0 columns"),
        ("task,a\n", {}, "No error is left"),
        ("task,m,m\na,1,2\n", {}, "names the column 'm' twice"),
        ("task,m,n\na,1\n", {}, "errors.csv:2: The row has 2 cells; the header has 3"),
        ("task,m\na,fast\n", {}, "errors.csv:2, column 'm': The error of 'm' on 'a' is 'fast'"),
        ("task,m\na,inf\n", {}, "no finite number"),
        ("task,m\na,-1\n", {}, "errors.csv:2, column 'm': The error of 'm' on 'a' is -1"),
        ("task,m\na,1\na,2\n", {}, "errors.csv:3: The task 'a' has a row before"),
        ("task,m\n,1\n", {}, "errors.csv:2, column 'm': A task or model has no name"),
        ("task,m\na,\n", {}, "Nothing was measured on the task 'a'"),
        ("task,a,b\na,1,2\nb,3,4\nc,,\n", {}, "Nothing was measured on the task 'c'"),
        ("task,a\na,1\n", {}, "has no candidate"),
        ("task,m\na,90\n", {"unit": "fraction"}, "`unit: fraction` it is from 0 to 1"),
        ("task,m\na,101\n", {"measure": "accuracy"}, "from 0 to 100"),
        (WIDE, {"exclude": ["gone"]}, "There is no model 'gone'"),
        (LONG, {"exclude": ["gone"]}, "There is no model 'gone'"),
        ("task,model,loss\na,m,1\n", {}, "errors.csv:1: There is no column 'error'"),
        (LONG + "a,b,20\n", {}, "errors.csv:8: The error of 'b' on 'a' was there before"),
        (LONG, {"columns": {"scores": ["leep"]}}, "There is no column 'leep'"),
        (
            "task,model,error,parameters\na,m,1,5\nb,m,1,6\n",
            {},
            "errors.csv:3: The parameters of 'm' is '6', and '5' in a row before",
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_place(read, text, options, message):
    with pytest.raises(TableError) as raised:
        read(text, **options)
    assert message in str(raised.value)


def test_an_absent_file_is_named(tmp_path):
    with pytest.raises(TableError, match="no such table"):
        read_errors(ErrorFile(table=tmp_path / "absent.csv"))
