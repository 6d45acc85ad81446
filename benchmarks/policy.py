"""Policies, proven optimal: `python benchmarks/policy.py [--cases abcd] [--seeds 5]`.

Every measurement has a process of its own. Ours runs from the arrays of a table to the checked
policy, equally good ones looked for, with everything that has to be imported on the way. Beside it
stands the formulation of the paper, sum_s y_s >= |S_i| x_i, as one Pyomo model without starts and
bounds of ours, built and solved once by the same solver within `--seconds`. With one source a
transfer its rows are those of `strong`. Then the frontier of 20 budgets against one budget, both in
processes that have imported everything before. Memory is the largest resident set; where a solver
has a process of its own (`auto` on small models), that one's is added, and counts what it shared
with ours before it began.

Case e, ten million transfers, is solved where it is asked for: `--cases e --seeds 1`.

Where `--table` names the published transfers of Taskonomy, their statistics are printed beside
those of the generated tables, and budgets 2, 6 and 10 are solved.
"""

from __future__ import annotations

import argparse
import json
import math
import resource
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from policy_instances import CASES, NOISE, columns, statistics

from taskspace.components import Limits, Solver
from taskspace.policy import FORMULATIONS, Policy, PolicyProblem, solve_policies
from taskspace.policy.model.formulation import build, set_budget
from taskspace.policy.model.instance import Instance
from taskspace.studies.taxonomy.table.affinities import AffinityTable, read_table
from taskspace_plugins.solvers.auto import Auto
from taskspace_plugins.solvers.glpk import Glpk
from taskspace_plugins.solvers.highs import Highs

MOST_BESIDE = 1_000_000
"""Transfers beyond which a model of all of them is not built."""

SOLVERS: dict[str, type[Solver]] = {"auto": Auto, "glpk": Glpk, "highs": Highs}


@dataclass(frozen=True)
class Measurement:
    """What a process is asked for; `what` is `ours`, `frontier` or a formulation."""

    what: str
    case: str
    seed: int
    solver: str
    seconds: float
    noise: float

    def run(self) -> dict[str, Any]:
        """Return what was measured."""
        case = CASES[self.case]
        table = columns(case, self.seed, self.noise)
        limits, solver = Limits(seconds=self.seconds), SOLVERS[self.solver]()
        if self.what in FORMULATIONS:
            return self._model(PolicyProblem.of(table), solver, limits)
        if self.what == "frontier":
            small = columns(CASES["a"], 99)
            solve_policies(PolicyProblem.of(small), [6], solver, limits, reduce=False)
        started = time.perf_counter()
        (policy,) = solve_policies(PolicyProblem.of(table), [case.budget], solver, limits)
        found = {"seconds": time.perf_counter() - started, **_found(policy)}
        if self.what == "frontier":
            started = time.perf_counter()
            policies = solve_policies(PolicyProblem.of(table), [*case.frontier], solver, limits)
            found["frontier"] = time.perf_counter() - started
            found["proven"] = sum(policy.status == "optimal" for policy in policies)
        return found | {"memory": _peak()}

    def _model(self, problem: PolicyProblem, solver: Solver, limits: Limits) -> dict[str, Any]:
        started = time.perf_counter()
        instance = Instance(problem)
        model = build(instance, self.what)  # type: ignore[arg-type]
        set_budget(model, instance, CASES[self.case].budget)
        solution = solver.solve(model, limits)
        seconds = time.perf_counter() - started
        objective, bound = (
            None if value is None else value * model.value_unit
            for value in (solution.objective, solution.bound)
        )
        gap = None if None in (objective, bound) else (bound - objective) / abs(objective)
        return {
            "seconds": seconds,
            "status": solution.status,
            "objective": objective,
            "gap": gap,
            "memory": _peak(),
        }

    def apart(self) -> dict[str, Any]:
        """Return what a process of its own measures."""
        command = [sys.executable, __file__, "--one", json.dumps(asdict(self))]
        ended = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
        if ended.returncode:
            return {"seconds": math.nan, "status": "failed", "memory": math.nan}
        return dict(json.loads(ended.stdout))


def _found(policy: Policy) -> dict[str, Any]:
    return {"status": policy.status, "objective": policy.objective, "gap": policy.gap}


def _peak() -> float:
    """Return the largest resident sets of this process and of its children, in GiB."""
    used = (
        resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return sum(used) / 2**20


def _cell(found: dict[str, Any]) -> str:
    gap = found.get("gap")
    proven = found["status"] == "optimal"
    how = "" if proven else f" ({found['status']}, gap {'-' if gap is None else f'{gap:.1%}'})"
    return f"{found['seconds']:.2f} s{how} {found['memory']:.2f} GiB"


def measure(case: str, arguments: argparse.Namespace) -> None:
    """Print a line for each seed of a case, and one for its frontier."""
    print(f"({case}) {CASES[case].title}, budget {CASES[case].budget}", flush=True)

    def of(what: str, seed: int, solver: str) -> dict[str, Any]:
        asked = Measurement(what, case, seed, solver, arguments.seconds, arguments.noise)
        return asked.apart()

    for seed in range(arguments.seeds):
        line = [f"  seed {seed}:"]
        ours = {name: of("ours", seed, name) for name in arguments.solvers}
        line += [f"ours, {name} {_cell(found)} |" for name, found in ours.items()]
        if arguments.beside != "none" and CASES[case].transfers <= MOST_BESIDE:
            solver = arguments.solvers[-1]
            other = of(arguments.beside, seed, solver)
            at_least = "" if other["status"] == "optimal" else ">= "
            ratio = other["seconds"] / ours[solver]["seconds"]
            line.append(
                f"{arguments.beside}, {solver} {_cell(other)} | {at_least}{ratio:.0f} times"
            )
        print(*line, flush=True)
    for name in arguments.solvers if CASES[case].frontier else ():
        found = of("frontier", 0, name)
        if "frontier" in found:
            print(
                f"  seed 0, {name}: 20 budgets in {found['frontier']:.2f} s, "
                f"{found['frontier'] / found['seconds']:.1f} times one; {found['proven']} proven",
                flush=True,
            )


def published(file: Path, seconds: float) -> None:
    """Solve the published table."""
    table = read_table(
        AffinityTable(
            table=file,
            max_order=4,
            source_only=["colorization", "impainting_whole", "jigsaw", "random"],
            exclude=["class_selected"],
        )
    )
    rows = table.problem().columns
    listed = {name: [getattr(t, name) for t in rows] for name in ("target", "sources", "value")}
    print(f"published\n{statistics(listed)}\ngenerated (a), seed 0")
    print(statistics(columns(CASES["a"], 0)))
    for solver in SOLVERS.values():
        for policy in solve_policies(table.problem(), [2, 6, 10], solver(), Limits(seconds)):
            print(
                f"  published, budget {policy.budget:g}, {solver.name}: {policy.status} "
                f"{policy.objective:.5f} {policy.seconds:.2f} s"
            )


def main() -> None:
    """Run the benchmark that the command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--cases", default="abcd")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=60.0, help="limit for one budget")
    parser.add_argument("--solvers", nargs="+", default=["auto", "highs"], choices=[*SOLVERS])
    parser.add_argument(
        "--beside", default="paper", choices=[*FORMULATIONS, "none"], help="solved plainly"
    )
    parser.add_argument("--noise", type=float, default=NOISE, help="of a pair, in logarithms")
    parser.add_argument("--table", type=Path, help="the published transfers, a CSV file")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        print(json.dumps(Measurement(**json.loads(arguments.one)).run()))
        return
    print(f"numpy {np.__version__}, limit {arguments.seconds:g} s, noise {arguments.noise:g}")
    if arguments.table is not None:
        published(arguments.table, arguments.seconds)
    for case in arguments.cases:
        measure(case, arguments)


if __name__ == "__main__":
    main()
