"""The answer of a job: its result, the tables of the terminal, findings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from taskspace.components import Answer, Cell, MissingCell
from taskspace.studies.recommend.maths.errors import ErrorTable
from taskspace.studies.recommend.plan.facts import Model, all_tasks
from taskspace.studies.recommend.plan.state import (
    EmbeddedTasks,
    Estimate,
    RecommendState,
    TaskDistances,
)
from taskspace.studies.recommend.result.estimated import embedding_guesses, score_guesses
from taskspace.studies.recommend.result.findings import recommend_findings
from taskspace.studies.recommend.result.guesses import static_guesses
from taskspace.studies.recommend.result.model import (
    Adaptation,
    DistanceRecord,
    EstimateRecord,
    ModelRecord,
    RankedModel,
    RecommendResult,
    SelectionRecord,
    TargetRecord,
    TriedRecord,
    VerdictRecord,
)
from taskspace.studies.recommend.result.ranking import chosen_errors, measured, ranking
from taskspace.studies.recommend.result.selection import curves, selections, verdict_record
from taskspace.studies.recommend.result.tables import answer_tables

INTERVAL = (
    "95 %: of a model's error, where that of another draw and other test images is to be expected; "
    "of a method, bootstrap over tasks"
)


def measured_answer(state: RecommendState) -> Answer:
    """Return the answer for what has been measured."""
    plan, job = state.plan, state.plan.job
    wrong = measured(state)
    rows = ranking(wrong, job.seed)
    estimates = [_estimate(key, state.record(cell)) for key, cell in state.estimates.items()]
    methods: list[SelectionRecord] = []
    verdicts: list[VerdictRecord] = []
    tried: list[TriedRecord] = []
    generic = _generic(state)
    for adapt, images in dict.fromkeys((row.adapt, row.images) for row in rows):
        table = _table(state, rows, adapt, images)
        if table is None:
            continue
        guesses = [
            *static_guesses(table, _parameters(state), generic),
            *score_guesses(state, table, images),
            *embedding_guesses(state, table, images),
        ]
        methods += selections(table, guesses, adapt, images, job.seed)
        own = verdict_record(table, guesses, adapt, images, job.seed)
        verdicts += [] if own is None else [own]
        tried += curves(table, guesses, adapt, images, job.seed)
    failures = tuple(state.failures())
    result = RecommendResult(
        study="recommend",
        name=job.name,
        seed=job.seed,
        interval=INTERVAL,
        draws=job.seeds,
        generic=generic,
        own=list(plan.targets[0].tasks),
        targets=_targets(state),
        models=[_model(state, model) for model in plan.models],
        ranking=rows,
        chosen=chosen_errors(wrong, job.seed),
        estimates=estimates,
        reasons=_reasons(state),
        methods=methods,
        verdicts=verdicts,
        curves=tried,
        distances=_distances(state),
        missing=[MissingCell(cell=each.cell.name, message=each.message) for each in failures],
    )
    return Answer(
        result=result,
        tables=answer_tables(result),
        findings=tuple(recommend_findings(result)),
        failures=failures,
        solved=bool(rows) or not state.trials,
    )


def _generic(state: RecommendState) -> str | None:
    """Return the model that one would take without looking, where it is within the limits."""
    job = state.plan.job
    there = [model.name for model in state.models]
    if job.generic is not None:
        return job.generic if job.generic in there else None
    return next((m.name for m in state.models if m.group is None and m.starts_from), None)


def _parameters(state: RecommendState) -> dict[str, int | None]:
    return {name: state.record(cell).get("parameters") for name, cell in state.costs.items()}


def _table(
    state: RecommendState, rows: Sequence[RankedModel], adapt: Adaptation, images: int
) -> ErrorTable | None:
    """Return the errors of one setting; None where no task has two models."""
    own = {(r.task, r.model): r.error.mean for r in rows if (r.adapt, r.images) == (adapt, images)}
    models = [model.name for model in state.models if any(name == model.name for _, name in own)]
    names = [name for _, name in all_tasks(state.plan.targets)]
    tasks = [task for task in names if sum(name == task for name, _ in own) > 1]
    if not tasks:
        return None
    places = {name: group.place for group, name in all_tasks(state.plan.targets)}
    errors = np.array([[own.get((task, model), np.nan) for model in models] for task in tasks])
    return ErrorTable.of(
        tasks,
        models,
        errors,
        own=np.full(len(models), -1, dtype=np.int64),
        groups=np.array([places[task] for task in tasks], dtype=np.int64),
    )


def _estimate(key: Estimate, record: Mapping[str, Any]) -> EstimateRecord:
    values = record.get("values", [])
    return EstimateRecord(
        score=key.score, model=key.model, task=key.task, images=key.images, values=values
    )


def _reasons(state: RecommendState) -> dict[str, list[str]]:
    found: dict[str, set[str]] = {}
    for key, cell in state.estimates.items():
        for reason in state.record(cell).get("reasons", ()):
            found.setdefault(key.score, set()).add(reason)
    return {score: sorted(own) for score, own in found.items()}


def _targets(state: RecommendState) -> list[TargetRecord]:
    tested = {trial.task: state.record(cell) for trial, cell in state.trials.items()}
    return [
        TargetRecord.model_validate(
            {
                "name": name,
                "dataset": group.dataset.name,
                "classes": group.tasks[name].head(group.dataset.fields()).size,  # type: ignore[union-attr]
                "group": str(group.place),
                **{key: tested.get(name, {}).get(key) for key in ("tests", "common")},
            }
        )
        for group, name in all_tasks(state.plan.targets)
    ]


def _model(state: RecommendState, model: Model) -> ModelRecord:
    cost = state.record(state.costs[model.name])
    kind = "expert" if model.group else "published" if model.encoder.starts_from() else "random"
    learnt = state.record(state.experts.get(model.name))
    return ModelRecord.model_validate(
        {
            "name": model.name,
            "kind": kind,
            "component": model.encoder.name,
            "starts_from": model.starts_from,
            "licence": None if model.group else model.encoder.licence(),
            **{name: cost.get(name) for name in ("parameters", "multiply_adds", "seconds", "code")},
            "shares": model.group is not None and model.group.dataset in state.plan.target_datasets,
            "beyond": state.beyond.get(model.name),
            "learnt": {
                name: learnt[name] for name in ("loss", "metric") if learnt.get(name) is not None
            },
        }
    )


def _distances(state: RecommendState) -> list[DistanceRecord]:
    records = []
    for name in state.plan.embeddings:
        for images in state.plan.sizes:
            keys = [TaskDistances(name, images, draw) for draw in state.plan.draws]
            stored = state.every([state.distances[key] for key in keys if key in state.distances])
            if not stored:
                continue
            towards = np.mean([each.array("experts") for each in stored], axis=0)
            between = np.mean([each.array("targets") for each in stored], axis=0)
            records.append(
                DistanceRecord(
                    embedding=name,
                    images=images,
                    experts=[task for _, task in state.plan.embedded_experts()],
                    targets=[task for _, task in all_tasks(state.plan.targets, images)],
                    towards=towards.tolist(),
                    between=between.tolist(),
                    difficulty={
                        task: state.record(cell).get("difficulty")
                        for task, cell in _by_task(state.embedded[keys[0]]).items()
                    },
                )
            )
    return records


def _by_task(embedded: EmbeddedTasks) -> dict[str, Cell]:
    """Return embeddings by name, those of experts told from targets that are called the same."""
    targets = embedded.targets
    named = {
        f"{task} (expert)" if task in targets else task: cell
        for task, cell in embedded.experts.items()
    }
    return {**named, **targets}
