"""Write the image folders of the study that picks encoders: experts on one, targets on four.

    python benchmarks/recommend_data.py --from ../shared/data --to recommend-data
    tasks data show '{use: image_folder, root: recommend-data/mnist, size: 32}'

Each folder holds PNG files of 32x32 RGB and a labels.csv whose columns are tasks (see
recommend_tasks.py). Of the 60,000 images of CIFAR-10, in an order that --seed draws, experts take
the first ones and targets those from the 40,000th on; a target image that all but repeats one of
the experts' is passed over. MNIST and Fashion-MNIST are padded to 32 pixels with black.
"""

from __future__ import annotations

import argparse
import csv
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from recommend_archives import Cifar10, both_parts
from recommend_tasks import (
    DIGITS,
    EXPERTS,
    FASHION,
    IMAGE_TASKS,
    TARGETS,
    Classes,
    Pictures,
    cifar100_tasks,
    column,
)

EXPERT_SHARE = 40_000
"""Images of CIFAR-10 that only experts may see; the 20,000 after them are the targets'."""
ARCHIVES = {
    "cifar10": "cifar10/cifar10_jpeg.npz",
    "mnist": "mnist/mnist_partial.npz",
    "fashion": "mnist/fashionmnist_partial.npz",
    "cifar100": "cifar100_partial/cifar100_partial.npz",
}
"""Where each is below --from."""


@dataclass(frozen=True)
class Folder:
    """Images to write, with a name each, and the columns of their labels."""

    names: Sequence[str]
    pictures: Pictures
    columns: Mapping[str, Sequence[str]]


def folders(data: Path, experts: int, targets: int, seed: int) -> Iterator[tuple[str, Folder]]:
    """Yield the five folders by name."""
    cifar = Cifar10(data / ARCHIVES["cifar10"])
    order = np.random.default_rng(seed).permutation(len(cifar.labels)).tolist()
    taught = cifar_folder(cifar, order[: min(experts, EXPERT_SHARE)], EXPERTS)
    from_image = {name: task(taught.pictures) for name, task in IMAGE_TASKS.items()}
    yield "cifar10_experts", Folder(taught.names, taught.pictures, {**taught.columns, **from_image})
    rows = cifar.unlike(order[EXPERT_SHARE:], taught.pictures, targets)
    yield "cifar10_targets", cifar_folder(cifar, rows, TARGETS["cifar10_targets"])
    for name, words in (("mnist", DIGITS), ("fashion", FASHION)):
        names, pictures, labels = both_parts(data / ARCHIVES[name], "x", "y")
        yield name, labelled(names, pictures, [words[label] for label in labels], TARGETS[name])
    archive = data / ARCHIVES["cifar100"]
    with np.load(archive) as arrays:
        superclasses = arrays["coarse_names"].tolist()
    names, pictures, labels = both_parts(archive, "x", "coarse")
    coarse = [superclasses[label] for label in labels]
    yield "cifar100", labelled(names, pictures, coarse, cifar100_tasks(superclasses))


def cifar_folder(cifar: Cifar10, rows: Sequence[int], tasks: Mapping[str, Classes]) -> Folder:
    """Return images of CIFAR-10 under the numbers that they have in the archive."""
    names = [f"{row:05}" for row in rows]
    return labelled(names, cifar.pictures(rows), [cifar.labels[row] for row in rows], tasks)


def labelled(
    names: Sequence[str],
    pictures: Pictures,
    labels: Sequence[str],
    tasks: Mapping[str, Classes],
) -> Folder:
    """Return images with a column for each task."""
    return Folder(names, pictures, {name: column(task, labels) for name, task in tasks.items()})


def write(root: Path, folder: Folder) -> None:
    """Write the images and labels.csv into a folder that must be new."""
    root.mkdir(parents=True)
    for name, picture in zip(folder.names, folder.pictures, strict=True):
        Image.fromarray(picture).save(root / f"{name}.png")
    with (root / "labels.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["file", *folder.columns])
        for name, *cells in zip(folder.names, *folder.columns.values(), strict=True):
            rows.writerow([f"{name}.png", *cells])


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the folders and say what is in them."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--from", dest="data", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--to", type=Path, required=True, metavar="FOLDER", help="must be new")
    parser.add_argument("--experts", type=int, default=8_000, help="images of CIFAR-10")
    parser.add_argument("--targets", type=int, default=3_000, help="images of CIFAR-10")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    if options.to.exists():
        parser.error(f"{options.to} is there already; name a new folder.")
    for path in ARCHIVES.values():
        if not (options.data / path).is_file():
            parser.error(
                f"{options.data} lacks {path}; name the folder of the archives with --from."
            )
    if min(options.experts, options.targets) < 100:
        parser.error("--experts and --targets take at least 100 images each.")
    for name, folder in folders(options.data, options.experts, options.targets, options.seed):
        write(options.to / name, folder)
        print(f"{options.to / name}: {len(folder.names):,} images")
        for task, cells in folder.columns.items():
            counts = Counter(cell for cell in cells if cell)
            print(
                f"  {task:<18}{len(counts):>3} classes, {sum(counts.values()):>6,} labelled, "
                f"{min(counts.values()):>5,} to {max(counts.values()):>5,} a class"
            )


if __name__ == "__main__":
    main()
