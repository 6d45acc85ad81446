"""Pretrained sources in a job: what is wrong with them is said at its place, before anything."""

from __future__ import annotations

import numpy as np
import pytest

import taskspace
from taskspace.errors import InputError, JobInvalid
from taskspace.jobs import load_job
from taskspace.registry import Registry

JOB = {
    "study": "taxonomy",
    "name": "sources",
    "dataset": "digits",
    "tasks": ["loops", "parity", {"use": "identity", "role": "target"}],
    "sources": [{"use": "small_conv", "as": "outside"}],
}


@pytest.fixture(scope="module")
def registry() -> Registry:
    return Registry.load(plugins=False)


@pytest.mark.parametrize(
    ("change", "path", "words"),
    [
        ({"sources": ["small_conv", "small_conv"]}, "sources.1", "Two sources are called"),
        ({"sources": [{"use": "mlp", "as": "loops"}]}, "sources.0.as", "A task is called 'loops'"),
        (
            {"sources": [{"use": "mlp", "as": "identity"}]},
            "sources.0.as",
            "A task is called 'identity'",
        ),
        ({"sources": [{"use": "mlp", "as": "scratch"}]}, "sources.0.as", "compared with"),
        ({"sources": ["normals"]}, "sources.0", "normals"),
        ({"sources": [{"use": "mlp", "importance": 2}]}, "sources.0.importance", "importance"),
        ({"sources": [{"use": "mlp", "label_cost": -1}]}, "sources.0.label_cost", ""),
        ({"solve": {"required": ["outside"]}}, "solve.required.0", "no labels to buy"),
        ({"solve": {"forbidden": ["outsid"]}}, "solve.forbidden.0", "'outsid'"),
        (
            {"solve": {"forbidden": ["loops", "parity", "outside"]}},
            "solve.forbidden",
            "every source is forbidden",
        ),
    ],
)
def test_a_mistake_has_its_place(registry, change, path, words):
    with pytest.raises(JobInvalid) as raised:
        load_job(JOB | change, catalogue=registry)
    problems = {problem.path: problem.message for problem in raised.value.problems}
    assert words in problems[path], problems


def test_sources_have_no_use_beside_a_table(registry, tmp_path):
    (tmp_path / "table.csv").write_text("target,sources,affinity\n")
    job = {"study": "taxonomy", "name": "t", "affinities": {"table": str(tmp_path / "table.csv")}}
    with pytest.raises(JobInvalid) as raised:
        load_job(job | {"sources": ["mlp"]}, catalogue=registry)
    assert "sources" in [problem.path for problem in raised.value.problems]


@pytest.mark.parametrize("forbidden", [["outside"], ["loops", "parity"]])
def test_a_source_or_all_labels_may_be_forbidden(registry, forbidden):
    job = load_job(JOB | {"solve": {"forbidden": forbidden}}, catalogue=registry).job
    assert job.solve.forbidden == forbidden


def test_images_that_an_encoder_cannot_read_are_refused_before_anything_is_computed(tmp_path):
    file = tmp_path / "features.npz"
    random = np.random.default_rng(0)
    features = random.random((40, 6), dtype=np.float32)
    np.savez(file, features=features, colour=np.array(["red", "blue"] * 20))
    job = JOB | {
        "dataset": {"use": "features_file", "file": str(file), "labels": ["colour"]},
        "tasks": [{"use": "classification", "field": "colour", "as": "colour"}],
        "encoder": "identity",
        "sources": [{"use": "efficientnet_lite", "weights": "none"}],
    }
    with pytest.raises(InputError, match=r"reads images of 1 or 3 channels, not of 6") as raised:
        taskspace.run(job, executor="inline", store=tmp_path / "s", runs=tmp_path / "r")
    assert raised.value.where == "sources.0"
    assert not list((tmp_path / "s" / "objects").iterdir())


def test_weights_that_are_not_installed_are_missed_before_anything_is_computed(
    tmp_path, monkeypatch
):
    from taskspace_plugins.encoders import efficientnet_lite

    monkeypatch.setattr(efficientnet_lite, "find_spec", lambda _: None)
    job = JOB | {"sources": [{"use": "efficientnet_lite", "as": "imagenet"}]}
    with pytest.raises(InputError, match="no weights of ImageNet here") as raised:
        taskspace.run(job, executor="inline", store=tmp_path / "s", runs=tmp_path / "r")
    assert raised.value.where == "sources.0"
    assert not list((tmp_path / "s" / "objects").iterdir())
