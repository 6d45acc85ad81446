r"""How often a job claims evidence for meaningless labels, and whether it names meaningful ones.

Each draw has 400 real images of its own in a folder, five columns of labels, and a job with the
settings that a small folder gets. First all columns are random: any claim of evidence is false. A
claim is a target that is shown to get more than its floor, or a budget whose labels are shown to do
better than random ones. Then one column is real among four random ones: it must be named, and a
claim for a column beside it is false.

The images are scikit-learn's scanned digits at 16x16, and the real column says whether the digit
has a loop (0, 6, 8, 9); with `--photos` they are photographs of CIFAR-10, and it says whether they
show an animal or a vehicle.

    python benchmarks/random_labels.py [--draws 20] [--real 10] [--seed 0] [--held-out 0 0.15]
        [--seeds 1] [--photos cifar10_jpeg.npz] [--store DIR]

Draw i of a part has the seed `--seed` + i: of its images, its columns and its job. The exit status
is 1 where more than 10 % of the random draws have a claim, or fewer than 80 % of the real columns
are named. A store that is kept makes the next call cheap.
"""

from __future__ import annotations

import argparse
import csv
import io
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from sklearn.datasets import load_digits

import taskspace

IMAGES = 400
COLUMNS = 5
MOST_CLAIMED = 0.1
"""Share of the random draws that may have a claim: 5 % is what the tests promise."""
LEAST_NAMED = 0.8
OWN = "(supervised)"  # what a result calls a target's own network

WITH_LOOP = {0, 6, 8, 9}
VEHICLES = {"airplane", "automobile", "ship", "truck"}


@dataclass(frozen=True)
class Pool:
    """Images to draw from.

    Attributes:
        picture: from an image's number to its file's content and ending.
        real: the name of the real column, and each image's word in it.
        dataset: what the job says of the images beside their folder.
    """

    name: str
    picture: Callable[[int], tuple[bytes, str]]
    real: tuple[str, Sequence[str]]
    dataset: Mapping[str, int]


@dataclass(frozen=True)
class Setting:
    """What all draws of a part share.

    Attributes:
        held_out: share of the training images that picks the epoch that is kept.
        real: whether one column is real.
        seeds: repetitions of each job.
        store: where it is kept, if it is.
    """

    pool: Pool
    held_out: float
    real: bool = False
    seeds: int = 1
    store: Path | None = None


@dataclass(frozen=True)
class Draw:
    """What one job claims.

    Attributes:
        shown: a target, what is shown to serve it better than its floor, and the corrected p.
        above_random: budgets whose labels are shown to do better than random ones.
        silent: share of the budgets with the finding that there is no evidence.
        least: the smallest corrected p of each of the two kinds; None where none was tested.
    """

    seed: int
    shown: tuple[tuple[str, str, float], ...]
    above_random: tuple[float, ...]
    silent: float
    least: tuple[float | None, float | None]
    judged: int
    seconds: float

    @property
    def claims(self) -> bool:
        """Whether anything at all is claimed."""
        return bool(self.shown or self.above_random)

    def targets(self) -> set[str]:
        """Return the columns for which something is shown."""
        return {target for target, _, _ in self.shown}


def digits() -> Pool:
    """Return the scanned digits, twice as large."""
    bundled = load_digits()

    def picture(number: int) -> tuple[bytes, str]:
        pixels = Image.fromarray((bundled.images[number] * 15.9).astype(np.uint8))
        file = io.BytesIO()
        pixels.resize((16, 16), Image.Resampling.BICUBIC).save(file, "png")
        return file.getvalue(), "png"

    words = ["round" if digit in WITH_LOOP else "open" for digit in bundled.target]
    return Pool("digits 16x16", picture, ("loop", words), {"size": 16, "channels": 1})


def photographs(path: Path) -> Pool:
    """Return the training photographs of CIFAR-10, as the JPEG files that they are."""
    stored = np.load(path)
    files, offset = stored["train_jpeg"], stored["train_offset"]
    classes = stored["classes"][stored["train_label"]]
    words = ["vehicle" if name in VEHICLES else "animal" for name in classes]

    def picture(number: int) -> tuple[bytes, str]:
        return files[offset[number] : offset[number + 1]].tobytes(), "jpg"

    return Pool("CIFAR-10 32x32", picture, ("kind", words), {"size": 32, "channels": 3})


def write_folder(root: Path, setting: Setting, seed: int) -> list[str]:
    """Write a folder of images with labels.csv; return its columns, the real one first."""
    random = np.random.default_rng([seed, setting.real])
    name, words = setting.pool.real
    chosen = random.choice(len(words), IMAGES, replace=False)
    columns = {name: [words[number] for number in chosen]} if setting.real else {}
    while len(columns) < COLUMNS:
        classes = "abc"[: random.integers(2, 4)]
        columns[f"random_{len(columns) + 1}"] = [*random.choice([*classes], IMAGES)]
    root.mkdir()
    with (root / "labels.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["file", *columns])
        for position, (number, *labels) in enumerate(zip(chosen, *columns.values(), strict=True)):
            content, ending = setting.pool.picture(int(number))
            path = root / f"{position:03}.{ending}"
            path.write_bytes(content)
            table.writerow([path.name, *labels])
    return list(columns)


def job_of(root: Path, setting: Setting, columns: Sequence[str], seed: int) -> dict[str, Any]:
    """Return the job that a small folder gets."""
    return {
        "study": "taxonomy",
        "name": "random-labels",
        "seed": seed,
        "seeds": setting.seeds,
        "dataset": {"use": "image_folder", "root": str(root), **setting.pool.dataset},
        "tasks": [{"use": "classification", "field": c, "as": c} for c in columns],
        "encoder": {"use": "small_conv", "width": 16},
        "train": {"epochs": 15, "held_out": setting.held_out},
        "transfer": {"epochs": 5, "max_order": 2},
        "solve": {"random_policies": 200},
    }


def draw(setting: Setting, seed: int) -> Draw:
    """Run the job of a draw in a folder of its own; return what it claims."""
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        columns = write_folder(place / "images", setting, seed)
        run = taskspace.run(
            job_of(place / "images", setting, columns, seed),
            executor="inline",
            store=setting.store or place / "store",
            runs=place / "runs",
            plugins=False,
        )
    return _claims(run.result, seed, time.perf_counter() - started)


def _claims(result: Mapping[str, Any], seed: int, seconds: float) -> Draw:
    evidence = result["evidence"]
    told = {p["budget"]: p["evidence"] for p in result["policies"] if p["evidence"]}
    tested = [one["random_labels"]["p_holm"] for one in told.values() if one["random_labels"]]
    neither = [not one["above_floor"] and not one["above_random"] for one in told.values()]
    return Draw(
        seed,
        tuple((r["target"], r["competitor"], r["p_corrected"]) for r in evidence if r["shown"]),
        tuple(budget for budget, one in told.items() if one["above_random"]),
        float(np.mean(neither)) if neither else float("nan"),
        (min((r["p_corrected"] for r in evidence), default=None), min(tested, default=None)),
        len(evidence),
        seconds,
    )


def with_claims(found: Sequence[Draw]) -> int:
    """Return how many draws of random columns have any claim."""
    return sum(one.claims for one in found)


def named(found: Sequence[Draw], column: str) -> int:
    """Return in how many draws the real column is shown to get more than its floor."""
    return sum(column in one.targets() for one in found)


def through_random(found: Sequence[Draw], column: str) -> int:
    """Return in how many draws the real column is shown by transfers alone, not by its network."""
    return named(found, column) - sum(
        any((target, name) == (column, OWN) for target, name, _ in one.shown) for one in found
    )


def beside(found: Sequence[Draw], column: str) -> int:
    """Return in how many draws something is claimed for a column that is random."""
    return sum(bool(one.targets() - {column}) for one in found)


def line(found: Draw) -> str:
    """Return a row of the table."""
    floor, random = ("     -" if p is None else f"{p:6.3f}" for p in found.least)
    claims = [
        f"{target} by {'its own network' if name == OWN else name} (p {p:.1e})"
        for target, name, p in found.shown
    ]
    claims += [f"budget {budget:g} above random labels" for budget in found.above_random]
    return (
        f"{found.seed:5}{found.judged:8}{floor:>9}{random:>9}{found.silent:8.0%}"
        f"{found.seconds:7.1f}  {'; '.join(claims) or 'none'}"
    )


def table(setting: Setting, numbers: Iterable[int]) -> list[Draw]:
    """Print the draws with these seeds as they end; return them."""
    print(f"{'seed':>5}{'judged':>8}{'p floor':>9}{'p labels':>9}{'silent':>8}{'s':>7}  claims")
    made = []
    for number in numbers:
        made.append(draw(setting, number))
        print(line(made[-1]), flush=True)
    return made


def main() -> int:
    """Print what each draw claims, and how many of them do."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--draws", type=int, default=20, help="of random columns alone")
    parser.add_argument("--real", type=int, default=10, help="with one real column")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--held-out", type=float, nargs="+", default=[0.0, 0.15])
    parser.add_argument("--seeds", type=int, default=1, help="repetitions of each job")
    parser.add_argument("--photos", type=Path, help="cifar10_jpeg.npz: photographs, not digits")
    parser.add_argument("--store", type=Path, help="a folder that is kept; else temporary")
    options = parser.parse_args()
    pool = photographs(options.photos) if options.photos else digits()
    column, first = pool.real[0], options.seed
    print(
        f"{IMAGES} images of {pool.name}, {options.seeds} seed(s) a job, seeds {first} on; "
        f"{platform.machine()}, one thread of {os.cpu_count()} cores, {date.today()}"
    )
    ended_well = True
    for share in options.held_out:
        setting = Setting(pool, share, seeds=options.seeds, store=options.store)
        if options.draws:
            print(f"\nheld_out {share:g}: {COLUMNS} random columns")
            found = table(setting, range(first, first + options.draws))
            claimed, silent = with_claims(found), np.mean([one.silent for one in found])
            print(f"{claimed} of {len(found)} with a claim; no evidence at {silent:.0%} of budgets")
            ended_well &= claimed <= MOST_CLAIMED * len(found)
        if options.real:
            print(f"\nheld_out {share:g}: {column} among {COLUMNS - 1} random columns")
            found = table(replace(setting, real=True), range(first, first + options.real))
            right, alone = named(found, column), through_random(found, column)
            print(
                f"{column} named in {right} of {len(found)}, in {alone} by transfers from random "
                f"columns alone; a random column claimed beside it in {beside(found, column)}"
            )
            ended_well &= right >= LEAST_NAMED * len(found)
    return 0 if ended_well else 1


if __name__ == "__main__":
    sys.exit(main())
