#!/usr/bin/env python
"""A `glpsol` made of the GLPK library, for machines that have no program: same options, same files.

It is GLPK itself, called in the order in which GLPK's own example program calls it.
"""

from __future__ import annotations

import sys

import swiglpk as glp

FLAGS = {"--mir", "--version"}


def main(arguments: list[str]) -> int:
    if "--version" in arguments:
        sys.stdout.write("GLPSOL--GLPK LP/MIP Solver 5.0\n")
        return 0
    options = {}
    rest = iter(arguments)
    for name in rest:
        options[name] = "" if name in FLAGS else next(rest)
    problem = glp.glp_create_prob()
    if glp.glp_read_lp(problem, None, options["--cpxlp"]):
        return 1
    glp.glp_write_prob(problem, 0, options["--wglp"])
    simplex = glp.glp_smcp()
    glp.glp_init_smcp(simplex)
    simplex.presolve = glp.GLP_ON
    if glp.glp_simplex(problem, simplex) or glp.glp_get_status(problem) != glp.GLP_OPT:
        glp.glp_write_mip(problem, options["--write"])
        return 0
    parameters = glp.glp_iocp()
    glp.glp_init_iocp(parameters)
    parameters.mir_cuts = glp.GLP_ON if "--mir" in options else glp.GLP_OFF
    parameters.mip_gap = float(options["--mipgap"])
    parameters.tm_lim = 1000 * int(options["--tmlim"])
    glp.glp_intopt(problem, parameters)
    glp.glp_write_mip(problem, options["--write"])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
