"""`tasks data`: a sheet of a sample, a dataset as files, and what is wrong with a folder."""

from __future__ import annotations

import io
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from said import Said
from taskspace.layout.write import export_dataset
from taskspace.studies.taxonomy.dictionary import DICTIONARY, OFFICIAL_NAMES
from taskspace_cli.main import app
from taskspace_plugins.datasets.rooms import Rooms
from taskspace_plugins.plugin import taskspace_tasks

ROOMS = ("rooms", "--set", "images=16", "--set", "size=32")
ON_PHOTOGRAPHS = {
    "autoencoding",
    "denoising",
    "edges_2d",
    "keypoints_2d",
    "segment_2d",
    "inpainting",
    "jigsaw",
    "random_projection",
}
"""Those whose label comes from any image, colours or not."""
FIRST = "building_0000/point_0_view_0_domain_"


@pytest.fixture
def data(tmp_path, monkeypatch):
    """The command in this process, which saves its start; `tasks` starts one."""
    monkeypatch.chdir(tmp_path)
    runner = CliRunner()

    def call(*arguments: str) -> Said:
        done = runner.invoke(app, ["data", *arguments])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return Said(done.exit_code, done.stdout, done.stderr)

    return call


@pytest.fixture(scope="module")
def exported(tmp_path_factory, generated_data) -> Path:
    root = tmp_path_factory.mktemp("exported") / "rooms"
    export_dataset(Rooms(images=16, size=32), root)
    return root


def picture(mode: str, size: int = 32, value: int = 0) -> bytes:
    stream = io.BytesIO()
    Image.new(mode, (size, size), value).save(stream, "PNG")
    return stream.getvalue()


def array(values) -> bytes:
    stream = io.BytesIO()
    np.save(stream, np.asarray(values))
    return stream.getvalue()


def content(root: Path) -> dict[str, tuple[bytes, int]]:
    files = (path for path in root.rglob("*") if path.is_file())
    return {str(path): (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


FAULTS = {
    f"rgb/{FIRST}rgb.png": (b"", "the file is empty"),
    "rgb/building_0000/point_1_view_0_domain_rgb.png": (picture("RGB", 31), "31 x 31 pixels"),
    f"depth_zbuffer/{FIRST}depth_zbuffer.png": (picture("L"), "its mode is L, not I;16"),
    f"depth_euclidean/{FIRST}depth_euclidean.png": (picture("I;16"), "100% of its pixels are 0 m"),
    f"normal/{FIRST}normal.png": (picture("RGB"), "no directions of length 1"),
    f"principal_curvature/{FIRST}principal_curvature.png": (b"\x89PNG\r\n\x1a\n", "not an image"),
    f"segment_semantic/{FIRST}segmentsemantic.png": (picture("L", value=200), "it has class 200"),
    f"edge_occlusion/{FIRST}edge_occlusion.png": (None, "it is missing"),
    "edge_occlusion/building_0000/notes.txt": (b"mine", "its name is not point_0_view_0"),
    "edge_occlusion/building_0000/point_77_view_0_domain_edge_occlusion.png": (
        picture("I;16"),
        "there is no image of this view",
    ),
    "reshading/building_0000/point_0_view_0_domain_reshading2.png": (
        picture("L"),
        "point_0_view_0_domain_reshading.png is of the same view",
    ),
    "reshading/building_0000/point_2_view_0_domain_reshading.jpg": (b"", "end in .png"),
    f"class_scene/{FIRST}class_places.npy": (array([0.5, 0.5]), "it has 2 classes and others have"),
    f"class_object/{FIRST}class_object.npy": (array([np.nan, 1]), "not all between 0 and 1"),
    f"point_info/{FIRST}point_info.json": (b'{"camera_location": [0, 0, 0]}', "is missing"),
    "point_info/building_0000/point_0_view_1_domain_point_info.json": (b"{", "Expecting property"),
    "nonfixated_matches/building_0000/point_0_view_all_domain_nonfixated_matches.json": (
        b'[{"point_uuid": 99, "view_id": 0}]',
        "it names point 99, view 0, which has no image",
    ),
    "nonfixated_matches/building_0000/point_1_view_all_domain_nonfixated_matches.json": (
        b'[{"point_uuid": 0}]',
        "'view_id' is missing",
    ),
}


def test_every_planted_fault_is_listed_and_nothing_is_changed(data, exported, tmp_path) -> None:
    root = shutil.copytree(exported, tmp_path / "faulty")
    for name, (damaged, _) in FAULTS.items():
        if damaged is None:
            (root / name).unlink()
        else:
            (root / name).write_bytes(damaged)
    before = content(root)
    said = data("check", "faulty", "--json")
    assert said.status == 2
    report = said.json
    assert content(root) == before
    found = {finding["file"]: finding["problem"] for finding in report["findings"]}
    assert set(found) == set(FAULTS)
    for name, (_, problem) in FAULTS.items():
        assert problem in found[name], name
    lines = data("check", "faulty")
    assert lines.status == 2
    assert all(f"{name}: {found[name]}" in lines.out for name in FAULTS)
    assert lines.out.splitlines()[-1].endswith(f"{len(FAULTS)} findings.")


def test_a_clean_folder_has_no_findings(data, exported) -> None:
    said = data("check", str(exported))
    assert said.status == 0
    assert said.out == "184 files of 16 images: nothing is wrong.\n"


def test_a_folder_that_is_none_is_the_users_mistake(data, tmp_path) -> None:
    said = data("check", "nowhere")
    assert said.status == 2
    assert said.err.startswith("Error: nowhere: There is no such folder.")
    assert data("check", "nowhere", "--json").json["errors"][0]["code"] == "TSK220"


@pytest.mark.parametrize("planted", ["folder link", "file link", "pipe"])
def test_an_export_goes_on_through_no_link_and_takes_no_pipe_for_a_file(
    data, exported, tmp_path, planted
) -> None:
    root, mine = tmp_path / "rooms", tmp_path / "mine"
    shutil.copytree(exported, root)
    mine.mkdir()
    place = root / "normal" if planted == "folder link" else root / f"normal/{FIRST}normal.png"
    if place.is_dir():
        shutil.rmtree(place)
        place.symlink_to(mine)
    else:
        place.unlink()
        if planted == "pipe":
            os.mkfifo(place)
        else:
            place.symlink_to(mine / "x")
    said = data("export", *ROOMS, "--out", "rooms")
    assert said.status == 2
    assert str(place.relative_to(tmp_path)) in said.err and "Remove it" in said.err
    assert not list(mine.iterdir())


def test_an_empty_file_of_an_export_is_written_again(data, exported, tmp_path) -> None:
    root = tmp_path / "rooms"
    shutil.copytree(exported, root)
    file = root / f"normal/{FIRST}normal.png"
    content = file.read_bytes()
    file.write_bytes(b"")
    said = data("export", *ROOMS, "--out", "rooms")
    assert said.status == 0, said.err
    assert file.read_bytes() == content


def test_an_export_is_written_and_found_again(
    tasks, data, generated_data, exported, tmp_path
) -> None:
    arguments = ("export", *ROOMS, "--layout", "taskonomy", "--out", "deep/out")
    first = tasks("data", *arguments, TASKS_DATA=str(generated_data))
    assert first.status == 0, first.err
    assert first.out == "deep/out: 16 samples, 184 files written, 0 kept.\n"
    made = {
        str(Path(k).relative_to(tmp_path / "deep/out")): v[0]
        for k, v in content(tmp_path / "deep/out").items()
    }
    assert made == {str(Path(k).relative_to(exported)): v[0] for k, v in content(exported).items()}
    again = data(*arguments, "--json")
    assert again.json == {
        "root": "deep/out",
        "layout": "taskonomy",
        "samples": 16,
        "written": 0,
        "kept": 184,
        "left_out": [],
    }
    other = data("export", "digits", "--out", "deep/out")
    assert other.status == 2
    assert "the export of another dataset" in other.err


def test_a_sheet_shows_the_dictionary_in_its_order(data, tmp_path) -> None:
    said = data("show", *ROOMS, "--sample", "5", "--json")
    assert said.status == 0, said.err
    report = said.json
    assert (report["sheet"], report["dataset"], report["sample"]) == ("sheet.png", "rooms", 5)
    shown = {tile["task"]: tile["words"] for tile in report["tasks"]}
    assert tuple(shown) == DICTIONARY and report["left_out"] == []
    assert shown["normals"] is None and shown["scene_class"]
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.mode == "RGB" and min(sheet.size) > 500
        assert len(sheet.getcolors(1 << 24)) > 100


def test_a_task_that_is_named_is_shown_where_it_is_named(data, tmp_path) -> None:
    named = ("scene_class", "{use: edges_2d, sigma: 2}", "{use: classification, field: semantic}")
    wanted = ["scene_class", "edges_2d: sigma 2", "depth_z"]
    given = [*named[:2], "depth_z"]
    said = data("show", *ROOMS, *(word for each in given for word in ("--task", each)), "--json")
    assert said.status == 0, said.err
    assert [tile["task"] for tile in said.json["tasks"]] == wanted
    assert data("show", *ROOMS, "--task", "depth_z", "--out", "small.png", "--palette").status == 0
    with Image.open(tmp_path / "small.png") as small:
        assert small.mode == "P" and len(small.getcolors()) > 16
    refused = data("show", *ROOMS, "--task", named[2], "--out", "none.png")
    assert refused.status == 2 and "dense_classification" in refused.err
    assert not (tmp_path / "none.png").exists()


def test_all_tasks_are_those_of_the_dictionary_and_then_the_others(data) -> None:
    usual = [tile["task"] for tile in data("show", "digits", "--json").json["tasks"]]
    assert usual == [
        *(name for name in DICTIONARY if name in ON_PHOTOGRAPHS),
        "classification: digit",
    ]
    every = {t["task"]: t["words"] for t in data("show", "digits", "--all", "--json").json["tasks"]}
    assert [*every][: len(usual)] == usual
    assert {"identity", "rotation", "right_half"} <= set(every) - set(usual)
    assert every["identity"] == every["classification: digit"] == "0"
    assert every["parity"] == "even" and every["random_projection"] == "nothing"


def test_the_dictionary_is_what_is_published() -> None:
    assert len(DICTIONARY) == len(set(OFFICIAL_NAMES.values())) == 26
    source_only = {task.name for task in taskspace_tasks() if task.source_only}
    assert set(DICTIONARY[22:]) == source_only - {"colorize_rgb"}  # of another paper


def test_fields_that_only_a_general_task_serves_are_shown_too(data, tmp_path) -> None:
    for name in ("cats/1.png", "dogs/2.png"):
        (tmp_path / "pets" / name).parent.mkdir(parents=True)
        (tmp_path / "pets" / name).write_bytes(picture("RGB", 24, 90))
    said = data("show", "{use: image_folder, root: pets, size: 16}", "--out", "pets.png", "--json")
    assert said.status == 0, said.err
    shown = {tile["task"]: tile["words"] for tile in said.json["tasks"]}
    assert shown["classification: class"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("show", "roms"), "Did you mean 'rooms'?"),
        (("show", "rooms", "--set", "sise=8"), "Did you mean 'size'?"),
        (("show", "rooms", "--set", "size"), "needs a path and a value"),
        (("show", *ROOMS, "--task", "normal"), "Did you mean 'normals'?"),
        (("show", "digits", "--task", "normals"), "has no field 'normals'"),
        (("show", *ROOMS, "--task", "normals", "--all"), "`--all` shows every task"),
        (("show", *ROOMS, "--sample", "16"), "There is no sample 16; 'rooms' has 16, from 0."),
        (("show", *ROOMS, "--out", "sheet.jpg"), "The picture is a PNG"),
        (("export", "rooms", "--layout", "coco", "--out", "x"), "'coco' is not"),
    ],
    ids=["name", "parameter", "no value", "task", "not served", "both", "sample", "jpg", "layout"],
)
def test_mistakes_are_said_and_nothing_is_written(arguments, words, data, tmp_path) -> None:
    said = data(*arguments)
    assert said.status == 2
    assert words in said.err and said.out == ""
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("command", ["show", "export", "check"])
def test_help_has_an_example(command, data) -> None:
    said = data(command, "--help")
    assert said.status == 0
    assert f"tasks data {command}" in said.out and "Example" in said.out
