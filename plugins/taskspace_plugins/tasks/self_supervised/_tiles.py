"""Images cut into tiles."""

from __future__ import annotations

import torch
from torch import Tensor


def shuffle_tiles(image: Tensor, order: Tensor, grid: int) -> Tensor:
    """Return images [B, C, H, W] whose place p shows tile order[:, p].

    There are grid x grid tiles, counted row by row from the top left; `order` is [B, grid^2]. Rows
    and columns that are left over at the bottom and the right stay where they are.
    """
    height, width = image.shape[-2] // grid, image.shape[-1] // grid
    places = [
        (slice(row * height, (row + 1) * height), slice(column * width, (column + 1) * width))
        for row in range(grid)
        for column in range(grid)
    ]
    tiles = torch.stack([image[..., rows, columns] for rows, columns in places], dim=1)
    shuffled = tiles[torch.arange(len(image), device=image.device)[:, None], order]
    result = image.clone()
    for place, (rows, columns) in enumerate(places):
        result[..., rows, columns] = shuffled[:, place]
    return result
