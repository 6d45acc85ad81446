"""What follows from cameras alone: companions, poses, room layout, vanishing points.

Conventions: a camera is position (3), rotation row by row (9) and field of view; its axes are
right, up and toward the viewer, the columns of the rotation.
"""

from __future__ import annotations

from itertools import permutations, product

import numpy as np

from taskspace.components import stable_seed
from taskspace.layout.camera import quaternion_of


def rotation_vector(rotation: np.ndarray) -> np.ndarray:
    """Return axis times angle [3] of a rotation [3, 3], radians, the angle in [0, pi]."""
    w, *parts = quaternion_of(rotation)
    vector = np.array(parts) if w >= 0 else -np.array(parts)
    length = float(np.linalg.norm(vector))
    if length < 1e-12:
        return np.zeros(3)
    turned: np.ndarray = vector * (2 * np.arctan2(length, abs(w)) / length)
    return turned


def relative_pose(camera: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return the pose [6] of the other camera relative to the first one.

    The other's centre in the first one's frame (3, metres), then the rotation vector of
    R^T R' (3, radians).
    """
    position, rotation = _placed(camera)
    other_position, other_rotation = _placed(other)
    turn = rotation.T @ other_rotation
    return np.concatenate([rotation.T @ (other_position - position), rotation_vector(turn)])


def room_layout(room: np.ndarray, camera: np.ndarray) -> np.ndarray:
    """Return the box of a room [9] in the frame of a camera in it.

    Its centre (3), its extents along the room's axes nearest the camera's x, y and z (3), and the
    rotation vector (3) of the frame of those axes: the one of least angle among the 24 frames
    that a box has.

    Args:
        room: extents [3], metres; the room is the box from 0 to them.
        camera: [13].
    """
    position, rotation = _placed(camera)
    frame, axes = _nearest_frame(rotation)
    centre = rotation.T @ (np.asarray(room, dtype=np.float64) / 2 - position)
    return np.concatenate([centre, np.asarray(room)[axes], rotation_vector(frame)])


def vanishing_points(camera: np.ndarray) -> np.ndarray:
    """Return the three directions of a room [9] as unit vectors in the frame of a camera.

    In the order of `room_layout`, each with the sign that gives a positive component on its axis
    of the camera.
    """
    frame, _ = _nearest_frame(_placed(camera)[1])
    return np.concatenate(
        [column if column[i] >= 0 else -column for i, column in enumerate(frame.T)]
    )


def shows_same_point(point: int, view: int) -> bool:
    """Return whether the pair of a view for point matching is of one point: for half of them."""
    return stable_seed("same_point", point, view) % 2 == 1


def enlarged_centre(images: np.ndarray) -> np.ndarray:
    """Return the central half of images [..., H, W], enlarged bilinearly to H x W."""
    rows, columns = (_halved(side) for side in images.shape[-2:])
    tall = _blended(images, rows, axis=-2)
    return _blended(tall, columns, axis=-1)


def _placed(camera: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    numbers = np.asarray(camera, dtype=np.float64)
    return numbers[:3], numbers[3:12].reshape(3, 3)


def _nearest_frame(rotation: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the room's frame of least angle to the camera [3, 3], and which axis is which [3].

    The angle of a rotation is least where its trace is largest.
    """
    frames = [
        (rotation.T[:, list(order)] * signs, np.array(order))
        for order in permutations(range(3))
        for signs in product((1.0, -1.0), repeat=3)
    ]
    proper = [(frame, axes) for frame, axes in frames if np.linalg.det(frame) > 0]
    return max(proper, key=lambda found: float(found[0].trace()))


def _halved(side: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return, for each place of the enlarged side, its two neighbours and the second's weight."""
    half = max(side // 2, 1)
    first = (side - half) // 2
    at = ((np.arange(side) + 0.5) * half / side - 0.5).clip(0, half - 1)
    low = np.floor(at).astype(np.int64)
    high = np.minimum(low + 1, half - 1)
    return first + low, first + high, (at - low).astype(np.float32)


def _blended(
    images: np.ndarray, places: tuple[np.ndarray, np.ndarray, np.ndarray], axis: int
) -> np.ndarray:
    low, high, weight = places
    share = weight.reshape(-1, *(1,) * (-1 - axis))
    blended: np.ndarray = images.take(low, axis) * (1 - share) + images.take(high, axis) * share
    return blended
