"""Files that anyone may have damaged are refused with the errors that their readers name."""

from __future__ import annotations

import io
import json
import random
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from taskspace.layout.check import check_folder
from taskspace.layout.domains import DOMAINS
from taskspace.layout.npy import read_npy
from taskspace.layout.read import (
    BROKEN,
    picture_size,
    read_info,
    read_map,
    read_matches,
    read_vector,
)

CAMERA = {
    "camera_location": [0, 0, 1],
    "camera_rotation_final": [0, 0, 0],
    "field_of_view_rads": 1.0,
}
FORM = {"side": (8, 8), "fitted": False}
AXES = {"x": [1, 0, 0], "y": [0, 1, 0], "z": [0, 0, 1]}


def saved(values: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.save(stream, values)
    return stream.getvalue()


def test_an_array_comes_back_and_an_object_never() -> None:
    values = np.arange(6, dtype=np.int16).reshape(2, 3)
    assert read_npy(saved(values)).tolist() == values.tolist()
    with pytest.raises(ValueError, match="Object arrays"):
        read_npy(saved(np.array([{}])))


@pytest.mark.parametrize(
    "header",
    [
        "{garbage(",  # TokenError
        "  x\n y",  # IndentationError
        "{[]: 1}",  # TypeError
        "{'descr': '|01', 'fortran_order': False, 'shape': (4,)}",  # SyntaxError, a warning
        "{'descr': '|u1', 'fortran_order': False, 'shape': (99999999999999999999,)}",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (1 << 62,)}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (10000000000000,)}",  # 80 TB
    ],
)
def test_a_header_of_garbage_is_no_array(header: str, tmp_path: Path) -> None:
    file = tmp_path / "chances.npy"
    file.write_bytes(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode())
    with pytest.raises(ValueError):
        read_npy(file.read_bytes())
    with pytest.raises(BROKEN):
        read_vector(file)


def test_damaged_bytes_give_an_array_or_no_array() -> None:
    draw, whole = random.Random(0), saved(np.zeros((4, 4), dtype=np.uint8))
    refused = 0
    for _ in range(500):
        damaged = bytearray(whole)
        for _ in range(draw.randint(1, 4)):
            damaged[draw.randrange(len(damaged))] = draw.randrange(256)
        try:
            read_npy(bytes(damaged))
        except ValueError:
            refused += 1
    assert refused > 300


PICTURES = {
    "image": np.random.default_rng(0).integers(0, 256, (8, 8, 3), dtype=np.uint8),
    "depth_z": np.random.default_rng(1).integers(0, 65536, (8, 8)).astype(np.uint16),
    "segment_2d": np.arange(64, dtype=np.uint8).reshape(8, 8),
}


@pytest.mark.parametrize("field", PICTURES)
def test_a_damaged_picture_is_a_map_or_broken_and_nothing_is_printed(
    field: str, tmp_path: Path, capfd
) -> None:
    draw, file = random.Random(field), tmp_path / "x.png"
    Image.fromarray(PICTURES[field]).save(file)
    whole, refused = file.read_bytes(), 0
    for _ in range(80):
        damaged = bytearray(whole)
        for _ in range(draw.randint(1, 4)):
            damaged[draw.randrange(len(damaged))] = draw.randrange(256)
        file.write_bytes(damaged[: draw.choice([len(damaged), draw.randrange(len(damaged))])])
        for read in (picture_size, partial(read_map, field=field, domain=DOMAINS[field], **FORM)):
            try:
                read(file)
            except BROKEN as error:
                assert str(error)
                refused += 1
    assert refused > 80
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "info",
    [
        "[" * 100_000,
        "[1]",
        json.dumps({**CAMERA, "camera_location": [10**400, 0, 0]}),
        json.dumps({**CAMERA, "vanishing_points_gaussian_sphere": 5}),
        json.dumps({**CAMERA, "vanishing_points_gaussian_sphere": {"x": [1, 0, 0]}}),
        json.dumps({**CAMERA, "vanishing_points_gaussian_sphere": {**AXES, "y": [0, 1]}}),
        json.dumps({**CAMERA, "vanishing_points_gaussian_sphere": {**AXES, "y": [0, 1e999, 0]}}),
    ],
    ids=["deep", "list", "huge", "number", "one axis", "two numbers", "infinite"],
)
def test_what_is_said_of_a_view_must_be_so(info: str, tmp_path: Path) -> None:
    name = "point_0_view_0_domain_"
    file = tmp_path / f"point_info/a/{name}point_info.json"
    file.parent.mkdir(parents=True)
    file.write_text(info)
    with pytest.raises(BROKEN):
        read_info(file)
    (tmp_path / "rgb/a").mkdir(parents=True)
    (tmp_path / f"rgb/a/{name}rgb.png").write_bytes(b"")
    wrong = {finding.file for finding in check_folder(tmp_path).findings}
    assert file.relative_to(tmp_path).as_posix() in wrong


def test_the_official_vanishing_points_are_read(tmp_path: Path) -> None:
    file = tmp_path / "info.json"
    file.write_text(json.dumps({**CAMERA, "vanishing_points_gaussian_sphere": AXES}))
    assert read_info(file)["vanishing_points"].tolist() == [1, 0, 0, 0, 1, 0, 0, 0, 1]


def test_a_match_with_no_such_number_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "matches.json"
    file.write_text('[{"point_uuid": Infinity, "view_id": 0}]')
    with pytest.raises(BROKEN):
        read_matches(file)
