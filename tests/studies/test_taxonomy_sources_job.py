"""Pretrained sources in a job: what is wrong with them is said at its place, before anything."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import taskspace
from taskspace.engine.forecast import forecast
from taskspace.engine.planner import KeyedPlanner
from taskspace.engine.run import Place
from taskspace.errors import InputError, JobInvalid
from taskspace.jobs import load_job
from taskspace.registry import Registry
from taskspace.studies.taxonomy.plan.cells import plans_of
from taskspace_plugins.encoders.small_conv import SmallConv

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
        ({"sources": [{"use": "mlp", "as": "constant"}]}, "sources.0.as", "compared with"),
        ({"sources": [{"use": "mlp", "as": "random_projection"}]}, "sources.0.as", "compared with"),
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


def from_file(path, **parameters) -> dict:
    """A source whose weights are in a file."""
    encoder = {"use": "small_conv", "width": 4}
    return {"use": "weights_file", "path": str(path), "encoder": encoder, "side": 8} | parameters


def refused(sources: list, place) -> InputError:
    """What a run of a job with these sources is refused with, before anything is computed."""
    with pytest.raises(InputError) as raised:
        taskspace.run(
            JOB | {"sources": sources}, executor="inline", store=place / "s", runs=place / "r"
        )
    assert not list((place / "s" / "objects").iterdir())
    return raised.value


def weights(path) -> object:
    torch.save(SmallConv(width=4).build((3, 8, 8)).state_dict(), path)
    return path


def test_of_weights_that_cannot_be_read_the_file_is_named(tmp_path):
    there, gone = weights(tmp_path / "there.pt"), tmp_path / "gone.pt"
    error = refused([from_file(there, **{"as": "one"}), from_file(gone)], tmp_path)
    assert error.where == f"sources.1: {gone}"


def test_a_forecast_refuses_what_a_run_does_and_at_the_same_place(tmp_path, registry):
    document = JOB | {"sources": ["mlp", from_file(weights(tmp_path / "w.pt"), mean=[0])]}
    place = Place(store=tmp_path / "s", runs=tmp_path / "r")
    with pytest.raises(JobInvalid) as raised:
        forecast(load_job(document, catalogue=registry), place, registry)
    (found,) = raised.value.problems
    assert found.path == "sources.1"
    assert "mean has 1 channels, std 3" in found.message


def test_one_encoder_under_two_names_is_refused(tmp_path):
    one, other = weights(tmp_path / "one.pt"), tmp_path / "other.pt"
    other.write_bytes(one.read_bytes())
    sources = [from_file(one, **{"as": "one"}), from_file(other, **{"as": "other"})]
    error = refused(sources, tmp_path)
    assert "'one' and 'other' are the same encoder" in error.what
    assert error.where == "sources.1"


def test_two_controls_that_are_drawn_apart_may_be_of_one_encoder():
    sources = [{"use": "small_conv", "as": "one"}, {"use": "small_conv", "as": "other"}]
    document = JOB | {"sources": sources}
    registry = Registry.load(plugins=False)
    job = load_job(document, catalogue=registry).job
    (plan,) = plans_of(job, KeyedPlanner(registry))
    assert len({source.seed for source in plan.pretrained.values()}) == 2
