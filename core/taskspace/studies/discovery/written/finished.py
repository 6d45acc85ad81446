"""A finished run of a discovery, and the sets of tasks in it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
from pydantic import ValidationError

from taskspace.engine.folders.run_files import RESULT
from taskspace.engine.folders.rundir import RunFolder
from taskspace.engine.folders.runs_folder import runs_named
from taskspace.errors import InputError, NotFound
from taskspace.jobs import nearest
from taskspace.studies.discovery.result.model import DiscoveryResult, SearchRecord
from taskspace.studies.discovery.result.names import KNOWN, LABELS, SCORES, USED, set_name

RUNS = "runs"
"""Where runs lie if nothing else is known."""


class SetPlace(NamedTuple):
    """Which set of a run is meant: the search's name, and the repetition."""

    search: str
    repetition: int


def run_folder(name: str | Path) -> RunFolder:
    """Return the newest run of a name in the folder of runs, or a run's own folder.

    Raises:
        NotFound: if there is none, or the name is that of several jobs.
    """
    return runs_named(Path(os.environ.get("TASKS_RUNS") or RUNS), str(name))[0]


@dataclass(frozen=True)
class FinishedDiscovery:
    """What a run's folder holds of a discovery: nothing else is read."""

    folder: RunFolder

    @cached_property
    def arrays(self) -> Mapping[str, np.ndarray]:
        """Return labels, scores, weights and pictures by name."""
        return self.folder.read_arrays()

    @cached_property
    def result(self) -> DiscoveryResult:
        """Return what `result.json` holds.

        Raises:
            InputError: if the run is of another study, or of another version of this one.
        """
        result = self.folder.read_json(RESULT)
        if result.get("study") != "discovery":
            raise InputError(
                f"The run {self.folder.name} is of the study {result.get('study')!r}, which "
                "discovers no tasks.",
                advice="Give a run of `study: discovery`; `tasks runs` lists them.",
            )
        try:
            return DiscoveryResult.model_validate(result, extra="ignore")
        except ValidationError as error:
            part = ".".join(map(str, error.errors()[0]["loc"]))
            raise InputError(
                f"The result of the run {self.folder.name} is of another version of taskspace: "
                f"`{part}` is not as this one writes it.",
                where=str(self.folder.path / RESULT),
                advice="`tasks rerun` computes it again.",
            ) from error

    def search(self, name: str | None) -> SearchRecord:
        """Return a search whose tasks label any image, the job's first where none is named.

        Raises:
            InputError: if the run is of another study, or of another version of this one.
            NotFound: if there is no such search.
        """
        searches = self.result.searches
        for search in searches:
            if name in (None, search.name):
                return search
        names = [search.name for search in searches]
        guess = nearest(name or "", names)
        missing = "no search" if name is None else f"no search {name!r}"
        raise NotFound(
            f"The run {self.folder.name} has {missing} whose tasks label any image; it has "
            f"{', '.join(names) or 'none'}.",
            advice=f"Did you mean {guess!r}?"
            if guess
            else "`discover` of a job makes them; `tasks discover labels` writes the labels of all "
            "others.",
        )

    def places(self) -> list[SetPlace]:
        """Return every set with labels, in the order of the job."""
        parts = (name.split("/") for name in self.arrays if name.startswith(f"{LABELS}/"))
        return [SetPlace(search, int(seed)) for _, search, seed in parts]

    def place(self, search: str | None, repetition: int, *, scored: bool = False) -> SetPlace:
        """Return the set that is meant; of the job's first search where none is named.

        Args:
            search: its name in the job.
            repetition: counted from 0.
            scored: whether only sets will do that give a score to any image.

        Raises:
            NotFound: if there is no such set.
        """
        names = self.arrays
        there = [p for p in self.places() if not scored or set_name(SCORES, *p) in names]
        if not there:
            raise NotFound(
                f"The run {self.folder.name} has found no task that labels images.",
                advice="`tasks show` says why; `tasks rerun` goes on.",
            )
        written = [each.name for each in self.result.searches]
        wanted = search or next(iter(written), there[0].search)
        searches = list(dict.fromkeys(place.search for place in there))
        if wanted not in searches:
            if wanted in written:
                raise NotFound(
                    f"The search {wanted!r} of the run {self.folder.name} has no result.",
                    advice=f"`tasks show` says why. Searches with a result: {', '.join(searches)}.",
                )
            guess = nearest(wanted, searches)
            raise NotFound(
                f"The run {self.folder.name} has no search {wanted!r} that labels images; it has "
                f"{', '.join(searches)}.",
                advice=f"Did you mean {guess!r}?" if guess else "Name one of these.",
            )
        own = [place.repetition for place in there if place.search == wanted]
        if repetition not in own:
            raise NotFound(
                f"There is no repetition {repetition} of {wanted}; it has "
                f"{', '.join(map(str, own))}.",
                advice="Name one of these.",
            )
        return SetPlace(wanted, repetition)

    def labels(self, place: SetPlace) -> np.ndarray:
        """Return the class ids of a set [N, T]; -1 is an image that it does not label."""
        return self.arrays[set_name(LABELS, *place)]

    def scores(self, place: SetPlace, number: int) -> np.ndarray:
        """Return how far each image is in the last class of a task [N].

        Args:
            number: of the task, counted from 1.

        Raises:
            NotFound: if the set has fewer tasks.
        """
        scores = self.arrays[set_name(SCORES, *place)]
        if not 1 <= number <= scores.shape[1]:
            raise NotFound(
                f"There is no task {number} in {place.search}; its tasks are 1 to "
                f"{scores.shape[1]}.",
                advice="Name one of these.",
            )
        column: np.ndarray = scores[:, number - 1].astype(np.float64)
        return column

    def known(self, target: str) -> np.ndarray:
        """Return the class ids of a task with labels [N]; -1 is missing or an unused image.

        Raises:
            NotFound: if the job has no such task.
        """
        there = [n.removeprefix(f"{KNOWN}/") for n in self.arrays if n.startswith(f"{KNOWN}/")]
        if target not in there:
            guess = nearest(target, there)
            names = f"it has {', '.join(there)}" if there else "it has no tasks with labels"
            raise NotFound(
                f"The job of {self.folder.name} has no task {target!r}; {names}.",
                advice=f"Did you mean {guess!r}?"
                if guess
                else "Add the task to `tasks` of the "
                "job and run it again: what was computed is kept.",
            )
        ids = np.full(len(self.arrays[f"{KNOWN}/{target}"]), -1, dtype=np.int64)
        used = self.arrays[USED]
        ids[used] = self.arrays[f"{KNOWN}/{target}"][used]
        return ids
