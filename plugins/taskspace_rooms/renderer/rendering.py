"""What the renderer gives: pictures and labels of a batch of views."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True)
class Rendered:
    """V views of S x S pixels; labels are those of the rays through the pixels' centres.

    Attributes:
        image: [V, 3, S, S] in [0, 1], with sensor noise, not yet rounded.
        depth_euclidean, depth_z: [V, S, S], metres.
        normals: [V, 3, S, S], camera frame, unit length.
        curvature: [V, 2, S, S], principal curvatures k1 >= k2, 1 / metre, positive where convex.
        edges_occlusion: [V, S, S] in [0, 1].
        semantic: int64 [V, S, S], classes.
        instance: int64 [V, S, S]; 0 is the room itself.
        reshading: [V, S, S] in [0, 1].
    """

    image: Tensor
    depth_euclidean: Tensor
    depth_z: Tensor
    normals: Tensor
    curvature: Tensor
    edges_occlusion: Tensor
    semantic: Tensor
    instance: Tensor
    reshading: Tensor
