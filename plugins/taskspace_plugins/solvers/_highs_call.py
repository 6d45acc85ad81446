"""Calls of highspy: one program in, one answer out."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import highspy
import numpy as np

from taskspace_plugins.solvers._matrices import MatrixProgram, Vector

WITH_A_START: Mapping[str, Any] = {
    "mip_heuristic_effort": 0.0,
    "mip_heuristic_run_feasibility_jump": False,
    "mip_heuristic_run_rens": False,
    "mip_heuristic_run_rins": False,
    "mip_heuristic_run_root_reduced_cost": False,
    "mip_allow_restart": False,
}
"""Options beside a start: nothing that only looks for solutions, and no restart, which costs more
than it brings where a start has fixed what it can. A version that lacks one of them does without.
"""

BETWEEN_CHECKS = 0.1
"""Seconds between two looks whether Ctrl-C was pressed, where waiting does not end by itself."""


def silent_highs() -> highspy.Highs:
    """Return a HiGHS that writes nothing to the terminal."""
    highs: highspy.Highs = highspy.Highs()  # type: ignore[no-untyped-call]
    highs.silent()
    return highs


def run_highs(
    program: MatrixProgram, options: Mapping[str, Any], start: Vector | None = None
) -> highspy.Highs:
    """Return a HiGHS that has run on a program, from a start [N] where one is given.

    It runs in a thread of its own, for two reasons. HiGHS keeps its workers for each thread and
    refuses another number of them later; a new thread has none. And Python hears Ctrl-C only
    between its own instructions; HiGHS is told to stop, and `KeyboardInterrupt` goes on.
    """
    highs = silent_highs()
    for name, value in options.items():
        highs.setOptionValue(name, value)
    if highs.passModel(_as_lp(program)) == highspy.HighsStatus.kError:
        return highs
    if start is not None:
        solution = highspy.HighsSolution()
        solution.col_value = start
        highs.setSolution(solution)
    stop, running = threading.Event(), threading.Lock()

    def check(event: Any) -> None:
        if stop.is_set():
            event.interrupt()

    for callback in (highs.cbMipInterrupt, highs.cbSimplexInterrupt, highs.cbIpmInterrupt):
        callback.subscribe(check)
    running.acquire()
    threading.Thread(target=_run, args=(highs, running), name="highs", daemon=True).start()
    try:
        # A bare lock: `Event.wait`, interrupted as it lets go of its own, raises a RuntimeError.
        while not running.acquire(timeout=BETWEEN_CHECKS):
            pass
    except KeyboardInterrupt:
        stop.set()
        running.acquire()
        raise
    return highs


def completed(program: MatrixProgram, x: Vector, options: Mapping[str, Any]) -> Vector | None:
    """Return a point with the integers of `x` and the best rest, or None where there is none."""
    fixed = replace(
        program,
        lower=np.where(program.integer, x, program.lower),
        upper=np.where(program.integer, x, program.upper),
        integer=np.zeros_like(program.integer),
    )
    highs = run_highs(fixed, options)
    if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    found = np.array(highs.getSolution().col_value)
    return np.where(program.integer, x, found)


def _run(highs: highspy.Highs, running: threading.Lock) -> None:
    try:
        highs.run()
    finally:
        highspy.Highs.resetGlobalScheduler(False)  # the workers of this thread, which ends
        running.release()


def _as_lp(program: MatrixProgram) -> highspy.HighsLp:
    lp = highspy.HighsLp()
    lp.num_row_, lp.num_col_ = program.matrix.shape
    lp.sense_ = highspy.ObjSense.kMaximize if program.maximise else highspy.ObjSense.kMinimize
    lp.offset_ = program.offset
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = program.cost, program.lower, program.upper
    lp.row_lower_, lp.row_upper_ = program.row_lower, program.row_upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = program.matrix.indptr
    lp.a_matrix_.index_ = program.matrix.indices
    lp.a_matrix_.value_ = program.matrix.data
    if program.integer.any():
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        lp.integrality_ = [kinds[whole] for whole in program.integer.tolist()]
    return lp
