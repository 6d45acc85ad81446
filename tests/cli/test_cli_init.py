"""`tasks init --images`: a job for a folder of images that runs as it is written."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import numpy as np
import pytest
import torch
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from PIL import Image
from typer.testing import CliRunner

from said import Said
from taskspace.components import ComponentSpec, Field, Task
from taskspace.jobs import check_components, load_job
from taskspace.registry import Registry
from taskspace_cli.folders.image_shape import usual_shape
from taskspace_cli.folders.images_job import (
    FEWEST_IMAGES,
    SHARES,
    budgets,
    scalar,
    schedule,
)
from taskspace_cli.folders.proposal import propose
from taskspace_cli.main import app
from taskspace_plugins.datasets.folders.image_folder import ImageFolder
from taskspace_plugins.tasks.labels.regression import Regression

FREE = ["autoencoding", "edges_2d", "rotation"]
NUMBERS = st.floats(allow_infinity=False, width=32)
NUMBER = {"x": Field(())}


@pytest.fixture(scope="module")
def registry() -> Registry:
    return Registry.load(plugins=False)


@pytest.fixture
def init(tmp_path, monkeypatch):
    """`tasks init` in this process, in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> Said:
        done = CliRunner().invoke(app, ["init", *arguments])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return Said(done.exit_code, done.stdout, done.stderr)

    return call


@pytest.fixture
def photos(tmp_path) -> Path:
    """Forty images of 16x16 pixels in two classes, with columns of every sort."""
    rows = [
        f"{'dark' if i % 2 else 'light'}/{i:02}.png,{i if i % 5 else ''},"
        f"{'red' if i % 3 else 'blue'},7,canon,note {i}"
        for i in range(40)
    ]
    for i, row in enumerate(rows):
        write(tmp_path / "photos" / row.partition(",")[0], seed=i)
    header = "file,price,eye colour,iso,camera,note"
    (tmp_path / "photos" / "labels.csv").write_text("\n".join([header, *rows]), "utf-8")
    return tmp_path / "photos"


def write(path: Path, side: int = 16, channels: int = 3, seed: int = 0) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    shape = (side, side, 3) if channels == 3 else (side, side)
    pixels = np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)
    Image.fromarray(pixels).save(path)


def job_in(folder: Path) -> dict:
    return yaml.safe_load((folder / "job.yaml").read_text("utf-8"))


def test_labels_become_tasks_and_the_image_gives_free_ones(init, photos, tmp_path, registry):
    said = init("mine", "--images", "photos")
    assert said.status == 0, said.err
    job = job_in(tmp_path / "mine")
    assert job["dataset"] == {
        "use": "image_folder", "root": "../photos", "size": 16, "channels": 3,
    }  # fmt: skip
    assert job["tasks"] == [
        {"use": "classification", "field": "class", "as": "class", "label_cost": 1},
        {"use": "regression", "field": "price", "as": "price", "offset": 20, "scale": 11.5,
         "label_cost": 1},
        {"use": "classification", "field": "eye colour", "as": "eye_colour", "label_cost": 1},
        *({"use": name, "role": "source"} for name in FREE),
    ]  # fmt: skip
    assert job["solve"]["budgets"] == [1, 2]
    assert job["name"] == "photos"
    text = (tmp_path / "mine" / "job.yaml").read_text("utf-8")
    assert "# 2 classes, 40 labels" in text and "# 32 labels" in text
    for reason in (
        "iso, because all its labels are 7.",
        'camera, because all its labels are "canon".',
        "note, because no two images have the same label.",
    ):
        assert f"# Left out: {reason}\n" in text
    loaded = load_job(tmp_path / "mine" / "job.yaml", catalogue=registry)
    check_components(loaded, registry)
    schema = json.loads((tmp_path / "mine" / "job.schema.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(dict(loaded.document))


def test_the_job_runs_as_it_is_written(tasks, photos, kept):
    assert tasks("init", "mine", "--images", "photos").status == 0
    short = ("--set", "train.epochs=2", "--set", "transfer.epochs=2", "--set", "seeds=1",
             "--set", "transfer.max_order=1", "--set", "solve.random_policies=5")  # fmt: skip
    said = tasks("run", "mine/job.yaml", "--json", *short, **kept)
    assert said.status == 0, said.err


def test_images_without_labels_give_a_job_of_free_tasks(init, tmp_path, registry):
    for i in range(30):
        write(tmp_path / "photos" / f"{i}.png", side=8, channels=1, seed=i)
    assert init("mine", "--images", "photos").status == 0
    job = job_in(tmp_path / "mine")
    assert job["tasks"] == FREE
    assert job["dataset"]["channels"] == 1
    assert job["solve"]["budgets"] == [0]
    load_job(tmp_path / "mine" / "job.yaml", catalogue=registry)


def test_files_that_are_there_are_kept(init, photos, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "job.yaml").write_text("study: mine\n")
    said = init("mine", "--images", "photos")
    assert said.out.splitlines()[:3] == [
        "kept mine/job.yaml", "wrote mine/registry.toml", "wrote mine/job.schema.json",
    ]  # fmt: skip
    assert (tmp_path / "mine" / "job.yaml").read_text() == "study: mine\n"


@pytest.mark.parametrize("keep", [0, 40, -30])
def test_images_that_cannot_be_read_are_named_and_their_labels_are_not_counted(
    init, photos, tmp_path, keep
):
    for name in ("dark/01.png", "dark/03.png"):
        (photos / name).write_bytes((photos / name).read_bytes()[:keep])
    said = init("mine", "--images", "photos")
    assert said.status == 0, said.err
    text = (tmp_path / "mine" / "job.yaml").read_text("utf-8")
    comment = " ".join(line.removeprefix("# ") for line in text.splitlines()[:9])
    assert "Which labels of these 38 images to buy" in comment
    warning = "Warning: 2 of 40 images are left out: dark/01.png ("
    assert warning in comment and warning in said.err
    assert "01.png" in comment and "03.png" in comment
    assert "# 2 classes, 38 labels" in text


@pytest.mark.parametrize(
    ("rare", "reason"),
    [
        (range(1), "# Few images: breed_0 of these classes; below 4 one is not in every split."),
        (range(3), "# Few images: breed_0, breed_1, breed_2 of these classes;"),
        (range(36), "# Left out: breed, because fewer than two of its classes have 4 images."),
    ],
)
def test_classes_of_too_few_images_are_named_or_left_out(init, photos, tmp_path, rare, reason):
    files = [file.relative_to(photos).as_posix() for file in images_of(photos)]
    breeds = [f"breed_{i}" if i in rare else "abcd"[i % 2] for i in range(len(files))]
    rows = [f"{file},{breed}" for file, breed in zip(files, breeds, strict=True)]
    (photos / "labels.csv").write_text("\n".join(["file,breed", *rows]))
    assert init("mine", "--images", "photos").status == 0
    assert reason in (tmp_path / "mine" / "job.yaml").read_text("utf-8")


def test_the_job_that_was_written_passes_the_check(init, photos):
    assert init("mine", "--images", "photos").status == 0
    done = CliRunner().invoke(app, ["check", "mine/job.yaml", "--json"])
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["data"][0]["samples"] == 40


def test_json_lists_what_was_written(init, photos):
    written = init("mine", "--images", "photos", "--json").json["written"]
    assert written == ["mine/job.yaml", "mine/registry.toml", "mine/job.schema.json"]


def test_what_is_odd_about_the_images_is_said_on_the_terminal(init, photos):
    (photos / "dark" / "x.HEIC").write_bytes(b"\0\0\0\x18ftypheic")
    for file in images_of(photos)[:20]:
        file.with_name(f"{file.stem}_mask.png").write_bytes(file.read_bytes())
    said = init("mine", "--images", "photos")
    assert "Warning: Not read: 1 file, dark/x.HEIC" in said.err
    assert "Warning: 20 images are called like another with '_mask' behind it." in said.err
    assert said.out.splitlines()[-1] == "Next: tasks check mine/job.yaml"
    codes = {
        each["code"] for each in init("yours", "--images", "photos", "--json").json["findings"]
    }
    assert {"files-not-read", "labels-among-images"} <= codes


def test_rows_about_images_that_are_gone_are_left_out_by_the_job_too(
    init, photos, tmp_path, registry
):
    for file in images_of(photos)[:3]:
        file.unlink()
    said = init("mine", "--images", "photos")
    assert said.status == 0, said.err
    assert "Warning: Not read: 3 rows of labels.csv, " in said.err
    assert job_in(tmp_path / "mine")["dataset"]["rows_without_image"] == "skip"
    check_components(load_job(tmp_path / "mine" / "job.yaml", catalogue=registry), registry)


def images_of(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.png"))


SPOILED = {
    "photos: There is no such folder.": lambda folder: folder.rename("elsewhere"),
    "photos: There is no image": lambda folder: [file.unlink() for file in images_of(folder)],
    "cannot be read as an image": lambda folder: [f.write_text("x") for f in images_of(folder)],
    "4 images cannot be divided into 4 splits": lambda folder: [
        file.unlink() for file in [*images_of(folder)[4:], folder / "labels.csv"]
    ],
    "labels.csv:2: This is not UTF-8 text": lambda folder: (folder / "labels.csv").write_bytes(
        b"file,x\n\xff"
    ),
    "The column 'x' has no value for any image.": lambda folder: (folder / "labels.csv").write_text(
        "file,x\nlight/00.png,\n"
    ),
}


@pytest.mark.parametrize(("message", "spoil"), SPOILED.items(), ids=SPOILED)
def test_what_cannot_be_used_is_said_and_nothing_is_written(init, photos, message, spoil):
    spoil(photos)
    said = init("mine", "--images", "photos")
    assert said.status == 2
    assert message in said.err
    assert not Path("mine").exists()


def test_a_column_that_a_free_task_would_read_takes_its_place(init, photos, tmp_path, registry):
    rows = [f"{file.relative_to(photos)},{i}" for i, file in enumerate(photos.rglob("*.png"))]
    (photos / "labels.csv").write_text("\n".join(["file,edges_2d", *rows]))
    assert init("mine", "--images", "photos").status == 0
    named = [task.get("as", task["use"]) for task in job_in(tmp_path / "mine")["tasks"]]
    assert named == ["class", "edges_2d_2", "autoencoding", "rotation"]
    load_job(tmp_path / "mine" / "job.yaml", catalogue=registry)


def test_a_path_that_is_no_text_cannot_stand_in_a_job(init, photos):
    name = "caf\udce9"
    try:
        photos.rename(photos.with_name(name))
    except (OSError, UnicodeError):
        pytest.skip("This file system takes names in UTF-8 only.")
    said = init("mine", "--images", name)
    assert said.status == 2
    assert "UTF-8" in said.err


def test_a_linked_folder_leads_to_the_images_that_it_holds(init, photos, tmp_path, registry):
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "mine").symlink_to(tmp_path / "deep" / "er")
    assert init("mine", "--images", "photos").status == 0
    loaded = load_job(tmp_path / "mine" / "job.yaml", catalogue=registry)
    assert Path(loaded.document["dataset"]["root"]).samefile(photos)


@st.composite
def columns(draw) -> list[float]:
    """Numbers of any size with holes, numbers of one small or large size, numbers far from 0."""
    scale, shift = 10.0 ** draw(st.integers(-30, 30)), draw(st.integers(-(10**6), 10**6))
    small = st.integers(-9, 9)
    kinds = [NUMBERS, small.map(lambda n: n * scale), small.map(lambda n: float(n + shift))]
    return draw(st.lists(draw(st.sampled_from(kinds)), min_size=2))


@settings(deadline=None)
@given(numbers=columns())
def test_targets_of_a_proposed_regression_have_mean_0_and_deviation_1(numbers, registry):
    values = np.array(numbers, dtype=np.float32)
    proposal = propose(NUMBER, {"x": values})
    assume(proposal.tasks)
    (task,) = proposal.tasks
    made = registry.component(
        ComponentSpec(
            "task", "regression", {key: task[key] for key in ("field", "offset", "scale")}
        )
    )
    assert isinstance(made, Task)
    targets = made.target({"x": torch.from_numpy(values)}).double()
    targets = targets[targets.isfinite()]
    assert len(targets) == np.isfinite(values).sum()
    assert abs(targets.mean()) < 0.02
    assert abs(targets.std(correction=0) - 1) < 0.02


def test_large_whole_numbers_are_proposed_with_an_offset_that_regression_takes(tmp_path, photos):
    rows = (
        f"{file.relative_to(photos)},{1_700_000_000 + n}"
        for n, file in enumerate(images_of(photos))
    )
    (photos / "labels.csv").write_text("\n".join(["file,taken", *rows]))
    dataset = ImageFolder(root=photos, size=8)
    values = dataset.read(range(dataset.length()), {"taken"})["taken"].numpy()
    (task,) = propose(dataset.fields(), {"taken": values}).tasks
    made = Regression(field="taken", offset=task["offset"], scale=task["scale"])
    assert made.head(dataset.fields()).size == 1


@settings(deadline=None)
@given(numbers=st.lists(st.floats(-1e6, 1e6, width=32), min_size=2, max_size=40))
def test_numbers_that_vary_enough_are_proposed(numbers):
    values = np.array(numbers, dtype=np.float32)
    deviation = values.std(dtype=np.float64)
    assume(deviation > 1e-4 * np.abs(values).max() and deviation > 1e-20)
    assert propose(NUMBER, {"x": values}).tasks


@pytest.mark.parametrize(
    ("labels", "classes", "reason"),
    [
        ([np.nan, np.nan], None, "no image has a label"),
        ([3.5, 3.5, np.nan], None, "all its labels are 3.5"),
        ([1.7e9, 1.7e9 + 200], None, "32-bit precision"),
        ([1e38, -1e38], None, "another unit"),
        ([1e-40, 2e-40], None, "another unit"),
        ([-1, -1, -1], ("a", "b"), "no image has a label"),
        ([1, -1, 1], ("a", "b"), 'all its labels are "b"'),
        ([0, 1, -1], ("a", "b"), "no two images"),
    ],
)
def test_labels_without_use_are_left_out_with_the_reason(labels, classes, reason):
    values = np.array(labels, dtype=np.int64 if classes else np.float32)
    proposal = propose({"x": Field((), classes)}, {"x": values})
    assert not proposal.tasks
    assert reason in proposal.left_out["x"]


@settings(deadline=None)
@given(names=st.lists(st.text(min_size=1, max_size=80), unique=True, max_size=8))
def test_every_field_has_a_task_with_a_name_of_its_own(names, registry):
    values = np.array([0.0, 1.0], dtype=np.float32)
    proposal = propose(dict.fromkeys(names, Field(())), dict.fromkeys(names, values), FREE)
    job = {"study": "taxonomy", "name": "x", "dataset": "digits"}
    tasks = [*proposal.tasks, *FREE]
    load_job(job | {"tasks": tasks}, catalogue=registry)
    assert [task["field"] for task in proposal.tasks] == names


@given(st.text() | st.sampled_from(["null", "No", "1e3", "../a b", ".inf", "~", "- x", "a #b"]))
def test_texts_are_read_as_they_were_written(text):
    line = f"{{field: {scalar(text)}, x: 1}}  # {scalar(text)}, because"
    assert "\n" not in line
    assert yaml.safe_load(line) == {"field": text, "x": 1}


@given(st.integers(FEWEST_IMAGES, 10**6))
def test_a_step_reads_no_more_images_than_there_are(images):
    for share in SHARES.values():
        there = max(int(share * images), 1)
        assert 1 <= schedule(there).batch <= min(there, 64)


def test_budgets_lie_between_nothing_and_all():
    assert [budgets(paid) for paid in (0, 1, 2, 3, 5, 9)] == [
        [0], [0, 1], [1], [1, 2], [1, 2, 3, 4], [1, 2, 3, 4, 6, 8],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("side", "size"), [(2, 8), (8, 8), (28, 32), (40, 32), (48, 64), (64, 64), (500, 64)]
)
def test_networks_see_images_about_as_large_and_colourful_as_they_are(tmp_path, side, size):
    write(tmp_path / "a.png", side, 1)
    (tmp_path / "broken.png").write_bytes(b"text")
    assert usual_shape(tmp_path) == (size, 1)
    write(tmp_path / "c.png", side, 3)
    assert usual_shape(tmp_path) == (size, 3)
