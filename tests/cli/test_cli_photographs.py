"""From a folder of a phone's photographs to a report, without touching a file."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from phone_photographs import FOLDERS, Weekend, write_weekend
from taskspace_plugins.datasets.folders.image_folder import ImageFolder

SHORT = (
    *("--set", "dataset.unreadable=skip", "--set", "dataset.group_by=content"),
    *("--set", "dataset.size=16", "--set", "encoder={use: small_conv, width: 4}"),
    *("--set", "train={epochs: 1, batch: 32}", "--set", "seeds=1"),
    *("--set", "transfer={max_order: 1, epochs: 1, batch: 32}"),
    *("--set", "solve.random_policies=5"),
)


@pytest.fixture
def weekend(tmp_path: Path) -> Weekend:
    return write_weekend(tmp_path / "Wochenende")


def contents(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_every_file_of_a_weekend_is_read_or_counted(tmp_path, weekend):
    dataset = ImageFolder(
        root=tmp_path / "Wochenende", size=16, unreadable="skip", group_by="content"
    )
    texts = [finding.text for finding in dataset.findings()]
    assert dataset.length() == weekend.photographs
    assert dataset.fields()["class"].classes == FOLDERS

    def told(words: str) -> str:
        (text,) = (each for each in texts if words in each)
        return text

    assert f"{weekend.heic} files" in told(f"HEIC {weekend.heic}")
    assert f"Not read: {weekend.videos} files" in told("videos")
    assert "Notizen.txt" in told("it is no image")
    assert "1 hidden file or folder, .privat" in told("dot")
    assert all(name in told("cannot be decoded") for name in weekend.broken)
    assert "IMG_0000 (1).jpg" in told("byte for byte")
    assert "1 image with copies in another class" in told("another class")
    groups = dataset.groups()
    assert len(groups) - len(set(groups)) == weekend.copies + 1
    assert dataset.read(range(dataset.length()))["image"].isfinite().all()


def test_a_weekend_becomes_a_report_without_touching_a_file(tasks, tmp_path, weekend):
    photographs = tmp_path / "Wochenende"
    before = contents(photographs)
    said = tasks("init", "mine", "--images", str(photographs))
    assert said.status == 0, said.err
    refused = tasks("run", "mine/job.yaml", "--dry-run")
    if refused.status:  # What is broken is named, with the way out that follows.
        assert refused.status == 2 and "`unreadable: skip`" in refused.err
        assert all(name.rpartition("/")[2] in refused.err for name in weekend.broken)
    said = tasks("check", "mine/job.yaml", *SHORT)
    assert said.status == 0, said.err
    places = ("--store", "store", "--runs", "runs", "--executor", "inline")
    said = tasks("run", "mine/job.yaml", *SHORT, *places)
    assert said.status == 0, said.err
    assert list(tmp_path.rglob("report.html"))
    assert contents(photographs) == before
