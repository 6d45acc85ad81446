"""The files of the official layout: what of a sample each of them holds, as bytes."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from PIL import Image

from taskspace.components import Field
from taskspace.errors import DataError
from taskspace.layout import codes
from taskspace.layout.camera import camera_as_json
from taskspace.layout.domains import DOMAINS, SEGMENTS
from taskspace.layout.tree import ViewId


def label_file(name: str, value: np.ndarray, field: Field, view: ViewId) -> bytes | None:
    """Return the file of one label, or None where it is missing and no file can say so.

    Raises:
        DataError: if the code of the layout cannot hold it.
    """
    if DOMAINS[name].extension == "npy":
        chances = np.arange(len(field.classes or ())) == int(value)
        stream = io.BytesIO()
        np.save(stream, chances.astype(np.float32))
        return stream.getvalue()
    if name in SEGMENTS:
        segments = np.where(value < 0, codes.MISSING_SEGMENT, value)
        return _png(segments.astype(np.uint16)[None])
    if name == "semantic":
        return _png(codes.encode_classes(value)[None])
    code: codes.PixelCode = getattr(codes, str(DOMAINS[name].code))
    if code.missing is None and bool(np.isnan(value).all()):
        return None
    try:
        return _png(code.encode(value))
    except ValueError as error:
        raise DataError(
            f"The field {name!r} cannot be written: {error}",
            where=f"{view.building}, point {view.point}, view {view.view}",
            advice="Leave the field out of the dataset, or fill it.",
        ) from error


def _png(channels: np.ndarray) -> bytes:
    """Return a picture of codes [C, H, W]; of two channels the third is 0."""
    if len(channels) == 2:
        channels = np.concatenate([channels, np.zeros_like(channels[:1])])
    pixels = channels[0] if len(channels) == 1 else channels.transpose(1, 2, 0)
    stream = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(stream, "PNG")
    return stream.getvalue()


def info_file(view: ViewId, info: Mapping[str, np.ndarray]) -> bytes | None:
    """Return the file with camera, layout and vanishing points of a view; None without a camera."""
    if bool(np.isnan(info["camera"]).any()):
        return None
    known = {n: v.tolist() for n, v in info.items() if n != "camera" and not np.isnan(v).any()}
    place: dict[str, Any] = {"point_uuid": view.point, "view_id": view.view}
    return json_file({**place, **camera_as_json(info["camera"]), **known})


def json_file(value: object) -> bytes:
    """Return a file of JSON; half a character of a file's name becomes an escape."""
    return (json.dumps(value, ensure_ascii=False, allow_nan=False) + "\n").encode(
        errors="backslashreplace"
    )
