"""Where rays enter the analytic primitives, each in its own frame.

All are solid and convex. A ray is origin + t * direction; the direction need not have unit length.
Origins, directions and sizes are tensors whose first dimension is x, y, z; the others broadcast.
The answer is t at the entry; where the ray misses, starts inside or has left the primitive behind,
it is HUGE or more, so that a minimum needs no mask. (Selecting by a mask that looks random to the
processor costs ten times as much as the arithmetic below.)

Origins are moved to where the ray comes closest to the axis or centre before the quadratic is
solved (Haines et al. 2019, "Precision improvements for ray / sphere intersection"): single
precision then suffices for a lamp's pole seen across the room.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from taskspace_rooms.scene import Shape

HUGE = 1e10
STEEP = 1e30
"""Turns any violation of a condition, however small, into a distance beyond HUGE."""
PARALLEL = 1e12


def box(origin: Tensor, direction: Tensor, size: Tensor) -> Tensor:
    """Return t at the entry of boxes with the half extents `size`."""
    enter, leave = _slab(origin[0], direction[0], size[0])
    for axis in (1, 2):
        near, far = _slab(origin[axis], direction[axis], size[axis])
        enter, leave = torch.maximum(enter, near), torch.minimum(leave, far)
    return _entry(enter, leave)


def cylinder(origin: Tensor, direction: Tensor, size: Tensor) -> Tensor:
    """Return t at the entry of cylinders along z: size = radius, radius, half height."""
    (x, y, z), (dx, dy, dz) = origin.unbind(), direction.unbind()
    square = (dx * dx + dy * dy).clamp_min(1 / PARALLEL)
    closest = -(x * dx + y * dy) / square
    inside = size[0] ** 2 - (x + closest * dx) ** 2 - (y + closest * dy) ** 2
    half = (inside.clamp_min(0) / square).sqrt()
    near, far = _slab(z, dz, size[2])
    enter = torch.maximum(closest - half, near)
    leave = torch.minimum(closest + half, far)
    return torch.maximum(_entry(enter, leave), inside * -STEEP)


def sphere(origin: Tensor, direction: Tensor, size: Tensor) -> Tensor:
    """Return t at the entry of spheres: size = radius, three times."""
    square = (direction * direction).sum(0)
    closest = -(origin * direction).sum(0) / square
    nearest = origin + closest * direction
    inside = size[0] ** 2 - (nearest * nearest).sum(0)
    half = (inside.clamp_min(0) / square).sqrt()
    return torch.maximum(_entry(closest - half, closest + half), inside * -STEEP)


def frustum(origin: Tensor, direction: Tensor, size: Tensor) -> Tensor:
    """Return t at the entry of frustums along z: size = radius below, radius above, half height.

    The side is x^2 + y^2 = (middle - taper z)^2; the ray enters it where the difference of the two
    falls through zero, which is the root (-b - sqrt(b^2 - ac)) / a whatever the sign of a.
    """
    below, above, height = size.unbind()
    middle, taper = (below + above) / 2, (below - above) / (2 * height)
    dx, dy, dz = direction.unbind()
    closest = -(origin * direction).sum(0) / (direction * direction).sum(0)
    x, y, z = (origin + closest * direction).unbind()
    radius = middle - taper * z
    slope = taper * dz
    a = dx * dx + dy * dy - slope * slope
    b = x * dx + y * dy + slope * radius
    c = x * x + y * y - radius * radius
    inside = b * b - a * c
    root = inside.clamp_min(0).sqrt()
    # Of the two forms of the same root, the one that does not subtract near equals.
    falling = b < 0
    top = torch.where(falling, c, -(b + root))
    bottom = torch.where(falling, root - b, a)
    side = closest + top / _not_zero(bottom)

    near, far = _slab(origin[2], dz, height)
    cap = torch.where(dz > 0, below, above)
    px, py = origin[0] + near * dx, origin[1] + near * dy
    through_cap = px * px + py * py <= cap * cap
    enter = torch.where(through_cap, near, side)
    outside = torch.where(through_cap, enter.new_zeros(()), torch.maximum(near - side, -inside))
    return torch.maximum(_entry(enter, far), outside * STEEP)


ENTRY: dict[Shape, Callable[[Tensor, Tensor, Tensor], Tensor]] = {
    Shape.BOX: box,
    Shape.CYLINDER: cylinder,
    Shape.SPHERE: sphere,
    Shape.CONE: frustum,
}


def leave_box(origin: Tensor, direction: Tensor, size: Tensor) -> Tensor:
    """Return t where rays that start inside boxes at the origin leave them."""
    far = [_slab(origin[axis], direction[axis], size[axis])[1] for axis in range(3)]
    return torch.minimum(torch.minimum(far[0], far[1]), far[2])


def _slab(origin: Tensor, direction: Tensor, half: Tensor) -> tuple[Tensor, Tensor]:
    """Return t where rays enter and leave |coordinate| <= half."""
    inverse = direction.reciprocal().clamp(-PARALLEL, PARALLEL)
    middle, reach = origin * inverse, inverse.abs() * half
    return -middle - reach, reach - middle


def _entry(enter: Tensor, leave: Tensor) -> Tensor:
    missed = torch.maximum(enter - leave, -enter)
    return torch.maximum(enter, missed * STEEP)


def _not_zero(value: Tensor) -> Tensor:
    return value + (value.abs() < 1 / STEEP) * (1 / PARALLEL)
