"""The GLPK library in a process of its own: `_glpk_child.py MODEL.lp OUT.json SECONDS GAP`.

swiglpk aborts the process on an index that is out of range, and nothing interrupts a long
relaxation; here, neither reaches the caller. GLPK's log, which holds the bound, goes to stdout.
"""

import json
import math
import sys
from pathlib import Path

import swiglpk as glp

STATUS = {glp.GLP_OPT: "optimal", glp.GLP_FEAS: "feasible", glp.GLP_NOFEAS: "infeasible"}
NO_SOLUTION = {glp.GLP_ENOPFS: "infeasible", glp.GLP_ENODFS: "error"}
STOPPED = (glp.GLP_ETMLIM, glp.GLP_EMIPGAP)


def solve(lp_file: str, seconds: float, gap: float) -> dict[str, object]:
    """Return status, objective and the values of the columns that are not zero.

    MIR cuts make the difference: on the generated instances of benchmarks/policy.py they take
    0.1-0.3 s, all four families of cuts 0.2-2 s, and plain branch and bound 8 s to over 40 s.
    """
    problem = glp.glp_create_prob()
    if glp.glp_read_lp(problem, None, lp_file):
        return {"status": "error", "message": "GLPK cannot read the model."}
    stretch = stretched(problem)
    parameters = glp.glp_iocp()
    glp.glp_init_iocp(parameters)
    parameters.presolve = glp.GLP_ON
    parameters.mir_cuts = glp.GLP_ON
    parameters.mip_gap = gap / 4
    parameters.tol_obj = gap / 4  # 1e-7 by default: GLPK drops what is not better by that much
    parameters.tm_lim = max(1, round(1000 * min(seconds, 2e6)))
    parameters.msg_lev = glp.GLP_MSG_ALL
    code = glp.glp_intopt(problem, parameters)
    if code in NO_SOLUTION:
        return {"status": NO_SOLUTION[code]}
    if code and code not in STOPPED:
        return {"status": "error", "message": f"glp_intopt returned {code}."}
    status = STATUS.get(glp.glp_mip_status(problem), "unknown")
    if code == glp.GLP_EMIPGAP and status == "feasible":
        status = "optimal"
    if status not in ("optimal", "feasible"):
        return {"status": status, "stretch": stretch}
    columns = range(1, glp.glp_get_num_cols(problem) + 1)
    values = {glp.glp_get_col_name(problem, j): glp.glp_mip_col_val(problem, j) for j in columns}
    return {
        "status": status,
        "objective": glp.glp_mip_obj_val(problem) / stretch,
        "stretch": stretch,
        "values": {name: value for name, value in values.items() if value},
    }


def stretched(problem: object) -> float:
    """Multiply the objective such that its largest coefficient is near 1e4; return by how much.

    Inside `glp_intopt` the relaxations are optimal to 1e-7 in the reduced costs, which no
    parameter changes; in the stretched objective that is the eleventh digit.
    """
    columns = range(glp.glp_get_num_cols(problem) + 1)
    gains = [glp.glp_get_obj_coef(problem, j) for j in columns]
    largest = max(map(abs, gains[1:]), default=0.0)
    if not largest:
        return 1.0
    factor = 2.0 ** (13 - math.frexp(largest)[1])
    for j, gain in enumerate(gains):
        glp.glp_set_obj_coef(problem, j, gain * factor)
    return factor


if __name__ == "__main__":
    answer = solve(sys.argv[1], float(sys.argv[3]), float(sys.argv[4]))
    Path(sys.argv[2]).write_text(
        json.dumps({**answer, "version": glp.glp_version()}), encoding="utf-8"
    )
