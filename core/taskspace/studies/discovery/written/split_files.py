"""A split as index files that anybody's training code reads."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from taskspace.errors import InputError
from taskspace.studies.discovery.maths.splits import Halves, split_at_random, split_by_scores
from taskspace.studies.discovery.written.finished import FinishedDiscovery
from taskspace.whole_file import write_whole

RANDOM = "random"
TRAIN, TEST, ABOUT = "train.txt", "test.txt", "split.json"


@dataclass(frozen=True)
class WantedSplit:
    """Which split to write.

    Attributes:
        target: the task that networks will learn, as the job calls it.
        by: the search whose task divides the images, or `random`; the first search where None.
        number: of the task, counted from 1.
        repetition: of the search; of a random split, the seed.
        share: of each class, the share that is learnt.
    """

    target: str
    by: str | None = None
    number: int = 1
    repetition: int = 0
    share: float = 0.5


@dataclass(frozen=True)
class WrittenSplit:
    """What was written.

    Attributes:
        folder: it has train.txt and test.txt, the number of a sample a line, and split.json.
        run: the run's name.
        by: what divided the images.
        train: how many images to learn from.
        test: how many to test on.
        classes: of the target, images of each to learn from and to test on.
    """

    folder: Path
    run: str
    target: str
    by: str
    number: int
    repetition: int
    share: float
    train: int
    test: int
    classes: dict[str, tuple[int, int]]

    def as_json(self) -> dict[str, Any]:
        """Return all of it as plain JSON."""
        return asdict(self) | {"folder": str(self.folder)}


def write_split(run: FinishedDiscovery, wanted: WantedSplit, out: Path) -> WrittenSplit:
    """Write the numbers of the samples of both halves into a folder, one a line.

    Raises:
        InputError: if the share is not between 0 and 1, a class is too small for it, or the
            repetition is negative.
        NotFound: if the run has no such task, search or repetition.
        OSError: if the files cannot be written.
    """
    if not 0 < wanted.share < 1:
        raise InputError(
            f"A share of {wanted.share:g} leaves one half empty.",
            where="--share",
            advice="Give a number between 0 and 1, such as 0.5.",
        )
    if wanted.repetition < 0:
        raise InputError(
            f"There is no repetition {wanted.repetition}.",
            where="--repetition",
            advice="Repetitions are counted from 0.",
        )
    _ = run.result
    ids = run.known(wanted.target)
    if wanted.by == RANDOM:
        random = np.random.default_rng(wanted.repetition)
        by, halves = RANDOM, split_at_random(ids, wanted.share, random)
    else:
        place = run.place(wanted.by, wanted.repetition, scored=True)
        scores = run.scores(place, wanted.number)
        by, halves = place.search, split_by_scores(ids, scores, wanted.share)
    written = WrittenSplit(
        folder=out,
        run=run.folder.name,
        target=wanted.target,
        by=by,
        number=wanted.number,
        repetition=wanted.repetition,
        share=wanted.share,
        train=len(halves.train),
        test=len(halves.test),
        classes=_counts(ids, halves),
    )
    out.mkdir(parents=True, exist_ok=True)
    about = {key: value for key, value in written.as_json().items() if key != "folder"}
    for name, rows in ((TRAIN, halves.train), (TEST, halves.test)):
        write_whole(out / name, "".join(f"{row}\n" for row in rows).encode())
    write_whole(out / ABOUT, (json.dumps(about, indent=1, ensure_ascii=False) + "\n").encode())
    return written


def _counts(ids: np.ndarray, halves: Halves) -> dict[str, tuple[int, int]]:
    train, test = ids[halves.train], ids[halves.test]
    labels = np.unique(np.concatenate([train, test]))
    return {str(own): (int((train == own).sum()), int((test == own).sum())) for own in labels}
