"""The cell that looks around the policies: alternatives and sensitivity."""

from __future__ import annotations

from dataclasses import asdict

from taskspace.components import Call, Limits, Result, Solver
from taskspace.policy import Policy, UncheckedProblem, around_optima

PARTS = ("alternatives", "sensitivity")


def around(call: Call) -> Result:
    """Return what stands around each policy of the input, in their order."""
    found = around_optima(
        UncheckedProblem.from_json(call.parameters["problem"]),
        [
            Policy(record["budget"], record["status"], supervised=tuple(record["supervised"]))
            for record in call.inputs["policies"].record["policies"]
        ],
        call.component("solver", Solver),
        Limits(**call.parameters["limits"], threads=call.cpus),
        alternatives=call.parameters["alternatives"],
        sensitivity=call.parameters["sensitivity"],
    )
    return Result({"policies": [{part: asdict(one)[part] for part in PARTS} for one in found]})
