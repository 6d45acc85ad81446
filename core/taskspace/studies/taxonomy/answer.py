"""What a job that trains has to say: its result as JSON, and the tables of the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from taskspace.components import Answer, Failure, Finding
from taskspace.studies.learning.findings import missing_finding
from taskspace.studies.taxonomy.competitors import SUPERVISED, best_sources
from taskspace.studies.taxonomy.evaluation import (
    evaluation_findings,
    normalisers_section,
    novel_section,
    orders_section,
)
from taskspace.studies.taxonomy.evaluation_tables import normaliser_table, order_table
from taskspace.studies.taxonomy.knowledge import Knowledge
from taskspace.studies.taxonomy.policies import failed_policies, selected_values
from taskspace.studies.taxonomy.previews import preview_pictures, preview_words
from taskspace.studies.taxonomy.similarity import similarity_tree
from taskspace.studies.taxonomy.surroundings import (
    alternatives_table,
    sensitivity_table,
    surrounding_findings,
    with_surroundings,
)
from taskspace.studies.taxonomy.tables import (
    policy_findings,
    policy_table,
    sanity_table,
    transfer_table,
)

SANE = 0.6
"""Below this win rate against a baseline a task network is not to be trusted (our threshold)."""


def measured_answer(known: Knowledge) -> Answer:
    """Return the answer for the stages that have been run."""
    tasks = [_task(known, name) for name in known.names]
    policies = _policies(known)
    failures = tuple(known.failures())
    result = {
        "study": "taxonomy",
        "name": known.job.name,
        "seed": known.job.seed,
        "tasks": tasks,
        "transfers": [row for target in known.served_targets() for row in _rows(known, target)],
        "policies": policies,
        "null": known.record(known.null).get("budgets", []),
        "orders": orders_section(known),
        "novel": novel_section(known),
        "normalisers": normalisers_section(known),
        "similarity": _similarity(known),
        "words": preview_words(known),
        "transitive": known.record(known.compared_chains).get("chains", []),
        "missing": [
            {"cell": failure.cell.name, "message": failure.message} for failure in failures
        ],
    }
    tables = (
        sanity_table(tasks),
        transfer_table(result),
        order_table(result),
        policy_table(result),
        alternatives_table(policies),
        sensitivity_table(policies),
        normaliser_table(result),
    )
    return Answer(
        result=result,
        artifacts=preview_pictures(known),
        tables=tuple(table for table in tables if table.rows),
        findings=tuple(_findings(result)),
        failures=failures,
        solved=not policies or any(policy["objective"] is not None for policy in policies),
    )


def _task(known: Knowledge, name: str) -> dict[str, Any]:
    entry = known.entries[name]
    assessed = known.record(known.assessed.get(name))
    trained = known.record(known.networks.get(("supervised", name)))
    return {
        "name": name,
        "source": entry.is_source,
        "target": entry.is_target,
        "trained": entry.task.trained,
        "importance": entry.importance,
        "label_cost": entry.label_cost,
        "metric": entry.task.metric,
        "training_loss": trained.get("loss"),
        "sanity": assessed.get("sanity"),
        "losses": assessed.get("losses"),
        "metrics": assessed.get("metrics"),
        "own_encoder_rank": _own_rank(known, name),
    }


def _own_rank(known: Knowledge, target: str) -> dict[str, int] | None:
    """Return where the target's own encoder stands among its first-order sources, from 1."""
    if target not in known.served_targets() or not known.is_source(target):
        return None
    losses = {
        sources[0]: stored.array("loss")
        for sources, stored in known.stored_transfers(target).items()
        if len(sources) == 1
    }
    if target not in losses:
        return None
    order = best_sources(losses, len(losses), known.job.normaliser)
    return {"rank": order.index(target) + 1, "of": len(order)}


def _rows(known: Knowledge, target: str) -> list[dict[str, Any]]:
    """Return every competitor of a target, the best affinity first."""
    tested = known.record(known.assessed.get(target))
    row_of = {name: row for row, name in enumerate(tested.get("competitors", ()))}
    rows = []
    for name, selected in selected_values(known, target).items():
        sources = known.sources_of(target, name)
        rows.append(
            {
                "target": target,
                "sources": list(sources),
                "order": len(sources),
                "supervised": name == SUPERVISED,
                "affinity": selected["affinity"],
                "select": {key: selected[key] for key in ("gain", "quality")},
                "test": {
                    key: tested[key][row_of[name]]
                    for key in ("gain", "quality", "loss", "metric")
                    if name in row_of
                },
            }
        )
    return rows


def _policies(known: Knowledge) -> list[dict[str, Any]]:
    """Return each budget's policy; its means are of `test` as soon as that is measured."""
    tested = iter(known.record(known.evaluated).get("policies", []))
    policies = []
    failed = known.outcomes.get(known.solved.key) if known.solved else None
    if isinstance(failed, Failure):
        return failed_policies(known.budgets, failed.message)
    for policy in known.record(known.solved).get("policies", []):
        means = next(tested, None) if policy["transfers"] else None
        on_test = {
            f"mean_{name}": interval[0] if interval else None
            for name, interval in (means or {}).items()
        }
        intervals = {
            f"{name}_interval": interval[1:] if interval else None
            for name, interval in (means or {}).items()
        }
        measured_on = {"measured_on": "test" if means else "select"}
        policies.append({**policy, **measured_on, **on_test, **intervals})
    return with_surroundings(policies, known.record(known.around).get("policies"))


def _similarity(known: Knowledge) -> dict[str, Any] | None:
    """Return the tree of sources by their first-order affinities to every target."""
    targets = known.served_targets()
    sources = [s for s in known.sources if all((s,) in known.stored_transfers(t) for t in targets)]
    if not targets or len(sources) < 2:
        return None
    matrix = np.full((len(sources), len(targets)), np.nan)
    for column, target in enumerate(targets):
        values = selected_values(known, target)
        for row, source in enumerate(sources):
            if source != target:
                matrix[row, column] = values[source]["affinity"]
    return {"leaves": sources, "merges": [list(merge) for merge in similarity_tree(matrix)]}


def _unserved(result: Mapping[str, Any]) -> list[str]:
    found = [policy for policy in result["policies"] if policy["transfers"]]
    if not found:
        return []
    return [
        task["name"]
        for task in result["tasks"]
        if task["target"] and task["name"] not in found[0]["transfers"]
    ]


def _findings(result: Mapping[str, Any]) -> list[Finding]:
    """Return what a reader must know, warnings first."""
    found = []
    for task in result["tasks"]:
        for baseline, wins in (task["sanity"] or {}).items():
            if baseline in ("constant", "probe") and wins and wins[0] < SANE:
                rival = {"constant": "the best constant", "probe": "a random encoder"}[baseline]
                text = (
                    f"The network of {task['name']} beats {rival} on only {wins[0]:.0%} of the "
                    "test images; do not trust transfers from it."
                )
                found.append(Finding("network-not-sane", "warning", text))
    if result["missing"]:
        found.append(missing_finding(result["missing"]))
    for name in _unserved(result):
        text = f"{name} is in no policy: nothing that could serve it was measured."
        found.append(Finding("target-unserved", "warning", text))
    for task in result["tasks"]:
        if task["metrics"] and None in task["metrics"].values():
            text = f"No test image has a label for {task['name']}: the means leave it out."
            found.append(Finding("task-untested", "warning", text))
    found += policy_findings(result["policies"])
    found += surrounding_findings(result["policies"])
    found += evaluation_findings(result)
    ranks = [task["own_encoder_rank"] for task in result["tasks"] if task["own_encoder_rank"]]
    if ranks:
        near = sum(rank["rank"] <= 2 for rank in ranks)
        text = (
            f"The task's own encoder is first or second among its first-order sources "
            f"for {near} of {len(ranks)} targets (published: 18 of 22)."
        )
        found.append(Finding("own-encoder-rank", "note", text))
    return found
