"""Rows of numbers as the columns of the scene's tables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from taskspace_rooms.furnishing.parts import Solid
from taskspace_rooms.furnishing.style import Paint
from taskspace_rooms.scene import Materials, Primitives


def floats(values: Sequence[object], *shape: int) -> Tensor:
    """Return rows of numbers as float32 [N, *shape]."""
    return torch.from_numpy(np.array(values, np.float32).reshape(-1, *shape))


def wholes(values: Sequence[int]) -> Tensor:
    """Return whole numbers as int64 [N]."""
    return torch.from_numpy(np.array(values, np.int64))


def materials(paints: Sequence[Paint]) -> Materials:
    """Return a material for each paint."""
    return Materials(
        pattern=wholes([paint.pattern for paint in paints]),
        first=floats([paint.first for paint in paints], 3),
        second=floats([paint.second for paint in paints], 3),
        period=floats([paint.period for paint in paints]),
        seed=wholes([paint.seed for paint in paints]),
    )


def primitives(rows: Sequence[tuple[int, int, int, Solid]]) -> Primitives:
    """Return a primitive for each row of scene, semantic class, instance and part."""
    parts = [row[3] for row in rows]
    return Primitives(
        scene=wholes([row[0] for row in rows]),
        shape=wholes([part.shape for part in parts]),
        centre=floats([part.centre for part in parts], 3),
        rotation=floats([part.axes for part in parts], 3, 3),
        size=floats([part.size for part in parts], 3),
        semantic=wholes([row[1] for row in rows]),
        instance=wholes([row[2] for row in rows]),
        material=materials([part.paint for part in parts]),
    )
