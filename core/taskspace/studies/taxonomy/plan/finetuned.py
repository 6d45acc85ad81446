"""The cells of transfers whose encoder learns on, and those that compare them with frozen ones."""

from __future__ import annotations

from taskspace.components import JSON, Cell, Component, stable_seed
from taskspace.studies.taxonomy.plan.cell_functions import (
    COMPARE_ADAPT,
    FINETUNE,
    MEASURE_FINETUNED,
    TIME_READOUT,
)
from taskspace.studies.taxonomy.plan.cells import Sources, TaxonomyPlan
from taskspace.studies.taxonomy.plan.repeated import repeated
from taskspace.studies.taxonomy.plan.state import Cells, TaxonomyState

Pair = tuple[str, str]
"""Source and target of a first-order transfer."""


def deciding_transfer(plan: TaxonomyPlan, sources: Sources, target: str) -> Cell:
    """Return the transfer that takes part in tournaments and policies."""
    if plan.job.transfer.decides == "frozen":
        return plan.transfer(sources, target)
    return finetuned(plan, sources[0], target)


def tested_transfer(plan: TaxonomyPlan, sources: Sources, target: str) -> Cell:
    """Return the losses of the transfer that decides on `test`."""
    if plan.job.transfer.decides == "frozen":
        return plan.tested_transfer(sources, target)
    return tested_finetuned(plan, sources[0], target)


def finetuned(plan: TaxonomyPlan, source: str, target: str) -> Cell:
    """Return a source's encoder and a readout, trained on the transfer images together.

    The readout starts from the weights of the frozen transfer's, and reads codes that are scaled as
    its codes are.
    """
    parameters: dict[str, JSON] = {
        "seed": stable_seed(plan.job.seed, plan.named(f"transfer/{source}->{target}")),
        "schedule": plan.job.transfer.finetuning(),
    }
    inputs = {"scale": plan.codes(source, target, ("transfer", "select"))}
    if source in plan.pretrained:
        parameters["start"] = plan.pretrained[source].seed
    else:
        inputs["network"] = plan.supervised(source)
    return plan.cell(
        f"finetune/{source}->{target}",
        FINETUNE,
        _components(plan, source, target),
        parameters,
        inputs | plan.seen[target] | plan.labels[target],
        seeded=False,
        reads_transfer=True,
    )


def tested_finetuned(plan: TaxonomyPlan, source: str, target: str) -> Cell:
    """Return the losses of a fine-tuned transfer on `test`."""
    network = {"finetuned": finetuned(plan, source, target)}
    return plan.cell(
        f"test/finetune/{source}->{target}",
        MEASURE_FINETUNED,
        _components(plan, source, target),
        inputs=network | plan.seen[target] | plan.labels[target],
    )


def timed(plan: TaxonomyPlan, source: str, target: str) -> Cell:
    """Return the seconds in which the frozen transfer trains."""
    transfer = plan.transfer((source,), target)
    codes = {"code0": plan.codes(source, target, ("transfer", "select"))}
    return plan.planner.cell(
        f"time/{transfer.name}",
        TIME_READOUT,
        parameters=transfer.parameters,
        components=plan.on(target) | {"readout": plan.readout},
        inputs=codes | plan.labels[target],
    )


def _components(plan: TaxonomyPlan, source: str, target: str) -> dict[str, Component]:
    pretrained = plan.pretrained.get(source)
    encoder = pretrained.encoder if pretrained else plan.encoder
    return plan.on(target) | {"encoder": encoder, "readout": plan.readout}


def finetuned_pairs(state: TaxonomyState) -> list[Pair]:
    """Return what is fine-tuned beside the frozen transfers: all from other sources, or nothing."""
    if not state.job.transfer.compares:
        return []
    return [(s, t) for t in state.targets for s in state.sources if s != t]


def compared_pairs(state: TaxonomyState) -> dict[Pair, Cells]:
    """Return the losses on `test` of the fine-tuned transfers whose frozen one was tested."""
    return {
        (source, target): tuple(tested_finetuned(plan, source, target) for plan in state.plans)
        for (source, target), cells in state.finetuned.items()
        if state.stored_cells(cells) and source in state.tested.get(target, {})
    }


def adapt_cell(state: TaxonomyState, tested: dict[Pair, Cells]) -> Cell:
    """Return how fine-tuned transfers fare against the frozen ones on `test`."""
    inputs: dict[str, Cells] = {}
    for index, ((source, target), cells) in enumerate(tested.items()):
        inputs[f"finetuned{index}"] = cells
        inputs[f"frozen{index}"] = state.tested[target][source]
    pairs: list[JSON] = [{"source": source, "target": target} for source, target in tested]
    return state.cell("evaluate/adapt", COMPARE_ADAPT, {"transfers": pairs}, repeated(inputs))
