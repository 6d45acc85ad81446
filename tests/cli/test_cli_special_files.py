"""Pipes, sockets and devices where files of images, labels and numbers are expected."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

KINDS = {"a named pipe": os.mkfifo, "a device": lambda path: path.symlink_to("/dev/zero")}


def folder_of_images(root: Path) -> Path:
    images = root / "images"
    for kind in ("cat", "dog"):
        (images / kind).mkdir(parents=True)
        for number in range(6):
            pixels = np.full((16, 16, 3), 20 * number, np.uint8)
            Image.fromarray(pixels).save(images / kind / f"{number}.png")
    return images


def job_on(images: Path, more: str = "") -> Path:
    job = images.parent / "job.yaml"
    job.write_text(
        f"study: taxonomy\nname: special\ndataset: {{use: image_folder, root: {images}, size: 16"
        f"{more}}}\ntasks: [autoencoding, edges_2d]\n"
    )
    return job


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("place", "more"),
    [
        ("images/cat/pipe.png", ""),
        ("images/labels.csv", ""),
        ("masks/cat/0.png", ", masks: {part: ../masks}"),
        ("masks/classes.txt", ", masks: {part: ../masks}"),
        ("maps/cat/0.npy", ", maps: {warmth: ../maps}"),
    ],
)
def test_what_is_no_file_is_named(tasks, tmp_path, kind, place, more):
    images = folder_of_images(tmp_path)
    if "masks" in place:
        (tmp_path / "masks/cat").mkdir(parents=True)
        Image.fromarray(np.zeros((16, 16), np.uint8)).save(tmp_path / "masks/cat/1.png")
    (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
    KINDS[kind](tmp_path / place)
    said = tasks("run", str(job_on(images, more)), "--dry-run")
    assert said.status == 2
    assert f"it is {kind}, not a file" in said.err
    assert Path(place).name in said.err


def test_a_socket_among_the_images_is_named(tasks, tmp_path, monkeypatch):
    images = folder_of_images(tmp_path)
    monkeypatch.chdir(images / "cat")  # the name of a socket is short
    with socket.socket(socket.AF_UNIX) as made:
        made.bind("s.png")
        monkeypatch.chdir(tmp_path)
        said = tasks("run", str(job_on(images)), "--dry-run")
    assert said.status == 2 and "cat/s.png (it is a socket, not a file)" in said.err


@pytest.mark.parametrize("kind", KINDS)
def test_a_table_that_is_no_file_is_named(tasks, tmp_path, kind):
    KINDS[kind](tmp_path / "table.csv")
    (tmp_path / "job.yaml").write_text(
        "study: taxonomy\nname: policy\naffinities: {table: table.csv}\nsolve: {budgets: [1]}\n"
    )
    said = tasks("run", "job.yaml")
    assert said.status == 2
    assert "table.csv: The table cannot be read: it is" in said.err and "not a file" in said.err


@pytest.mark.parametrize("kind", KINDS)
def test_a_job_is_proposed_beside_what_is_no_file(tasks, tmp_path, kind):
    images = folder_of_images(tmp_path)
    KINDS[kind](images / "cat" / "0000.png")
    assert tasks("init", "project", "--images", str(images)).status == 0
    assert "0000.png" in (tmp_path / "project" / "job.yaml").read_text("utf-8")
    said = tasks("check", "project/job.yaml", "--no-data")
    assert said.status == 0, said.err
