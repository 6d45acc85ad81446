"""A task that is told a field is called as the field, unless the job calls it otherwise."""

from __future__ import annotations

import pytest

from taskspace.errors import JobInvalid
from taskspace.jobs import load_job
from taskspace.registry import AllowedPlugins, Registry

TAXONOMY = """\
study: taxonomy
name: case
dataset: {{use: image_folder, root: photos, size: 8}}
tasks: [{tasks}]
encoder: {{use: small_conv, width: 4}}
"""
MULTITASK = TAXONOMY + "schemes: [shared]\n"


@pytest.fixture(scope="module")
def catalogue():
    return Registry.under(AllowedPlugins(False, False, ()))


@pytest.fixture(params=[TAXONOMY, MULTITASK], ids=["taxonomy", "multitask"])
def names(request, catalogue):
    text = request.param.replace(
        "taxonomy", "multitask" if "schemes" in request.param else "taxonomy"
    )

    def of(*tasks):
        job = load_job(text.format(tasks=", ".join(tasks)), catalogue=catalogue).job
        return [task.name for task in job.tasks]

    return of


@pytest.mark.parametrize(
    ("tasks", "expected"),
    [
        (["{use: classification, field: a}", "{use: classification, field: b}"], ["a", "b"]),
        (["{use: regression, field: age}", "autoencoding"], ["age", "autoencoding"]),
        (["{use: dense_regression, field: depth}", "{use: dense_classification, field: ground}"],
         ["depth", "ground"]),
        (["{use: classification, field: a, as: first}", "{use: classification, field: a}"],
         ["first", "a"]),
        (["{use: taskspace/classification, field: a}", "{use: edges_2d}"], ["a", "edges_2d"]),
        # A field whose name a task cannot have leaves the task its own.
        (["{use: classification, field: high pressure}"], ["classification"]),
        (["{use: classification, field: größe}"], ["classification"]),
        (["{use: classification, field: " + "x" * 81 + "}"], ["classification"]),
    ],
)  # fmt: skip
def test_a_field_gives_its_task_the_name(names, tasks, expected):
    assert names(*tasks) == expected


@pytest.mark.parametrize(
    ("tasks", "place", "name"),
    [
        (["{use: classification, field: a}", "{use: regression, field: a}"], "tasks.1.field", "a"),
        (["{use: classification, field: a}", "{use: edges_2d, as: a}"], "tasks.1.as", "a"),
        (["edges_2d", "{use: classification, field: edges_2d}"], "tasks.1.field", "edges_2d"),
        (["{use: classification, field: a b}", "{use: classification, field: b c}"], "tasks.1.use",
         "classification"),
    ],
)  # fmt: skip
def test_two_tasks_of_one_name_are_still_refused(names, tasks, place, name):
    with pytest.raises(JobInvalid) as caught:
        names(*tasks)
    (found,) = caught.value.problems
    assert (found.code, found.path) == ("TSK014", place)
    assert found.message == f"Two tasks are called '{name}': call one otherwise with `as`."
