"""A camera as 13 numbers, and as `point_info` says it.

The official files come from Blender: z is up in the world, and a camera looks along its own -z with
y up, which is our convention too, so nothing is turned around. `camera_rotation_final` are Euler
angles x, y, z with R = Rz Ry Rx; `camera_rotation_final_quaternion` is (w, x, y, z).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

NUMBERS = 13
"""Position (3, metres), rotation row by row (9), field of view (1, radians)."""


def camera_as_json(camera: np.ndarray) -> dict[str, Any]:
    """Return the keys of `point_info` that say a camera [13]; exact in `camera_rotation_matrix`."""
    rotation = camera[3:12].astype(np.float64).reshape(3, 3)
    return {
        "camera_location": camera[:3].tolist(),
        "camera_rotation_final": _angles(rotation),
        "camera_rotation_final_quaternion": quaternion_of(rotation),
        "camera_rotation_matrix": camera[3:12].tolist(),
        "field_of_view_rads": float(camera[12]),
    }


def camera_of(info: Mapping[str, Any]) -> np.ndarray:
    """Return the camera float32 [13] that `point_info` says.

    The matrix goes before the quaternion, and the quaternion before the angles.

    Raises:
        ValueError: names the key that is missing or that holds something else.
    """
    position = _numbers(info, "camera_location", 3)
    if "camera_rotation_matrix" in info:
        rotation = np.array(_numbers(info, "camera_rotation_matrix", 9)).reshape(3, 3)
    elif "camera_rotation_final_quaternion" in info:
        rotation = _of_quaternion(_numbers(info, "camera_rotation_final_quaternion", 4))
    else:
        rotation = _of_angles(_numbers(info, "camera_rotation_final", 3))
    if not np.allclose(rotation @ rotation.T, np.eye(3), atol=1e-3):
        raise ValueError("its camera's rotation is none")
    view = info.get("field_of_view_rads")
    if not isinstance(view, int | float) or not 0 < view < math.pi:
        raise ValueError(f"'field_of_view_rads' is {view!r}, which is no angle between 0 and pi")
    return np.array([*position, *rotation.flat, view], dtype=np.float32)


def _numbers(info: Mapping[str, Any], key: str, count: int) -> Sequence[float]:
    if key not in info:
        raise ValueError(f"{key!r} is missing")
    found = info[key]
    numbers = isinstance(found, list) and all(isinstance(x, int | float) for x in found)
    if not numbers or len(found) != count or not all(map(math.isfinite, found)):
        raise ValueError(f"{key!r} is not a list of {count} numbers")
    return [float(number) for number in found]


def numbers_of(info: Mapping[str, Any], key: str, count: int) -> np.ndarray:
    """Return a list of numbers float32 [count] of `point_info`; NaN where it is not said.

    Raises:
        ValueError: if it is said and is something else.
    """
    if key not in info:
        return np.full(count, np.nan, dtype=np.float32)
    return np.array(_numbers(info, key, count), dtype=np.float32)


def _of_quaternion(quaternion: Sequence[float]) -> np.ndarray:
    w, x, y, z = np.array(quaternion) / max(math.hypot(*quaternion), 1e-12)
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )


def _of_angles(angles: Sequence[float]) -> np.ndarray:
    (cx, cy, cz), (sx, sy, sz) = np.cos(angles), np.sin(angles)
    return np.array(
        [
            [cz * cy, cz * sy * sx - sz * cx, cz * sy * cx + sz * sx],
            [sz * cy, sz * sy * sx + cz * cx, sz * sy * cx - cz * sx],
            [-sy, cy * sx, cy * cx],
        ]
    )


def quaternion_of(rotation: np.ndarray) -> list[float]:
    """Return the unit quaternion (w, x, y, z) of a rotation [3, 3]."""
    # The largest of the four is divided by, so that none is lost to cancellation (Shepperd 1978).
    diagonal = np.diag(rotation)
    choice = int(np.argmax([rotation.trace(), *diagonal]))
    if choice == 0:
        w = math.sqrt(max(1 + rotation.trace(), 0)) / 2
        vector = [rotation[2, 1] - rotation[1, 2], rotation[0, 2] - rotation[2, 0],
                  rotation[1, 0] - rotation[0, 1]]  # fmt: skip
        return [w, *(float(part) / (4 * w) for part in vector)]
    i = choice - 1
    j, k = (i + 1) % 3, (i + 2) % 3
    largest = math.sqrt(max(1 + diagonal[i] - diagonal[j] - diagonal[k], 0)) / 2
    parts = [0.0, 0.0, 0.0]
    parts[i] = largest
    parts[j] = float(rotation[j, i] + rotation[i, j]) / (4 * largest)
    parts[k] = float(rotation[k, i] + rotation[i, k]) / (4 * largest)
    return [float(rotation[k, j] - rotation[j, k]) / (4 * largest), *parts]


def _angles(rotation: np.ndarray) -> list[float]:
    return [
        math.atan2(rotation[2, 1], rotation[2, 2]),
        math.asin(min(1.0, max(-1.0, -rotation[2, 0]))),
        math.atan2(rotation[1, 0], rotation[0, 0]),
    ]
