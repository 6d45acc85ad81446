"""`tasks check` of a job that names files: it looks at them."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from said import Said
from taskspace_cli.main import app

JOB = """\
study: taxonomy
name: photographs
dataset: {use: image_folder, root: photos, size: 8}
tasks: [edges_2d, autoencoding]
"""
ON_LABELS = """\
study: multitask
name: photographs
dataset: {use: image_folder, root: photos, size: 8}
tasks:
- {use: classification, field: FIELD, as: first}
- edges_2d
schemes: [shared]
"""


@pytest.fixture
def check(tmp_path, monkeypatch):
    """`tasks check` in this process, of a job that it writes first."""
    monkeypatch.chdir(tmp_path)

    def call(job: str, *options: str) -> Said:
        (tmp_path / "job.yaml").write_text(job)
        done = CliRunner().invoke(app, ["check", "job.yaml", *options], env={"COLUMNS": "300"})
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return Said(done.exit_code, done.stdout, done.stderr)

    return call


def picture(seed: int, kind: str) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 256, (16, 16, 3), dtype=np.uint8)
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, kind)
    return stream.getvalue()


@pytest.fixture
def photos(tmp_path) -> Path:
    """Twenty-four photographs in two classes, with a number, a constant and a rare class."""
    rows = ["file,age,iso,breed"]
    for i in range(24):
        name = f"{'cat' if i % 3 else 'dog'}/{i:02}.jpg"
        file = tmp_path / "photos" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(picture(i, "JPEG"))
        breed = ["siamese", "poodle", "manx"][2 if i == 5 else i % 2]
        rows.append(f"{name},{i + 0.5 if i % 4 else ''},100,{breed}")
    (tmp_path / "photos" / "labels.csv").write_text("\n".join(rows))
    return tmp_path / "photos"


@pytest.mark.parametrize(
    ("path", "advice"),
    [
        ("nowhere", "nowhere. [TSK017]"),
        ("$HOME/photos", "Variables such as $HOME are not expanded"),
        ("%HOME%/photos", "Variables such as $HOME are not expanded"),
        ("a/~/b", "A `~` stands for a home where a path begins with it"),
        ("photos/*.jpg", "Patterns such as *.jpg are not expanded"),
        ("..\\photos", "A backslash is part of a name on this system: write `/` between"),
        ("D:\\data\\photos", "A backslash is part of a name on this system"),
    ],
)
def test_a_path_that_leads_nowhere_is_a_mistake_at_its_place(check, path, advice):
    said = check(JOB.replace("photos,", f"'{path}',"))
    assert said.status == 2
    assert "job.yaml:3:36: There is no file or folder " in said.err
    assert "^^^" in said.err and said.out == "" and advice in said.err


def test_every_path_of_a_job_is_looked_for(check):
    errors = check(JOB + "encoder: {use: weights_file, path: a.pt, encoder: mlp}\n", "--json").json
    assert [(each["line"], each["column"], each["path"]) for each in errors["errors"]] == [
        (3, 36, "dataset.root"), (5, 36, "encoder.path"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("study", "table"),
    [("taxonomy", "affinities: {table: t.csv}"), ("recommend", "errors: {table: t.csv}")],
)
def test_a_table_that_is_not_there_or_cannot_be_used_is_a_mistake_at_its_place(
    check, study, table, tmp_path
):
    job = f"study: {study}\nname: table\n{table}\n"
    absent = check(job)
    assert absent.status == 2 and "There is no file or folder" in absent.err
    assert f"job.yaml:3:{table.index('t.csv') + 1}: " in absent.err
    (tmp_path / "t.csv").write_text("of,what\n1,x\n")
    said = check(job, "--json")
    assert said.status == 2
    (error,) = said.json["errors"]
    assert error["code"] == "TSK230" and error["line"] == 3 and "t.csv" in error["message"]


def test_a_table_of_errors_says_how_it_was_read(check, tmp_path):
    (tmp_path / "t.csv").write_text("task,a,b\nt1,1,2\nt2,3,NA\n")
    done = check("study: recommend\nname: t\nerrors: {table: t.csv}\n")
    assert done.status == 0
    assert "t.csv: 2 tasks and 2 models, read as errors from 1 to 3 %. Of 4 errors" in done.out
    assert "b on t2" in done.out and "recommended" not in done.out


def test_a_table_that_can_be_used_is_read(check, tmp_path):
    rows = ["target,sources,affinity", "a,self,0.9", "b,self,0.9", "b,a,0.4", "a,b,0.2"]
    (tmp_path / "t.csv").write_text("\n".join(rows))
    job = "study: taxonomy\nname: t\naffinities: {table: t.csv, columns: {affinity: affinity}}\n"
    assert check(job).status == 0


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-40])


BROKEN = {
    "cut off": cut,
    "empty": lambda file: file.write_bytes(b""),
    "a text": lambda file: file.write_text("no image"),
    "of zeros": lambda file: file.write_bytes(bytes(500)),
}


@pytest.mark.parametrize("spoil", BROKEN.values(), ids=BROKEN)
def test_photographs_that_cannot_be_read_are_found_and_said_once(check, photos, spoil):
    for name in ("cat/01.jpg", "dog/03.jpg"):
        spoil(photos / name)
    said = check(JOB)
    assert said.status == 2
    assert said.err.count("2 of 24 samples cannot be read") == 1
    assert said.err.count("01.jpg") == 1 and said.err.count("03.jpg") == 1
    assert "job.yaml:3:36: " in said.err and "1 mistake; nothing was run." in said.err
    assert check(JOB, "--no-data").status == 0
    assert "or set `unreadable: skip` to leave it out. `tasks data check` lists all." in said.err
    followed = check(JOB.replace("size: 8", "size: 8, unreadable: skip"))
    assert followed.status == 0 and "22 samples" in followed.out


def test_the_fields_of_a_folder_are_summed_up(check, photos):
    said = check(JOB)
    assert said.status == 0, said.err
    assert said.out.startswith("job.yaml: valid taxonomy job, 'photographs'.\n")
    assert "image_folder: 24 samples, images 3x8x8." in said.out
    assert "2 classes: cat 16, dog 8" in said.out
    looked = check(JOB, "--json").json["data"][0]
    fields = {field["field"]: field for field in looked["fields"]}
    assert fields["class"]["classes"] == {"cat": 16, "dog": 8}
    assert (fields["age"]["labels"], fields["age"]["missing"]) == (18, 6)
    assert (looked["samples"], looked["unreadable"], looked["path"]) == (24, [], "dataset")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("classes-of-one", "1 of 3 classes of 'breed' has one sample: 'manx'."),
        ("classes-absent", "Some classes of 'breed' have no sample in a split"),
    ],
)
def test_rare_classes_are_told_before_the_run(check, photos, code, words):
    job = ON_LABELS.replace("FIELD", "breed")
    said = check(job, "--json")
    assert said.status == 0, said.err
    texts = {each["code"]: each["text"] for each in said.json["findings"]}
    assert words in texts[code] and f"Warning: {texts[code]}" in check(job).out


AS_CLASSES = "{use: classification, field: digit, as: first}"
AS_NUMBERS = "{use: regression, field: digit, as: second}"
NUMBERS = {
    AS_CLASSES: "3 classes: 0 8, 1 8, 2 8",
    AS_NUMBERS: "numbers, 3 different, 0 to 2",
    f"{AS_CLASSES}\n- {AS_NUMBERS}": "numbers, 3 different, 0 to 2; 3 classes: 0 8, 1 8, 2 8",
}


@pytest.mark.parametrize(("tasks", "what"), NUMBERS.items())
def test_a_column_of_whole_numbers_is_one_row_that_says_what_the_tasks_read(
    check, photos, tasks, what
):
    column(photos, "digit", [str(i % 3) for i in range(24)])
    job = ON_LABELS.replace("{use: classification, field: FIELD, as: first}", tasks)
    said = check(job)
    (line,) = (line for line in said.out.splitlines() if line.lstrip().startswith("digit"))
    assert line.split()[1:3] == ["24", "0"] and line.rstrip().endswith(f"  {what}"), line
    assert "(classes)" not in said.out
    (field,) = (f for f in check(job, "--json").json["data"][0]["fields"] if f["field"] == "digit")
    assert ("classes" in field, "lowest" in field) == ("classes" in what, "numbers" in what)


def test_rare_classes_of_whole_numbers_are_told_by_the_name_of_the_column(check, photos):
    column(photos, "digit", ["7" if i == 5 else str(i % 2) for i in range(24)])
    texts = [
        f["text"] for f in check(ON_LABELS.replace("FIELD", "digit"), "--json").json["findings"]
    ]
    assert any("1 of 3 classes of 'digit' has one sample: '7'." in text for text in texts)


def test_the_span_of_large_numbers_has_all_their_digits(check, photos):
    column(photos, "taken", [str(1_700_000_000 + i) for i in range(24)])
    assert (
        "24 different, 1700000000 to 1700000023" in check(ON_LABELS.replace("FIELD", "breed")).out
    )


def test_what_a_dataset_refuses_of_itself_is_said_without_its_mapping(check, photos):
    said = check(JOB, "--set", "dataset.class_level=0")
    assert "--set:1:1: `dataset`: `class_level` counts from 1, or from -1 for the" in said.err
    assert "innermost folder." in said.err and "mapping" not in said.err


def column(photos: Path, name: str, cells: list[str]) -> None:
    """Add a column to labels.csv."""
    file = photos / "labels.csv"
    rows = zip(file.read_text().splitlines(), [name, *cells], strict=True)
    file.write_text("\n".join(map(",".join, rows)))


def test_labels_that_are_all_the_same_are_told_before_the_run(check, photos):
    job = ON_LABELS.replace("classification, field: FIELD", "regression, field: iso")
    (finding,) = check(job, "--json").json["findings"]
    assert finding["code"] == "labels-constant"
    assert finding["text"].startswith("All 24 labels of 'iso' are 100")


@pytest.mark.parametrize(
    ("task", "column", "words"),
    [
        ("{use: classification, field: raze, as: first}", 32, "needs the field 'raze'"),
        ("{use: regression, field: weight, as: first}", 28, "needs the field 'weight'"),
        ("normals", 3, "'normals' needs the field 'normals'"),
    ],
)
def test_a_field_that_is_not_there_is_a_mistake_at_its_place(check, photos, task, column, words):
    job = ON_LABELS.replace("{use: classification, field: FIELD, as: first}", task)
    said = check(job)
    assert said.status == 2
    assert f"job.yaml:5:{column}: " in said.err and words in said.err


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("transfer: {images: 400}", "The transfer split has"),
        ("splits: {train: 0.97, transfer: 0.01, select: 0.01, test: 0.01}", "would be empty"),
    ],
)
def test_a_division_that_cannot_be_is_a_mistake(check, photos, line, words):
    said = check(f"{JOB}{line}\n")
    assert said.status == 2
    assert words in said.err and "job.yaml:" in said.err


def test_masks_are_looked_for_where_the_job_names_them(check, photos):
    masks = JOB.replace("size: 8", "size: 8, masks: {semantic: mask}").replace(
        "edges_2d", "semantic"
    )
    said = check(masks)
    assert said.status == 2 and "job.yaml:3:" in said.err and "mask" in said.err
    (photos / "mask" / "cat").mkdir(parents=True)
    Image.fromarray(np.eye(16, dtype=np.uint8)).save(photos / "mask" / "cat" / "01.png")
    fields = {f["field"]: f for f in check(masks, "--json").json["data"][0]["fields"]}
    assert fields["semantic"]["labels"] == 1 and fields["semantic"]["missing"] == 23


def test_a_job_on_rendered_data_reads_no_file(check):
    job = JOB.replace("{use: image_folder, root: photos, size: 8}", "{use: rooms, images: 2000}")
    said = check(job, "--json")
    assert said.status == 0 and set(said.json) == {"errors", "job"}


def test_without_its_data_a_job_is_checked_by_its_text(check, photos):
    shutil.rmtree(photos)
    assert check(JOB).status == 2
    assert check(JOB, "--no-data").status == 0
    assert check(JOB.replace("tasks", "task"), "--no-data").status == 2
