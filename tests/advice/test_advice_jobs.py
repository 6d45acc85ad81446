"""Whoever does what a refused job advises gets a job."""

from __future__ import annotations

import pytest

from taskspace.errors import JobInvalid
from taskspace.jobs import load_job
from taskspace.registry import AllowedPlugins, Registry

JOB = """\
study: taxonomy
name: case
seed: 3
dataset: {use: rooms, images: 200}
tasks: [identity, {use: classification, field: scene}]
encoder: {use: small_conv, width: 4}
train: {epochs: 1}
solve: {budgets: [1]}
"""

# What the job says, what else it says and is refused, the advice, and what follows the advice.
CASES = {
    "a tab": ("seed: 3", "train:\n\tepochs: 1", "Indent with spaces instead of tabs.",
              "transfer:\n  epochs: 1"),
    "an at sign": ("name: case", "name: @case", "Text that begins with @ needs quotes.",
                   "name: 'case'"),
    "a percent sign": ("images: 200", "images: %data", "Text that begins with % needs quotes.",
                       "images: 200"),
    "an alias": ("epochs: 1", "epochs: *one", "Aliases are not used in jobs: write the value out.",
                 "epochs: 1"),
    "an anchor": ("epochs: 1", "epochs: &one 1", "Anchors are not used in jobs: remove it.",
                  "epochs: 1"),
    "a tag": ("epochs: 1", "epochs: !!int 1",
              "Tags are not used in jobs: remove it; types follow from the values.", "epochs: 1"),
    "a key that is a number": ("seed: 3", "3: seed", "A key must be text: put quotes around it.",
                               "seed: 3"),
    "two documents": ("seed: 3", "seed: 3\n---", "a job is one document.", "seed: 3"),
    "a key twice": ("seed: 3", "seed: 3\nseed: 4", "The key `seed` is given twice", "seed: 4"),
    "quotes around a number": ("epochs: 1", "epochs: '1'", "Write it without quotes.",
                               "epochs: 1"),
    "no quotes around a number": ("name: case", "name: 2024",
                                  "`name` must be text, and it is 2024. Put quotes around it.",
                                  "name: '2024'"),
    "a yes that is a word": ("seed: 3", "seeds: yes", "`seeds` must be", "seeds: 2"),
    "a misspelt key": ("seed: 3", "sed: 3", "Did you mean 'seed'?", "seed: 3"),
    "a misspelt component": ("small_conv", "smal_conv", "Did you mean 'small_conv'?",
                             "small_conv"),
    "a misspelt parameter": ("width: 4", "widht: 4", "Did you mean 'width'?", "width: 4"),
    "a misspelt study": ("taxonomy", "taxonomi", "Did you mean 'taxonomy'?", "taxonomy"),
    "a component without a name": ("use: small_conv", "usee: small_conv", "Did you mean 'use'?",
                                   "use: small_conv"),
    "a name twice": ("tasks: [identity,", "tasks: [identity, identity,",
                     "Two tasks are called 'identity': call one otherwise with `as`.",
                     "tasks: [identity, {use: identity, as: other},"),
    "a field twice": ("field: scene}", "field: scene}, {use: classification, field: scene}",
                      "Two tasks are called 'scene': call one otherwise with `as`.",
                      "field: scene}, {use: classification, field: scene, as: other}"),
    "a bound": ("epochs: 1", "epochs: 0", "must be at least 1", "epochs: 1"),
    "a list that is empty": ("[1]", "[]", "must have at least 1 item", "[2]"),
    "a number without end": ("[1]", "[.inf]", "numbers here are at most about 1.8e308",
                             "[1.0e+3]"),
    "a path with backslashes": (
        "{use: rooms, images: 200}", r'{use: image_folder, root: "C:\Users\me"}',
        "write it twice, \\\\, or use single quotes",
        r'{use: image_folder, root: "C:\\Users\\me"}'),
    "a path with backslashes, in single quotes": (
        "{use: rooms, images: 200}", r'{use: image_folder, root: "C:\new"}',
        "write it twice, \\\\, or use single quotes", r"{use: image_folder, root: 'C:\new'}"),
}  # fmt: skip

# An argument of `--set`, what is advised, and the argument that follows it.
ARGUMENTS = {
    "no value": ("train.epochs", "`--set` needs a path and a value: `--set train.epochs=5`.",
                 "train.epochs=5"),
    "an empty part": ("train..epochs=5", "write it as in `train.epochs=5`", "train.epochs=5"),
    "no such item": ("tasks.7=edges_2d", "indices are 0 to 1", "tasks.1=edges_2d"),
    "a list with a bracket alone": ("solve.budgets=[1", "This is not YAML", "solve.budgets=[1]"),
}  # fmt: skip


@pytest.fixture(scope="module")
def catalogue():
    return Registry.under(AllowedPlugins(False, False, ()))


def refusal(text, catalogue, *overrides):
    with pytest.raises(JobInvalid) as caught:
        load_job(text, overrides=overrides, catalogue=catalogue)
    return [
        p.message + (f" Did you mean '{p.suggestion}'?" if p.suggestion else "")
        for p in caught.value.problems
    ]


@pytest.mark.parametrize(("part", "refused", "advice", "followed"), CASES.values(), ids=CASES)
def test_who_does_as_advised_gets_a_job(catalogue, part, refused, advice, followed):
    assert part in JOB
    said = refusal(JOB.replace(part, refused), catalogue)
    assert any(advice in message for message in said), said
    assert load_job(JOB.replace(part, followed), catalogue=catalogue).job


@pytest.mark.parametrize(("refused", "advice", "followed"), ARGUMENTS.values(), ids=ARGUMENTS)
def test_who_sets_as_advised_gets_a_job(catalogue, refused, advice, followed):
    (said,) = refusal(JOB, catalogue, refused)
    assert advice in said
    assert load_job(JOB, overrides=[followed], catalogue=catalogue).job


def test_a_file_that_is_not_utf_8_is_saved_as_that(catalogue, tmp_path):
    file = tmp_path / "job.yaml"
    text = JOB.replace("seed: 3", "seed: 3  # größer")
    file.write_bytes(text.encode("latin-1"))
    (said,) = refusal(file, catalogue)
    assert said.startswith("This is not UTF-8 text") and said.endswith(
        "accents and signs. Save it as UTF-8."
    )
    file.write_text(text, encoding="utf-8")
    assert load_job(file, catalogue=catalogue).job
