"""A rectangle of one of two colours in each image, which is no square; some are crowds."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import torch

from taskspace.components import Dataset, Field

SIDE = 24, 40
COLOURS = torch.tensor([[1.0, 0.2, 0.2], [0.2, 0.4, 1.0]])


class BoxedImages(Dataset):
    """The first box of an image is its rectangle; the second of every third image is a crowd.

    Every eleventh image is not labelled. `clip` has the image four times.
    """

    name: ClassVar[str] = "boxed_images"

    images: int = 48

    def fingerprint(self):
        return f"boxed images {self.images}"

    def length(self):
        return self.images

    def fields(self):
        return {
            "image": Field((3, *SIDE)),
            "boxes": Field((2, 4), count="box_count"),
            "box_class": Field((2,), ("red", "blue"), count="box_count"),
            "box_crowd": Field((2,), ("single", "crowd"), count="box_count"),
            "box_count": Field(()),
            "clip": Field((4, 3, *SIDE)),
            "angle_change": Field(()),
        }

    def read(self, indices, fields=None):
        rows = [int(row) for row in np.asarray(indices)]
        image = torch.full((len(rows), 3, *SIDE), 0.5)
        boxes = torch.full((len(rows), 2, 4), torch.nan)
        classes = torch.full((len(rows), 2), -1)
        crowd, count = classes.clone(), torch.empty(len(rows))
        for place, row in enumerate(rows):
            draw = torch.Generator().manual_seed(row)
            height, width = (int(torch.randint(8, 17, (), generator=draw)) for _ in range(2))
            top = int(torch.randint(0, SIDE[0] - height + 1, (), generator=draw))
            left = int(torch.randint(0, 20 - width + 1, (), generator=draw))
            image[place, :, top : top + height, left : left + width] = COLOURS[row % 2][
                :, None, None
            ]
            boxes[place, 0] = torch.tensor([left, top, left + width, top + height])
            classes[place, 0], crowd[place, 0] = row % 2, 0
            if row % 3 == 0:
                boxes[place, 1] = torch.tensor([20.0, 0.0, 40.0, 24.0])
                classes[place, 1], crowd[place, 1] = row % 2, 1
            count[place] = torch.nan if row % 11 == 10 else 1 + (row % 3 == 0)
        sample = {
            "image": image,
            "boxes": boxes,
            "box_class": classes,
            "box_crowd": crowd,
            "box_count": count,
            "clip": image[:, None].expand(-1, 4, -1, -1, -1).clone(),
            "angle_change": torch.tensor([10.0 * (row % 5 - 2) for row in rows]),
        }
        return {name: sample[name] for name in (fields or sample)}
