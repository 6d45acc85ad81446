"""Times of the policy solvers: `python benchmarks/policy.py [--table FILE] [--seconds 60]`.

Two sorts of instance. The published 16k affinities of Taskonomy, where their table is given, at
budgets 2, 6 and 10. And generated ones, structured as affinities are: 26 sources, 22 targets,
6,300 transfers of orders 1 to 5. There, tasks have positions in 6 dimensions; a source is worth
the exponential of minus its distance to the target, with noise; a set is worth its best member
plus shares of 0.3, 0.09, ... of what is left after it, so that returns diminish; higher orders
are drawn from the subsets of each target's 9 best sources; the supervised network is worth 1.
The budget is 6.

Each line solves one prepared model once, from Pyomo to proven optimum, without the search for
ties; all solvers of a line see the same model in the same process.
"""

from __future__ import annotations

import argparse
import itertools
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from taskspace.components import Limits, Solver
from taskspace.studies.taxonomy.policy import PolicyProblem, Transfer
from taskspace.studies.taxonomy.policy.formulation import build, set_budget
from taskspace.studies.taxonomy.policy.instance import Instance
from taskspace.studies.taxonomy.table import AffinityTable, read_table
from taskspace_plugins.solvers.auto import Auto
from taskspace_plugins.solvers.glpk import Glpk
from taskspace_plugins.solvers.highs import Highs

SOURCES, TARGETS, TRANSFERS, BEST = 26, 22, 6_300, 9


def structured(
    seed: int,
    *,
    sources: int = SOURCES,
    targets: int = TARGETS,
    transfers: int = TRANSFERS,
    max_order: int = 5,
) -> PolicyProblem:
    """Return a generated instance; equal seeds give equal instances."""
    rng = np.random.default_rng(seed)
    position = rng.normal(size=(sources, 6))
    distance = np.linalg.norm(position[:, None] - position[None], axis=-1)
    worth = np.exp(-distance / 2) * rng.uniform(0.8, 1.2, size=distance.shape)
    names = [f"task{k:04d}" for k in range(sources)]
    found = [Transfer(names[t], (names[t],), 1.0) for t in range(targets)]
    for t in range(targets):
        order = [int(s) for s in np.argsort(-worth[:, t]) if s != t]
        subsets = [
            subset
            for size in range(2, max_order + 1)
            for subset in itertools.combinations(sorted(order[:BEST]), size)
        ]
        wanted = transfers // targets + (t < transfers % targets) - len(order)
        drawn = rng.permutation(len(subsets))[: max(wanted, 0)]
        chosen = [(s,) for s in order] + [subsets[k] for k in sorted(drawn)]
        found += [
            Transfer(names[t], tuple(names[s] for s in subset), _together(worth[list(subset), t]))
            for subset in chosen
        ]
    return PolicyProblem.of(found, source_only=names[targets:])


def _together(worth: np.ndarray) -> float:
    total = 0.0
    for rank, value in enumerate(np.sort(np.clip(worth, 0, 0.99))[::-1]):
        total += 0.3**rank * (1 - total) * value
    return float(total)


def race(label: str, problem: PolicyProblem, budgets: Sequence[float], limits: Limits) -> None:
    """Print one line for each budget: every solver's status, objective and seconds."""
    started = time.perf_counter()
    instance = Instance(problem)
    model = build(instance)
    size = sum(map(len, instance.options.values()))
    built = time.perf_counter() - started
    print(f"{label}: {len(problem.transfers)} transfers, {size} left, built in {built:.2f} s")
    solvers: list[Solver] = [Glpk(), Highs(), Auto()]
    for budget in budgets:
        set_budget(model, instance, budget)
        cells = []
        for solver in solvers:
            if solver.missing():
                cells.append(f"{solver.name} missing")
                continue
            started = time.perf_counter()
            solution = solver.solve(model, limits)
            seconds = time.perf_counter() - started
            objective = (
                "-"
                if solution.objective is None
                else f"{solution.objective * model.value_unit:.6f}"
            )
            cells.append(f"{solver.name} {solution.status} {objective} {seconds:.2f} s")
        print(f"  budget {budget:g}: " + " | ".join(cells), flush=True)


def main() -> None:
    """Run the benchmark that the command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--table", type=Path, help="the published transfers, a CSV file")
    parser.add_argument("--seconds", type=float, default=60.0, help="limit for one solve")
    parser.add_argument("--seeds", type=int, default=3)
    arguments = parser.parse_args()
    limits = Limits(seconds=arguments.seconds)
    if arguments.table is not None:
        table = read_table(
            AffinityTable(
                table=arguments.table,
                max_order=4,
                source_only=["colorization", "impainting_whole", "jigsaw", "random"],
                exclude=["class_selected"],
            )
        )
        race("published, orders <= 4", table.problem(), (2, 6, 10), limits)
    for seed in range(arguments.seeds):
        race(f"generated, seed {seed}", structured(seed), (6,), limits)


if __name__ == "__main__":
    main()
