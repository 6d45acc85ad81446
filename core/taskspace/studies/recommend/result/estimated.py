"""What scores and embeddings expect of models on tasks, from the cells of a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from taskspace.studies.recommend.maths.errors import NO_TASK, ErrorTable, Floats, Indices
from taskspace.studies.recommend.maths.leave_out import Recommender, leave_out
from taskspace.studies.recommend.maths.model2vec import Model2Vec
from taskspace.studies.recommend.maths.neighbours import NearTasks
from taskspace.studies.recommend.plan.state import RecommendState, TaskDistances
from taskspace.studies.recommend.result.guesses import Guess, one_by_one

NEAREST = "{}: nearest expert"
NEAR_TASKS = "{}: near tasks"
MODEL2VEC = "{}: model2vec"
FOLDS = 5
"""Of the other tasks, by which settings are chosen: one at a time takes three times as long."""
FEWEST = 3
"""Tasks from which on settings can be chosen without the one that is left out."""


def score_guesses(state: RecommendState, table: ErrorTable, images: int) -> Iterator[Guess]:
    """Yield what each score expects; its name is the score's."""
    for score in state.plan.scores:
        records = {
            (key.task, key.model): state.record(cell)
            for key, cell in state.estimates.items()
            if (key.score, key.images) == (score, images)
        }
        draws = [_expected(table, records, draw) for draw in state.plan.draws]
        if records and not any(np.isnan(each).all() for each in draws):
            seconds = sum(record.get("seconds", 0.0) for record in records.values())
            yield Guess(score, "score", draws, seconds)


def _expected(
    table: ErrorTable, records: Mapping[tuple[str, str], Mapping[str, Any]], draw: int
) -> Floats:
    found = np.full(table.errors.shape, np.nan)
    for row, task in enumerate(table.tasks):
        for column, model in enumerate(table.models):
            values = records.get((task, model), {}).get("values")
            if values and values[draw] is not None:
                found[row, column] = -values[draw]
    # One model alone is no choice.
    found[(~np.isnan(found)).sum(axis=1) < 2] = np.nan
    return found


def embedding_guesses(state: RecommendState, table: ErrorTable, images: int) -> Iterator[Guess]:
    """Yield, by each embedding, the nearest expert, and two that learn from the other tasks.

    These are the errors on near tasks, and MODEL2VEC; both know of the task itself nothing but its
    embedding, and are had from three tasks on.
    """
    for name in state.plan.embeddings:
        embedded = [_Embedded.of(state, table, name, images, draw) for draw in state.plan.draws]
        draws = [each for each in embedded if each is not None]
        if len(draws) < len(embedded):
            continue
        seconds = sum(each.seconds for each in draws)
        nearest = [each.nearest() for each in draws]
        if not np.isnan(nearest[0]).all():
            yield Guess(NEAREST.format(name), "embedding", nearest, seconds)
        if len(table.tasks) < FEWEST:
            continue
        alone = one_by_one(table)
        for label, recommender in (
            (NEAR_TASKS, _Embedded.by_near_tasks),
            (MODEL2VEC, _Embedded.by_model2vec),
        ):
            guesses = [leave_out(alone, recommender(each), FOLDS).expected for each in draws]
            yield Guess(label.format(name), "embedding", guesses, seconds)


class _Embedded:
    """Targets of a table and what experts were trained on, by one embedding and one draw.

    Args:
        own: which of the experts each model is [M], or NO_TASK.
        towards: distances from experts to the table's tasks [E, T].
        between: of the table's tasks [T, T].
        vectors: of the tasks, then of the experts [T + E, F].
        seconds: that embedding the targets took.
    """

    def __init__(
        self, own: Indices, towards: Floats, between: Floats, vectors: Floats, seconds: float
    ) -> None:
        self._own = own
        self._towards = towards
        self._between = between
        self._vectors = vectors
        self.seconds = seconds

    @classmethod
    def of(
        cls, state: RecommendState, table: ErrorTable, name: str, images: int, draw: int
    ) -> _Embedded | None:
        """Return them; None where a cell has no result."""
        key = TaskDistances(name, images, draw)
        distances = state.get(state.distances.get(key))
        if distances is None:
            return None
        cells = state.embedded[key]
        names = [task for _, task in state.plan.embedded_experts()]
        targets = list(cells.targets)
        rows = np.array([targets.index(task) for task in table.tasks])
        own = [names.index(model) if model in names else NO_TASK for model in table.models]
        wanted = [cells.targets[task] for task in table.tasks]
        stored = state.every([*wanted, *(cells.experts[task] for task in names)])
        between = np.array(distances.array("targets"))
        return cls(
            np.array(own, dtype=np.int64),
            np.array(distances.array("experts"))[:, rows],
            between[np.ix_(rows, rows)],
            np.stack([np.array(each.array("vector")) for each in stored]),
            sum(each.record["seconds"] for each in stored[: len(rows)]),
        )

    def nearest(self) -> Floats:
        """Return the distance to what each model was trained on [T, M]; NaN for other models."""
        found = np.full((len(self._between), len(self._own)), np.nan)
        trained = self._own != NO_TASK
        found[:, trained] = self._towards[self._own[trained]].T
        return found

    def by_near_tasks(self) -> Recommender:
        """Return the recommender by the errors on near tasks, and by what models were trained on.

        Experts' tasks are further tasks, without errors.
        """
        count, experts = len(self._between), len(self._towards)
        distances = np.zeros((count + experts, count + experts))
        distances[:count, :count] = self._between
        distances[:count, count:] = self._towards.T
        return self._widened(NearTasks(distances, self._rows()))

    def by_model2vec(self) -> Recommender:
        """Return MODEL2VEC, in which experts start at the embeddings of their tasks."""
        return self._widened(Model2Vec(self._vectors, self._rows()))

    def _rows(self) -> Indices:
        """Return the row [M] of what each model was trained on, among tasks and experts."""
        count = len(self._between)
        rows: Indices = np.where(self._own == NO_TASK, NO_TASK, self._own + count)
        return rows

    def _widened(self, recommender: Recommender) -> Recommender:
        def recommend(known: Floats, tasks: Indices) -> Floats:
            unknown = np.full((len(self._towards), known.shape[1]), np.nan)
            return recommender(np.vstack([known, unknown]), tasks)

        return recommend
