"""Windows paths in double quotes: what YAML refuses, and what it takes for something else."""

from __future__ import annotations

import json

import pytest

from taskspace.errors import JobInvalid
from taskspace.jobs import load_job

ADVICE = "write it twice, \\\\, or use single quotes"


def job(valid: str, root: str) -> str:
    return valid.replace("{use: digits, images: 20}", f"{{use: folder, root: {root}}}")


@pytest.mark.parametrize(
    "path",
    [r"C:\Users\me", r"C:\me\photos", r"D:\xyz", r"C:\UFFFFFFFF", r"..\photos", r"C:\u12",
     "D:\\\\x\\", r"C:\data\sorted", r"\\server\share"],
)  # fmt: skip
def test_an_escape_that_yaml_refuses_gets_advice(problems, valid, path):
    (found,) = problems(job(valid, f'"{path}"'))
    assert (found.code, found.line) == ("TSK002", 5)
    assert ADVICE in found.message


@pytest.mark.parametrize(
    "path",
    [r"C:\new\table.csv", r"C:\bin", r"..\temp", r"C:\_data", r"C:\Notes", r"C:\x41", r"C:\0",
     r"D:\art", r"C:\ten\fen"],
)  # fmt: skip
def test_an_escape_in_a_path_is_questioned(problems, valid, path):
    (found,) = problems(job(valid, f'"{path}"'))
    assert (found.code, found.path) == ("TSK013", "dataset.root")
    assert ADVICE in found.message


@pytest.mark.parametrize("path", [r"C:\new\table.csv", r"C:\Users\me", r"..\temp", "D:\\x\\"])
def test_the_advice_is_true(shelf, valid, path):
    for written in (f"'{path}'", '"' + path.replace("\\", "\\\\") + '"', path):
        loaded = load_job(job(valid, written), catalogue=shelf)
        assert loaded.document["dataset"]["root"].endswith(path)


def test_json_escapes_in_a_path_are_read(shelf, valid):
    for path in ("größe/日本", "a\\b", 'a "b"', "\U0001f600"):
        loaded = load_job(job(valid, json.dumps(path)), catalogue=shelf)
        assert loaded.document["dataset"]["root"].endswith(path)


def test_a_text_that_is_no_path_may_have_escapes(shelf, valid):
    text = valid.replace("{why: no, who: 7}", r'{why: "a\tb\n"}')
    assert load_job(text, catalogue=shelf).document["notes"]["why"] == "a\tb\n"


def test_a_path_of_a_mapping_with_control_characters_is_questioned(shelf, valid):
    dataset = {"use": "folder", "root": "C:\new"}
    given = {"study": "house", "name": "x", "dataset": dataset, "tasks": ["normals"]}
    with pytest.raises(JobInvalid, match="control character U\\+000A"):
        load_job(given, catalogue=shelf)


def test_a_set_with_double_quotes_gets_the_same_advice(problems, valid):
    (found,) = problems(job(valid, "x"), r'dataset.root="C:\Users\me"')
    assert found.file == "--set"
    assert ADVICE in found.message
