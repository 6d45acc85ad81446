"""The cells of a transitive transfer: predictions as codes, and the readout that reads them."""

from __future__ import annotations

from collections.abc import Sequence

from taskspace.components import Cell
from taskspace.studies.taxonomy.plan.cell_functions import PREDICTIONS
from taskspace.studies.taxonomy.plan.cells import TaxonomyPlan
from taskspace.studies.taxonomy.plan.competitors import Chain


def chain_codes(plan: TaxonomyPlan, chain: Chain, splits: Sequence[str]) -> Cell:
    """Return what the readout from `source` to `through` predicts, in the shape of codes."""
    source, through, target = chain
    inputs = {
        "readout": plan.transfer((source,), through),
        "code": plan.codes(source, target, splits),
    }
    if "test" in splits:
        inputs["scale"] = chain_codes(plan, chain, ("transfer", "select"))
    return plan.cell(
        f"codes/{source}>{through}/{'+'.join(splits)}",
        PREDICTIONS,
        plan.on(through) | {"readout": plan.readout},
        {"of": list(splits)},
        inputs,
        seeded=False,
        reads_transfer="transfer" in splits,
    )


def chain_cell(plan: TaxonomyPlan, chain: Chain) -> Cell:
    """Return the readout to `target` from what is predicted for `through`."""
    codes = {"code0": chain_codes(plan, chain, ("transfer", "select"))}
    return plan.reader(f"{chain.source}>{chain.through}", chain.target, codes)


def tested_chain(plan: TaxonomyPlan, chain: Chain) -> Cell:
    """Return the losses of the chain on `test`."""
    codes = {"code0": chain_codes(plan, chain, ("test",))}
    name = f"{chain.source}>{chain.through}"
    return plan.tested_reader(name, chain_cell(plan, chain), chain.target, codes)
