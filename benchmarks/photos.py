"""Write 600 CIFAR-10 photographs as a user's folder: images, and a labels.csv of five columns.

    python benchmarks/photos.py cifar10_jpeg.npz photos
    tasks init photos-job --images photos
    tasks run photos-job/job.yaml

The archive holds the images as JPEG bytes: `train_jpeg` (uint8), `train_offset` (int64, n + 1) and
`train_label`. The columns follow from the class of an image: what a labeller would be asked.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import numpy as np

CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
COLUMNS = {
    "animal": ("bird", "cat", "deer", "dog", "frog", "horse"),
    "pet": ("cat", "dog"),
    "hooves": ("deer", "horse"),
    "flies": ("airplane", "bird"),
    "road": ("automobile", "truck"),
}
"""Column to the classes that it is `yes` for."""


def main() -> None:
    """Draw the images and write them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("archive", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--images", type=int, default=600)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    with np.load(arguments.archive) as archive:
        pixels, offsets = archive["train_jpeg"], archive["train_offset"]
        labels = archive["train_label"]
    drawn = np.random.default_rng(arguments.seed).permutation(len(labels))[: arguments.images]
    arguments.folder.mkdir(parents=True, exist_ok=True)
    with (arguments.folder / "labels.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["image", *COLUMNS])
        for index in sorted(drawn.tolist()):
            name = f"{index:05}.jpg"
            (arguments.folder / name).write_bytes(
                pixels[offsets[index] : offsets[index + 1]].tobytes()
            )
            kind = CLASSES[labels[index]]
            rows.writerow([name, *("yes" if kind in yes else "no" for yes in COLUMNS.values())])
    print(f"wrote {len(drawn)} images and labels.csv to {arguments.folder}")


if __name__ == "__main__":
    main()
