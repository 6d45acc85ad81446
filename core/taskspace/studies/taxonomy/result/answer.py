"""What a job that trains has to say: its result, pictures, tables and findings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

import numpy as np

from taskspace.components import Answer, Finding, MissingCell, Stored
from taskspace.studies.taxonomy.maths.floor import FLOOR
from taskspace.studies.taxonomy.maths.tournament import similarity_tree
from taskspace.studies.taxonomy.plan.competitors import SUPERVISED
from taskspace.studies.taxonomy.plan.standings import affinities_of, ranked_transfers, standing
from taskspace.studies.taxonomy.plan.state import TaxonomyState
from taskspace.studies.taxonomy.result.adapt import SECONDS, adapt_seconds, adapt_table
from taskspace.studies.taxonomy.result.evaluation import (
    normaliser_records,
    novel_record,
    order_records,
)
from taskspace.studies.taxonomy.result.findings import measured_findings
from taskspace.studies.taxonomy.result.model import (
    RankRecord,
    SelectScores,
    SimilarityTree,
    TaxonomyResult,
    TaxonomyTask,
    TransferRecord,
)
from taskspace.studies.taxonomy.result.pretrained import pretrained_record
from taskspace.studies.taxonomy.result.pretrained_findings import (
    pretrained_table,
    with_and_without_table,
)
from taskspace.studies.taxonomy.result.served import floor_record, held_back, policy_records
from taskspace.studies.taxonomy.result.served_tables import label_table, served_table
from taskspace.studies.taxonomy.result.surroundings import alternatives_table, sensitivity_table
from taskspace.studies.taxonomy.result.tables import (
    normaliser_table,
    order_table,
    policy_table,
    sanity_table,
    transfer_table,
)

Words: TypeAlias = dict[str, dict[str, list[str]]]
"""Target to who predicts it to a line an image; `truth` is one of them."""


def taxonomy_answer(known: TaxonomyState) -> Answer:
    """Return the answer for the stages that have been run."""
    failures = tuple(known.failures())
    pictures, words = previews(known)
    pretrained = pretrained_record(known)
    adapt = known.record(known.compared_adapt)
    seconds = adapt_seconds(known) if adapt else None
    if seconds is not None:
        pictures[SECONDS] = seconds
    result = TaxonomyResult(
        study="taxonomy",
        name=known.job.name,
        seed=known.job.seed,
        seeds=known.job.repetitions(),
        images=known.record(known.counts).get("images", {}),
        tasks=[_task(known, name) for name in known.entries],
        transfers=[row for target in known.served_targets() for row in _rows(known, target)],
        admit=known.job.solve.admit,
        **({"pretrained": pretrained} if pretrained else {}),
        **({"adapt": adapt} if adapt else {}),
        policies=policy_records(known),
        null=known.record(known.null).get("budgets", []),
        evidence=known.record(known.evidence).get("comparisons", []),
        below_constant=dict(known.record(known.below_constant)),
        orders=order_records(known),
        novel=novel_record(known),
        normalisers=normaliser_records(known),
        similarity=_similarity(known),
        words=words,
        transitive=known.record(known.compared_chains).get("chains", []),
        missing=[MissingCell(cell=each.cell.name, message=each.message) for each in failures],
    )
    tables = (
        sanity_table(result.tasks),
        label_table(result),
        pretrained_table(result),
        transfer_table(result),
        adapt_table(result, seconds),
        order_table(result),
        policy_table(result),
        with_and_without_table(result),
        served_table(result),
        alternatives_table(result.policies),
        sensitivity_table(result.policies),
        normaliser_table(result),
    )
    return Answer(
        result=result,
        artifacts=pictures,
        tables=tuple(table for table in tables if table.rows),
        findings=(*measured_findings(result), *_pretrained(known)),
        failures=failures,
        solved=not result.policies or any(p.objective is not None for p in result.policies),
    )


def _pretrained(known: TaxonomyState) -> Iterator[Finding]:
    """Say that task networks start from weights of somebody else's labels."""
    start = known.plans[0].encoder.starts_from()
    if start is not None:
        yield Finding(
            "encoder-pretrained",
            "note",
            f"The task networks start from {start}; scratch and the random encoder are the same "
            "architecture at random weights, so gains over them include what that start is worth.",
        )


def _task(known: TaxonomyState, name: str) -> TaxonomyTask:
    entry = known.entries[name]
    assessed = known.record(known.assessed.get(name))
    records = [known.record(cell) for cell in known.network_cells("supervised", name)]
    # Where the best epoch is kept, the loss of the last one is not that of the network.
    trained = [record["loss"] for record in records if "best_epoch" not in record]
    fitted = [known.record(cell)["loss"] for cell in known.network_cells("constant", name)]
    return TaxonomyTask(
        name=name,
        source=entry.is_source,
        target=entry.is_target,
        trained=entry.task.trained,
        importance=entry.importance,
        label_cost=entry.label_cost,
        metric=entry.task.metric,
        labels_itself=entry.labels_itself,
        labels=known.record(known.counts).get("tasks", {}).get(name),
        training_loss=np.mean(trained, axis=0).tolist() if trained and all(trained) else None,
        constant_training_loss=float(np.mean(fitted)) if fitted else None,
        scalable={"offset", "scale"} <= set(type(entry.task).model_fields),
        floor=floor_record(known, name),
        sanity=assessed.get("sanity"),
        losses=assessed.get("losses"),
        metrics=assessed.get("metrics"),
        own_encoder_rank=_own_rank(known, name),
    )


def _own_rank(known: TaxonomyState, target: str) -> RankRecord | None:
    """Return where the target's own encoder stands among its first-order sources."""
    if target not in known.served_targets() or target not in known.sources:
        return None
    order = ranked_transfers(known, target, 1, own_encoder=True)
    if (target,) not in order:
        return None
    return RankRecord(rank=order.index((target,)) + 1, of=len(order))


def _rows(known: TaxonomyState, target: str) -> list[TransferRecord]:
    """Return every competitor of a target, the best affinity first."""
    rows = []
    found = standing(known.tournament(target))
    for name, selected in found.competitors.items():
        sources = known.sources_of(target, name)
        rows.append(
            TransferRecord(
                target=target,
                sources=list(sources),
                order=len(sources),
                supervised=name == SUPERVISED,
                affinity=selected.affinity,
                admitted=found.admits(name),
                select=SelectScores(gain=selected.gain, quality=selected.quality),
                test=held_back(known, target, name),
            )
        )
    return rows


def _similarity(known: TaxonomyState) -> SimilarityTree | None:
    """Return the tree of sources by their first-order affinities to every target."""
    targets = known.served_targets()
    sources = [s for s in known.sources if all((s,) in known.stored_transfers(t) for t in targets)]
    if not targets or len(sources) < 2:
        return None
    matrix = np.full((len(sources), len(targets)), np.nan)
    for column, target in enumerate(targets):
        values = affinities_of(known, target)
        for row, source in enumerate(sources):
            if source != target:
                matrix[row, column] = values[(source,)]
    return SimilarityTree(leaves=sources, merges=similarity_tree(matrix))


def previews(known: TaxonomyState) -> tuple[dict[str, np.ndarray], Words]:
    """Return pictures, and of targets that are no pictures words.

    Pictures are uint8 [n, 3, H, W], as `<target>/input`, `<target>/truth` and
    `<target>/<competitor>`. Of the competitors, those that a policy uses and the supervised
    network: a target may have hundreds.
    """
    arrays: dict[str, np.ndarray] = {}
    words: Words = {}
    for target, cell in known.previews.items():
        stored = known.get(cell)
        if stored is None:
            continue
        arrays[f"{target}/input"] = stored.array("input")
        for name, shown in _shown(known, target, stored):
            if "words" in shown.record:
                words.setdefault(target, {})[name] = shown.record["words"]
            else:
                arrays[f"{target}/{name}"] = shown.array("preview")
    return arrays, words


def _shown(known: TaxonomyState, target: str, truth: Stored) -> Iterator[tuple[str, Stored]]:
    yield "truth", truth
    used = {policy[target] for policy in known.policies() if target in policy}
    used |= {SUPERVISED}
    if standing(known.tournament(target)).floor.kind == "constant":
        used -= {FLOOR}  # the same for every image
    for competitor, (cell, *_) in known.tested[target].items():
        stored = known.get(cell) if competitor in used else None
        if stored is not None:
            yield competitor, stored
